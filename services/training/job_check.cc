#include "services/training/job_check.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/hyperparameters.h"
#include "learner/model.h"
#include "learner/readers/content_type.h"
#include "learner/warm_start.h"
#include "services/training/input_channels.h"

namespace ll::training {
namespace {

constexpr size_t kMaxNameBytes = 1 << 20;
constexpr absl::string_view kChannelNames[] = {"train", "validation", "test"};

class SpecChecker {
 public:
  SpecChecker(const registry::JobSpec& spec, std::vector<std::string>* warnings) : spec_(spec), warnings_(warnings) {}

  absl::Status Check() {
    CheckAlgorithm();
    CheckHyperparameters();
    CheckChannels();
    CheckNames();
    CheckLimits();
    return status();
  }

 private:
  void Add(std::string field, std::string description, ErrorReason reason = ErrorReason::kInvalidArgument) {
    if (violations_.empty()) reason_ = reason;
    if (reason != reason_) reason_ = ErrorReason::kInvalidArgument;
    violations_.push_back({std::move(field), std::move(description)});
  }

  void CheckAlgorithm() {
    if (spec_.algorithm == kAlgorithm) return;
    Add("spec.algorithm", absl::StrCat("is \"", spec_.algorithm, "\"; the only algorithm is \"", kAlgorithm, "\""));
  }

  void CheckHyperparameters() {
    hyperparameters_ = learner::ParseHyperparameters(spec_.hyperparameters, warnings_);
    if (hyperparameters_.ok()) return;
    const absl::Status& parsed = hyperparameters_.status();
    const ErrorDetails details = GetErrorDetails(parsed).value_or(ErrorDetails{});
    for (const FieldViolation& each : details.field_violations) {
      Add(absl::StrCat("spec.hyperparameters[\"", each.field, "\"]"), each.description,
          ErrorReason::kInvalidHyperparameter);
    }
    if (details.field_violations.empty()) {
      Add("spec.hyperparameters", std::string(parsed.message()), ErrorReason::kInvalidHyperparameter);
    }
  }

  void CheckChannels() {
    std::set<std::string> seen;
    for (size_t i = 0; i < spec_.channels.size(); ++i) {
      const registry::ChannelSpec& channel = spec_.channels[i];
      const std::string field = absl::StrCat("spec.channels[", i, "]");
      CheckChannel(channel, field);
      if (!seen.insert(channel.name).second) {
        Add(absl::StrCat(field, ".name"),
            absl::StrCat("is \"", channel.name, "\" for the second time; several objects come in by a prefix"),
            ErrorReason::kInvalidChannel);
      }
    }
    if (seen.count("train") > 0) return;
    Add("spec.channels", "has no channel \"train\"; add one that names the data to train on",
        ErrorReason::kInvalidChannel);
  }

  void CheckChannel(const registry::ChannelSpec& channel, const std::string& field) {
    const auto add = [&](absl::string_view member, std::string description) {
      Add(absl::StrCat(field, ".", member), std::move(description), ErrorReason::kInvalidChannel);
    };
    if (std::find(std::begin(kChannelNames), std::end(kChannelNames), channel.name) == std::end(kChannelNames)) {
      add("name", absl::StrCat("is \"", channel.name, "\"; channels are ", absl::StrJoin(kChannelNames, ", ")));
    }
    if (const absl::Status uri = ParseS3Uri(channel.uri).status(); !uri.ok()) add("uri", std::string(uri.message()));
    if (channel.content_type.empty()) return;
    const absl::StatusOr<learner::ContentType> type = learner::ParseContentType(channel.content_type);
    if (!type.ok()) {
      add("content_type", std::string(type.status().message()));
    } else if (type->label_columns == 0) {
      add("content_type", "says that rows have no label, and training needs one; leave out label_size");
    }
  }

