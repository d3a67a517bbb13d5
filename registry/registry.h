// The catalogue's door: everything the platform must not forget, behind transactions.
//
//   LL_RETURN_IF_ERROR(registry.Read([&](const View& view) -> absl::Status {
//     LL_ASSIGN_OR_RETURN(model, view.models().Get("churn"));
//     return absl::OkStatus();
//   }));
//
//   LL_ASSIGN_OR_RETURN(ModelRecord created, registry.Mutate<ModelRecord>(write, [&](Transaction& tx) {
//     return tx.models().Insert(record);
//   }));
//
// A body that returns an error rolls everything back. Inside a body all calls see one consistent state. Bodies must be
// short, must not call the registry again and must not block on anything but the disk. When Write returns OK the change
// survives a power loss.
//
// Two implementations, one contract suite (tests/contract/registry_contract.h): SqliteRegistry and, for tests,
// MemoryRegistry.
#ifndef LL_REGISTRY_REGISTRY_H_
#define LL_REGISTRY_REGISTRY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "registry/endpoint_store.h"
#include "registry/event_store.h"
#include "registry/job_store.h"
#include "registry/model_store.h"
#include "registry/object_store.h"
#include "registry/record_json.h"
#include "registry/records.h"

namespace ll::registry {

// A consistent snapshot. Valid inside the body it was given to.
class View {
 public:
  virtual ~View() = default;
  virtual const ModelStore& models() const = 0;
  virtual const JobStore& jobs() const = 0;
  virtual const EndpointStore& endpoints() const = 0;
  virtual const ObjectStore& objects() const = 0;
  virtual const EventStore& events() const = 0;
  // Whether a version or an object names the blob.
  virtual absl::StatusOr<bool> IsBlobNamed(const std::string& sha256) const = 0;
};

// Who writes, and whether it is a repeat.
struct WriteOptions {
  std::string actor = "llserver";
  std::string request_id = {};   // empty: not repeatable
  std::string fingerprint = {};  // of method and request without its id; needed with a request_id
  bool validate_only = false;    // do everything, then roll back and return what would have been the answer
};

struct RememberedAnswer {
  std::string fingerprint = {};
  std::string json = {};
};

class Transaction : public View {
 public:
  using View::endpoints;
  using View::events;
  using View::jobs;
  using View::models;
  using View::objects;
  virtual ModelStore& models() = 0;
  virtual JobStore& jobs() = 0;
  virtual EndpointStore& endpoints() = 0;
  virtual ObjectStore& objects() = 0;
  virtual EventStore& events() = 0;

  // Answers by request id, kept kRequestIdRetention. NOT_FOUND when there is none.
  virtual absl::StatusOr<RememberedAnswer> FindAnswer(const std::string& request_id) const = 0;
  virtual absl::Status RememberAnswer(const std::string& request_id, const RememberedAnswer& answer) = 0;

  // The end of a training job in one step: the version (in the model of job.spec, created when missing) and the job's
  // terminal state, which names it. Sets version.model_id, version.training_job and job.produced_version. Returns the
  // job. NOT_FOUND; ABORTED / ETAG_MISMATCH; FAILED_PRECONDITION / WRONG_STATE when the stored job is terminal already.
  absl::StatusOr<JobRecord> CommitTrainingResult(JobRecord job, VersionRecord version);
};

inline constexpr absl::Duration kRequestIdRetention = absl::Hours(24);

// The answer of calls that have none, such as Delete.
struct NoRecord {
  friend bool operator==(const NoRecord&, const NoRecord&) = default;
};

// Thread-safe.
class Registry {
 public:
  virtual ~Registry() = default;

  virtual absl::Status Read(absl::FunctionRef<absl::Status(const View&)> body) = 0;

  // RESOURCE_EXHAUSTED / STORAGE_FULL and INTERNAL / STORAGE_FAILED when the disk refuses: nothing has changed then,
  // and later calls work again when the disk does.
  virtual absl::Status Write(const WriteOptions& options, absl::FunctionRef<absl::Status(Transaction&)> body) = 0;

  // Write with an answer, honouring options.request_id: a repeat returns the first answer and runs nothing; the same id
  // with another fingerprint is INVALID_ARGUMENT / REQUEST_ID_REUSED. Only success is remembered. Record is one of
  // record_json.h's, or NoRecord.
  template <typename Record>
  absl::StatusOr<Record> Mutate(const WriteOptions& options,
                                absl::FunctionRef<absl::StatusOr<Record>(Transaction&)> body);

  // Calls `listener` with the newest event sequence after commits that appended events, until the returned object is
  // destroyed (which waits for a call in progress). Sequences only grow: commits at the same time may share a call, but
  // when Write returns, every listener has been called with that write's sequence or a later one. Calls come from
  // committing threads, one at a time. Listeners must be quick and must neither call the registry nor need a lock that
  // someone holds while calling it.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };
  virtual std::unique_ptr<Subscription> OnCommit(std::function<void(int64_t newest_sequence)> listener) = 0;
};

// Part of Mutate: OK and false when the body must run, OK and true when `json` holds the remembered answer.
absl::StatusOr<bool> FindRepeatedAnswer(const WriteOptions& options, const Transaction& transaction, std::string* json);

template <typename Record>
absl::StatusOr<Record> Registry::Mutate(const WriteOptions& options,
                                        absl::FunctionRef<absl::StatusOr<Record>(Transaction&)> body) {
  Record answer{};
  const absl::Status written = Write(options, [&](Transaction& transaction) -> absl::Status {
    std::string json;
    const absl::StatusOr<bool> repeated = FindRepeatedAnswer(options, transaction, &json);
    if (!repeated.ok()) return repeated.status();
    absl::StatusOr<Record> result = Record{};
    if constexpr (std::is_same_v<Record, NoRecord>) {
      if (!*repeated) result = body(transaction);
    } else {
      result = *repeated ? FromJson<Record>(json) : body(transaction);
      if (result.ok() && !*repeated) json = ToJson(*result);
    }
    if (!result.ok()) return result.status();
    answer = *std::move(result);
    if (*repeated || options.request_id.empty()) return absl::OkStatus();
    return transaction.RememberAnswer(options.request_id, {options.fingerprint, std::move(json)});
  });
  if (!written.ok()) return written;
  return answer;
}

}  // namespace ll::registry

#endif  // LL_REGISTRY_REGISTRY_H_
