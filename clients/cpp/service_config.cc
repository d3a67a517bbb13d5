#include "clients/cpp/service_config.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace ll::client {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

absl::Status InvalidConfig(absl::string_view why) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kConfigInvalid,
                   {.what = "cannot read the client's service config", .why = std::string(why)});
}

// The string under `key`, empty when absent.
std::string Text(const Struct& object, const std::string& key) {
  const auto found = object.fields().find(key);
  return found == object.fields().end() ? "" : found->second.string_value();
}

// Takes "timeout" out of one entry of methodConfig and notes it for every method that the entry names.
absl::Status TakeTimeout(Struct& entry, std::map<std::string, absl::Duration>& timeouts) {
  absl::Duration timeout;
  const std::string text = Text(entry, "timeout");
  if (!absl::EndsWith(text, "s") || !absl::ParseDuration(text, &timeout) || timeout <= absl::ZeroDuration()) {
    return InvalidConfig("every entry needs a \"timeout\" such as \"30s\"");
  }
  entry.mutable_fields()->erase("timeout");
  const auto names = entry.fields().find("name");
  if (names == entry.fields().end()) return InvalidConfig("every entry needs a \"name\"");
  for (const Value& name : names->second.list_value().values()) {
    const Struct& method = name.struct_value();
    timeouts[absl::StrCat(Text(method, "service"), "/", Text(method, "method"))] = timeout;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ServiceConfig> ServiceConfig::Parse(absl::string_view json) {
  Struct config;
  if (!google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &config).ok()) {
    return InvalidConfig("it is not a JSON object");
  }
  std::map<std::string, absl::Duration> timeouts;
  Value& entries = (*config.mutable_fields())["methodConfig"];
  for (Value& entry : *entries.mutable_list_value()->mutable_values()) {
    LL_RETURN_IF_ERROR(TakeTimeout(*entry.mutable_struct_value(), timeouts));
  }
  std::string grpc_json;
  if (!google::protobuf::util::MessageToJsonString(config, &grpc_json).ok()) {
    return InvalidConfig("it cannot be written as JSON again");
  }
  return ServiceConfig(std::move(timeouts), std::move(grpc_json));
}

std::optional<absl::Duration> ServiceConfig::TimeoutOf(absl::string_view method) const {
  auto found = timeouts_.find(std::string(method));
  if (found == timeouts_.end()) {
    found = timeouts_.find(absl::StrCat(method.substr(0, method.find('/')), "/"));
  }
  if (found == timeouts_.end()) return std::nullopt;
  return found->second;
}

}  // namespace ll::client
