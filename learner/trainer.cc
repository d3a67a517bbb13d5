#include "learner/trainer.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/calibration.h"
#include "learner/early_stopping.h"
#include "learner/evaluation.h"
#include "learner/grid.h"
#include "learner/labels.h"
#include "learner/largest_l1.h"
#include "learner/metrics.h"
#include "learner/model_bank.h"
#include "learner/objective.h"
#include "learner/partition.h"
#include "learner/scaler.h"
#include "learner/training_pass.h"
#include "learner/training_state.h"
#include "learner/warm_start.h"

namespace ll::learner {
namespace {

constexpr int64_t kAutoCalibrationRows = 10'000'000;

absl::Status InvalidData(std::string what, std::string why, std::string remedy) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidData,
                   {.what = std::move(what), .why = std::move(why), .remedy = std::move(remedy)});
}

absl::Status CheckData(const Dataset& train, const Dataset* validation, const Hyperparameters& hyperparameters,
                       const TrainHooks& hooks) {
  const int columns = train.columns();
  if (hyperparameters.feature_dim.has_value() && *hyperparameters.feature_dim != columns) {
    return InvalidData(
        "cannot use the train channel",
        absl::StrCat("its rows have ", columns, " features, and feature_dim is ", *hyperparameters.feature_dim),
        "Correct feature_dim, or leave it out to take the width of the data.");
  }
  if (validation != nullptr && validation->columns() != columns) {
    return InvalidData(
        "cannot use the validation channel",
        absl::StrCat("its rows have ", validation->columns(), " features, those of train have ", columns),
        "Give both channels the same features.");
  }
  if (hooks.warm_start != nullptr) {
    LL_RETURN_IF_ERROR(CheckWarmStart(hooks.warm_start->schema(), columns, hyperparameters));
    const absl::Span<const double> bias = hooks.warm_start->bias();
    if (!hyperparameters.use_bias && std::any_of(bias.begin(), bias.end(), [](double b) { return b != 0; })) {
      return InvalidData("cannot begin training with this model", "it has a bias, and use_bias is false",
                         "Leave use_bias on, or begin with another model.");
    }
  }
  LL_RETURN_IF_ERROR(CheckLabels(train.labels(), "train", hyperparameters, hooks.on_warning));
  if (validation == nullptr) return absl::OkStatus();
  return CheckLabels(validation->labels(), "validation", hyperparameters, hooks.on_warning);
}

int64_t MiniBatchSize(const Dataset& train, const Hyperparameters& hyperparameters, const TrainHooks& hooks) {
  if (hyperparameters.mini_batch_size > train.rows() && hooks.on_warning) {
    hooks.on_warning(absl::StrCat("mini_batch_size is ", *hyperparameters.mini_batch_size, " and there are only ",
                                  train.rows(), " rows: training with mini-batches of ", train.rows()));
  }
  return EffectiveMiniBatchSize(hyperparameters, train.rows());
}

// Whole mini-batches of the size that is documented, also where auto makes them smaller.
int64_t ScalerSample(const Dataset& train, const Hyperparameters& hyperparameters) {
  const int64_t mini_batch_size = hyperparameters.mini_batch_size.value_or(kLargestAutoMiniBatch);
  return ScalerRows(train.rows(), std::min(mini_batch_size, train.rows()), hyperparameters.num_point_for_scaler);
}

// A model that centres is moved, by the means, in every feature in every update. Where a mini-batch has fewer entries
// than there are features, that would be most of the work.
bool CentringIsCheap(const Dataset& train, int64_t mini_batch_size) {
  return !train.sparse() || static_cast<double>(mini_batch_size) * train.entries_per_row() >= train.columns();
}

// One call of Train(), after its data has been checked.
class Training final {
 public:
  Training(Dataset& train, Dataset* validation, const Hyperparameters& hyperparameters, const TrainHooks& hooks)
      : train_(train),
        validation_(validation),
        hyperparameters_(hyperparameters),
        hooks_(hooks),
        executor_(*hooks.executor),
        clock_(hooks.clock != nullptr ? *hooks.clock : Clock::Real()),
        from_(hooks.resume_from),
        criterion_(CriterionOf(hyperparameters)),
        by_loss_(validation == nullptr || criterion_.criterion == SelectionCriterion::kLossFunction),
        stopping_(by_loss_ ? Better::kLower : Better::kHigher, hyperparameters.early_stopping_patience,
                  hyperparameters.early_stopping_tolerance) {}

