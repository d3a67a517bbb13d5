#include "tests/testing/memory_registry.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "registry/store_errors.h"
#include "tests/testing/memory_stores.h"

namespace ll::testing {
namespace {

class MemoryTransaction final : public registry::Transaction {
 public:
  // A read passes null for `changing`; its body sees a const View only.
  MemoryTransaction(const MemoryState& state, MemoryState* changing, absl::Time now,
                    const registry::WriteOptions& options)
      : access_{.state = state, .changing = changing, .now = now, .options = options} {}

  const registry::ModelStore& models() const override { return models_; }
  const registry::JobStore& jobs() const override { return jobs_; }
  const registry::EndpointStore& endpoints() const override { return endpoints_; }
  const registry::ObjectStore& objects() const override { return objects_; }
  const registry::EventStore& events() const override { return events_; }
  registry::ModelStore& models() override { return models_; }
  registry::JobStore& jobs() override { return jobs_; }
  registry::EndpointStore& endpoints() override { return endpoints_; }
  registry::ObjectStore& objects() override { return objects_; }
  registry::EventStore& events() override { return events_; }

  absl::StatusOr<bool> IsBlobNamed(const std::string& sha256) const override {
    const auto& versions = access_.state.versions;
    const auto& objects = access_.state.objects;
    return std::any_of(versions.begin(), versions.end(),
                       [&](const auto& entry) { return entry.second.artifact_sha256 == sha256; }) ||
           std::any_of(objects.begin(), objects.end(),
                       [&](const auto& entry) { return entry.second.sha256 == sha256; });
  }

  absl::StatusOr<registry::RememberedAnswer> FindAnswer(const std::string& request_id) const override {
    const auto found = access_.state.answers.find(request_id);
    if (found == access_.state.answers.end() || found->second.time <= access_.now - registry::kRequestIdRetention) {
      return registry::AnswerNotFound(request_id);
    }
    return found->second.answer;
  }

  absl::Status RememberAnswer(const std::string& request_id, const registry::RememberedAnswer& answer) override {
    access_.changing->answers[request_id] = {.answer = answer, .time = access_.now};
    return absl::OkStatus();
  }

 private:
  const MemoryAccess access_;
  MemoryModelStore models_{access_};
  MemoryJobStore jobs_{access_};
  MemoryEndpointStore endpoints_{access_};
  MemoryObjectStore objects_{access_};
  MemoryEventStore events_{access_};
};

}  // namespace

MemoryRegistry::MemoryRegistry(Clock& clock) : clock_(clock), state_(std::make_shared<MemoryState>()) {}

std::shared_ptr<const MemoryState> MemoryRegistry::Snapshot() const {
  MutexLock lock(&mutex_);
  return state_;
}

absl::Status MemoryRegistry::Read(absl::FunctionRef<absl::Status(const registry::View&)> body) {
  const std::shared_ptr<const MemoryState> state = Snapshot();
  const registry::WriteOptions nobody;
  const MemoryTransaction view(*state, nullptr, clock_.Now(), nobody);
  return body(view);
}

absl::Status MemoryRegistry::Write(const registry::WriteOptions& options,
                                   absl::FunctionRef<absl::Status(registry::Transaction&)> body) {
  int64_t newest_before = 0;
  int64_t newest_after = 0;
  {
    MutexLock writer(&writer_);
    auto state = std::make_shared<MemoryState>(*Snapshot());
    newest_before = state->NewestEvent();
    MemoryTransaction transaction(*state, state.get(), clock_.Now(), options);
    LL_RETURN_IF_ERROR(body(transaction));
    if (options.validate_only) return absl::OkStatus();
    newest_after = state->NewestEvent();
    MutexLock lock(&mutex_);
    LL_RETURN_IF_ERROR(write_error_);
    state_ = std::move(state);
  }
  if (newest_after != newest_before) listeners_.Notify(newest_after);
  return absl::OkStatus();
}

std::unique_ptr<registry::Registry::Subscription> MemoryRegistry::OnCommit(
    std::function<void(int64_t newest_sequence)> listener) {
  return listeners_.Add(std::move(listener));
}

void MemoryRegistry::FailWrites(absl::Status error) {
  MutexLock lock(&mutex_);
  write_error_ = std::move(error);
}

}  // namespace ll::testing
