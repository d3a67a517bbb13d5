// Matchers for absl::Status and absl::StatusOr. There is deliberately no "is any error": name the code you expect.
//
//   EXPECT_THAT(registry.Read(...), IsOk());
//   EXPECT_THAT(ParseName("x"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("models/")));
//   EXPECT_THAT(Load(path), HasReason(ErrorReason::kInvalidArtifact));
//   LL_ASSERT_OK_AND_ASSIGN(const Model model, Load(path));
#ifndef LL_TESTS_TESTING_STATUS_MATCHERS_H_
#define LL_TESTS_TESTING_STATUS_MATCHERS_H_

#include <ostream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ll::testing {

inline const absl::Status& GetStatus(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, negation ? "is an error" : "is OK") {
  const absl::Status status = GetStatus(arg);
  *result_listener << status.ToString();
  return status.ok();
}

MATCHER_P(StatusIs, code, "has code " + absl::StatusCodeToString(code)) {
  const absl::Status status = GetStatus(arg);
  *result_listener << status.ToString();
  return status.code() == code;
}

MATCHER_P2(StatusIs, code, message_matcher, "has code " + absl::StatusCodeToString(code)) {
  const absl::Status status = GetStatus(arg);
  *result_listener << status.ToString();
  return status.code() == code && ::testing::Value(std::string(status.message()), message_matcher);
}

MATCHER_P(HasReason, reason, "carries reason " + std::string(ErrorReasonName(reason))) {
  const absl::Status status = GetStatus(arg);
  *result_listener << status.ToString();
  return ::ll::HasReason(status, reason);
}

#define LL_ASSERT_OK(expression) ASSERT_THAT((expression), ::ll::testing::IsOk())
#define LL_EXPECT_OK(expression) EXPECT_THAT((expression), ::ll::testing::IsOk())

#define LL_ASSERT_OK_AND_ASSIGN(declaration, expression) \
  LL_ASSERT_OK_AND_ASSIGN_IMPL_(LL_CONCAT_(ll_statusor_, __LINE__), declaration, expression)
#define LL_ASSERT_OK_AND_ASSIGN_IMPL_(temporary, declaration, expression) \
  auto temporary = (expression);                                          \
  ASSERT_THAT(temporary, ::ll::testing::IsOk());                          \
  declaration = std::move(temporary).value()

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_STATUS_MATCHERS_H_
