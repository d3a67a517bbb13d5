#include "services/training/launchers/trainer_events.h"

#include <limits>
#include <utility>

#include "absl/time/time.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "learner/trainer.h"
#include "nlohmann/json.hpp"

namespace ll::training {
namespace {

using Json = nlohmann::json;

// A number that JSON cannot write is null: it was NaN or infinite.
double Number(const Json& json) {
  return json.is_number() ? json.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

std::optional<double> OptionalNumber(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) return std::nullopt;
  return Number(*found);
}

learner::EpochReport ToReport(const Json& json) {
  learner::EpochReport report;
  report.epoch = json.at("epoch").get<int>();
  report.epochs = json.at("epochs").get<int>();
  report.rows = json.at("rows").get<int64_t>();
  report.duration = absl::Seconds(Number(json.at("seconds")));
  report.best_candidate = json.at("best_candidate").get<int>();
  report.criterion_name = json.at("criterion").at("name").get<std::string>();
  report.criterion_value = Number(json.at("criterion").at("value"));
  report.improved = json.at("improved").get<bool>();
  for (const Json& each : json.at("candidates")) {
    learner::CandidateProgress candidate;
    candidate.train_loss = Number(each.at("train_loss"));
    candidate.validation_loss = OptionalNumber(each, "validation_loss");
    candidate.criterion = OptionalNumber(each, "criterion");
    candidate.diverged = each.at("diverged").get<bool>();
    report.candidates.push_back(candidate);
  }
  return report;
}

absl::StatusCode CodeNamed(const std::string& name) {
  for (int code = 1; code <= 16; ++code) {
    const auto status_code = static_cast<absl::StatusCode>(code);
    if (absl::StatusCodeToString(status_code) == name) return status_code;
  }
  return absl::StatusCode::kUnknown;
}

absl::Status ToStatus(const Json& json) {
  ErrorDetails details;
  details.reason = json.at("reason").get<std::string>();
  details.metadata = json.at("metadata").get<std::map<std::string, std::string>>();
  for (const Json& violation : json.at("field_violations")) {
    details.field_violations.push_back(
        {violation.at("field").get<std::string>(), violation.at("description").get<std::string>()});
  }
  return WithErrorDetails(
      absl::Status(CodeNamed(json.at("code").get<std::string>()), json.at("message").get<std::string>()), details);
}

JobExit Failed(const Json& json) {
  absl::Status status = ToStatus(json);
  const bool interrupted = absl::IsCancelled(status) || HasReason(status, ErrorReason::kInterrupted);
  return {.status = std::move(status), .interrupted = interrupted};
}

}  // namespace

void TrainerEvents::Append(absl::string_view bytes) {
  for (size_t end = bytes.find('\n'); end != absl::string_view::npos; end = bytes.find('\n')) {
    partial_.append(bytes.data(), end);
    Line(partial_);
    partial_.clear();
    bytes.remove_prefix(end + 1);
  }
  partial_.append(bytes.data(), bytes.size());
}

void TrainerEvents::Line(absl::string_view line) {
  try {
    const Json json = Json::parse(line.begin(), line.end());
    const std::string event = json.at("event").get<std::string>();
    if (event == "epoch") {
      observer_.OnEpoch(ToReport(json));
    } else if (event == "warning") {
      observer_.OnWarning(json.at("message").get<std::string>());
    } else if (event == "done") {
      end_ = JobExit{.interrupted = json.at("interrupted").get<bool>()};
    } else if (event == "failed") {
      end_ = Failed(json);
    }
  } catch (const Json::exception& error) {
    LogWarning("cannot read an event of the trainer",
               {{"error", error.what()}, {"line", std::string(line.substr(0, 200))}});
  }
}

}  // namespace ll::training
