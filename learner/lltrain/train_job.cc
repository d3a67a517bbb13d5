#include "learner/lltrain/train_job.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/digest.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/artifact.h"
#include "learner/artifact/model_formats.h"
#include "learner/checkpoint.h"
#include "learner/dataset.h"
#include "learner/hyperparameters.h"
#include "learner/lltrain/job_directory.h"
#include "learner/lltrain/job_report.h"
#include "learner/lltrain/label_rules.h"
#include "learner/metrics.h"
#include "learner/objective.h"
#include "learner/readers/row_files.h"
#include "learner/warm_start.h"

namespace ll::lltrain {
namespace {

using learner::Dataset;
using learner::Hyperparameters;

absl::Status Stopped() {
  return MakeError(absl::StatusCode::kCancelled, ErrorReason::kInterrupted,
                   {.what = "training was stopped",
                    .why = "it was told to stop before its first epoch was complete, so there is no model",
                    .remedy = "Start the job again."});
}

absl::Status NothingToResume(const std::optional<std::string>& path) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidCheckpoint,
                   {.what = "cannot resume the job",
                    .why = path.has_value() ? absl::StrCat("there is no checkpoint ", *path)
                                            : "its folder has no checkpoints/ in it",
                    .remedy = "Train it from the beginning, with --checkpoint-dir if it is to be resumable."});
}

// Rows until the job is told to stop. Where another thread reads them ahead it does not ask: whoever works on them
// does.
class StoppableRows final : public learner::RowSource {
 public:
  StoppableRows(std::unique_ptr<learner::RowSource> rows, const std::function<bool()>& stop_requested)
      : rows_(std::move(rows)), stop_requested_(stop_requested) {}

  absl::StatusOr<learner::RowBlock> Next() override { return NextInto({}); }
  absl::StatusOr<learner::RowBlock> NextInto(absl::Span<float> room) override {
    if (std::this_thread::get_id() == thread_ && stop_requested_()) return Stopped();
    return rows_->NextInto(room);
  }
  absl::StatusOr<learner::SparseBlock> NextSparse() override {
    if (std::this_thread::get_id() == thread_ && stop_requested_()) return Stopped();
    return rows_->NextSparse();
  }
  bool has_sparse_rows() const override { return rows_->has_sparse_rows(); }
  absl::Status Rewind() override { return rows_->Rewind(); }
  std::vector<std::string> feature_names() const override { return rows_->feature_names(); }

 private:
  const std::unique_ptr<learner::RowSource> rows_;
  const std::function<bool()>& stop_requested_;
  const std::thread::id thread_ = std::this_thread::get_id();
};

std::map<std::string, std::string> DefaultValues() {
  std::map<std::string, std::string> values;
  for (const learner::HyperparameterInfo& info : learner::DescribeHyperparameters()) {
    if (!info.default_value.empty()) values[info.name] = info.default_value;
  }
  return values;
}

absl::Status WrongNames(const char* what, const std::vector<std::string>& names, size_t count) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kConfigInvalid,
                   {.what = absl::StrCat("cannot use the names of the ", what),
                    .why = absl::StrCat("names.json has ", names.size(), ", and there are ", count),
                    .remedy = "Name all of them in their order, or none."});
}

bool ImputesMeans(const Channel& channel) {
  return channel.config.content_type.has_value() && channel.config.content_type->missing == learner::Imputation::kMean;
}

class TrainJob {
 public:
  TrainJob(const TrainJobOptions& options, const TrainJobContext& context)
      : options_(options), context_(context), directory_(context.env, options.job_directory) {}

  ExitCode Run() {
    const absl::Status status = RunToModel();
    if (status.ok()) return ExitCode::kSuccess;
    const std::string text = FailureText(status);
    context_.log.Error(text);
    // The event and the log carry the failure even when the disk does not.
    if (const absl::Status written = directory_.WriteFailure(text); !written.ok()) {
      context_.log.Error(absl::StrCat("The failure file could not be written: ", absl::string_view(written.message())));
    }
    context_.events.Failed(status);
    return ExitCodeOf(status);
  }

