#include "services/http/connection.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>
#include "boost/asio/buffer.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/write.hpp"
#include "boost/beast/core/error.hpp"
#include "boost/beast/http/error.hpp"
#include "boost/beast/http/read.hpp"
#include "boost/beast/http/rfc7230.hpp"
#include "boost/beast/http/write.hpp"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/utf8.h"

namespace ll::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

constexpr char kRequestId[] = "x-request-id";
constexpr size_t kMaxRequestIdBytes = 128;
constexpr size_t kReadBytes = 64 << 10;
constexpr size_t kTransferStep = 64 << 10;
constexpr size_t kMaxFirstBytes = 256 << 10;  // of a body: what its mere announcement can make us reserve
// Behind a collected body, for parsers that read ahead.
constexpr size_t kPaddingBytes = 64;
// What is read and thrown away of a client that goes on sending after its answer.
constexpr size_t kMaxLingerBytes = 4 << 20;
constexpr absl::Duration kLingerTime = absl::Seconds(2);

std::chrono::steady_clock::duration Ticks(absl::Duration duration) { return absl::ToChronoNanoseconds(duration); }

std::string Text(boost::string_view text) { return std::string(text.data(), text.size()); }

bool FitsLog(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxRequestIdBytes && std::all_of(id.begin(), id.end(), absl::ascii_isprint);
}

std::string PeerOf(const asio::ip::tcp::socket& socket) {
  beast::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "unknown";
  const std::string host = endpoint.address().to_string();
  return endpoint.address().is_v6() ? absl::StrCat("[", host, "]:", endpoint.port())
                                    : absl::StrCat(host, ":", endpoint.port());
}

absl::Status BadRequest(std::string why) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                   {.what = "cannot read the request", .why = std::move(why), .remedy = "Send HTTP/1.1 (RFC 9112)."});
}

absl::Status BodyTooLarge(uint64_t limit) {
  return MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kMessageTooLarge,
                   {.what = "cannot take the request's body",
                    .why = limit == 0 ? std::string("the path takes none")
                                      : absl::StrCat("it is larger than the limit of ", limit, " bytes"),
                    .remedy = limit == 0 ? "Send the request without a body."
                                         : "Send the data in several smaller requests, or raise the server's limit."},
                   {.metadata = {{"max_body_bytes", absl::StrCat(limit)}}});
}

absl::Status Overloaded(std::string why) {
  return MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kOverloaded,
                   {.what = "the request was not started", .why = std::move(why), .remedy = "Try again in a second."},
                   {.retry_delay = absl::Seconds(1)});
}

absl::Status ShuttingDown() {
  return MakeError(absl::StatusCode::kUnavailable, ErrorReason::kShuttingDown,
                   {.what = "the request was not started",
                    .why = "the server is shutting down",
                    .remedy = "Send it again when the server is back."},
                   {.retry_delay = absl::Seconds(1)});
}

absl::Status ClientGone() {
  return MakeError(absl::StatusCode::kCancelled, ErrorReason::kCancelled,
                   {.what = "cannot read the request's body", .why = "the client has gone away"});
}

// What a handler reads the body with: what was collected, then what Pull() brings.
class RequestBody final : public Body {
 public:
  RequestBody(std::shared_ptr<Connection> connection, asio::io_context& io, std::string first, bool whole,
              uint64_t limit)
      : connection_(std::move(connection)),
        io_(io),
        first_(std::move(first)),
        whole_(whole),
        limit_(limit),
        pulled_(first_.size()) {}

  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    if (at_ < first_.size()) {
      const size_t count = first_.copy(buffer.data(), buffer.size(), at_);
      at_ += count;
      return count;
    }
    if (whole_ || buffer.empty()) return 0;
    return PullInto(buffer);
  }

  absl::StatusOr<std::string> ReadAll(size_t padding) override {
    std::string all = at_ == 0 ? std::move(first_) : first_.substr(at_);
    first_.clear();
    at_ = 0;
    while (!whole_) {
      const size_t size = all.size();
      all.resize(std::max(2 * size, kMaxFirstBytes));
      LL_ASSIGN_OR_RETURN(const size_t count, PullInto(absl::MakeSpan(&all[size], all.size() - size)));
      all.resize(size + count);
    }
    all.reserve(all.size() + padding);
    return all;
  }

 private:
  absl::StatusOr<size_t> PullInto(absl::Span<char> buffer) {
    Mutex mutex;
    std::optional<absl::StatusOr<size_t>> result;
    asio::post(io_, [&] {
      connection_->Pull(buffer, [&](absl::StatusOr<size_t> count) {
        MutexLock lock(&mutex);
        result = std::move(count);
      });
    });
    {
      MutexLock lock(&mutex);
      mutex.Await([&] { return result.has_value(); });
    }
    LL_ASSIGN_OR_RETURN(const size_t count, *std::move(result));
    whole_ = count == 0;
    pulled_ += count;
    if (pulled_ > limit_) return BodyTooLarge(limit_);
    return count;
  }

  const std::shared_ptr<Connection> connection_;
  asio::io_context& io_;
  std::string first_;
  size_t at_ = 0;
  bool whole_;  // there is nothing to pull any more
  const uint64_t limit_;
  uint64_t pulled_;
};

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, ServerState& server)
    : server_(server), stream_(std::move(socket)) {
  beast::error_code ignored;
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  request_.peer = PeerOf(stream_.socket());
}