  absl::StatusOr<TrainResult> Run() {
    if (from_ != nullptr) LL_RETURN_IF_ERROR(CheckFits(*from_));
    Prepare();
    LL_RETURN_IF_ERROR(DataStatus());
    if (from_ != nullptr) LL_RETURN_IF_ERROR(Restore(*from_));
    bool interrupted = false;
    bool stopped_early = stopping_.should_stop();
    while (epochs_run_ < hyperparameters_.epochs && !interrupted && !stopped_early && !AllDiverged()) {
      interrupted = !RunEpoch(epochs_run_);
      LL_RETURN_IF_ERROR(DataStatus());
      stopped_early = !interrupted && stopping_.should_stop();
      if (!interrupted && hooks_.on_state) hooks_.on_state(State());
    }
    if (interrupted && !kept_.has_value()) {
      return MakeError(absl::StatusCode::kCancelled, ErrorReason::kCancelled,
                       {.what = "training was stopped", .why = "before its first epoch was complete", .remedy = ""});
    }
    if (!kept_.has_value()) {
      return MakeError(
          absl::StatusCode::kFailedPrecondition, ErrorReason::kTrainingDiverged,
          {.what = "training found no model",
           .why = absl::StrCat("the loss or the weights of all ", bank_->candidates().size(),
                               " models stopped being finite numbers"),
           .remedy = "Lower learning_rate, leave normalize_data on, or look for extreme values in the data."});
    }
    LL_ASSIGN_OR_RETURN(TrainResult result, Finish());
    LL_RETURN_IF_ERROR(DataStatus());
    result.interrupted = interrupted;
    result.stopped_early = stopped_early;
    return result;
  }

 private:
  // Rows that are streamed may have failed to come.
  absl::Status DataStatus() const {
    LL_RETURN_IF_ERROR(train_.status());
    return validation_ != nullptr ? validation_->status() : absl::OkStatus();
  }
  const Dataset& judged() const { return validation_ != nullptr ? *validation_ : train_; }
  int64_t calibration_rows() const { return hyperparameters_.num_calibration_samples.value_or(kAutoCalibrationRows); }

  // Statistics, offsets, candidates and their first weights.
  void Prepare() {
    const int64_t mini_batch_size = MiniBatchSize(train_, hyperparameters_, hooks_);
    const int64_t sample = ScalerSample(train_, hyperparameters_);
    PrepareLabels(sample);
    std::vector<double> offsets(static_cast<size_t>(train_.columns()), 0.0);
    train_.SetOffsets(offsets);
    scaler_ = from_ != nullptr ? from_->scaler : ComputeScaler(train_, sample, executor_);
    if (hooks_.on_scaled) hooks_.on_scaled(Scale());
    // The bias makes up for an offset: without one, rows must stay as they are. So must zeros that are left out.
    const bool sparse = train_.sparse() || (validation_ != nullptr && validation_->sparse());
    if (hyperparameters_.use_bias && !sparse) offsets = ChooseOffsets(scaler_);
    train_.SetOffsets(offsets);
    if (validation_ != nullptr) validation_->SetOffsets(offsets);
    Scaler stored = scaler_;
    for (size_t j = 0; j < offsets.size(); ++j) stored.mean[j] -= offsets[j];
    bank_.emplace(from_ != nullptr ? from_->candidates : MakeCandidates(sample, stored), objective_->outputs(), stored,
                  hyperparameters_, hooks_.seed, weights_.classes);
    if (hooks_.warm_start != nullptr) bank_->StartAt(StartingPoint(*hooks_.warm_start, label_scale_, offsets));
    pass_.emplace(train_, train_labels_, *objective_, mini_batch_size, executor_, *bank_);
    if (validation_ != nullptr) {
      evaluation_.emplace(*validation_, validation_labels_, *objective_, *bank_, criterion_, calibration_rows(),
                          executor_);
    }
    const auto positives = static_cast<double>(std::count(judged().labels().begin(), judged().labels().end(), 1.0f));
    const double base_weight = bank_->candidates().front().positive_weight;
    for (const Candidate& candidate : bank_->candidates()) {
      const double extra = candidate.positive_weight - 1;
      const bool differs = candidate.positive_weight != base_weight;
      mean_weights_.push_back(differs ? 1 + extra * positives / static_cast<double>(judged().rows()) : 1.0);
    }
    diverged_.assign(bank_->candidates().size(), false);
    summaries_.resize(bank_->candidates().size());
    for (size_t i = 0; i < summaries_.size(); ++i) {
      summaries_[i].index = static_cast<int>(i);
      summaries_[i].hyperparameters = DescribeCandidate(bank_->candidates()[i]);
    }
  }

