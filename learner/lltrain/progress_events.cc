#include "learner/lltrain/progress_events.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/error_reason.h"
#include "learner/artifact/model_json.h"
#include "learner/lltrain/failure.h"
#include "nlohmann/json.hpp"

namespace ll::lltrain {
namespace {

using Json = nlohmann::ordered_json;

// JSON has no NaN and no infinity.
Json Number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

std::string Line(const Json& json) {
  return absl::StrCat(json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace), "\n");
}

}  // namespace

void ProgressEvents::Prepared(const PreparedEvent& event) {
  if (!write_) return;
  Json json = {{"event", "prepared"},           {"seed", event.seed},
               {"threads", event.threads},      {"feature_dim", event.feature_dim},
               {"models", event.models},        {"epochs", event.epochs},
               {"train_rows", event.train_rows}};
  if (event.validation_rows.has_value()) json["validation_rows"] = *event.validation_rows;
  if (event.test_rows.has_value()) json["test_rows"] = *event.test_rows;
  write_(Line(json));
}

void ProgressEvents::Warning(absl::string_view message) {
  if (!write_) return;
  write_(Line({{"event", "warning"}, {"message", std::string(message)}}));
}

void ProgressEvents::Epoch(const learner::EpochReport& report) {
  if (!write_) return;
  const double seconds = absl::ToDoubleSeconds(report.duration);
  Json candidates = Json::array();
  for (const learner::CandidateProgress& candidate : report.candidates) {
    Json& json = candidates.emplace_back(Json{{"train_loss", Number(candidate.train_loss)}});
    if (candidate.validation_loss.has_value()) json["validation_loss"] = Number(*candidate.validation_loss);
    if (candidate.criterion.has_value()) json["criterion"] = Number(*candidate.criterion);
    json["diverged"] = candidate.diverged;
  }
  Json json = {{"event", "epoch"},
               {"epoch", report.epoch},
               {"epochs", report.epochs},
               {"rows", report.rows},
               {"seconds", seconds},
               {"rows_per_second", seconds > 0 ? Number(static_cast<double>(report.rows) / seconds) : Json(nullptr)},
               {"best_candidate", report.best_candidate},
               {"criterion", {{"name", report.criterion_name}, {"value", Number(report.criterion_value)}}},
               {"improved", report.improved},
               {"candidates", std::move(candidates)}};
  write_(Line(json));
}

void ProgressEvents::Done(const DoneEvent& event) {
  if (!write_) return;
  const learner::Model& model = *event.model;
  Json json = {
      {"event", "done"},
      {"interrupted", event.interrupted},
      {"stopped_early", event.stopped_early},
      {"artifact", {{"path", event.artifact_path}, {"bytes", event.artifact_bytes}, {"sha256", event.artifact_sha256}}},
      {"feature_dim", model.schema().feature_dim},
      {"threshold", model.threshold()},
      {"training", Json::parse(learner::FormatTrainingJson(model.training()))}};
  write_(Line(json));
}

void ProgressEvents::Failed(const absl::Status& status) {
  if (!write_) return;
  const ErrorDetails details = GetErrorDetails(status).value_or(ErrorDetails{});
  Json violations = Json::array();
  for (const FieldViolation& violation : details.field_violations) {
    violations.push_back({{"field", violation.field}, {"description", violation.description}});
  }
  Json json = {
      {"event", "failed"},
      {"exit_code", static_cast<int>(ExitCodeOf(status))},
      {"code", absl::StatusCodeToString(status.code())},
      {"reason", details.reason.empty() ? std::string(ErrorReasonName(ErrorReason::kInternal)) : details.reason},
      {"message", std::string(status.message())},
      {"metadata", details.metadata},
      {"field_violations", std::move(violations)}};
  write_(Line(json));
}

}  // namespace ll::lltrain