void Connection::Drain() {
  beast::error_code error;
  // What has arrived already was accepted, and is answered; a read that has it in hand cannot be cancelled any more.
  if (idle_ && stream_.socket().available(error) == 0) stream_.cancel();
}

void Connection::Close() {
  if (std::exchange(closed_, true)) return;
  stream_.close();  // whatever is waiting ends with an error
  Hold(0);
  const auto self = shared_from_this();
  server_.connections.erase(self);
  server_.on_closed();
}

void Connection::AwaitRequest() {
  parser_.reset();
  idle_ = true;
  if (buffer_.size() > 0) return ReadHeaders();
  stream_.expires_after(Ticks(server_.options.idle_timeout));
  stream_.async_read_some(buffer_.prepare(kReadBytes), [self = shared_from_this()](Error error, size_t count) {
    if (error) return self->Close();
    self->buffer_.commit(count);
    self->ReadHeaders();
  });
  if (server_.draining) Drain();
}

void Connection::ReadHeaders() {
  idle_ = false;
  begin_ = absl::Now();
  parser_.emplace();
  parser_->header_limit(server_.options.max_header_bytes);
  // Ours is the route's. Beast 1.74 takes "no limit" for zero.
  parser_->body_limit(std::numeric_limits<uint64_t>::max());
  stream_.expires_after(Ticks(server_.options.header_timeout));
  bhttp::async_read_header(stream_, buffer_, *parser_,
                           [self = shared_from_this()](Error error, size_t) { self->OnHeaders(error); });
}

void Connection::OnHeaders(Error error) {
  if (closed_) return;
  TakeHeaders();
  keep_alive_ = !error && parser_->keep_alive();
  if (error) {
    const bool ill_formed = error.category() == make_error_code(bhttp::error::bad_method).category() &&
                            error != bhttp::error::end_of_stream && error != bhttp::error::partial_message;
    if (!ill_formed) return Close();
    return Reply(ErrorOf(error));
  }
  if (absl::Status status = CheckRequest(); !status.ok()) return Reply(std::move(status));
  BeginTransfer();
  if (parser_->is_done()) return Dispatch(/*whole=*/true);
  const auto length = parser_->content_length();
  if (length.has_value() && *length > server_.options.max_whole_body_bytes) return Dispatch(/*whole=*/false);
  CollectBody();
}

void Connection::TakeHeaders() {
  request_ = {.peer = std::move(request_.peer), .abandoned_flag = &server_.abandoned};
  const auto& message = parser_->get();
  request_.method = Text(message.method_string());
  request_.target = Text(message.target());
  request_.path = request_.target.substr(0, request_.target.find_first_of("?#"));
  for (const auto& field : message) request_.headers.Add(Text(field.name_string()), Text(field.value()));
  request_.id = std::string(request_.headers.Get(kRequestId));
  if (!FitsLog(request_.id)) request_.id = RandomUuid();
  route_ = nullptr;
  collected_.clear();
  continue_expected_ = false;
}

absl::Status Connection::CheckRequest() {
  if (absl::Status status = CheckFraming(); !status.ok()) {
    keep_alive_ = false;
    return status;
  }
  const Headers& headers = request_.headers;
  LL_RETURN_IF_ERROR(server_.options.hosts.Check(headers.Get("host"), headers.Joined("origin")));
  LL_ASSIGN_OR_RETURN(Router::Match match, server_.router.Find(request_.method, request_.path));
  route_ = match.route;
  request_.parameters = std::move(match.parameters);
  const auto length = parser_->content_length();
  const uint64_t limit = route_->spec.max_body_bytes;
  if ((length.has_value() && *length > limit) || (limit == 0 && !parser_->is_done())) return BodyTooLarge(limit);
  return absl::OkStatus();
}

