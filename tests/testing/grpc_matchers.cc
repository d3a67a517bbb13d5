#include "tests/testing/grpc_matchers.h"

namespace ll::testing {

google::rpc::Status RichStatusOf(const grpc::Status& status) {
  google::rpc::Status rich;
  EXPECT_TRUE(rich.ParseFromString(status.error_details())) << "grpc-status-details-bin is not a google.rpc.Status";
  return rich;
}

std::string ReasonOf(const google::rpc::Status& status) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  return info.has_value() && info->domain() == "ll" ? info->reason() : "";
}

std::string ReasonOf(const grpc::Status& status) { return ReasonOf(RichStatusOf(status)); }

std::vector<std::string> FieldsOf(const grpc::Status& status) {
  std::vector<std::string> fields;
  const auto bad_request = DetailOf<google::rpc::BadRequest>(status);
  if (!bad_request.has_value()) return fields;
  for (const auto& violation : bad_request->field_violations()) fields.push_back(violation.field());
  return fields;
}

}  // namespace ll::testing