 private:
  absl::Status RunToModel();
  absl::Status Configure();
  absl::Status LoadStart();
  absl::Status FindCheckpoint();
  absl::Status ReadData();
  absl::StatusOr<Dataset> ReadChannel(const Channel& channel, int feature_dim, std::string feature_dim_source);
  absl::StatusOr<Dataset> CollectChannel(const Channel& channel, const learner::RowRules& rules);
  uint64_t MemoryFor(const Channel& channel) const;
  absl::Status CheckNames(const Channel& channel, const std::vector<std::string>& names);
  void FillMissing(const Channel& channel, absl::Span<const double> means, Dataset& data);
  absl::StatusOr<learner::TrainResult> TrainModels();
  void AddEpoch(const learner::EpochReport& report);
  void TakeState(learner::TrainingState state);
  void SaveCheckpoint();
  void RemoveCheckpoint();
  absl::StatusOr<learner::Model> Finish(const learner::TrainResult& result);
  absl::Status Save(const learner::Model& model, const learner::TrainResult& result);

  void Warn(absl::string_view message) {
    context_.log.Warning(message);
    context_.events.Warning(message);
  }
  void EndPart(const char* part) {
    const absl::Time now = context_.clock.Now();
    times_[part] = now - part_began_;
    part_began_ = now;
  }

  const TrainJobOptions& options_;
  const TrainJobContext& context_;
  JobDirectory directory_;
  std::map<std::string, std::string> given_;  // hyperparameters, as the user wrote them
  Hyperparameters hyperparameters_;
  std::unique_ptr<learner::Objective> objective_;
  std::vector<std::string> header_;  // the features' names in the files, if they say them
  Channels channels_;
  ModelNames names_;
  JobReport report_;
  std::optional<Dataset> train_, validation_, test_;
  std::optional<learner::RowLayout> layout_ = {};  // of train, and then of all channels
  std::string checkpoint_path_;                    // empty: none is kept
  learner::Checkpoint checkpoint_;                 // the newest state
  std::optional<learner::Model> start_;            // nullopt: training begins with random weights
  std::string start_digest_;
  bool checkpoint_is_unsaved_ = false;
  absl::Time checkpoint_time_;  // of the last attempt to save one
  absl::Time part_began_;
  std::map<std::string, absl::Duration> times_;
};

absl::Status TrainJob::RunToModel() {
  const absl::Time began = part_began_ = context_.clock.Now();
  LL_RETURN_IF_ERROR(directory_.Prepare());
  LL_RETURN_IF_ERROR(Configure());
  EndPart("initialize.time");
  LL_RETURN_IF_ERROR(ReadData());
  EndPart("setuptime");
  LL_ASSIGN_OR_RETURN(const learner::TrainResult result, TrainModels());
  EndPart("update.time");
  LL_ASSIGN_OR_RETURN(const learner::Model model, Finish(result));
  EndPart("finalize.time");
  times_["totaltime"] = context_.clock.Now() - began;
  context_.log.Times(times_, model.training().epochs_run);
  return Save(model, result);
}