// What the parser lets pass, and two readers could understand differently.
absl::Status Connection::CheckFraming() {
  const Headers& headers = request_.headers;
  if (request_.target.empty() || request_.target[0] != '/') return BadRequest("its target is no path");
  const auto hosts = std::count_if(headers.fields().begin(), headers.fields().end(),
                                   [](const auto& field) { return absl::EqualsIgnoreCase(field.first, "host"); });
  if (hosts > 1 || (hosts == 0 && parser_->get().version() >= 11)) {
    return BadRequest(absl::StrCat("it has ", hosts, " Host headers instead of one"));
  }
  const std::string coding = headers.Joined("transfer-encoding");
  if (!coding.empty() && (!absl::EqualsIgnoreCase(coding, "chunked") || !headers.Get("content-length").empty())) {
    return BadRequest("its body is neither chunked nor of a stated length alone");
  }
  const absl::string_view expectation = headers.Get("expect");
  continue_expected_ = absl::EqualsIgnoreCase(expectation, "100-continue");
  if (!expectation.empty() && !continue_expected_) return BadRequest("it expects something other than 100-continue");
  return absl::OkStatus();
}

void Connection::CollectBody() {
  const ServerOptions& options = server_.options;
  const uint64_t limit = std::min(options.max_whole_body_bytes, route_->spec.max_body_bytes);
  if (parser_->is_done()) return Dispatch(/*whole=*/true);
  // One that did not say how long it is, and is long.
  if (collected_.size() >= limit) return Dispatch(/*whole=*/false);
  const uint64_t length = parser_->content_length().value_or(limit);
  const uint64_t size = std::min({length, limit, std::max<uint64_t>(2 * collected_.size(), kMaxFirstBytes)});
  Hold(size);
  if (server_.held_body_bytes > options.max_held_body_bytes) {
    return Reply(Overloaded(absl::StrCat("the bodies of all requests may have ", options.max_held_body_bytes,
                                         " bytes together, and have them")));
  }
  const size_t have = collected_.size();
  collected_.reserve(size + kPaddingBytes);
  collected_.resize(size);
  ReadPart(absl::MakeSpan(&collected_[have], size - have), [this, have](Error error, size_t count) {
    collected_.resize(have + count);
    OnCollected(error);
  });
}

void Connection::OnCollected(Error error) {
  if (closed_) return;
  if (error) {
    const absl::Status status = ErrorOf(error);
    if (!absl::IsInvalidArgument(status)) return Close();
    return Reply(status);
  }
  CollectBody();
}

void Connection::ReadPart(absl::Span<char> to, std::function<void(Error, size_t)> then) {
  if (std::exchange(continue_expected_, false)) {
    BeginWait();
    static constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(kContinue, sizeof kContinue - 1),
                      [self = shared_from_this(), to, then = std::move(then)](Error error, size_t) mutable {
                        if (error) return then(error, 0);
                        self->ReadPart(to, std::move(then));
                      });
    return;
  }
  auto& body = parser_->get().body();
  body.data = to.data();
  body.size = to.size();
  BeginWait();
  bhttp::async_read_some(stream_, buffer_, *parser_,
                         [self = shared_from_this(), to, then = std::move(then)](Error error, size_t) {
                           if (error == bhttp::error::need_buffer) error = {};
                           const size_t count = to.size() - self->parser_->get().body().size;
                           self->EndWait(count);
                           then(error, count);
                         });
}

void Connection::Pull(absl::Span<char> to, Pulled pulled) {
  if (closed_) return pulled(ClientGone());
  if (parser_->is_done()) return pulled(0);
  ReadPart(to, [this, to, pulled = std::move(pulled)](Error error, size_t count) {
    if (error) return pulled(ErrorOf(error));
    if (count > 0) return pulled(count);
    Pull(to, pulled);  // only chunk headers came
  });
}

void Connection::Dispatch(bool whole) {
  WorkerPool& pool = whole ? *server_.workers : *server_.transfers;
  auto work = [self = shared_from_this(), whole, request = std::move(request_),
               first = std::move(collected_)]() mutable {
    ServerState& server = self->server_;
    absl::StatusOr<Response> answer = ShuttingDown();
    if (!server.abandoned) {
      RequestBody body(self, server.io, std::move(first), whole, self->route_->spec.max_body_bytes);
      request.body = &body;
      answer = self->route_->handler(request);
      request.body = nullptr;
    }
    asio::post(server.io, [self, request = std::move(request), answer = std::move(answer)]() mutable {
      self->request_ = std::move(request);
      self->Reply(std::move(answer));
    });
  };
  // A function object must be copyable.
  auto shared = std::make_shared<decltype(work)>(std::move(work));
  if (pool.TryPost([shared] { (*shared)(); })) return;
  Reply(Overloaded("too many requests wait for the server"));
}

