#include "learner/hyperparameter_table.h"

#include <cmath>
#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"

namespace ll::learner {
namespace {

using Hp = Hyperparameters;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kMaxInt = std::numeric_limits<int>::max();

constexpr Interval kNone = {0, 0, false, false};
constexpr Interval kCount = {1, kMaxInt, false, false};
constexpr Interval kAnyNumber = {-kInfinity, kInfinity, true, true};
constexpr Interval kPositive = {0, kInfinity, true, true};
constexpr Interval kNotNegative = {0, kInfinity, false, true};
constexpr Interval kBelowOne = {0, 1, false, true};
constexpr Interval kFraction = {0, 1, true, true};

bool IsClassifier(const Hp& hp) { return hp.predictor_type != PredictorType::kRegressor; }
bool IsBinary(const Hp& hp) { return hp.predictor_type == PredictorType::kBinaryClassifier; }
bool Selects(const Hp& hp, SelectionCriterion criterion) {
  return IsBinary(hp) && hp.binary_classifier_model_selection_criteria == criterion;
}
bool Optimizes(const Hp& hp, Optimizer optimizer) { return hp.optimizer.value_or(Optimizer::kAdam) == optimizer; }

constexpr Scope kAll = {"all", [](const Hp&) { return true; }};
constexpr Scope kBinary = {"predictor_type=binary_classifier", IsBinary};
constexpr Scope kMulticlass = {"predictor_type=multiclass_classifier",
                               [](const Hp& hp) { return hp.predictor_type == PredictorType::kMulticlassClassifier; }};
constexpr Scope kRegressor = {"predictor_type=regressor", [](const Hp& hp) { return !IsClassifier(hp); }};
constexpr Scope kClassifier = {"classifiers", IsClassifier};
constexpr Scope kBias = {"use_bias=true", [](const Hp& hp) { return hp.use_bias; }};
constexpr Scope kUniform = {"init_method=uniform", [](const Hp& hp) { return hp.init_method == InitMethod::kUniform; }};
constexpr Scope kNormal = {"init_method=normal", [](const Hp& hp) { return hp.init_method == InitMethod::kNormal; }};
constexpr Scope kAdam = {"optimizer=adam", [](const Hp& hp) { return Optimizes(hp, Optimizer::kAdam); }};
constexpr Scope kSgd = {"optimizer=sgd", [](const Hp& hp) { return Optimizes(hp, Optimizer::kSgd); }};
constexpr Scope kScheduler = {"use_lr_scheduler=true", [](const Hp& hp) { return hp.use_lr_scheduler; }};
constexpr Scope kScaler = {"normalize_data or unbias_data", [](const Hp& hp) {
                             return hp.normalize_data.value_or(true) || hp.unbias_data.value_or(hp.use_bias);
                           }};
constexpr Scope kHuber = {"loss=huber_loss", [](const Hp& hp) { return EffectiveLoss(hp) == Loss::kHuber; }};
constexpr Scope kHinge = {"loss=hinge_loss", [](const Hp& hp) { return EffectiveLoss(hp) == Loss::kHinge; }};
constexpr Scope kQuantile = {"loss=quantile_loss", [](const Hp& hp) { return EffectiveLoss(hp) == Loss::kQuantile; }};
constexpr Scope kInsensitive = {"loss=eps_insensitive_squared_loss or eps_insensitive_absolute_loss", [](const Hp& hp) {
                                  return EffectiveLoss(hp) == Loss::kEpsInsensitiveSquared ||
                                         EffectiveLoss(hp) == Loss::kEpsInsensitiveAbsolute;
                                }};
constexpr Scope kTargetPrecision = {
    "binary_classifier_model_selection_criteria=recall_at_target_precision",
    [](const Hp& hp) { return Selects(hp, SelectionCriterion::kRecallAtTargetPrecision); }};
constexpr Scope kTargetRecall = {
    "binary_classifier_model_selection_criteria=precision_at_target_recall",
    [](const Hp& hp) { return Selects(hp, SelectionCriterion::kPrecisionAtTargetRecall); }};
// Only _tuning_objective_metric, which is read apart from the table, changes anything.
constexpr Scope kReserved = {"reserved", [](const Hp&) { return false; }};
constexpr Scope kTuning = {"reserved: set by tuning jobs", [](const Hp&) { return true; }};

constexpr HyperparameterEntry kTable[] = {
    {"predictor_type", &Hp::predictor_type, kNone, kAll,
     "The task. Labels are 0 or 1 for binary_classifier, 0 to num_classes - 1 for multiclass_classifier, any number "
     "for regressor."},
    {"feature_dim",
     &Hp::feature_dim,
     {1, 10000000, false, false},
     kAll,
     "Number of features of a row. auto: the width of the first row; every later row must have the same."},
    {"num_classes",
     &Hp::num_classes,
     {1, 1000000, false, false},
     kMulticlass,
     "Number of classes, at least 3. Required for multiclass_classifier."},
    {"loss", &Hp::loss, kNone, kAll,
     "Loss that training minimises. auto: logistic, softmax_loss or squared_loss by predictor_type."},
    {"epochs", &Hp::epochs, kCount, kAll, "Most passes over the training data."},
    {"mini_batch_size", &Hp::mini_batch_size, kCount, kAll,
     "Rows per update of the weights. auto: 1000, but fewer where an epoch would have less than 50 updates."},
    {"num_models",
     &Hp::num_models,
     {1, 1024, false, false},
     kAll,
     "Models trained in one pass, with different settings; the best is kept. auto: 32, or 28 for "
     "multiclass_classifier."},
    {"early_stopping_patience", &Hp::early_stopping_patience, kCount, kAll,
     "Epochs without improvement after which training stops at the next such epoch."},
    {"early_stopping_tolerance", &Hp::early_stopping_tolerance, kPositive, kAll,
     "Relative improvement that early_stopping_patience counts as one. The best model is kept whatever its lead."},
    {"use_bias", &Hp::use_bias, kNone, kAll, "Whether the model has an intercept."},
    {"init_method", &Hp::init_method, kNone, kAll, "Distribution of the initial weights."},
    {"init_scale", &Hp::init_scale, kPositive, kUniform, "Initial weights lie in (-init_scale, init_scale)."},
    {"init_sigma", &Hp::init_sigma, kPositive, kNormal, "Standard deviation of the initial weights."},
    {"init_bias", &Hp::init_bias, kAnyNumber, kBias, "Initial intercept."},
    {"bias_lr_mult", &Hp::bias_lr_mult, kPositive, kBias,
     "The intercept's learning rate is learning_rate times this. auto: 10."},
    {"bias_wd_mult", &Hp::bias_wd_mult, kNotNegative, kBias,
     "The intercept's weight decay is wd times this. auto: 0, no decay."},
    {"optimizer", &Hp::optimizer, kNone, kAll, "Rule that updates the weights. auto: adam."},
    {"learning_rate", &Hp::learning_rate, kPositive, kAll, "Step size. auto: several are tried."},
    {"momentum", &Hp::momentum, kBelowOne, kSgd, "Share of the last step that is kept. auto: 0."},
    {"beta_1", &Hp::beta_1, kBelowOne, kAdam, "Decay of the first moment. auto: 0.9."},
    {"beta_2", &Hp::beta_2, kBelowOne, kAdam, "Decay of the second moment. auto: 0.999."},
    {"use_lr_scheduler", &Hp::use_lr_scheduler, kNone, kAll, "Whether the learning rate decays during training."},
    {"lr_scheduler_step", &Hp::lr_scheduler_step, kCount, kScheduler,
     "Updates between two decays of the learning rate. auto: several are tried."},
    {"lr_scheduler_factor", &Hp::lr_scheduler_factor, kFraction, kScheduler,
     "Each decay multiplies the learning rate by this. auto: 0.99."},
    {"lr_scheduler_minimum_lr", &Hp::lr_scheduler_minimum_lr, kPositive, kScheduler,
     "The learning rate decays no further than this. auto: several are tried."},
    {"l1", &Hp::l1, kNotNegative, kAll, "L1 penalty on the weights of normalised features. auto: several are tried."},
    {"wd", &Hp::wd, kNotNegative, kAll,
     "L2 penalty (weight decay) on the weights of normalised features. auto: several are tried."},
    {"normalize_data", &Hp::normalize_data, kNone, kAll,
     "Whether features are shifted to mean 0 and scaled to standard deviation 1. auto: both are tried, with features "
     "left in proportion as the other; true where num_models is 1."},
    {"unbias_data", &Hp::unbias_data, kNone, kAll,
     "Whether features that are not normalized are shifted to mean 0. auto: as use_bias with normalize_data=false, "
     "else not; with normalize_data=auto too, sparse rows with more features than a mini-batch has entries are not "
     "shifted when they are normalized either."},
    {"normalize_label", &Hp::normalize_label, kNone, kRegressor,
     "Whether labels are scaled to standard deviation 1. auto: true for regressor."},
    {"unbias_label", &Hp::unbias_label, kNone, kRegressor,
     "Whether labels are shifted to mean 0. auto: as use_bias for regressor."},
    {"num_point_for_scaler", &Hp::num_point_for_scaler, kCount, kScaler,
     "Rows from which means and deviations are measured, rounded up to whole mini-batches."},
    {"huber_delta", &Hp::huber_delta, kPositive, kHuber,
     "Distance from the label at which the loss turns from quadratic to linear."},
    {"loss_insensitivity", &Hp::loss_insensitivity, kPositive, kInsensitive, "Errors smaller than this cost nothing."},
    {"margin", &Hp::margin, kPositive, kHinge, "Margin of the hinge loss."},
    {"quantile", &Hp::quantile, kFraction, kQuantile,
     "Share of labels that should lie at or below the prediction: 0.9 gives high estimates."},
    {"positive_example_weight_mult", &Hp::positive_example_weight_mult, kPositive, kBinary,
     "Weight of rows with label 1 in the loss; the others weigh 1. balanced: rows with label 0 over rows with label 1. "
     "auto: several are tried."},
    {"balance_multiclass_weights", &Hp::balance_multiclass_weights, kNone, kMulticlass,
     "Whether each class counts equally in the loss."},
    {"binary_classifier_model_selection_criteria", &Hp::binary_classifier_model_selection_criteria, kNone, kBinary,
     "What chooses the model, the epoch and the threshold."},
    {"num_calibration_samples", &Hp::num_calibration_samples, kCount, kBinary,
     "Rows from which the threshold is found, at most. auto: 10000000."},
    {"target_precision", &Hp::target_precision, kFraction, kTargetPrecision,
     "Precision to hold while recall is maximised."},
    {"target_recall", &Hp::target_recall, kFraction, kTargetRecall, "Recall to hold while precision is maximised."},
    {"f_beta", &Hp::f_beta, kPositive, kClassifier,
     "Beta of the F measure: above 1 recall counts more than precision."},
    {"accuracy_top_k", &Hp::accuracy_top_k, {1, 1000000, false, false}, kMulticlass, "k of top-k accuracy."},
    {"_tuning_objective_metric",
     {},
     kNone,
     kTuning,
     "The metric that a tuning job optimises. When it is set, one model is trained."},
    {"_num_kv_servers", {}, kNone, kReserved, "Accepted and without effect."},
    {"_kvstore", {}, kNone, kReserved, "Accepted and without effect."},
    {"_num_gpus", {}, kNone, kReserved, "Accepted and without effect."},
    {"_log_level", {}, kNone, kReserved, "Accepted and without effect."},
    {"_enable_profiler", {}, kNone, kReserved, "Accepted and without effect."},
    {"_data_format", {}, kNone, kReserved, "Accepted and without effect."},
};

constexpr Word<PredictorType> kPredictorTypes[] = {
    {"binary_classifier", PredictorType::kBinaryClassifier},
    {"multiclass_classifier", PredictorType::kMulticlassClassifier},
    {"regressor", PredictorType::kRegressor},
};
constexpr Word<Loss> kLosses[] = {
    {"logistic", Loss::kLogistic},
    {"hinge_loss", Loss::kHinge},
    {"softmax_loss", Loss::kSoftmax},
    {"squared_loss", Loss::kSquared},
    {"absolute_loss", Loss::kAbsolute},
    {"eps_insensitive_squared_loss", Loss::kEpsInsensitiveSquared},
    {"eps_insensitive_absolute_loss", Loss::kEpsInsensitiveAbsolute},
    {"quantile_loss", Loss::kQuantile},
    {"huber_loss", Loss::kHuber},
};
constexpr Word<Optimizer> kOptimizers[] = {
    {"sgd", Optimizer::kSgd},
    {"adam", Optimizer::kAdam},
    {"rmsprop", Optimizer::kRmsprop},
};
constexpr Word<InitMethod> kInitMethods[] = {
    {"uniform", InitMethod::kUniform},
    {"normal", InitMethod::kNormal},
};
constexpr Word<SelectionCriterion> kSelectionCriteria[] = {
    {"accuracy", SelectionCriterion::kAccuracy},
    {"f_beta", SelectionCriterion::kFBeta},
    {"precision_at_target_recall", SelectionCriterion::kPrecisionAtTargetRecall},
    {"recall_at_target_precision", SelectionCriterion::kRecallAtTargetPrecision},
    {"loss_function", SelectionCriterion::kLossFunction},
    // Names of early releases of the reference; its clients still send them.
    {"f1", SelectionCriterion::kFBeta},
    {"cross_entropy_loss", SelectionCriterion::kLossFunction},
};

// Whole bounds are written out: 1000000, not 1e+06.
std::string FormatBound(double bound) {
  const bool whole = std::isfinite(bound) && bound == std::trunc(bound);
  return whole ? absl::StrCat(static_cast<int64_t>(bound)) : absl::StrCat(bound);
}

}  // namespace

bool Interval::Contains(double value) const {
  return (low_open ? value > low : value >= low) && (high_open ? value < high : value <= high);
}

std::string Interval::ToString() const {
  return absl::StrCat(low_open ? "(" : "[", FormatBound(low), ", ", FormatBound(high), high_open ? ")" : "]");
}

template <>
absl::Span<const Word<PredictorType>> Words() {
  return kPredictorTypes;
}
template <>
absl::Span<const Word<Loss>> Words() {
  return kLosses;
}
template <>
absl::Span<const Word<Optimizer>> Words() {
  return kOptimizers;
}
template <>
absl::Span<const Word<InitMethod>> Words() {
  return kInitMethods;
}
template <>
absl::Span<const Word<SelectionCriterion>> Words() {
  return kSelectionCriteria;
}

absl::Span<const HyperparameterEntry> HyperparameterTable() { return kTable; }

const HyperparameterEntry* FindHyperparameter(absl::string_view name) {
  for (const HyperparameterEntry& entry : kTable) {
    if (name == entry.name) return &entry;
  }
  return nullptr;
}

}  // namespace ll::learner
