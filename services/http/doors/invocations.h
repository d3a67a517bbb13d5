// The algorithm's own formats over HTTP, at the paths of SageMaker's containers and runtime:
//
//   GET  /ping                          200 when the server serves
//   POST /invocations                   the endpoint that X-LL-Endpoint names, or the only one there is
//   POST /endpoints/{id}/invocations
//
// A body of rows (CSV, JSON, JSON Lines, RecordIO-protobuf, libsvm: Content-Type) is answered by predictions (JSON,
// JSON Lines, CSV, RecordIO-protobuf: Accept), byte for byte what `lltrain score` writes. Rows are scored while they
// arrive, all by one version, which the headers X-LL-Model-Version and X-LL-Variant name.
#ifndef LL_SERVICES_HTTP_DOORS_INVOCATIONS_H_
#define LL_SERVICES_HTTP_DOORS_INVOCATIONS_H_

#include "services/http/doors/prediction_backend.h"
#include "services/http/router.h"

namespace ll::http {

void AddInvocations(const PredictionBackend& backend, Router* router);

}  // namespace ll::http

#endif  // LL_SERVICES_HTTP_DOORS_INVOCATIONS_H_
