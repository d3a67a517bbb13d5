#include "clients/llctl/standard_input.h"

#include <unistd.h>

#include <string>
#include <thread>

#include "clients/llctl/io_streams.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::llctl {
namespace {

using ::ll::testing::StatusIs;

class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe(fds_), 0); }
  ~Pipe() {
    close(fds_[0]);
    CloseWriter();
  }
  int reader() const { return fds_[0]; }
  void Write(const std::string& text) {
    EXPECT_EQ(write(fds_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void CloseWriter() {
    if (fds_[1] >= 0) close(fds_[1]);
    fds_[1] = -1;
  }

 private:
  int fds_[2];
};

TEST(StandardInputTest, ReadsToTheEnd) {
  Pipe pipe;
  StandardInput input(pipe.reader(), {});
  pipe.Write("abc");
  char buffer[8];
  EXPECT_EQ(input.Read(absl::MakeSpan(buffer)).value(), 3u);
  pipe.CloseWriter();
  EXPECT_EQ(input.Read(absl::MakeSpan(buffer)).value(), 0u);
}

TEST(StandardInputTest, AStopEndsAReadThatWaits) {
  Pipe pipe;
  std::stop_source stop;
  StandardInput input(pipe.reader(), stop.get_token());
  std::thread user([&] { stop.request_stop(); });
  char buffer[8];
  EXPECT_THAT(input.Read(absl::MakeSpan(buffer)), StatusIs(absl::StatusCode::kCancelled));
  user.join();
  pipe.Write("abc");
  EXPECT_THAT(input.Read(absl::MakeSpan(buffer)), StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace ll::llctl
