// How long each method may take and when it is repeated: protos/client_service_config.json, compiled in.
//
// The file has the shape of a gRPC service config, so clients in other languages read it as it is. Here its timeouts
// are taken out, because gRPC treats them as a ceiling while CallOptions may also ask for more; the rest goes to gRPC.
//
//   LL_ASSIGN_OR_RETURN(ServiceConfig config, ServiceConfig::Parse(kClientServiceConfigJson));
//   config.TimeoutOf("ll.v1.ModelService/GetModel");      // 30 s
//   config.TimeoutOf("ll.v1.ObjectService/WriteObject");  // 1 h
#ifndef LL_CLIENTS_CPP_SERVICE_CONFIG_H_
#define LL_CLIENTS_CPP_SERVICE_CONFIG_H_

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ll::client {

// The text of protos/client_service_config.json.
extern const char kClientServiceConfigJson[];

// Immutable, thread-safe.
class ServiceConfig {
 public:
  // INVALID_ARGUMENT when `json` is not a service config or lacks a timeout.
  static absl::StatusOr<ServiceConfig> Parse(absl::string_view json);

  // `method` is "package.Service/Method". The entry of the method, else that of its service; nullopt when there is
  // none.
  std::optional<absl::Duration> TimeoutOf(absl::string_view method) const;

  // What gRPC gets: everything but the timeouts.
  const std::string& grpc_json() const { return grpc_json_; }

 private:
  ServiceConfig(std::map<std::string, absl::Duration> timeouts, std::string grpc_json)
      : timeouts_(std::move(timeouts)), grpc_json_(std::move(grpc_json)) {}

  std::map<std::string, absl::Duration> timeouts_;  // by "Service/Method" or "Service/"
  std::string grpc_json_;
};

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_SERVICE_CONFIG_H_
