#include "clients/llctl/progress.h"

#include <sstream>
#include <string>

#include "clients/llctl/waiting.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"

namespace ll::llctl {
namespace {

using ::ll::testing::FakeClock;

class NoInput final : public SequentialFile {
 public:
  absl::StatusOr<size_t> Read(absl::Span<char>) override { return 0; }
};

class ProgressTest : public ::testing::Test {
 protected:
  Session MakeSession(bool terminal, bool quiet = false) {
    io_.err_is_terminal = terminal;
    io_.width = 40;
    GlobalFlags flags;
    flags.quiet = quiet;
    return Session(surroundings_, flags, Settings{}, std::nullopt);
  }

  NoInput in_;
  std::ostringstream out_;
  std::ostringstream err_;
  IoStreams io_{.in = in_, .out = out_, .err = err_};
  FakeClock clock_;
  Surroundings surroundings_{.io = io_, .variables = {}, .env = Env::Posix(), .clock = clock_, .stop = {}};
};

TEST_F(ProgressTest, ATerminalLineChangesInPlaceTenTimesASecondAtMost) {
  Session session = MakeSession(true);
  {
    LiveLine line(session);
    line.Update("one");
    line.Update("two");  // too soon
    clock_.Advance(absl::Milliseconds(100));
    line.Update("three");
    line.Update("four", /*milestone=*/true);
    clock_.Advance(absl::Seconds(1));
    line.Update(std::string(60, 'x'));
  }
  EXPECT_EQ(err_.str(), "\rone\x1b[K\rthree\x1b[K\rfour\x1b[K\r" + std::string(39, 'x') + "\x1b[K\r\x1b[K");
}

TEST_F(ProgressTest, ElsewhereALineComesNowAndThen) {
  Session session = MakeSession(false);
  {
    LiveLine line(session);
    line.Update("one");
    line.Update("two", /*milestone=*/true);
    clock_.Advance(absl::Seconds(4));
    line.Update("three");
    clock_.Advance(absl::Seconds(1));
    line.Update("four");
  }
  EXPECT_EQ(err_.str(), "two\nfour\n");
}

TEST_F(ProgressTest, QuietShowsNothing) {
  Session session = MakeSession(true, /*quiet=*/true);
  {
    LiveLine line(session);
    line.Update("one", /*milestone=*/true);
  }
  EXPECT_EQ(err_.str(), "");
}

TEST_F(ProgressTest, Bars) {
  EXPECT_EQ(Bar(0, 10), "[>         ]");
  EXPECT_EQ(Bar(0.55, 10), "[=====>    ]");
  EXPECT_EQ(Bar(1, 10), "[==========]");
  EXPECT_EQ(Bar(7, 10), "[==========]");
}

TEST_F(ProgressTest, TransfersShowShareAndSpeed) {
  Session session = MakeSession(false);
  TransferProgress progress(session, "uploading train.pbr", 100 << 20);
  clock_.Advance(absl::Seconds(5));
  progress.Update(50 << 20);
  TransferProgress unknown(session, "uploading", -1);
  clock_.Advance(absl::Seconds(5));
  unknown.Update(50 << 20);
  EXPECT_EQ(err_.str(),
            "uploading train.pbr [==========>         ]  50%  50 MiB of 100 MiB  10 MiB/s\n"
            "uploading  50 MiB  10 MiB/s\n");
}

TEST_F(ProgressTest, TrainingLines) {
  v1::TrainingJob job;
  job.set_name("trainingJobs/digits");
  job.set_state(v1::TrainingJob::QUEUED);
  EXPECT_EQ(TrainingLine(job, absl::Seconds(3)), "digits  QUEUED  3.0s");
  job.set_state(v1::TrainingJob::TRAINING);
  EXPECT_EQ(TrainingLine(job, absl::Seconds(3)), "digits  TRAINING  3.0s");
  job.mutable_progress()->set_epochs(15);
  EXPECT_EQ(TrainingLine(job, absl::Seconds(3)), "digits  epoch 0/15 [>         ]  3.0s");
  job.mutable_progress()->set_epoch(7);
  job.mutable_progress()->set_best_loss(0.021512);
  job.mutable_progress()->set_rows_per_second(1'234'567);
  EXPECT_EQ(TrainingLine(job, absl::Seconds(12)),
            "digits  epoch 7/15 [====>     ]  best loss 0.02151  1.23M rows/s  12s");
}

}  // namespace
}  // namespace ll::llctl
