// Work done ahead of whoever needs it: one thread fills items of a small ring while another uses those before.
//
//   std::vector<Chunk> ring(3);
//   ReadAhead<Chunk> chunks(absl::MakeSpan(ring), [&](Chunk& chunk) { return reader.Fill(chunk); });
//   for (;;) {
//     LL_ASSIGN_OR_RETURN(Chunk* const chunk, chunks.Next());
//     if (chunk == nullptr) break;
//     ...use *chunk; it is filled anew after the next call...
//   }
#ifndef LL_BASE_READ_AHEAD_H_
#define LL_BASE_READ_AHEAD_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/mutex.h"

namespace ll {

// Items are handed over in the order in which they were filled. Next() is for one thread.
template <class T>
class ReadAhead final {
 public:
  // Fills an item; false when there is nothing more to fill it with. Called on this object's thread, not again after it
  // returned false or an error.
  using Fill = std::function<absl::StatusOr<bool>(T&)>;

  // At least two items, which must outlive this object: one is in use while the others are filled.
  ReadAhead(absl::Span<T> ring, Fill fill) : ring_(ring), fill_(std::move(fill)), thread_([this] { FillItems(); }) {}
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // Waits for an item that is being filled; the others are not begun.
  ~ReadAhead() {
    {
      MutexLock lock(&mutex_);
      stopping_ = true;
    }
    thread_.join();
  }

  // The next item, the caller's until the next call; nullptr at the end, and the error that ended it early.
  absl::StatusOr<T*> Next() {
    MutexLock lock(&mutex_);
    if (in_use_) ++taken_;
    in_use_ = false;
    mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return filled_ > taken_ || end_.has_value(); });
    if (filled_ == taken_) {
      if (!end_->ok()) return *end_;
      return nullptr;
    }
    in_use_ = true;
    return &ring_[taken_ % ring_.size()];
  }

 private:
  void FillItems() {
    for (size_t item = 0;; ++item) {
      {
        MutexLock lock(&mutex_);
        mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || item < taken_ + ring_.size(); });
        if (stopping_) return;
      }
      const absl::StatusOr<bool> filled = fill_(ring_[item % ring_.size()]);
      MutexLock lock(&mutex_);
      if (!filled.ok() || !*filled) {
        end_ = filled.status();
        return;
      }
      ++filled_;
    }
  }

  const absl::Span<T> ring_;
  const Fill fill_;
  Mutex mutex_;
  size_t filled_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t taken_ ABSL_GUARDED_BY(mutex_) = 0;  // and given back
  bool in_use_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace ll

#endif  // LL_BASE_READ_AHEAD_H_
