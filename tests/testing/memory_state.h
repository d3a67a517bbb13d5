// Inside MemoryRegistry: everything it knows, and one change of it.
#ifndef LL_TESTS_TESTING_MEMORY_STATE_H_
#define LL_TESTS_TESTING_MEMORY_STATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "registry/records.h"
#include "registry/registry.h"

namespace ll::testing {

// Copied for every write: a snapshot is a copy that nobody changes.
struct MemoryState {
  struct Answer {
    registry::RememberedAnswer answer = {};
    absl::Time time = {};
  };

  std::map<std::string, registry::ModelRecord> models = {};
  std::map<std::string, int64_t> highest_numbers = {};  // by model; outlives the model
  std::map<std::pair<std::string, int64_t>, registry::VersionRecord> versions = {};
  std::map<std::string, registry::JobRecord> jobs = {};
  std::map<std::string, registry::EndpointRecord> endpoints = {};
  std::map<std::string, registry::BucketRecord> buckets = {};
  std::map<std::pair<std::string, std::string>, registry::ObjectRecord> objects = {};
  std::map<int64_t, std::shared_ptr<const registry::EventRecord>> events = {};
  std::map<std::string, Answer> answers = {};

  int64_t NewestEvent() const { return events.empty() ? 0 : events.rbegin()->first; }
};

// What a store sees: the state, and for a write who changes it and when.
struct MemoryAccess {
  const MemoryState& state;
  MemoryState* changing;  // the same state; null in a read
  absl::Time now;
  const registry::WriteOptions& options;

  // The header of a record that is about to be written: its etag is the number of the event that Append will add.
  registry::RecordHeader Stamp(registry::RecordHeader given, absl::Time create_time) const {
    given.create_time = create_time;
    given.update_time = now;
    given.etag = absl::StrCat(state.NewestEvent() + 1);
    return given;
  }

  void Append(const std::string& verb, const std::string& resource, std::string before_json,
              std::string after_json) const {
    const int64_t sequence = state.NewestEvent() + 1;
    changing->events[sequence] =
        std::make_shared<registry::EventRecord>(registry::EventRecord{.sequence = sequence,
                                                                      .time = now,
                                                                      .actor = options.actor,
                                                                      .verb = verb,
                                                                      .resource = resource,
                                                                      .request_id = options.request_id,
                                                                      .before_json = std::move(before_json),
                                                                      .after_json = std::move(after_json)});
  }
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_MEMORY_STATE_H_
