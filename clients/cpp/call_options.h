// What a caller may say about one call. All of it is optional.
//
//   models.GetModel("models/churn", {.timeout = absl::Seconds(2)});
//
//   std::stop_source interrupt;                                  // interrupt.request_stop() from any thread
//   training.WaitForTrainingJob(name, {.call = {.stop = interrupt.get_token()}});
#ifndef LL_CLIENTS_CPP_CALL_OPTIONS_H_
#define LL_CLIENTS_CPP_CALL_OPTIONS_H_

#include <optional>
#include <stop_token>

#include "absl/time/time.h"

namespace ll::client {

struct CallOptions {
  // Absent: the method's default in protos/client_service_config.json. There is always a deadline.
  std::optional<absl::Duration> timeout = {};
  // Ends the call with CANCELLED when a stop is requested.
  std::stop_token stop = {};
};

}  // namespace ll::client

#endif  // LL_CLIENTS_CPP_CALL_OPTIONS_H_