void Connection::Reply(absl::StatusOr<Response> answer) {
  if (closed_) return;
  Hold(0);
  const absl::Status status = answer.status();
  Response response = status.ok() ? *std::move(answer) : server_.router.StyleOf(request_.path)(status, request_);
  LogAnswer(status, response.status);
  outgoing_ = std::make_unique<Outgoing>();
  auto& message = outgoing_->message;
  message.version(11);
  message.result(static_cast<unsigned>(response.status));
  message.set(bhttp::field::date, absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone()));
  if (!response.content_type.empty()) message.set(bhttp::field::content_type, response.content_type);
  message.set(kRequestId, request_.id);
  for (const auto& [name, value] : response.headers.fields()) message.insert(name, value);
  message.content_length(response.body.size());
  if (request_.method != "HEAD") message.body() = std::move(response.body);
  // A body that was not read to its end cannot be told from the next request.
  keep_alive_ = keep_alive_ && parser_->is_done() && !server_.draining;
  message.keep_alive(keep_alive_);
  BeginTransfer();
  Write();
}

void Connection::Write() {
  BeginWait();
  bhttp::async_write_some(stream_, outgoing_->serializer, [self = shared_from_this()](Error error, size_t count) {
    if (error) return self->Close();
    self->EndWait(count);
    if (!self->outgoing_->serializer.is_done()) return self->Write();
    self->OnWritten();
  });
}

void Connection::OnWritten() {
  outgoing_.reset();
  if (closed_) return;
  if (keep_alive_) return AwaitRequest();
  Error ignored;
  const bool all_read = parser_->is_done() && buffer_.size() == 0 && stream_.socket().available(ignored) == 0;
  if (all_read && server_.draining) return Close();
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  transferred_ = 0;
  stream_.expires_after(Ticks(kLingerTime));
  Linger();
}

// A socket that is closed with unread bytes sends a reset, which can overtake the answer.
void Connection::Linger() {
  buffer_.consume(buffer_.size());
  stream_.async_read_some(buffer_.prepare(kReadBytes), [self = shared_from_this()](Error error, size_t count) {
    self->transferred_ += count;
    if (error || self->transferred_ > kMaxLingerBytes) return self->Close();
    self->Linger();
  });
}

void Connection::BeginTransfer() {
  transferred_ = 0;
  patience_ = Ticks(server_.options.transfer_timeout);
}

void Connection::BeginWait() {
  wait_begin_ = std::chrono::steady_clock::now();
  stream_.expires_after(patience_);
}

void Connection::EndWait(size_t bytes) {
  patience_ -= std::chrono::steady_clock::now() - wait_begin_;
  transferred_ += bytes;
  if (transferred_ >= kTransferStep) BeginTransfer();
}

void Connection::Hold(uint64_t bytes) {
  server_.held_body_bytes += bytes - held_;
  held_ = bytes;
}

void Connection::LogAnswer(const absl::Status& status, int code) const {
  if (status.ok() && request_.headers.Get(kRequestId).empty()) return;
  const bool defect = code == 500;
  Log(defect ? LogLevel::kError : LogLevel::kDebug, status.ok() ? "HTTP request" : "HTTP request failed",
      {{"method", ShortenUtf8(request_.method, 20)},
       {"path", ShortenUtf8(request_.path, 200)},
       {"status", absl::StrCat(code)},
       {"error", std::string(status.message())},
       {"actor", absl::StrCat("anonymous@", request_.peer)},
       {"duration", absl::FormatDuration(absl::Trunc(absl::Now() - begin_, absl::Microseconds(1)))},
       {"request", request_.id}});
}

absl::Status Connection::ErrorOf(Error error) const {
  if (error == beast::error::timeout) {
    return MakeError(
        absl::StatusCode::kDeadlineExceeded, ErrorReason::kDeadlineExceeded,
        {.what = "cannot read the request's body",
         .why = absl::StrCat("the client took longer than ", absl::FormatDuration(server_.options.transfer_timeout),
                             " for 64 KiB of it")});
  }
  if (error == bhttp::error::header_limit) {
    return MakeError(
        absl::StatusCode::kResourceExhausted, ErrorReason::kHeadersTooLarge,
        {.what = "cannot read the request",
         .why = absl::StrCat("its headers are larger than the limit of ", server_.options.max_header_bytes, " bytes"),
         .remedy = "Send fewer or shorter headers."});
  }
  const bool of_http = error.category() == make_error_code(bhttp::error::bad_method).category();
  if (of_http && error != bhttp::error::partial_message && error != bhttp::error::end_of_stream) {
    return BadRequest(absl::StrCat("it is not well-formed HTTP: ", error.message()));
  }
  return ClientGone();
}

}  // namespace ll::http