// Everything that can be checked before a byte of data is read.
absl::Status TrainJob::Configure() {
  LL_ASSIGN_OR_RETURN(const std::string host, directory_.ReadCurrentHost());
  context_.log.set_host(host);
  context_.log.Begin();
  std::map<std::string, std::string> values = DefaultValues();
  context_.log.Configuration("Reading default configuration from the table of this release", values);
  LL_ASSIGN_OR_RETURN(given_, directory_.ReadHyperparameters());
  context_.log.Configuration(
      absl::StrCat("Merging with provided configuration from ", directory_.hyperparameters_path()), given_);
  for (const auto& [name, value] : given_) values[name] = value;
  context_.log.Configuration("Final configuration", values);

  std::vector<std::string> warnings;
  LL_ASSIGN_OR_RETURN(hyperparameters_, learner::ParseHyperparameters(given_, &warnings));
  for (const std::string& warning : warnings) Warn(warning);
  objective_ = learner::MakeObjective(hyperparameters_);
  context_.log.set_metric_names({.objective = std::string(objective_->name()),
                                 .f_beta = hyperparameters_.f_beta,
                                 .accuracy_top_k = hyperparameters_.accuracy_top_k});
  LL_ASSIGN_OR_RETURN(channels_, directory_.ReadChannels());
  LL_ASSIGN_OR_RETURN(names_, directory_.ReadNames());
  const auto classes = static_cast<size_t>(LabelClasses(hyperparameters_));
  if (!names_.classes.empty() && names_.classes.size() != classes)
    return WrongNames("classes", names_.classes, classes);
  context_.log.Info(absl::StrCat("Seed: ", options_.seed, ", threads: ", context_.executor.workers()));
  LL_RETURN_IF_ERROR(LoadStart());
  return FindCheckpoint();
}

absl::Status TrainJob::LoadStart() {
  if (!options_.warm_start.empty() && !channels_.model.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kConfigInvalid,
                     {.what = "cannot begin training with two models",
                      .why = absl::StrCat("--warm-start names one, and there is another at ", channels_.model),
                      .remedy = "Leave one of them out."});
  }
  const std::string path = options_.warm_start.empty() ? channels_.model : options_.warm_start;
  if (path.empty()) return absl::OkStatus();
  LL_ASSIGN_OR_RETURN(start_, learner::LoadAnyModel(context_.env, path));
  const learner::ModelSchema& schema = start_->schema();
  absl::Status fits = learner::CheckWarmStart(schema, hyperparameters_.feature_dim.value_or(0), hyperparameters_);
  if (!fits.ok()) return Annotate(fits, path);
  LL_ASSIGN_OR_RETURN(const std::string bytes, learner::SerializeModel(*start_));
  start_digest_ = Sha256Hex(bytes);
  if (names_.classes.empty()) names_.classes = start_->parts().class_names;
  context_.log.Info(absl::StrCat("Warm start: training begins with the model ", path, " instead of random weights"));
  return absl::OkStatus();
}

// What an earlier run of this job left, if it is of this training.
absl::Status TrainJob::FindCheckpoint() {
  const learner::TrainingIdentity training = {
      .hyperparameters = given_, .seed = options_.seed, .warm_start = start_digest_};
  checkpoint_.training = training;
  LL_ASSIGN_OR_RETURN(const std::optional<std::string> path, directory_.CheckpointPath(options_.checkpoint_directory));
  checkpoint_path_ = path.value_or("");
  if (!path.has_value()) context_.log.Info("Checkpoint loading and saving are disabled.");
  absl::StatusOr<learner::Checkpoint> found = absl::NotFoundError("");
  if (path.has_value()) found = learner::LoadCheckpoint(context_.env, *path);
  if (absl::IsNotFound(found.status())) return options_.resume ? NothingToResume(path) : absl::OkStatus();
  if (!found.ok()) return found.status();
  if (const absl::Status same = learner::CheckSameTraining(found->training, training); !same.ok()) {
    return Annotate(same, *path);
  }
  checkpoint_ = *std::move(found);
  checkpoint_.training = training;
  context_.log.Resumed(checkpoint_.history);
  for (const learner::EpochReport& report : checkpoint_.history) report_.AddEpoch(report);
  context_.log.Info(absl::StrCat("Loaded checkpoint \"", *path, "\": going on after ", checkpoint_.state.epochs_run,
                                 checkpoint_.state.epochs_run == 1 ? " epoch" : " epochs"));
  return absl::OkStatus();
}

