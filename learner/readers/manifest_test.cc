#include "learner/readers/manifest.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ManifestTest, NamesFilesInItsOwnOrder) {
  LL_ASSERT_OK_AND_ASSIGN(auto files,
                          ParseManifest(R"([{"prefix": "s3://bucket/train/"}, "matrix_2.pbr", "matrix_10.pbr"])", "m"));
  EXPECT_THAT(files, ElementsAre("matrix_2.pbr", "matrix_10.pbr"));
  LL_ASSERT_OK_AND_ASSIGN(files, ParseManifest(R"([{"prefix": "parts/"}, "a", "b/c"])", "m"));
  EXPECT_THAT(files, ElementsAre("parts/a", "parts/b/c"));
  LL_ASSERT_OK_AND_ASSIGN(files, ParseManifest(R"(["a"])", "m"));
  EXPECT_THAT(files, ElementsAre("a"));
}

TEST(ManifestTest, AnythingElseIsRefused) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "not a JSON list"},
      {"matrix_0.pbr\n", "not a JSON list"},
      {"{\"source-ref\": \"s3://b/a\", \"label\": 1}\n{\"source-ref\": \"s3://b/c\"}\n", "augmented manifest"},
      {"[]", "it lists no files"},
      {R"([{"prefix": "s3://bucket/"}])", "it lists no files"},
      {R"(["a", {"prefix": "s3://bucket/"}])", "its entry 2 is not the name of a file"},
      {R"([{"prefix": 1}, "a"])", "its entry 1 is not the name of a file"},
      {R"(["a", 7])", "its entry 2 is not the name of a file"},
      {R"(["/etc/passwd"])", "not inside of its folder"},
      {R"(["a/../../b"])", "not inside of its folder"},
      {R"([{"prefix": "/"}, "a"])", "not inside of its folder"},
      {R"([""])", "not inside of its folder"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(
        ParseManifest(text, "train/x.manifest"),
        AllOf(StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("train/x.manifest"), HasSubstr(message))),
              HasReason(ErrorReason::kInvalidChannel)))
        << text;
  }
}

}  // namespace
}  // namespace ll::learner
