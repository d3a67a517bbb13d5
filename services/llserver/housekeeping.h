// Removes what nobody needs any more: blobs that nothing names, events beyond their retention. Once at the start, then
// every hour, on a thread of its own.
#ifndef LL_SERVICES_LLSERVER_HOUSEKEEPING_H_
#define LL_SERVICES_LLSERVER_HOUSEKEEPING_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "registry/blob_store.h"
#include "registry/registry.h"

namespace ll::llserver {

class Housekeeping {
 public:
  static constexpr absl::Duration kInterval = absl::Hours(1);

  // All must outlive this object.
  Housekeeping(registry::Registry& registry, registry::BlobStore& blobs, Clock& clock, absl::Duration event_retention);
  // Waits for a round in progress.
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  void Loop();
  absl::Status SweepBlobs();
  absl::Status DropEvents();

  registry::Registry& registry_;
  registry::BlobStore& blobs_;
  Clock& clock_;
  const absl::Duration event_retention_;
  Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace ll::llserver

#endif  // LL_SERVICES_LLSERVER_HOUSEKEEPING_H_