  std::vector<Candidate> MakeCandidates(int64_t sample, const Scaler& stored) const {
    GridInputs inputs = {.positive_weight = weights_.positive,
                         .balanced_weight = BalancedPositiveWeight(train_.labels()),
                         .centre = CentringIsCheap(train_, EffectiveMiniBatchSize(hyperparameters_, train_.rows()))};
    const Candidate base = BaseCandidate(hyperparameters_, inputs);
    const auto space_of = [&](const Candidate& candidate) -> FeatureSpace {
      return {LargestL1(train_, train_labels_, sample, stored, candidate, weights_, *objective_, executor_),
              StableSgdRate(candidate, stored, objective_->largest_curvature() * weights_.largest())};
    };
    inputs.base = space_of(base);
    inputs.common_deviation = CommonDeviation(stored);
    inputs.common = space_of(WithCommonScale(base, hyperparameters_, inputs));
    return BuildGrid(hyperparameters_, inputs, hooks_.seed);
  }

  // Labels, and the loss of them, in the units that are trained in.
  void PrepareLabels(int64_t sample) {
    weights_ = MeasureExampleWeights(train_.labels(), hyperparameters_);
    label_scale_ = from_ != nullptr ? from_->label_scale : MeasureLabelScale(train_.labels(), sample, hyperparameters_);
    objective_ = MakeObjective(hyperparameters_, label_scale_.deviation);
    validation_loss_unit_ = std::pow(label_scale_.deviation, objective_->degree());
    train_labels_ = label_scale_.Apply(train_.labels());
    if (validation_ != nullptr) validation_labels_ = label_scale_.Apply(validation_->labels());
  }

  // What Prepare() relies on. A state of equal sizes may still be of other rows; Restore() finds out.
  absl::Status CheckFits(const TrainingState& state) const {
    std::optional<DataFingerprint> validation;
    if (validation_ != nullptr) validation = CountsOf(*validation_);
    LL_RETURN_IF_ERROR(CheckSameData(state, CountsOf(train_), validation));
    const auto columns = static_cast<size_t>(train_.columns());
    const auto models = static_cast<size_t>(EffectiveNumModels(hyperparameters_));
    const bool fits = state.scaler.mean.size() == columns && state.scaler.deviation.size() == columns &&
                      state.candidates.size() == models && state.summaries.size() == models;
    return fits ? absl::OkStatus() : OtherTraining("it had another number of models");
  }

  absl::Status Restore(const TrainingState& state) {
    MeasureFingerprints();
    LL_RETURN_IF_ERROR(CheckSameData(state, *train_fingerprint_, validation_fingerprint_));
    const auto outputs = static_cast<size_t>(objective_->outputs());
    const bool kept_fits =
        !state.kept.has_value() || (state.kept->function.weights.size() == outputs * scaler_.mean.size() &&
                                    state.kept->function.bias.size() == outputs);
    if (!kept_fits || !bank_->Restore(state.bank)) return OtherTraining("its models have another size");
    pass_->SkipEpochs(state.epochs_run);
    epochs_run_ = state.epochs_run;
    summaries_ = state.summaries;
    for (size_t i = 0; i < summaries_.size(); ++i) diverged_[i] = summaries_[i].diverged;
    stopping_.Restore(state.stopping);
    kept_ = state.kept;
    return absl::OkStatus();
  }

  TrainingState State() {
    MeasureFingerprints();
    const absl::Span<const Candidate> candidates = bank_->candidates();
    return {.epochs_run = epochs_run_,
            .train = *train_fingerprint_,
            .validation = validation_fingerprint_,
            .scaler = scaler_,
            .label_scale = label_scale_,
            .candidates = {candidates.begin(), candidates.end()},
            .bank = bank_->State(),
            .summaries = summaries_,
            .stopping = stopping_.state(),
            .kept = kept_};
  }