absl::Status TrainJob::ReadData() {
  const bool as_start = start_.has_value() && !hyperparameters_.feature_dim.has_value();
  LL_ASSIGN_OR_RETURN(train_,
                      as_start ? ReadChannel(channels_.train, start_->schema().feature_dim, "the model to begin with")
                               : ReadChannel(channels_.train, hyperparameters_.feature_dim.value_or(0),
                                             "the hyperparameter feature_dim"));
  const int columns = train_->columns();
  if (names_.features.empty()) names_.features = header_;
  if (names_.features.empty() && start_.has_value()) names_.features = start_->parts().feature_names;
  if (!names_.features.empty() && names_.features.size() != static_cast<size_t>(columns)) {
    return WrongNames("features", names_.features, static_cast<size_t>(columns));
  }
  std::vector<double> means;  // of train, for whatever channel is imputed with them
  const auto fill_missing = [&](const Channel& channel, Dataset& data) {
    if (!ImputesMeans(channel)) return;
    if (means.empty()) means = train_->MeansOfPresent();
    FillMissing(channel, means, data);
  };
  const auto read_other = [&](const std::optional<Channel>& channel, std::optional<Dataset>& data) -> absl::Status {
    if (!channel.has_value()) return absl::OkStatus();
    LL_ASSIGN_OR_RETURN(data, ReadChannel(*channel, columns, "channel train"));
    fill_missing(*channel, *data);
    return absl::OkStatus();
  };
  fill_missing(channels_.train, *train_);
  LL_RETURN_IF_ERROR(read_other(channels_.validation, validation_));
  LL_RETURN_IF_ERROR(read_other(channels_.test, test_));

  PreparedEvent event{.seed = options_.seed,
                      .threads = context_.executor.workers(),
                      .feature_dim = columns,
                      .models = learner::EffectiveNumModels(hyperparameters_),
                      .epochs = hyperparameters_.epochs,
                      .train_rows = train_->rows()};
  if (validation_.has_value()) event.validation_rows = validation_->rows();
  if (test_.has_value()) event.test_rows = test_->rows();
  context_.events.Prepared(event);
  return absl::OkStatus();
}

absl::StatusOr<Dataset> TrainJob::ReadChannel(const Channel& channel, int feature_dim, std::string feature_dim_source) {
  const absl::Time began = context_.clock.Now();
  if (channel.config.pipe) {
    context_.log.Info(absl::StrCat("The channel '", channel.name, "' is in pipe input mode under ", channel.path));
  }
  absl::StatusOr<Dataset> data = CollectChannel(channel, {.labels = true,
                                                          .num_classes = LabelClasses(hyperparameters_),
                                                          .feature_dim = feature_dim,
                                                          .feature_dim_source = std::move(feature_dim_source)});
  if (absl::IsCancelled(data.status())) return data.status();
  if (!data.ok()) return Annotate(data.status(), absl::StrCat("Unable to read data channel '", channel.name, "'"));
  if (channel.config.shuffle_seed.has_value()) {
    const absl::Status shuffled = data->Shuffle(*channel.config.shuffle_seed);
    if (!shuffled.ok()) return Annotate(shuffled, absl::StrCat("Unable to shuffle data channel '", channel.name, "'"));
  }
  context_.log.Info(absl::StrCat(
      "Data channel '", channel.name, "': ", data->rows(), " rows of ", data->columns(), " features from ",
      channel.files.size(), channel.files.size() == 1 ? " file" : " files", data->sparse() ? ", sparse" : "",
      data->streamed() ? ", streamed" : "", channel.config.shuffle_seed.has_value() ? ", shuffled" : "", ", in ",
      absl::FormatDuration(context_.clock.Now() - began)));
  context_.log.ChannelRead(channel.path, context_.clock.Now() - began, data->rows(), data->memory_bytes());
  return data;
}

