#include "services/http/server.h"

#include <thread>
#include <utility>
#include <vector>
#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/steady_timer.hpp"

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "services/http/connection.h"

namespace ll::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

// While the process has no file descriptors left.
constexpr std::chrono::milliseconds kAcceptRetry(100);

ServerOptions WithHosts(ServerOptions options) {
  options.hosts.loopback = options.listen.loopback();
  return options;
}

absl::Status CannotListen(const ListenAddress& address, ErrorReason reason, const std::string& why) {
  return MakeError(absl::StatusCode::kFailedPrecondition, reason,
                   {.what = absl::StrCat("cannot listen on ", address.ToString(), " for HTTP"),
                    .why = why,
                    .remedy = "Choose another address with --http-listen (port 0 picks a free port)."},
                   {.metadata = {{"address", address.ToString()}}});
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const Router& router, const ServerOptions& options)
      : state_(router, WithHosts(options)), acceptor_(state_.io), accept_retry_(state_.io) {
    state_.on_closed = [this] { CountConnections(); };
  }

  ~Impl() { Shutdown(absl::ZeroDuration()); }

  absl::StatusOr<std::string> Start() {
    LL_RETURN_IF_ERROR(Bind());
    ListenAddress bound = state_.options.listen;
    bound.port = acceptor_.local_endpoint().port();
    const auto waiting = static_cast<size_t>(state_.options.max_waiting);
    state_.workers.emplace(state_.options.workers, waiting);
    state_.transfers.emplace(state_.options.transfers, waiting);
    Accept();
    thread_ = std::thread([this] { state_.io.run(); });
    return bound.ToString();
  }

  void Shutdown(absl::Duration patience) {
    if (!thread_.joinable()) return;
    asio::post(state_.io, [this] { Drain(); });
    {
      MutexLock lock(&mutex_);
      mutex_.AwaitUntil([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return drained_ && open_ == 0; },
                        absl::Now() + patience);
    }
    state_.abandoned = true;
    asio::post(state_.io, [this] { CloseAll(); });
    // Their handlers end first: what they read or post, the connection thread answers.
    state_.workers.reset();
    state_.transfers.reset();
    work_.reset();
    thread_.join();
  }

  int connections() const {
    MutexLock lock(&mutex_);
    return open_;
  }

 private:
  absl::Status Bind() {
    const ListenAddress& address = state_.options.listen;
    if (address.host.empty()) {
      return CannotListen(address, ErrorReason::kConfigInvalid, "HTTP is not served on Unix sockets");
    }
    ErrorCode error;
    tcp::resolver resolver(state_.io);
    const auto found = resolver.resolve(address.host, absl::StrCat(address.port), tcp::resolver::passive, error);
    if (error || found.empty()) {
      return CannotListen(address, ErrorReason::kConfigInvalid,
                          absl::StrCat("the host is unknown (", error.message(), ")"));
    }
    const tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) acceptor_.non_blocking(true, error);
    if (error) return CannotListen(address, ErrorReason::kAddressInUse, error.message());
    return absl::OkStatus();
  }

  void Accept() {
    acceptor_.async_accept([this](ErrorCode error, tcp::socket socket) {
      // Also when draining has begun meanwhile: it was accepted before.
      if (!error) Take(std::move(socket));
      if (!acceptor_.is_open()) return;
      if (!error) return Accept();
      LogWarning("cannot accept an HTTP connection", {{"error", error.message()}});
      accept_retry_.expires_after(kAcceptRetry);
      accept_retry_.async_wait([this](ErrorCode cancelled) {
        if (!cancelled) Accept();
      });
    });
  }

  void Take(tcp::socket socket) {
    if (static_cast<int>(state_.connections.size()) >= state_.options.max_connections) return TurnAway(socket);
    const auto connection = std::make_shared<Connection>(std::move(socket), state_);
    state_.connections.insert(connection);
    CountConnections();
    connection->Start();
  }

  static void TurnAway(tcp::socket& socket) {
    constexpr absl::string_view kFull =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    ErrorCode ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(kFull.data(), kFull.size()), ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
  }

  void Drain() {
    // Who has connected was accepted, whether or not we have looked.
    ErrorCode error;
    while (acceptor_.is_open()) {
      tcp::socket socket = acceptor_.accept(error);
      if (error) break;
      Take(std::move(socket));
    }
    state_.draining = true;
    accept_retry_.cancel();
    acceptor_.close(error);
    for (const auto& connection : Connections()) connection->Drain();
    // Behind a connection that was accepted while this ran.
    asio::post(state_.io, [this] {
      MutexLock lock(&mutex_);
      drained_ = true;
    });
  }

  void CloseAll() {
    for (const auto& connection : Connections()) connection->Close();
  }

  std::vector<std::shared_ptr<Connection>> Connections() const {
    return {state_.connections.begin(), state_.connections.end()};
  }

  void CountConnections() {
    MutexLock lock(&mutex_);
    open_ = static_cast<int>(state_.connections.size());
  }

  ServerState state_;
  tcp::acceptor acceptor_;
  asio::steady_timer accept_retry_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{state_.io.get_executor()};
  std::thread thread_;

  mutable Mutex mutex_;
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  bool drained_ ABSL_GUARDED_BY(mutex_) = false;
};

HttpServer::HttpServer(const Router& router, const ServerOptions& options)
    : impl_(std::make_unique<Impl>(router, options)) {}

HttpServer::~HttpServer() = default;

absl::StatusOr<std::string> HttpServer::Start() { return impl_->Start(); }

void HttpServer::Shutdown(absl::Duration patience) { impl_->Shutdown(patience); }

int HttpServer::connections() const { return impl_->connections(); }

}  // namespace ll::http
