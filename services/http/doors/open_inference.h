// The Open Inference Protocol, version 2, over HTTP: what tritonclient, kserve and their kind call.
//
//   GET  /v2                                     the server: name, version, extensions
//   GET  /v2/health/live, /v2/health/ready
//   GET  /v2/models                              the endpoints
//   GET  /v2/models/{endpoint}[/versions/{v}]    metadata, and .../ready
//   POST /v2/models/{endpoint}[/versions/{v}]/infer
//
// A model's name is an endpoint's id. A version is the number of the model version that serves it right now; any other
// is not found. Tensors: services/prediction/formats/open_inference.h. Errors are {"error": "message"}.
#ifndef LL_SERVICES_HTTP_DOORS_OPEN_INFERENCE_H_
#define LL_SERVICES_HTTP_DOORS_OPEN_INFERENCE_H_

#include "services/http/doors/prediction_backend.h"
#include "services/http/router.h"

namespace ll::http {

void AddOpenInference(const PredictionBackend& backend, Router* router);

}  // namespace ll::http

#endif  // LL_SERVICES_HTTP_DOORS_OPEN_INFERENCE_H_