absl::StatusOr<Dataset> TrainJob::CollectChannel(const Channel& channel, const learner::RowRules& rules) {
  const std::string spool = channel.config.pipe && options_.memory_limit > 0 ? directory_.spool_path(channel.name) : "";
  LL_ASSIGN_OR_RETURN(auto files,
                      learner::OpenRowFiles(context_.env, channel.files, channel.config.content_type, rules, spool));
  LL_ASSIGN_OR_RETURN(Dataset data,
                      Dataset::Open(std::make_unique<StoppableRows>(std::move(files), context_.stop_requested),
                                    {.max_bytes = MemoryFor(channel), .layout = layout_}));
  layout_ = data.sparse() ? learner::RowLayout::kSparse : learner::RowLayout::kDense;
  LL_RETURN_IF_ERROR(CheckNames(channel, data.feature_names()));
  return data;
}

// A channel may take what the others leave, and those yet to be read are left an eighth of the whole each.
uint64_t TrainJob::MemoryFor(const Channel& channel) const {
  uint64_t left = options_.memory_limit;
  const auto reserve = [&](const std::optional<Channel>& other, const std::optional<Dataset>& data) {
    if (!other.has_value() || other->name == channel.name) return;
    const uint64_t taken = data.has_value() ? data->memory_bytes() : options_.memory_limit / 8;
    left -= std::min(left, taken);
  };
  reserve(channels_.train, train_);
  reserve(channels_.validation, validation_);
  reserve(channels_.test, test_);
  return options_.memory_limit == 0 ? 0 : std::max<uint64_t>(left, 1);
}

// Columns that are called something else than those of train are other columns.
absl::Status TrainJob::CheckNames(const Channel& channel, const std::vector<std::string>& names) {
  if (names.empty()) return absl::OkStatus();
  if (header_.empty()) header_ = names;
  const auto differs = std::mismatch(names.begin(), names.end(), header_.begin(), header_.end());
  if (differs.first == names.end()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidData,
                   {.what = absl::StrCat("cannot use the header of ", channel.path),
                    .why = absl::StrCat("feature ", differs.first - names.begin() + 1, " is called \"", *differs.first,
                                        "\", and \"", *differs.second, "\" in another channel"),
                    .remedy = "Give all channels the same columns in the same order."});
}

void TrainJob::FillMissing(const Channel& channel, absl::Span<const double> means, Dataset& data) {
  const int64_t filled = data.FillMissing(means);
  if (filled == 0) return;
  context_.log.Info(absl::StrCat("Data channel '", channel.name, "': ", filled,
                                 filled == 1 ? " missing feature was" : " missing features were",
                                 " replaced by means of channel 'train'"));
}

absl::StatusOr<learner::TrainResult> TrainJob::TrainModels() {
  std::function<void(learner::TrainingState)> on_state;
  if (!checkpoint_path_.empty()) on_state = [this](learner::TrainingState state) { TakeState(std::move(state)); };
  const learner::TrainHooks hooks{.executor = &context_.executor,
                                  .seed = options_.seed,
                                  .clock = &context_.clock,
                                  .on_scaled =
                                      [this](const learner::DataScale& scale) {
                                        context_.log.Scaled(scale, hyperparameters_.num_point_for_scaler);
                                      },
                                  .on_epoch = [this](const learner::EpochReport& report) { AddEpoch(report); },
                                  .on_warning = [this](const std::string& message) { Warn(message); },
                                  .stop_requested = context_.stop_requested,
                                  .warm_start = start_.has_value() ? &*start_ : nullptr,
                                  .resume_from = checkpoint_.state.epochs_run > 0 ? &checkpoint_.state : nullptr,
                                  .on_state = on_state};
  checkpoint_time_ = context_.clock.Now();
  Dataset* const validation = validation_.has_value() ? &*validation_ : nullptr;
  absl::StatusOr<learner::TrainResult> result = learner::Train(*train_, validation, hyperparameters_, hooks);
  if (absl::IsCancelled(result.status())) return Stopped();
  if (HasReason(result.status(), ErrorReason::kInvalidCheckpoint)) return Annotate(result.status(), checkpoint_path_);
  if (result.ok() && result->interrupted && checkpoint_is_unsaved_) SaveCheckpoint();
  if (result.ok()) context_.log.Finished(*result);
  return result;
}

