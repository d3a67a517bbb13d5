// The event log: every change of every resource, in the order in which it was committed. Stores append to it
// themselves; nothing else does.
#ifndef LL_REGISTRY_EVENT_STORE_H_
#define LL_REGISTRY_EVENT_STORE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "registry/list_query.h"
#include "registry/records.h"

namespace ll::registry {

class EventStore {
 public:
  static constexpr absl::string_view kFilterFields[] = {"resource", "verb", "actor", "request_id", "time"};

  virtual ~EventStore() = default;

  // NOT_FOUND / EVENT_NOT_FOUND.
  virtual absl::StatusOr<EventRecord> Get(int64_t sequence) const = 0;
  // In sequence order, descending when asked. INVALID_ARGUMENT / INVALID_FILTER for any other order.
  virtual absl::StatusOr<Page<EventRecord>> List(const ListQuery& query) const = 0;
  // Up to `limit` events with a sequence greater than `sequence`, in order and without gaps. OUT_OF_RANGE /
  // EVENTS_EXPIRED when the one after it has been dropped already; the message names the oldest one kept.
  virtual absl::StatusOr<std::vector<EventRecord>> After(int64_t sequence, int limit) const = 0;
  // The newest sequence ever given; 0: none.
  virtual absl::StatusOr<int64_t> Newest() const = 0;

  // Drops the oldest events up to the first one that is not older than `time`; returns how many. The newest one is
  // always kept. Leaves no event of its own.
  virtual absl::StatusOr<int64_t> DropBefore(absl::Time time) = 0;
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_EVENT_STORE_H_
