// The log of every change, read: one event, a page, or every event from a point on as they are committed.
//
//   EventLog log(registry);
//   LL_ASSIGN_OR_RETURN(auto watch, log.Watch({.after = 17}, {}, [] { ... wake somebody who calls Next() ... }));
//   LL_ASSIGN_OR_RETURN(std::optional<registry::EventRecord> event, watch->Next());   // nullopt: none now
#ifndef LL_SERVICES_REGISTRY_EVENT_LOG_H_
#define LL_SERVICES_REGISTRY_EVENT_LOG_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "registry/registry.h"

namespace ll::catalog {

class EventWatch;

// Where a watch begins.
struct WatchStart {
  enum From { kNow, kOldest, kAfter } from = kNow;
  int64_t after = 0;  // kAfter: the number of the last event that is known already
};

// Thread-safe. The registry must outlive it.
class EventLog {
 public:
  explicit EventLog(registry::Registry& registry) : registry_(registry) {}

  // NOT_FOUND / EVENT_NOT_FOUND; OUT_OF_RANGE / EVENTS_EXPIRED when it was dropped already.
  absl::StatusOr<registry::EventRecord> Get(int64_t number);
  absl::StatusOr<registry::Page<registry::EventRecord>> List(const registry::ListQuery& query);

  // Events that fulfil all `conditions` (fields of EventStore::kFilterFields). `wake` is called, possibly from any
  // thread, whenever Next() may have something; it must be quick and must not call the watch or the registry.
  // OUT_OF_RANGE / EVENTS_EXPIRED; INVALID_ARGUMENT for a number that was never given.
  absl::StatusOr<std::unique_ptr<EventWatch>> Watch(const WatchStart& start,
                                                    std::vector<registry::Condition> conditions,
                                                    std::function<void()> wake);

 private:
  registry::Registry& registry_;
};

// Not thread-safe but for what wakes it. Its destructor waits for a wake in progress.
class EventWatch {
 public:
  // The next event, in order and without gaps; nullopt when there is none now. OUT_OF_RANGE / EVENTS_EXPIRED when the
  // reader has fallen behind the retention.
  absl::StatusOr<std::optional<registry::EventRecord>> Next();

 private:
  friend class EventLog;
  EventWatch(registry::Registry& registry, std::vector<registry::Condition> conditions, std::function<void()> wake)
      : registry_(registry), conditions_(std::move(conditions)), wake_(std::move(wake)) {}

  registry::Registry& registry_;
  const std::vector<registry::Condition> conditions_;
  const std::function<void()> wake_;
  int64_t position_ = 0;                       // of the last event that was looked at
  std::deque<registry::EventRecord> waiting_;  // that match, read ahead
  std::unique_ptr<registry::Registry::Subscription> subscription_;
};

// Whether the event fulfils all conditions.
bool Matches(const registry::EventRecord& event, const std::vector<registry::Condition>& conditions);

}  // namespace ll::catalog

#endif  // LL_SERVICES_REGISTRY_EVENT_LOG_H_
