#include "registry/registry.h"

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "registry/store_errors.h"

namespace ll::registry {

absl::StatusOr<VersionRecord> ModelStore::Resolve(const VersionRef& ref) const {
  LL_ASSIGN_OR_RETURN(const ModelRecord model, Get(ref.model_id));
  if (ref.alias.empty()) return GetVersion(ref.model_id, ref.number);
  if (ref.alias == "latest") {
    if (model.latest_version == 0) return NoReadyVersion(ref.model_id);
    return GetVersion(ref.model_id, model.latest_version);
  }
  const auto alias = model.aliases.find(ref.alias);
  if (alias == model.aliases.end()) return AliasNotFound(ref);
  return GetVersion(ref.model_id, alias->second);
}

absl::StatusOr<JobRecord> Transaction::CommitTrainingResult(JobRecord job, VersionRecord version) {
  LL_ASSIGN_OR_RETURN(const JobRecord stored, jobs().Get(job.id));
  if (IsTerminal(stored.state)) return JobAlreadyEnded(job.id, stored.state);
  if (!IsTerminal(job.state)) {
    return MakeError(absl::StatusCode::kInternal, ErrorReason::kInternal,
                     {.what = absl::StrCat("cannot commit the result of ", JobName(job.id)),
                      .why = absl::StrCat("its new state ", StateName(job.state), " is not a final one"),
                      .remedy = ""});
  }
  const absl::StatusOr<ModelRecord> model = models().Get(job.spec.model_id);
  if (absl::IsNotFound(model.status())) {
    ModelRecord created;
    created.id = job.spec.model_id;
    LL_RETURN_IF_ERROR(models().Insert(created).status());
  } else if (!model.ok()) {
    return model.status();
  }
  version.model_id = job.spec.model_id;
  version.training_job = job.id;
  LL_ASSIGN_OR_RETURN(const VersionRecord inserted, models().InsertVersion(version));
  job.produced_version = inserted.number;
  return jobs().Update(job, "state");
}

absl::StatusOr<bool> FindRepeatedAnswer(const WriteOptions& options, const Transaction& transaction,
                                        std::string* json) {
  if (options.request_id.empty()) return false;
  absl::StatusOr<RememberedAnswer> answer = transaction.FindAnswer(options.request_id);
  if (absl::IsNotFound(answer.status())) return false;
  if (!answer.ok()) return answer.status();
  if (answer->fingerprint != options.fingerprint) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kRequestIdReused,
                     {.what = absl::StrCat("cannot use request id \"", options.request_id, "\""),
                      .why = "another request was made with it within the last 24 hours",
                      .remedy = "Repeat that request unchanged, or use a new id."},
                     {.field_violations = {{"request_id", "was used with another request"}}});
  }
  *json = std::move(answer->json);
  return true;
}

}  // namespace ll::registry
