// The HTTP/1.1 server: binds, serves a Router's routes, drains, stops.
//
//   Router router;
//   router.Add({.method = "GET", .path = "/ping"}, [](const Request&) { return Response{}; });
//   HttpServer server(router, {.listen = "127.0.0.1:0"});
//   LL_ASSIGN_OR_RETURN(const std::string address, server.Start());   // "127.0.0.1:41235"
//   ...
//   server.Shutdown(absl::Seconds(10));
//
// One thread carries all connections and never runs a handler. Handlers run on worker threads as soon as the request
// is complete; those of large bodies run on threads of their own, which wait for the client, as soon as the headers are
// there. Each connection has one request at a time; what a client sends ahead waits in its socket.
#ifndef LL_SERVICES_HTTP_SERVER_H_
#define LL_SERVICES_HTTP_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/listen_address.h"
#include "services/http/host_policy.h"
#include "services/http/router.h"

namespace ll::http {

struct ServerOptions {
  ListenAddress listen = {.host = "127.0.0.1", .port = 8080, .unix_path = ""};
  HostPolicy hosts = {};  // .loopback follows from `listen`

  int workers = 4;         // handlers of complete requests at a time
  int transfers = 8;       // handlers that read large bodies at a time
  int max_waiting = 1000;  // requests beyond either; more are refused with 429

  int max_connections = 1000;                          // more are refused with 503
  uint32_t max_header_bytes = 32 << 10;                // more is refused with 431
  uint64_t max_whole_body_bytes = 4 << 20;             // larger bodies are read by their handlers
  uint64_t max_held_body_bytes = uint64_t{256} << 20;  // of all bodies that are being collected; beyond it 429

  absl::Duration idle_timeout = absl::Seconds(75);    // between two requests
  absl::Duration header_timeout = absl::Seconds(10);  // from a request's first byte to the end of its headers
  // A peer that takes longer for 64 KiB of a body, or the rest of it, is cut off: one that sends a byte a second as
  // well as one that does not read its answer.
  absl::Duration transfer_timeout = absl::Seconds(30);
};

// Start and Shutdown from one thread.
class HttpServer {
 public:
  // `router` must outlive this object and not change any more.
  HttpServer(const Router& router, const ServerOptions& options);
  // Shuts down without waiting when it still runs.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // The bound address. FAILED_PRECONDITION / CONFIG_INVALID or ADDRESS_IN_USE.
  absl::StatusOr<std::string> Start();

  // Takes no new connections, closes idle ones, answers every request that was begun and closes behind it; what is
  // left after `patience` is cut off. When it returns no handler runs any more. A second call does nothing.
  void Shutdown(absl::Duration patience);

  int connections() const;  // open now

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace ll::http

#endif  // LL_SERVICES_HTTP_SERVER_H_
