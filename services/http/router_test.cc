#include "services/http/router.h"

#include <string>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::http {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Handler Named(const std::string& name) {
  return [name](const Request&) { return Response{.body = name}; };
}

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    router_.Add({.method = "GET", .path = "/"}, Named("root"));
    router_.Add({.method = "GET", .path = "/ping"}, Named("ping"));
    router_.Add({.method = "POST", .path = "/endpoints/{endpoint}/invocations"}, Named("invoke"));
    router_.Add({.method = "GET", .path = "/v2/models/{model}"}, Named("metadata"));
    router_.Add({.method = "GET", .path = "/v2/models/{model}/versions/{version}"}, Named("version"));
    router_.Add({.method = "POST", .path = "/v2/models/{model}"}, Named("post"));
  }

  std::string NameOf(absl::string_view method, absl::string_view path) {
    const absl::StatusOr<Router::Match> match = router_.Find(method, path);
    if (!match.ok()) return std::string(match.status().message());
    return match->route->handler(Request{})->body;
  }

  Router router_;
};

TEST_F(RouterTest, FindsRoutesByMethodAndPath) {
  EXPECT_EQ(NameOf("GET", "/"), "root");
  EXPECT_EQ(NameOf("GET", "/ping"), "ping");
  EXPECT_EQ(NameOf("HEAD", "/ping"), "ping");
  EXPECT_EQ(NameOf("POST", "/v2/models/m"), "post");
  EXPECT_EQ(NameOf("GET", "/v2/models/m"), "metadata");
}

TEST_F(RouterTest, GivesTheParametersDecoded) {
  LL_ASSERT_OK_AND_ASSIGN(const auto match, router_.Find("GET", "/v2/models/a%2Fb%20%C3%A9/versions/7"));
  EXPECT_THAT(match.parameters, ElementsAre("a/b \xc3\xa9", "7"));
  LL_ASSERT_OK_AND_ASSIGN(const auto ping, router_.Find("GET", "/ping"));
  EXPECT_THAT(ping.parameters, IsEmpty());
}

TEST_F(RouterTest, RefusesWhatIsNotThere) {
  for (const char* path : {"/pin", "/ping/", "/ping/x", "//", "/endpoints//invocations", "/endpoints/a/b/invocations",
                           "/PING", "/%70ing"}) {
    EXPECT_THAT(router_.Find("GET", path), StatusIs(absl::StatusCode::kNotFound)) << path;
    EXPECT_THAT(router_.Find("GET", path), HasReason(ErrorReason::kRouteNotFound)) << path;
  }
}

TEST_F(RouterTest, SaysWhichMethodsThereAre) {
  const absl::Status status = router_.Find("DELETE", "/v2/models/m").status();
  EXPECT_THAT(status, HasReason(ErrorReason::kMethodNotAllowed)) << status;
  EXPECT_EQ(GetErrorDetails(status)->metadata.at("allow"), "GET, HEAD, POST");
}

TEST_F(RouterTest, RefusesSegmentsThatAreNotText) {
  for (const char* path : {"/v2/models/%", "/v2/models/%4", "/v2/models/%zz", "/v2/models/%ff"}) {
    EXPECT_THAT(router_.Find("GET", path), StatusIs(absl::StatusCode::kInvalidArgument)) << path;
  }
}

TEST_F(RouterTest, TheLongestPrefixGivesTheStyleOfErrors) {
  const auto style = [](int status) -> ErrorStyle {
    return status == 1 ? +[](const absl::Status&, const Request&) { return Response{.status = 1}; }
                       : +[](const absl::Status&, const Request&) { return Response{.status = 2}; };
  };
  router_.SetErrorStyle("/v2", style(1));
  router_.SetErrorStyle("/v2/models", style(2));
  const auto status_of = [this](absl::string_view path) {
    return router_.StyleOf(path)(absl::InternalError(""), Request{}).status;
  };
  EXPECT_EQ(status_of("/v2"), 1);
  EXPECT_EQ(status_of("/v2/health"), 1);
  EXPECT_EQ(status_of("/v2/models/m"), 2);
  EXPECT_EQ(status_of("/v2x"), 500);
  EXPECT_EQ(status_of("/ping"), 500);
}

}  // namespace
}  // namespace ll::http
