// What the HTTP doors of predictions stand before.
#ifndef LL_SERVICES_HTTP_DOORS_PREDICTION_BACKEND_H_
#define LL_SERVICES_HTTP_DOORS_PREDICTION_BACKEND_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/http/message.h"
#include "services/prediction/admission.h"
#include "services/prediction/predictor.h"

namespace ll::http {

// All of it is called by several threads at once and must outlive the routes.
struct PredictionBackend {
  prediction::PredictorSource& predictors;
  prediction::Admission& admission;
  std::function<std::vector<std::string>()> endpoints;  // the ids of those that there are, sorted
  std::function<bool()> ready;                          // whether the server as a whole serves
  int64_t max_message_bytes = 0;                        // of a request's or a reply's body
};

// INVALID_ARGUMENT / UNSUPPORTED_MEDIA_TYPE for a body that is compressed.
absl::Status CheckContentEncoding(const Request& request);

// The ticket for the request's body, of which at most `window` bytes are in memory at a time.
absl::StatusOr<prediction::Admission::Ticket> AdmitBody(prediction::Admission& admission, const Request& request,
                                                        int64_t window);

// RESOURCE_EXHAUSTED / MESSAGE_TOO_LARGE for a reply beyond backend.max_message_bytes.
absl::Status CheckReplySize(const PredictionBackend& backend, int64_t bytes);

// Says in the response's headers which version and variant answered.
void NameVersion(const prediction::PredictorHandle& handle, Response* response);

}  // namespace ll::http

#endif  // LL_SERVICES_HTTP_DOORS_PREDICTION_BACKEND_H_
