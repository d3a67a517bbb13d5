#include "services/rpc/page_tokens.h"

#include <sys/stat.h>

#include <string>

#include "absl/strings/match.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::rpc {
namespace {

using ::ll::testing::FaultEnv;
using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::ll::testing::TempDir;

constexpr char kListing[] = "ListModels: labels.team = fraud";

const registry::Cursor& SampleCursor() {
  static const registry::Cursor& cursor =
      *new registry::Cursor{.name = "churn/17", .time = absl::FromUnixNanos(1'790'000'000'123'456'789)};
  return cursor;
}

TEST(PageTokensTest, OpensWhatItSealed) {
  const PageTokens tokens;
  const std::string token = tokens.Seal(SampleCursor(), kListing);
  LL_ASSERT_OK_AND_ASSIGN(const registry::Cursor cursor, tokens.Open(token, kListing));
  EXPECT_EQ(cursor, SampleCursor());
  LL_ASSERT_OK_AND_ASSIGN(const registry::Cursor empty, tokens.Open(tokens.Seal({}, kListing), kListing));
  EXPECT_EQ(empty, registry::Cursor{});
}

TEST(PageTokensTest, IsOpaque) {
  const PageTokens tokens;
  EXPECT_NE(tokens.Seal(SampleCursor(), kListing), tokens.Seal(SampleCursor(), kListing));
  EXPECT_EQ(tokens.Seal(SampleCursor(), kListing).find_first_of("+/= "), std::string::npos);
}

TEST(PageTokensTest, BelongsToItsListing) {
  const PageTokens tokens;
  const absl::StatusOr<registry::Cursor> opened = tokens.Open(tokens.Seal(SampleCursor(), kListing), "another");
  EXPECT_THAT(opened, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(opened, HasReason(ErrorReason::kInvalidPageToken));
  EXPECT_EQ(GetErrorDetails(opened.status())->field_violations.at(0).field, "page_token");
}

TEST(PageTokensTest, BelongsToItsServer) {
  EXPECT_THAT(PageTokens().Open(PageTokens().Seal(SampleCursor(), kListing), kListing),
              HasReason(ErrorReason::kInvalidPageToken));
}

TEST(PageTokensTest, RefusesEveryChangedOrMissingByte) {
  const PageTokens tokens;
  const std::string token = tokens.Seal(SampleCursor(), kListing);
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_THAT(tokens.Open(changed, kListing), HasReason(ErrorReason::kInvalidPageToken)) << i;
    EXPECT_THAT(tokens.Open(token.substr(0, i), kListing), HasReason(ErrorReason::kInvalidPageToken)) << i;
  }
  EXPECT_THAT(tokens.Open(token + "AAAA", kListing), HasReason(ErrorReason::kInvalidPageToken));
  EXPECT_THAT(tokens.Open("no base64!", kListing), HasReason(ErrorReason::kInvalidPageToken));
}

TEST(PageTokensTest, SurvivesARestart) {
  const TempDir dir;
  LL_ASSERT_OK_AND_ASSIGN(const PageTokens before, PageTokens::LoadOrCreate(Env::Posix(), dir.File("key")));
  LL_ASSERT_OK_AND_ASSIGN(const PageTokens after, PageTokens::LoadOrCreate(Env::Posix(), dir.File("key")));
  LL_ASSERT_OK_AND_ASSIGN(const registry::Cursor cursor, after.Open(before.Seal(SampleCursor(), kListing), kListing));
  EXPECT_EQ(cursor, SampleCursor());
  struct stat info {};
  ASSERT_EQ(stat(dir.File("key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
}

TEST(PageTokensTest, ADamagedKeyIsReplaced) {
  const TempDir dir;
  const std::string path = dir.Write("key", "not a key");
  LL_ASSERT_OK_AND_ASSIGN(const PageTokens before, PageTokens::LoadOrCreate(Env::Posix(), path));
  LL_ASSERT_OK_AND_ASSIGN(const PageTokens after, PageTokens::LoadOrCreate(Env::Posix(), path));
  EXPECT_THAT(after.Open(before.Seal(SampleCursor(), kListing), kListing), IsOk());
}

TEST(PageTokensTest, ADiskThatRefusesIsTold) {
  const TempDir dir;
  FaultEnv env;
  env.FailAfter(0, absl::ResourceExhaustedError("disk full"));
  EXPECT_THAT(PageTokens::LoadOrCreate(env, dir.File("key")), StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace ll::rpc
