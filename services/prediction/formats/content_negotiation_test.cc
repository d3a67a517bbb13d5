#include "services/prediction/formats/content_negotiation.h"

#include <string>
#include <utility>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::prediction {
namespace {

using ::ll::testing::HasReason;

TEST(ContentNegotiationTest, RequestsNameTheirFormat) {
  EXPECT_EQ(RequestTypeOf("text/csv; label_size=0")->format, learner::DataFormat::kCsv);
  EXPECT_EQ(RequestTypeOf("application/json; charset=utf-8")->format, learner::DataFormat::kJson);
  EXPECT_EQ(RequestTypeOf("APPLICATION/JSONLINES")->format, learner::DataFormat::kJsonLines);
  EXPECT_EQ(RequestTypeOf("application/x-recordio-protobuf")->format, learner::DataFormat::kRecordIo);
  EXPECT_EQ(RequestTypeOf("text/libsvm")->format, learner::DataFormat::kLibsvm);
  EXPECT_EQ(RequestTypeOf("text/csv; missing=zero")->missing, learner::Imputation::kZero);
}

TEST(ContentNegotiationTest, OtherFormatsAreRefused) {
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "text/csv; missing=mean",
                           "text/csv; label_size=2", "application/json; header=present"}) {
    EXPECT_THAT(RequestTypeOf(type), HasReason(ErrorReason::kUnsupportedMediaType)) << type;
  }
}

TEST(ContentNegotiationTest, RepliesAreWhatTheClientLikesBest) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "application/json"},
      {"*/*", "application/json"},
      {"application/*", "application/json"},
      {"text/*", "text/csv"},
      {"text/html, text/*;q=0.1", "text/csv"},
      {"text/csv", "text/csv"},
      {"text/csv; header=present", "text/csv; header=present"},
      {"text/csv;header=present;q=0.3, text/plain", "text/csv; header=present"},
      {"application/jsonlines, application/json", "application/jsonlines"},
      {"application/json;q=0.5, text/csv;q=0.9", "text/csv"},
      {"application/json;q=0.5, */*;q=0.9", "application/jsonlines"},
      {"*/*, application/json;q=0", "application/jsonlines"},
      {"application/*;q=0, */*;q=0.1", "text/csv"},
      {"application/x-recordio-protobuf", "application/x-recordio-protobuf"},
      {"Text/CSV ; Q=1.0", "text/csv"},
      {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"},
      {"application/json;q=nonsense, text/csv;q=0.1", "text/csv"},
      {",,text/csv,", "text/csv"},
  };
  for (const auto& [accept, expected] : cases) {
    const auto type = NegotiateReply(accept);
    ASSERT_TRUE(type.ok()) << accept << type.status();
    EXPECT_EQ(MediaTypeOf(*type), expected) << accept;
  }
}

TEST(ContentNegotiationTest, NothingAcceptableIsSaid) {
  for (const char* accept : {"text/html", "application/json;q=0", "image/*", "*/*;q=0", "text/csv; columns=3",
                             "text/libsvm", "application/json;q=2", ",", "\xff"}) {
    EXPECT_THAT(NegotiateReply(accept), HasReason(ErrorReason::kNotAcceptable)) << accept;
  }
}

}  // namespace
}  // namespace ll::prediction
