// What all service adapters of one server share: threads for blocking work, the limits, the key of page tokens, and the
// news that the server is ending. Built before the adapters, destroyed after the server.
#ifndef LL_SERVICES_RPC_RPC_RUNTIME_H_
#define LL_SERVICES_RPC_RPC_RUNTIME_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "base/worker_pool.h"
#include "services/rpc/listener_set.h"
#include "services/rpc/page_tokens.h"

namespace ll::rpc {

struct RpcOptions {
  int workers = 8;
  int max_waiting_calls = 1000;                        // beyond it RESOURCE_EXHAUSTED / OVERLOADED
  absl::Duration default_deadline = absl::Minutes(1);  // of unary calls whose client set none
  int64_t max_message_bytes = int64_t{256} << 20;      // in either direction
};

// Thread-safe.
class RpcRuntime {
 public:
  RpcRuntime(const RpcOptions& options, PageTokens page_tokens)
      : options_(options),
        page_tokens_(std::move(page_tokens)),
        workers_(options.workers, static_cast<size_t>(options.max_waiting_calls)) {}

  const RpcOptions& options() const { return options_; }
  const PageTokens& page_tokens() const { return page_tokens_; }
  WorkerPool& workers() { return workers_; }

  // Makes every server stream end with UNAVAILABLE / SHUTTING_DOWN: a watch would otherwise keep the server up.
  void EndStreams() {
    ending_ = true;
    ending_listeners_.Notify();
  }
  bool ending() const { return ending_; }
  std::unique_ptr<ListenerSet::Registration> OnEnding(std::function<void()> listener) {
    return ending_listeners_.Add(std::move(listener));
  }

 private:
  const RpcOptions options_;
  const PageTokens page_tokens_;
  std::atomic<bool> ending_{false};
  ListenerSet ending_listeners_;
  WorkerPool workers_;  // last: its tasks use the others
};

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_RPC_RUNTIME_H_
