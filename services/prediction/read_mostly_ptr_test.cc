#include "services/prediction/read_mostly_ptr.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "gtest/gtest.h"

namespace ll::prediction {
namespace {

using Guard = ReadMostlyPtr<int>::ReadGuard;

TEST(ReadMostlyPtrTest, ReadersSeeTheNewestValueAndTheWriterGetsTheOldOne) {
  ReadMostlyPtr<int> pointer(std::make_unique<int>(1));
  EXPECT_EQ(*Guard(pointer), 1);
  EXPECT_EQ(*pointer.Exchange(std::make_unique<int>(2)), 1);
  EXPECT_EQ(*Guard(pointer), 2);
  EXPECT_EQ(*pointer.Exchange(std::make_unique<int>(3)), 2);
  EXPECT_EQ(*Guard(pointer), 3);
}

TEST(ReadMostlyPtrTest, TheOldValueComesBackOnlyWhenItsReadersAreGone) {
  ReadMostlyPtr<int> pointer(std::make_unique<int>(1));
  auto guard = std::make_unique<Guard>(pointer);
  std::atomic<bool> returned{false};
  std::thread writer([&] {
    const auto old = pointer.Exchange(std::make_unique<int>(2));
    returned = true;
  });
  while (*Guard(pointer) == 1) std::this_thread::yield();  // the new value is out, and new readers come and go
  EXPECT_EQ(**guard, 1);
  EXPECT_FALSE(returned);
  guard.reset();
  writer.join();
  EXPECT_TRUE(returned);
}

// A value that knows whether it is still there; with AddressSanitizer and ThreadSanitizer, so do they.
struct Checked {
  explicit Checked(int64_t n) : number(n), twice(2 * n) {}
  ~Checked() { number = -1; }
  int64_t number;
  int64_t twice;
};

TEST(ReadMostlyPtrTest, NoReaderEverSeesAFreedValueOrAnOlderOneThanBefore) {
  constexpr int64_t kExchanges = 2000;
  ReadMostlyPtr<Checked> pointer(std::make_unique<Checked>(0));
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      int64_t last = 0;
      while (!done) {
        const ReadMostlyPtr<Checked>::ReadGuard guard(pointer);
        if (guard->number < last || guard->twice != 2 * guard->number) ++wrong;
        last = guard->number;
      }
    });
  }
  for (int64_t n = 1; n <= kExchanges; ++n) {
    EXPECT_EQ(pointer.Exchange(std::make_unique<Checked>(n))->number, n - 1);
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ReadMostlyPtrTest, WritersTakeTurns) {
  ReadMostlyPtr<int> pointer(std::make_unique<int>(0));
  std::atomic<int64_t> sum{0};
  std::vector<std::thread> writers;
  for (int i = 0; i < 3; ++i) {
    writers.emplace_back([&] {
      for (int n = 0; n < 300; ++n) sum += *pointer.Exchange(std::make_unique<int>(1));
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(sum, 3 * 300 - 1);  // every value came back exactly once, the first one (0) and all but the last
}

}  // namespace
}  // namespace ll::prediction
