// A Registry in memory, for tests of what is built on the registry: the same answers as the one on SQLite (one contract
// suite holds both to it), in microseconds and without files.
//
//   FakeClock clock;
//   MemoryRegistry registry(clock);
//   registry.FailWrites(absl::ResourceExhaustedError("disk full"));   // every Write fails ...
//   registry.FailWrites(absl::OkStatus());                            // ... until now
#ifndef LL_TESTS_TESTING_MEMORY_REGISTRY_H_
#define LL_TESTS_TESTING_MEMORY_REGISTRY_H_

#include <functional>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "registry/commit_listeners.h"
#include "registry/registry.h"
#include "tests/testing/memory_state.h"

namespace ll::testing {

// Thread-safe.
class MemoryRegistry final : public registry::Registry {
 public:
  explicit MemoryRegistry(Clock& clock);

  absl::Status Read(absl::FunctionRef<absl::Status(const registry::View&)> body) override;
  absl::Status Write(const registry::WriteOptions& options,
                     absl::FunctionRef<absl::Status(registry::Transaction&)> body) override;
  std::unique_ptr<Subscription> OnCommit(std::function<void(int64_t newest_sequence)> listener) override;

  // From now on what would be committed fails with `error` and changes nothing, as on a full disk.
  void FailWrites(absl::Status error);

 private:
  std::shared_ptr<const MemoryState> Snapshot() const;

  Clock& clock_;
  registry::CommitListeners listeners_;
  Mutex writer_;  // held by the one write that runs
  mutable Mutex mutex_ ABSL_ACQUIRED_AFTER(writer_);
  std::shared_ptr<const MemoryState> state_ ABSL_GUARDED_BY(mutex_);
  absl::Status write_error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_MEMORY_REGISTRY_H_