  void MeasureFingerprints() {
    if (train_fingerprint_.has_value()) return;
    train_fingerprint_ = FingerprintOf(train_, executor_);
    if (validation_ != nullptr) validation_fingerprint_ = FingerprintOf(*validation_, executor_);
  }

  // False when it was interrupted, or rows did not come; nothing of the epoch counts then.
  bool RunEpoch(int epoch) {
    const absl::Time start = clock_.Now();
    const TrainingPass::Epoch pass = pass_->Run(hooks_.stop_requested);
    if (pass.stopped || !train_.status().ok()) return false;
    EpochReport report;
    report.epoch = epoch;
    report.epochs = hyperparameters_.epochs;
    report.candidates = Judge(pass.mean_losses);
    if (!DataStatus().ok()) return false;
    report.best_candidate = Winner(report.candidates);
    report.criterion_name = CriterionName();
    const auto best = static_cast<size_t>(report.best_candidate);
    report.criterion_value = ValueOf(report.candidates[best], best);
    report.improved = !AllDiverged() && stopping_.Improves(report.criterion_value);
    report.rows = train_.rows();
    report.mini_batches = pass_->mini_batches();
    ++epochs_run_;
    if (report.improved) {
      kept_ = KeptModel{.candidate = report.best_candidate,
                        .epoch = epoch,
                        .train_loss = report.candidates[static_cast<size_t>(report.best_candidate)].train_loss,
                        .function = bank_->Fold(report.best_candidate)};
    }
    report.duration = clock_.Now() - start;
    if (hooks_.on_epoch) hooks_.on_epoch(report);
    return true;
  }

