#include "services/http/host_policy.h"

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::http {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;

TEST(HostPolicyTest, ALoopbackServerAnswersToNamesOfThisMachine) {
  const HostPolicy policy{.loopback = true, .names = {"ml.example.org"}};
  for (const char* host :
       {"localhost", "localhost:8080", "LOCALHOST", "localhost.", "bucket.localhost:8080", "127.0.0.1", "127.8.9.1:80",
        "[::1]", "[::1]:8080", "ml.example.org", "ML.example.org:443"}) {
    EXPECT_THAT(policy.Check(host, ""), IsOk()) << host;
  }
  for (const char* host : {"", ":8080", "example.org", "localhost.example.org", "127.0.0.1.example.org", "10.0.0.1",
                           "[::2]", "xlocalhost", "mlxexample.org", "0.0.0.0"}) {
    const absl::Status status = policy.Check(host, "");
    EXPECT_THAT(status, HasReason(ErrorReason::kForeignHost)) << host;
  }
}

TEST(HostPolicyTest, RefusesPagesOfElsewhere) {
  const HostPolicy policy{.loopback = true, .names = {"ml.example.org"}};
  for (const char* origin :
       {"http://localhost:3000", "https://127.0.0.1", "http://[::1]:80", "https://ml.example.org"}) {
    EXPECT_THAT(policy.Check("localhost", origin), IsOk()) << origin;
  }
  for (const char* origin : {"null", "https://evil.example", "evil", "http://localhost.evil.example",
                             "http://localhost, http://evil.example", "http://", "file://"}) {
    EXPECT_THAT(policy.Check("localhost", origin), HasReason(ErrorReason::kForeignHost)) << origin;
  }
}

TEST(HostPolicyTest, AnOpenServerAnswersToAnyNameButOnlyItsOwnPages) {
  const HostPolicy policy{.loopback = false};
  EXPECT_THAT(policy.Check("ml.example.org:8080", ""), IsOk());
  EXPECT_THAT(policy.Check("ml.example.org:8080", "https://ml.example.org"), IsOk());
  EXPECT_THAT(policy.Check("", ""), IsOk());
  EXPECT_THAT(policy.Check("ml.example.org", "https://evil.example"), HasReason(ErrorReason::kForeignHost));
  EXPECT_THAT(policy.Check("", "null"), HasReason(ErrorReason::kForeignHost));
}

}  // namespace
}  // namespace ll::http