  // What can be known before the data are: feature_dim may be left to them.
  void CheckNames() {
    size_t bytes = 0;
    for (const auto* names : {&spec_.feature_names, &spec_.class_names}) {
      for (const std::string& name : *names) bytes += name.size() + 1;
    }
    if (bytes > kMaxNameBytes) {
      Add("spec.feature_names", absl::StrCat("is, with class_names, ", bytes, " bytes long, and the limit is ",
                                             kMaxNameBytes, "; name features in a CSV header instead"));
    }
    if (!hyperparameters_.ok()) return;
    const auto check = [&](const char* field, const std::vector<std::string>& names, int expected, const char* what) {
      if (names.empty() || names.size() == static_cast<size_t>(expected)) return;
      Add(absl::StrCat("spec.", field), absl::StrCat("has ", names.size(), names.size() == 1 ? " name" : " names",
                                                     ", and there are ", expected, " ", what));
    };
    check("feature_names", spec_.feature_names,
          hyperparameters_->feature_dim.value_or(static_cast<int>(spec_.feature_names.size())), "features");
    check("class_names", spec_.class_names, ClassesOf(*hyperparameters_), "classes");
  }

  static int ClassesOf(const learner::Hyperparameters& hyperparameters) {
    switch (hyperparameters.predictor_type) {
      case learner::PredictorType::kBinaryClassifier: return 2;
      case learner::PredictorType::kMulticlassClassifier: return hyperparameters.num_classes;
      case learner::PredictorType::kRegressor: break;
    }
    return 0;
  }

  void CheckLimits() {
    if (spec_.threads < 0) {
      Add("spec.resources.threads", absl::StrCat("is ", spec_.threads, "; use a positive number, or 0 for all cores"));
    }
    if (spec_.max_runtime.has_value() && *spec_.max_runtime <= absl::ZeroDuration()) {
      Add("spec.stopping_condition.max_runtime", absl::StrCat("is ", absl::FormatDuration(*spec_.max_runtime),
                                                              "; use a positive time, or leave it out for no limit"));
    }
  }

  absl::Status status() const {
    if (violations_.empty()) return absl::OkStatus();
    const std::string all = absl::StrJoin(violations_, "; ", [](std::string* out, const FieldViolation& each) {
      absl::StrAppend(out, "`", each.field, "`: ", each.description);
    });
    return MakeError(absl::StatusCode::kInvalidArgument, reason_, {.what = "the training job is not valid", .why = all},
                     {.field_violations = violations_});
  }

  const registry::JobSpec& spec_;
  std::vector<std::string>* const warnings_;
  absl::StatusOr<learner::Hyperparameters> hyperparameters_;
  std::vector<FieldViolation> violations_;
  ErrorReason reason_ = ErrorReason::kInvalidArgument;
};

}  // namespace

absl::Status CheckSpec(const registry::JobSpec& spec, std::vector<std::string>* warnings) {
  return SpecChecker(spec, warnings).Check();
}

absl::Status CheckWarmStart(const registry::VersionRecord& version, const registry::JobSpec& spec) {
  const std::string name = registry::VersionName(version.model_id, version.number);
  if (version.state != registry::VersionState::kReady) {
    return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kWrongState,
                     {.what = absl::StrCat("cannot begin training with ", name),
                      .why = absl::StrCat("it is ", registry::StateName(version.state)),
                      .remedy = "Choose a version that is READY."});
  }
  LL_ASSIGN_OR_RETURN(const learner::Hyperparameters hyperparameters,
                      learner::ParseHyperparameters(spec.hyperparameters));
  learner::ModelSchema schema;
  schema.predictor_type = learner::FromName<learner::PredictorType>(version.schema.predictor_type)
                              .value_or(learner::PredictorType::kRegressor);
  schema.feature_dim = static_cast<int>(version.schema.feature_dim);
  schema.outputs = static_cast<int>(version.schema.outputs);
  const absl::Status fits = learner::CheckWarmStart(schema, hyperparameters.feature_dim.value_or(0), hyperparameters);
  if (!fits.ok()) return Annotate(fits, name);
  return fits;
}

}  // namespace ll::training
