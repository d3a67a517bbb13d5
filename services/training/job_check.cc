#include "services/training/job_check.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error_reason.h"
#include "learner/hyperparameters.h"
#include "learner/readers/content_type.h"
#include "services/training/input_channels.h"

namespace ll::training {
namespace {

constexpr absl::string_view kChannelNames[] = {"train", "validation", "test"};

class SpecChecker {
 public:
  SpecChecker(const registry::JobSpec& spec, std::vector<std::string>* warnings) : spec_(spec), warnings_(warnings) {}

  absl::Status Check() {
    CheckAlgorithm();
    CheckHyperparameters();
    CheckChannels();
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
    const absl::Status parsed = learner::ParseHyperparameters(spec_.hyperparameters, warnings_).status();
    if (parsed.ok()) return;
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
  std::vector<FieldViolation> violations_;
  ErrorReason reason_ = ErrorReason::kInvalidArgument;
};

}  // namespace

absl::Status CheckSpec(const registry::JobSpec& spec, std::vector<std::string>* warnings) {
  return SpecChecker(spec, warnings).Check();
}

}  // namespace ll::training
