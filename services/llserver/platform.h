// The whole platform in one object: what main() runs, and what integration tests start beside their clients.
//
//   LL_ASSIGN_OR_RETURN(auto platform, Platform::Start(config, {}));
//   ... platform->address() serves, every endpoint is settled ...
//   platform->Shutdown();
//
// Its members are built in the order in which they need each other and destroyed the other way round; this file and
// platform.cc are the one place that knows all parts.
#ifndef LL_SERVICES_LLSERVER_PLATFORM_H_
#define LL_SERVICES_LLSERVER_PLATFORM_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/env.h"
#include "registry/blob_store.h"
#include "services/llserver/config.h"
#include "services/training/job_launcher.h"

namespace ll::llserver {

// What tests replace. Not owned.
struct PlatformSeams {
  Env* env = &Env::Posix();
  Clock* clock = &Clock::Real();
  // nullptr: a process of the lltrain beside this program.
  std::function<std::unique_ptr<training::JobLauncher>(registry::BlobStore&)> make_launcher = nullptr;
};

// Start, Shutdown and the destructor are for one thread.
class Platform {
 public:
  // Opens the data directory, settles what an earlier server left, serves, and returns when every endpoint is in
  // service or has failed. FAILED_PRECONDITION with DATA_DIRECTORY_IN_USE, ADDRESS_IN_USE or CONFIG_INVALID; otherwise
  // as the registry, the blob store and Env. Nothing was changed then but what settling changes.
  static absl::StatusOr<std::unique_ptr<Platform>> Start(const Config& config, const PlatformSeams& seams);
  // Shutdown().
  ~Platform();
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  const std::string& address() const;       // of gRPC, "127.0.0.1:41234"
  const std::string& http_address() const;  // empty: HTTP is not served

  // Answers what was accepted, ends streams, stops training within a mini-batch and settles it. Takes
  // config.drain_timeout at the longest. A second call does nothing.
  void Shutdown();

 private:
  struct Parts;
  explicit Platform(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace ll::llserver

#endif  // LL_SERVICES_LLSERVER_PLATFORM_H_
