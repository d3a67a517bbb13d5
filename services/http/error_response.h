// Errors as HTTP responses.
//
//   {"error": {"code": "INVALID_ARGUMENT", "reason": "INVALID_DATA", "message": "cannot read row 3, column 2 of ...",
//              "row": 3, "column": 2, "text": "abc", "request_id": "4f1c..."}}
#ifndef LL_SERVICES_HTTP_ERROR_RESPONSE_H_
#define LL_SERVICES_HTTP_ERROR_RESPONSE_H_

#include "absl/status/status.h"
#include "services/http/message.h"

namespace ll::http {

// 400 INVALID_ARGUMENT, 403 PERMISSION_DENIED, 404 NOT_FOUND, 409 ALREADY_EXISTS, ABORTED and FAILED_PRECONDITION,
// 429 RESOURCE_EXHAUSTED, 499 CANCELLED, 500 INTERNAL and the like, 501 UNIMPLEMENTED, 503 UNAVAILABLE, 504
// DEADLINE_EXCEEDED; but by their reasons 405 METHOD_NOT_ALLOWED, 406 NOT_ACCEPTABLE, 413 MESSAGE_TOO_LARGE, 415
// UNSUPPORTED_MEDIA_TYPE, 431 HEADERS_TOO_LARGE.
int HttpStatusOf(const absl::Status& error);

// What every style of error has besides its body: the status, and the headers Allow and Retry-After where they belong.
Response ErrorWithoutBody(const absl::Status& error);

// The JSON above: `error`'s code, reason, message, each metadata by its name (whole numbers as numbers).
Response ErrorResponse(const absl::Status& error, const Request& request);

}  // namespace ll::http

#endif  // LL_SERVICES_HTTP_ERROR_RESPONSE_H_
