// One connection of the HTTP server: reads a request, has it answered, writes the answer, again and again.
//
// Everything here happens on the server's one connection thread; a handler on another thread meets it through
// RequestBody and Reply(), which post to it. The steps of a request follow each other as they stand in the class.
#ifndef LL_SERVICES_HTTP_CONNECTION_H_
#define LL_SERVICES_HTTP_CONNECTION_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/core/tcp_stream.hpp"
#include "boost/beast/http/buffer_body.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/serializer.hpp"
#include "boost/beast/http/string_body.hpp"

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/worker_pool.h"
#include "services/http/router.h"
#include "services/http/server.h"

namespace ll::http {

class Connection;

// What the connections of one server share. Of the connection thread, but for the atomics and the pools.
struct ServerState {
  ServerState(const Router& router, const ServerOptions& options) : router(router), options(options) {}

  const Router& router;
  const ServerOptions options;
  boost::asio::io_context io{1};
  std::optional<WorkerPool> workers = {};
  std::optional<WorkerPool> transfers = {};
  std::set<std::shared_ptr<Connection>> connections = {};
  std::function<void()> on_closed = {};  // a connection has gone
  uint64_t held_body_bytes = 0;
  bool draining = false;
  std::atomic<bool> abandoned{false};  // nobody waits for answers any more
};

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  using Pulled = std::function<void(absl::StatusOr<size_t>)>;

  Connection(boost::asio::ip::tcp::socket socket, ServerState& server);

  void Start() { AwaitRequest(); }
  // Closes it as soon as it owes no answer.
  void Drain();
  // Closes it now. A handler that still runs is answered by nothing.
  void Close();

  // For the handler's thread: the next bytes of the body, at least one, or 0 at its end. `to` must stay until `pulled`
  // is called, on the connection thread.
  void Pull(absl::Span<char> to, Pulled pulled);

 private:
  using Error = boost::beast::error_code;
  using Parser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;

  // The answer on its way.
  struct Outgoing {
    boost::beast::http::response<boost::beast::http::string_body> message;
    boost::beast::http::response_serializer<boost::beast::http::string_body> serializer{message};
  };

  // The steps.
  void AwaitRequest();
  void ReadHeaders();
  void OnHeaders(Error error);
  void CollectBody();
  void OnCollected(Error error);
  void Dispatch(bool whole);
  void Reply(absl::StatusOr<Response> answer);
  void Write();
  void OnWritten();
  void Linger();

  void TakeHeaders();
  absl::Status CheckRequest();
  absl::Status CheckFraming();
  // Reads a part of the body into `to`, with a 100 Continue before the first if the client waits for it. The parser is
  // not done.
  void ReadPart(absl::Span<char> to, std::function<void(Error, size_t)> then);
  // The peer has transfer_timeout for each 64 KiB, of which only the time counts that is spent waiting for it.
  void BeginTransfer();
  void BeginWait();
  void EndWait(size_t bytes);
  void Hold(uint64_t bytes);
  void LogAnswer(const absl::Status& status, int code) const;
  absl::Status ErrorOf(Error error) const;

  ServerState& server_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  bool idle_ = true;  // between requests
  bool closed_ = false;
  std::chrono::steady_clock::duration patience_ = {};  // left for the current 64 KiB
  std::chrono::steady_clock::time_point wait_begin_ = {};
  size_t transferred_ = 0;  // of them

  // Of the current request.
  std::optional<Parser> parser_;
  Request request_;
  absl::Time begin_ = {};
  const Router::Route* route_ = nullptr;
  bool continue_expected_ = false;
  std::string collected_;
  uint64_t held_ = 0;  // of server_.held_body_bytes
  std::unique_ptr<Outgoing> outgoing_;
  bool keep_alive_ = false;
};

}  // namespace ll::http

#endif  // LL_SERVICES_HTTP_CONNECTION_H_
