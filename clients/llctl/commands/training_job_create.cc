#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/manifest.h"
#include "clients/llctl/printer.h"
#include "clients/llctl/upload.h"
#include "clients/llctl/waiting.h"
#include "yaml-cpp/yaml.h"

namespace ll::llctl {
namespace {

using v1::TrainingJob;

// "name: value" lines, or a JSON object; values are taken as they are written.
absl::Status ReadHyperparameters(Env& env, const std::string& path, std::map<std::string, std::string>& values) {
  LL_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(path));
  try {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsMap()) return UsageError(absl::StrCat(path, " is not a list of `name: value` lines"));
    for (const auto& entry : root) {
      if (!entry.second.IsScalar()) {
        return UsageError(absl::StrCat(path, ":", entry.second.Mark().line + 1, ": a single value belongs here"));
      }
      values[entry.first.Scalar()] = entry.second.Scalar();
    }
  } catch (const YAML::Exception& error) {
    return UsageError(absl::StrCat(path, ":", error.mark.line + 1, ": not YAML: ", error.msg));
  }
  return absl::OkStatus();
}

class TrainingJobCreate final : public Command {
 public:
  CommandHelp help() const override {
    return {
        .noun = "training-job",
        .verb = "create",
        .summary = "Train models and register the best one as a version",
        .when =
            "A channel (--train, --validation, --test) is a local file or folder, which is uploaded first, or "
            "s3://BUCKET/KEY-OR-PREFIX of the server's own store; its content type may follow after a comma, and is "
            "otherwise taken from the name: CSV for .csv, RecordIO-protobuf for .pbr. CSV has the label in the first "
            "column and no header. Ctrl-C stops waiting, not the job.",
        .examples = {{"training-job create digits --train train.pbr --model digits --wait \\\n"
                      "      --hyperparameter predictor_type=binary_classifier --hyperparameter mini_batch_size=200",
                      "On a local file, with a live progress line"},
                     {"training-job create churn --train s3://data/churn/ --validation s3://data/churn-check.csv \\\n"
                      "      --model churn --hyperparameters-file churn.yaml --max-runtime 30m --no-wait",
                      "On data that was uploaded before"},
                     {"training-job create churn --train part-0,content-type=text/csv --model churn \\\n"
                      "      --hyperparameter predictor_type=binary_classifier",
                      "On a file whose name does not tell what it holds"},
                     {"training-job create digits-2 --train new.pbr --model digits --warm-start digits@latest \\\n"
                      "      --hyperparameter predictor_type=binary_classifier",
                      "Begin with the newest version instead of random weights"},
                     {"training-job create churn -f job.yaml --dry-run", "Check a job without running it"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The job's id; may be left out when the file has a name");
    app.add_option("--train", channels_["train"], "Data to train on")->type_name("DATA");
    app.add_option("--validation", channels_["validation"], "Data to choose the best model by")->type_name("DATA");
    app.add_option("--test", channels_["test"], "Data to score the chosen model on")->type_name("DATA");
    app.add_option("--model", model_, "The model that gets the version; created when missing")->type_name("MODEL");
    AddRepeatable(app, "--hyperparameter", hyperparameters_, "One hyperparameter; may be repeated")
        ->type_name("NAME=VALUE");
    app.add_option("--hyperparameters-file", hyperparameters_file_, "YAML or JSON of name: value; flags win")
        ->type_name("FILE");
    app.add_option("--algorithm", algorithm_, "linear-learner, the default")->type_name("NAME");
    app.add_option("--seed", seed_, "Seed of the initial weights; the default is fixed, so runs repeat")
        ->type_name("N");
    app.add_option("--warm-start", warm_start_,
                   "Begin with this version: MODEL/versions/N, MODEL@ALIAS or MODEL@latest")
        ->type_name("VERSION");
    app.add_option("--shuffle-seed", shuffle_seed_, "Train on the rows in the order that this seed gives")
        ->type_name("N");
    app.add_option("--feature-names", feature_names_, "Names of the features, for people, with commas between")
        ->type_name("NAMES")
        ->delimiter(',');
    app.add_option("--class-names", class_names_, "Names of the labels 0, 1, ..., with commas between")
        ->type_name("NAMES")
        ->delimiter(',');
    app.add_option("--threads", threads_, "Threads; 0: all cores. The result does not depend on it")->type_name("N");
    AddDuration(app, "--max-runtime", max_runtime_, "Let the job fail when it trains longer than this");
    app.add_option("-f,--file", file_, "YAML or JSON of a TrainingJob; - for standard input; flags win")
        ->type_name("FILE");
    metadata_.ParseForCreate(app, /*with_description=*/false);
    wait_.Parse(app, "the job has ended");
    AddDryRun(app, dry_run_);
  }

  absl::Status Validate(Session&) override {
    if (name_.empty() && file_.empty()) return UsageError("a training job needs a NAME, or a file that has one");
    if (file_.empty() && channels_["train"].empty()) return UsageError("--train is required");
    if (file_.empty() && model_.empty()) return UsageError("--model is required");
    std::set<std::string> given;
    for (const std::string& entry : hyperparameters_) {
      LL_ASSIGN_OR_RETURN(const auto pair, SplitEntry("--hyperparameter", entry));
      if (!given.insert(pair.first).second) {
        return UsageError(absl::StrCat("--hyperparameter ", pair.first, " is there twice"));
      }
    }
    return metadata_.Validate();
  }

  absl::Status Run(Session& session) override {
    v1::CreateTrainingJobRequest request;
    TrainingJob& job = *request.mutable_training_job();
    if (!file_.empty()) LL_RETURN_IF_ERROR(ReadManifest(file_, session.env(), session.io(), &job));
    request.set_training_job_id(IdOf(ResourceKind::kTrainingJob, name_.empty() ? job.name() : name_));
    LL_RETURN_IF_ERROR(FillSpec(session, request.training_job_id(), *job.mutable_spec()));
    std::vector<std::string> changed;
    metadata_.Apply(job, changed);
    LL_RETURN_IF_ERROR(UploadChannels(session, request));
    request.set_validate_only(dry_run_);
    LL_ASSIGN_OR_RETURN(const TrainingJob created,
                        session.client().training().CreateTrainingJob(request, session.call()));
    const bool wait = wait_.IsOn(session) && !dry_run_;
    // In the data formats the job is printed once: when it has ended, if that is waited for.
    if (!wait || IsTable(session)) PrintChanged(session, created, "created", dry_run_);
    return wait ? WaitForJob(session, created.name()) : absl::OkStatus();
  }

 private:
  absl::Status FillSpec(Session& session, const std::string& job_id, TrainingJob::Spec& spec) {
    std::map<std::string, std::string> values;
    if (!hyperparameters_file_.empty()) {
      LL_RETURN_IF_ERROR(ReadHyperparameters(session.env(), hyperparameters_file_, values));
    }
    for (const std::string& entry : hyperparameters_) {
      LL_ASSIGN_OR_RETURN(const auto pair, SplitEntry("--hyperparameter", entry));
      values[pair.first] = pair.second;
    }
    for (const auto& [name, value] : values) (*spec.mutable_hyperparameters())[name] = value;
    if (!algorithm_.empty()) spec.set_algorithm(algorithm_);
    if (!model_.empty()) spec.set_output_model(FullName(ResourceKind::kModel, model_));
    if (seed_.has_value()) spec.set_seed(*seed_);
    if (threads_.has_value()) spec.mutable_resources()->set_threads(*threads_);
    if (max_runtime_ > absl::ZeroDuration()) {
      auto& limit = *spec.mutable_stopping_condition()->mutable_max_runtime();
      const timespec exact = absl::ToTimespec(max_runtime_);
      limit.set_seconds(exact.tv_sec);
      limit.set_nanos(static_cast<int32_t>(exact.tv_nsec));
    }
    if (!warm_start_.empty()) spec.set_warm_start(VersionName(warm_start_));
    if (!feature_names_.empty()) *spec.mutable_feature_names() = {feature_names_.begin(), feature_names_.end()};
    if (!class_names_.empty()) *spec.mutable_class_names() = {class_names_.begin(), class_names_.end()};
    for (const char* name : {"train", "validation", "test"}) {
      if (!channels_[name].empty()) LL_RETURN_IF_ERROR(FillChannel(session, job_id, name, spec));
    }
    if (!shuffle_seed_.has_value()) return absl::OkStatus();
    for (TrainingJob::Channel& channel : *spec.mutable_channels()) {
      if (channel.name() == "train") channel.set_shuffle_seed(*shuffle_seed_);
    }
    return absl::OkStatus();
  }

  // Nothing goes up, and nothing that is there is replaced, for a job that the server refuses anyway.
  absl::Status UploadChannels(Session& session, v1::CreateTrainingJobRequest request) const {
    if (local_channels_.empty()) return absl::OkStatus();
    request.set_validate_only(true);
    LL_RETURN_IF_ERROR(WithoutUploads(session.client().training().CreateTrainingJob(request, session.call()).status(),
                                      request.training_job().spec()));
    for (const LocalChannel& channel : local_channels_) {
      LL_RETURN_IF_ERROR(UploadChannel(session, channel, dry_run_));
    }
    return absl::OkStatus();
  }

  // What the server has against a job whose local channels are not there yet, apart from just that.
  absl::Status WithoutUploads(const absl::Status& checked, const TrainingJob::Spec& spec) const {
    if (!HasReason(checked, ErrorReason::kObjectNotFound) && !HasReason(checked, ErrorReason::kBucketNotFound)) {
      return checked;
    }
    std::set<std::string> expected;
    for (int i = 0; i < spec.channels_size(); ++i) {
      const auto is_local = [&](const LocalChannel& local) { return local.uri == spec.channels(i).uri(); };
      if (std::any_of(local_channels_.begin(), local_channels_.end(), is_local)) {
        expected.insert(absl::StrCat("training_job.spec.channels[", i, "].uri"));
      }
    }
    ErrorDetails details = GetErrorDetails(checked).value_or(ErrorDetails{});
    std::string message;
    std::vector<FieldViolation> others;
    for (const FieldViolation& violation : details.field_violations) {
      if (expected.count(violation.field) > 0) continue;
      absl::StrAppend(&message, message.empty() ? "" : " ", violation.description);
      others.push_back(violation);
    }
    if (others.empty()) return absl::OkStatus();
    details.field_violations = std::move(others);
    return WithErrorDetails(absl::Status(checked.code(), message), details);
  }

  absl::Status FillChannel(Session& session, const std::string& job_id, const std::string& name,
                           TrainingJob::Spec& spec) {
    const ChannelSource source = ParseChannelSource(channels_[name]);
    TrainingJob::Channel* channel = nullptr;
    for (TrainingJob::Channel& existing : *spec.mutable_channels()) {
      if (existing.name() == name) channel = &existing;
    }
    if (channel == nullptr) channel = spec.add_channels();
    channel->set_name(name);
    channel->set_content_type(source.content_type);
    channel->set_uri(source.path);
    if (IsS3Uri(source.path)) return absl::OkStatus();
    LL_ASSIGN_OR_RETURN(LocalChannel local, FindLocalChannel(session.env(), job_id, name, source.path));
    channel->set_uri(local.uri);
    local_channels_.push_back(std::move(local));
    return absl::OkStatus();
  }

  std::string name_;
  std::map<std::string, std::string> channels_;  // as given, by name
  std::vector<LocalChannel> local_channels_;     // those of them that are to be uploaded
  std::string model_;
  std::vector<std::string> hyperparameters_;
  std::string hyperparameters_file_;
  std::string algorithm_;
  std::optional<uint64_t> seed_;
  std::string warm_start_;
  std::optional<uint64_t> shuffle_seed_;
  std::vector<std::string> feature_names_, class_names_;
  std::optional<int32_t> threads_;
  absl::Duration max_runtime_ = absl::ZeroDuration();
  std::string file_;
  MetadataFlags metadata_;
  WaitFlags wait_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewTrainingJobCreate() { return std::make_unique<TrainingJobCreate>(); }

}  // namespace ll::llctl
