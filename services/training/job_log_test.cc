#include "services/training/job_log.h"

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::training {
namespace {

using ::ll::testing::IsOk;
using ::ll::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Lines = std::vector<std::string>;

class LogLinesTest : public ::testing::Test {
 protected:
  LogLines Open() { return LogLines(Env::Posix(), dir_.File("job.log")); }
  // Appends, as another process does.
  void Print(absl::string_view text) { std::ofstream(dir_.File("job.log"), std::ios::app) << text; }
  static Lines Next(LogLines& lines, bool complete = false) {
    const absl::StatusOr<Lines> next = lines.Next(complete);
    EXPECT_THAT(next, IsOk());
    return next.value_or(Lines{"<error>"});
  }

  TempDir dir_;
};

TEST_F(LogLinesTest, AMissingFileIsEmptyUntilItIsThere) {
  LogLines lines = Open();
  ASSERT_THAT(lines.SkipToLast(3), IsOk());
  EXPECT_THAT(Next(lines, true), IsEmpty());
  Print("one\n");
  EXPECT_THAT(Next(lines), ElementsAre("one"));
}

TEST_F(LogLinesTest, LinesComeOnceAndWhole) {
  Print("one\n\nthr");
  LogLines lines = Open();
  EXPECT_THAT(Next(lines), ElementsAre("one", ""));
  EXPECT_THAT(Next(lines), IsEmpty());
  Print("ee\nfour");
  EXPECT_THAT(Next(lines), ElementsAre("three"));
  EXPECT_THAT(Next(lines, true), ElementsAre("four"));
  EXPECT_THAT(Next(lines, true), IsEmpty());
}

TEST_F(LogLinesTest, TheLastLines) {
  Print("one\ntwo\nthree\n");
  for (int count = 1; count <= 5; ++count) {
    LogLines lines = Open();
    ASSERT_THAT(lines.SkipToLast(count), IsOk());
    const Lines all = {"one", "two", "three"};
    const Lines expected(count >= 3 ? all.begin() : all.end() - count, all.end());
    EXPECT_EQ(Next(lines), expected) << count;
  }
}

TEST_F(LogLinesTest, AnUnfinishedLineIsOneOfTheLast) {
  Print("one\ntwo\nthr");
  LogLines lines = Open();
  ASSERT_THAT(lines.SkipToLast(2), IsOk());
  EXPECT_THAT(Next(lines, true), ElementsAre("two", "thr"));
}

TEST_F(LogLinesTest, LongLogsComeInParts) {
  std::string text;
  Lines expected;
  for (int i = 0; i < 100'000; ++i) {
    expected.push_back(absl::StrCat("line ", i));
    absl::StrAppend(&text, expected.back(), "\n");
  }
  Print(text);
  LogLines lines = Open();
  Lines all;
  int parts = 0;
  for (Lines some = Next(lines); !some.empty(); some = Next(lines), ++parts) {
    all.insert(all.end(), some.begin(), some.end());
  }
  EXPECT_EQ(all, expected);
  EXPECT_GT(parts, 1);

  LogLines tail = Open();
  ASSERT_THAT(tail.SkipToLast(60'000), IsOk());
  EXPECT_EQ(Next(tail)[0], "line 40000");
}

TEST_F(LogLinesTest, ALineBeyondTheLimitComesInPieces) {
  const std::string start(LogLines::kMaxBytes, 'a');
  Print(absl::StrCat(start, "b\nc\n"));
  LogLines lines = Open();
  EXPECT_THAT(Next(lines), ElementsAre(start));
  EXPECT_THAT(Next(lines), ElementsAre("b", "c"));
}

}  // namespace
}  // namespace ll::training
