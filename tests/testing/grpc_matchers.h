// Matchers for what a gRPC client gets.
//
//   EXPECT_THAT(stub->GetModel(...), GrpcIsOk());
//   EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::NOT_FOUND, ErrorReason::kModelNotFound));
//   EXPECT_THAT(FieldsOf(status), ElementsAre("model_id", "model.labels"));
#ifndef LL_TESTS_TESTING_GRPC_MATCHERS_H_
#define LL_TESTS_TESTING_GRPC_MATCHERS_H_

#include <optional>
#include <string>
#include <vector>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace ll::testing {

// The google.rpc.Status of the trailer; empty when there is none.
google::rpc::Status RichStatusOf(const grpc::Status& status);

// The only detail of its type; nullopt when there are none or several.
template <typename Detail>
std::optional<Detail> DetailOf(const google::rpc::Status& status) {
  std::optional<Detail> found;
  for (const google::protobuf::Any& any : status.details()) {
    Detail detail;
    if (!any.UnpackTo(&detail)) continue;
    if (found.has_value()) return std::nullopt;
    found = detail;
  }
  return found;
}
template <typename Detail>
std::optional<Detail> DetailOf(const grpc::Status& status) {
  return DetailOf<Detail>(RichStatusOf(status));
}

// Reason of the ErrorInfo; empty when there is not exactly one, or its domain is not ours.
std::string ReasonOf(const google::rpc::Status& status);
std::string ReasonOf(const grpc::Status& status);

// The fields of the BadRequest, in order.
std::vector<std::string> FieldsOf(const grpc::Status& status);

MATCHER(GrpcIsOk, negation ? "is an error" : "is OK") {
  *result_listener << arg.error_code() << ": " << arg.error_message();
  return arg.ok();
}

// The code, exactly one ErrorInfo with the reason, and the same code and message in trailer and details.
MATCHER_P2(GrpcStatusIs, code, reason, "has code and reason " + std::string(::ll::ErrorReasonName(reason))) {
  *result_listener << arg.error_code() << " " << ReasonOf(arg) << ": " << arg.error_message();
  const google::rpc::Status rich = RichStatusOf(arg);
  return arg.error_code() == code && ReasonOf(arg) == ::ll::ErrorReasonName(reason) && rich.code() == code &&
         rich.message() == arg.error_message();
}

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_GRPC_MATCHERS_H_