void TrainJob::AddEpoch(const learner::EpochReport& report) {
  context_.log.Epoch(report);
  context_.events.Epoch(report);
  report_.AddEpoch(report);
  if (!checkpoint_path_.empty()) checkpoint_.history.push_back(report);
}

void TrainJob::TakeState(learner::TrainingState state) {
  checkpoint_.state = std::move(state);
  checkpoint_is_unsaved_ = true;
  if (context_.clock.Now() - checkpoint_time_ >= options_.checkpoint_interval) SaveCheckpoint();
}

// Training goes on without it where the disk refuses.
void TrainJob::SaveCheckpoint() {
  const absl::Status saved = learner::SaveCheckpoint(checkpoint_, context_.env, checkpoint_path_);
  if (saved.ok()) {
    checkpoint_is_unsaved_ = false;
    context_.log.Info(absl::StrCat("Saved checkpoint to \"", checkpoint_path_, "\""));
  } else {
    Warn(absl::StrCat("The checkpoint could not be written, and training goes on: ",
                      absl::string_view(saved.message())));
  }
  checkpoint_time_ = context_.clock.Now();
}

// Of a job that is through, with its model in place.
void TrainJob::RemoveCheckpoint() {
  if (checkpoint_path_.empty()) return;
  const absl::Status removed = learner::RemoveCheckpoint(context_.env, checkpoint_path_);
  if (!removed.ok()) Warn(absl::StrCat("The checkpoint could not be removed: ", absl::string_view(removed.message())));
}

// The chosen model with a complete training record: the test channel's scores, and the hyperparameters in the user's
// own words.
absl::StatusOr<learner::Model> TrainJob::Finish(const learner::TrainResult& result) {
  learner::Model::Parts parts = result.model.parts();
  parts.training.hyperparameters = given_;
  parts.feature_names = names_.features;
  parts.class_names = names_.classes;
  const std::string chosen_on = validation_.has_value() ? "validation" : "train";
  std::map<std::string, double> scores;
  for (const auto& [name, value] : parts.training.metrics) {
    absl::string_view metric = name;
    if (absl::ConsumePrefix(&metric, absl::StrCat(chosen_on, ":"))) scores[std::string(metric)] = value;
  }
  context_.log.Scores(chosen_on, scores);
  context_.log.Selected(result.model);
  if (!test_.has_value()) {
    context_.log.Info("Test data is not provided.");
  } else {
    scores = learner::MeasureModel(result.model, *objective_, *test_,
                                   learner::MetricOptionsOf(hyperparameters_, result.weights), context_.executor);
    context_.log.Scores("test", scores);
    for (const auto& [metric, value] : scores) parts.training.metrics[absl::StrCat("test:", metric)] = value;
  }
  return learner::Model::Create(std::move(parts));
}

absl::Status TrainJob::Save(const learner::Model& model, const learner::TrainResult& result) {
  LL_ASSIGN_OR_RETURN(const std::string artifact, learner::SerializeModel(model));
  const bool validated = validation_.has_value();
  LL_RETURN_IF_ERROR(directory_.WriteModel(
      artifact, report_.Files(model, validated ? *validation_ : *train_, validated ? "validation" : "train")));
  if (!result.interrupted) RemoveCheckpoint();
  context_.log.Info(absl::StrCat(result.interrupted ? "Training was stopped; the best model so far" : "The model",
                                 " is in ", directory_.model_path()));
  context_.events.Done({.model = &model,
                        .interrupted = result.interrupted,
                        .stopped_early = result.stopped_early,
                        .artifact_path = directory_.model_path(),
                        .artifact_bytes = artifact.size(),
                        .artifact_sha256 = Sha256Hex(artifact)});
  return absl::OkStatus();
}

}  // namespace

ExitCode RunTrainJob(const TrainJobOptions& options, const TrainJobContext& context) {
  return TrainJob(options, context).Run();
}

}  // namespace ll::lltrain