  // What became of each candidate in an epoch. Once diverged is diverged for ever.
  std::vector<CandidateProgress> Judge(const std::vector<double>& train_losses) {
    for (size_t i = 0; i < diverged_.size(); ++i) {
      diverged_[i] = diverged_[i] || !std::isfinite(train_losses[i]) || !bank_->Finite(static_cast<int>(i));
    }
    std::vector<Evaluation::Result> validation;
    if (evaluation_.has_value()) validation = evaluation_->Run(diverged_);
    std::vector<CandidateProgress> candidates(train_losses.size());
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (evaluation_.has_value() && !std::isfinite(validation[i].mean_loss)) diverged_[i] = true;
      candidates[i].train_loss = train_losses[i];
      candidates[i].diverged = summaries_[i].diverged = diverged_[i];
      if (diverged_[i]) continue;
      summaries_[i].train_loss = train_losses[i];
      if (!evaluation_.has_value()) continue;
      candidates[i].validation_loss = summaries_[i].validation_loss = validation[i].mean_loss * validation_loss_unit_;
      if (!by_loss_) candidates[i].criterion = validation[i].criterion;
    }
    return candidates;
  }

  // What early stopping judges.
  double ValueOf(const CandidateProgress& candidate, size_t index) const {
    return by_loss_ ? LossOf(candidate, index) : candidate.criterion.value_or(0);
  }
  // Per unit of weight, so that candidates that weigh examples differently can be compared.
  double LossOf(const CandidateProgress& candidate, size_t index) const {
    return candidate.validation_loss.value_or(candidate.train_loss) / mean_weights_[index];
  }

  int Winner(const std::vector<CandidateProgress>& candidates) const {
    size_t best = 0;
    for (size_t i = 1; i < candidates.size(); ++i) {
      if (candidates[i].diverged) continue;
      const double score = by_loss_ ? 0 : *candidates[i].criterion;
      const double best_score = by_loss_ ? 0 : candidates[best].criterion.value_or(0);
      const bool better =
          score > best_score || (score == best_score && LossOf(candidates[i], i) < LossOf(candidates[best], best));
      if (candidates[best].diverged || better) best = i;
    }
    return static_cast<int>(best);
  }

  bool AllDiverged() const { return std::find(diverged_.begin(), diverged_.end(), false) == diverged_.end(); }

  std::string CriterionName() const {
    return by_loss_ ? std::string(objective_->name()) : absl::StrCat("sampled_", Name(criterion_.criterion));
  }

  // Threshold, metrics and the model for rows and labels as they came.
  absl::StatusOr<TrainResult> Finish() {
    ExampleWeights weights = weights_;
    weights.positive = bank_->candidates()[static_cast<size_t>(kept_->candidate)].positive_weight;
    Model::Parts parts;
    parts.schema = {.predictor_type = hyperparameters_.predictor_type,
                    .loss = EffectiveLoss(hyperparameters_),
                    .feature_dim = train_.columns(),
                    .outputs = objective_->outputs()};
    parts.weights = kept_->function.weights;
    parts.bias = kept_->function.bias;
    for (double& weight : parts.weights) weight *= label_scale_.deviation;
    for (double& bias : parts.bias) bias = bias * label_scale_.deviation + label_scale_.mean;
    // Until the offsets are folded in, the model is one of rows as they are stored.
    LL_ASSIGN_OR_RETURN(Model stored, Model::Create(parts));
    if (criterion_.criterion != SelectionCriterion::kLossFunction) {
      const std::vector<int64_t> sample = SampleRows(judged().rows(), calibration_rows());
      parts.threshold =
          Calibrator(criterion_)
              .Calibrate(ScoresOf(stored, judged(), sample, executor_), LabelsOf(judged().labels(), sample))
              .threshold;
      LL_ASSIGN_OR_RETURN(stored, Model::Create(parts));
    }
    parts.training = Record();
    parts.feature_deviations = scaler_.deviation;
    const MetricOptions options = MetricOptionsOf(hyperparameters_, weights);
    const std::unique_ptr<Objective> objective = MakeObjective(hyperparameters_);  // of labels as they came
    const absl::string_view channel = validation_ != nullptr ? "validation:" : "train:";
    for (const auto& [name, value] : MeasureModel(stored, *objective, judged(), options, executor_)) {
      parts.training.metrics[absl::StrCat(channel, name)] = value;
    }
    for (size_t i = 0; i < parts.weights.size(); ++i) {
      const size_t columns = train_.offsets().size();
      parts.bias[i / columns] -= parts.weights[i] * train_.offsets()[i % columns];
    }
    LL_ASSIGN_OR_RETURN(Model model, Model::Create(std::move(parts)));
    return TrainResult{.model = std::move(model), .weights = std::move(weights)};
  }

  // What was measured of the data, for reports.
  DataScale Scale() const {
    DataScale scale{.mean = scaler_.mean, .deviation = {}};
    for (size_t j = 0; j < scaler_.mean.size(); ++j) scale.deviation.push_back(scaler_.divisor(j));
    if (hyperparameters_.predictor_type == PredictorType::kRegressor) scale.label = label_scale_;
    return scale;
  }

  TrainingRecord Record() const {
    TrainingRecord record;
    record.metrics["train:objective_loss"] = kept_->train_loss;
    record.candidates = summaries_;
    record.best_candidate = kept_->candidate;
    record.best_epoch = kept_->epoch;
    record.epochs_run = epochs_run_;
    record.seed = hooks_.seed;
    record.train_rows = train_.rows();
    return record;
  }

  Dataset& train_;
  Dataset* const validation_;
  const Hyperparameters& hyperparameters_;
  const TrainHooks& hooks_;
  Executor& executor_;
  Clock& clock_;
  const TrainingState* const from_;  // nullptr: this is the beginning
  ExampleWeights weights_;
  LabelScale label_scale_;
  std::unique_ptr<Objective> objective_;  // of labels as they are trained on
  double validation_loss_unit_ = 1;       // one of its losses in units of the labels as they came
  std::vector<float> train_labels_;       // as they are trained on
  std::vector<float> validation_labels_;
  const CriterionOptions criterion_;
  const bool by_loss_;  // models are compared by loss, not by a score
  EarlyStopping stopping_;
  Scaler scaler_;  // of rows as they came
  std::optional<ModelBank> bank_;
  std::optional<TrainingPass> pass_;
  std::optional<Evaluation> evaluation_;
  std::vector<double> mean_weights_;  // of an example, for candidates whose weights are not the base's; else 1
  std::vector<bool> diverged_;
  std::vector<CandidateSummary> summaries_;
  std::optional<KeptModel> kept_;
  std::optional<DataFingerprint> train_fingerprint_, validation_fingerprint_;  // once they are asked for
  int epochs_run_ = 0;
};

}  // namespace

absl::StatusOr<TrainResult> Train(Dataset& train, Dataset* validation, const Hyperparameters& hyperparameters,
                                  const TrainHooks& hooks) {
  LL_RETURN_IF_ERROR(CheckData(train, validation, hyperparameters, hooks));
  return Training(train, validation, hyperparameters, hooks).Run();
}

}  // namespace ll::learner
