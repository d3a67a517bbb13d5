#include "services/http/error_response.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/error_reason.h"
#include "base/utf8.h"
#include "nlohmann/json.hpp"

namespace ll::http {
namespace {

using Json = nlohmann::ordered_json;

std::optional<int> StatusOfReason(absl::string_view reason) {
  struct Entry {
    ErrorReason reason;
    int status;
  };
  constexpr Entry kEntries[] = {{ErrorReason::kMethodNotAllowed, 405},
                                {ErrorReason::kNotAcceptable, 406},
                                {ErrorReason::kMessageTooLarge, 413},
                                {ErrorReason::kUnsupportedMediaType, 415},
                                {ErrorReason::kHeadersTooLarge, 431}};
  for (const Entry& entry : kEntries) {
    if (reason == ErrorReasonName(entry.reason)) return entry.status;
  }
  return std::nullopt;
}

}  // namespace

int HttpStatusOf(const absl::Status& error) {
  if (const auto details = GetErrorDetails(error)) {
    if (const auto status = StatusOfReason(details->reason)) return *status;
  }
  switch (error.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange: return 400;
    case absl::StatusCode::kUnauthenticated: return 401;
    case absl::StatusCode::kPermissionDenied: return 403;
    case absl::StatusCode::kNotFound: return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kFailedPrecondition: return 409;
    case absl::StatusCode::kResourceExhausted: return 429;
    case absl::StatusCode::kCancelled: return 499;
    case absl::StatusCode::kUnimplemented: return 501;
    case absl::StatusCode::kUnavailable: return 503;
    case absl::StatusCode::kDeadlineExceeded: return 504;
    default: return 500;
  }
}

Response ErrorWithoutBody(const absl::Status& error) {
  Response response{.status = HttpStatusOf(error)};
  const std::optional<ErrorDetails> details = GetErrorDetails(error);
  if (!details.has_value()) return response;
  if (const auto allow = details->metadata.find("allow"); allow != details->metadata.end() && response.status == 405) {
    response.headers.Add("Allow", allow->second);
  }
  if (details->retry_delay.has_value()) {
    const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(*details->retry_delay, absl::Seconds(1)));
    response.headers.Add("Retry-After", absl::StrCat(seconds));
  }
  return response;
}

Response ErrorResponse(const absl::Status& error, const Request& request) {
  Json body = {{"code", absl::StatusCodeToString(error.code())}};
  const ErrorDetails details = GetErrorDetails(error).value_or(ErrorDetails{});
  if (!details.reason.empty()) body["reason"] = details.reason;
  body["message"] = ToValidUtf8({error.message().data(), error.message().size()});
  for (const auto& [name, value] : details.metadata) {
    int64_t number = 0;
    if (absl::SimpleAtoi(value, &number) && absl::StrCat(number) == value) {
      body[name] = number;
    } else {
      body[name] = ToValidUtf8(value);
    }
  }
  body["request_id"] = request.id;
  Response response = ErrorWithoutBody(error);
  response.content_type = "application/json";
  response.body = Json{{"error", std::move(body)}}.dump() + "\n";
  return response;
}

}  // namespace ll::http
