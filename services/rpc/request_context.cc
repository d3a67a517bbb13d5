#include "services/rpc/request_context.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "google/protobuf/descriptor.h"
#include "services/rpc/canonical_request.h"
#include "services/rpc/field_checks.h"

namespace ll::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kMaxRequestIdBytes = 128;
constexpr char kRequestIdField[] = "request_id";
constexpr char kValidateOnlyField[] = "validate_only";

std::string StringField(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  const bool is_text = field != nullptr && field->type() == FieldDescriptor::TYPE_STRING && !field->is_repeated();
  return is_text ? message.GetReflection()->GetString(message, field) : "";
}

bool BoolField(const Message& message, const char* name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return field != nullptr && message.GetReflection()->GetBool(message, field);
}

// gRPC percent-encodes the brackets of IPv6 addresses.
std::string ReadablePeer(absl::string_view peer) { return absl::StrReplaceAll(peer, {{"%5B", "["}, {"%5D", "]"}}); }

bool FitsLog(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxRequestIdBytes && std::all_of(id.begin(), id.end(), absl::ascii_isprint);
}

std::string CorrelationId(const grpc::CallbackServerContext& context, const std::string& request_id) {
  const auto sent = context.client_metadata().find(kCorrelationMetadata);
  if (sent != context.client_metadata().end()) {
    const absl::string_view id(sent->second.data(), sent->second.size());
    if (FitsLog(id)) return std::string(id);
  }
  return FitsLog(request_id) ? request_id : RandomUuid();
}

LogLevel LevelOf(const RequestContext& call, absl::StatusCode code) {
  if (code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
      code == absl::StatusCode::kDataLoss) {
    return LogLevel::kError;
  }
  return call.mutation ? LogLevel::kInfo : LogLevel::kDebug;
}

}  // namespace

RequestContext MakeRequestContext(const RpcRuntime& runtime, const grpc::CallbackServerContext& context,
                                  const Message& request) {
  const std::string peer = context.peer();
  RequestContext call;
  call.method = MethodOf(request);
  call.actor = absl::StrCat("anonymous@", ReadablePeer(peer));
  call.correlation_id = CorrelationId(context, StringField(request, kRequestIdField));
  call.from_this_machine = IsLoopbackPeer(peer);
  call.mutation = request.GetDescriptor()->FindFieldByName(kRequestIdField) != nullptr;
  call.start_time = Clock::Real().Now();
  // gRPC's deadlines are in real time, whatever clock an engine was given.
  call.deadline = std::min(absl::FromChrono(context.deadline()), call.start_time + runtime.options().default_deadline);
  call.write.actor = call.actor;
  call.write.request_id = StringField(request, kRequestIdField);
  call.write.validate_only = BoolField(request, kValidateOnlyField);
  if (!call.write.request_id.empty()) {
    call.write.fingerprint = Sha256Hex(CanonicalRequest(request, {kRequestIdField, kValidateOnlyField}));
  }
  return call;
}

absl::Status CheckCall(const RpcRuntime& runtime, const grpc::CallbackServerContext& context,
                       const RequestContext& call, const Message& request) {
  if (context.IsCancelled()) return CancelledError();
  if (Clock::Real().Now() > call.deadline) {
    return MakeError(absl::StatusCode::kDeadlineExceeded, ErrorReason::kDeadlineExceeded,
                     {.what = absl::StrCat("cannot do ", call.method),
                      .why = "its deadline passed before its turn came",
                      .remedy = "Nothing was changed; try again with a later deadline."});
  }
  LL_RETURN_IF_ERROR(CheckMessageSize(runtime, call.method, static_cast<int64_t>(request.ByteSizeLong())));
  if (call.write.request_id.size() > kMaxRequestIdBytes) {
    return InvalidField(kRequestIdField, absl::StrCat("has ", call.write.request_id.size(), " bytes; use at most ",
                                                      kMaxRequestIdBytes, ", best a UUID"));
  }
  return absl::OkStatus();
}

absl::Status CheckMessageSize(const RpcRuntime& runtime, absl::string_view method, int64_t bytes) {
  const int64_t limit = runtime.options().max_message_bytes;
  if (bytes <= limit) return absl::OkStatus();
  return MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kMessageTooLarge,
                   {.what = absl::StrCat("cannot take a ", method, " message of ", bytes, " bytes"),
                    .why = absl::StrCat("the server's max_message_bytes is ", limit),
                    .remedy = "Send the data in several smaller messages, or raise that setting on the server."},
                   {.metadata = {{"max_message_bytes", absl::StrCat(limit)}, {"bytes", absl::StrCat(bytes)}}});
}

void LogCall(const RequestContext& call, const absl::Status& status, absl::string_view resource) {
  const std::string duration =
      absl::FormatDuration(absl::Trunc(Clock::Real().Now() - call.start_time, absl::Microseconds(1)));
  const LogLevel level = LevelOf(call, status.code());
  if (status.ok()) {
    Log(level, call.method,
        {{"resource", std::string(resource)},
         {"actor", call.actor},
         {"duration", duration},
         {"request", call.correlation_id}});
  } else {
    Log(level, absl::StrCat(call.method, " failed"),
        {{"code", absl::StatusCodeToString(status.code())},
         {"error", std::string(status.message())},
         {"resource", std::string(resource)},
         {"actor", call.actor},
         {"duration", duration},
         {"request", call.correlation_id}});
  }
}

std::string ResourceOf(const Message& message) { return StringField(message, "name"); }

absl::Status OverloadedError() {
  return MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kOverloaded,
                   {.what = "the call was not started",
                    .why = "too many calls wait for the server",
                    .remedy = "Nothing was changed; try again in a second."},
                   {.retry_delay = absl::Seconds(1)});
}

absl::Status CancelledError() {
  return MakeError(absl::StatusCode::kCancelled, ErrorReason::kCancelled,
                   {.what = "the call was stopped", .why = "its caller cancelled it", .remedy = ""});
}

absl::Status ShuttingDownError() {
  return MakeError(absl::StatusCode::kUnavailable, ErrorReason::kShuttingDown,
                   {.what = "the stream was ended",
                    .why = "the server is shutting down",
                    .remedy = "Connect again when it is back."});
}

bool IsLoopbackPeer(absl::string_view peer) {
  return absl::StartsWith(peer, "ipv4:127.") || absl::StartsWith(peer, "unix:") ||
         absl::StartsWith(peer, "unix-abstract:") || absl::StartsWith(ReadablePeer(peer), "ipv6:[::1]:") ||
         absl::StartsWith(ReadablePeer(peer), "ipv6:[::ffff:127.");
}

}  // namespace ll::rpc
