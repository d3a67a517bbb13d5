// The hyperparameters of the linear learner: names, types, ranges, defaults and rules, all from one table.
//
// Users send a flat map of strings (SageMaker's convention). Parse() turns it into the struct below or reports every
// violation at once, before any data is read; Describe() gives the table to help texts, docs and tests.
//
//   LL_ASSIGN_OR_RETURN(Hyperparameters hp, ParseHyperparameters({{"predictor_type", "binary_classifier"}}));
//   hp.epochs                        // 15
//   hp.learning_rate.has_value()     // false: "auto"
#ifndef LL_LEARNER_HYPERPARAMETERS_H_
#define LL_LEARNER_HYPERPARAMETERS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace ll::learner {

enum class PredictorType { kBinaryClassifier, kMulticlassClassifier, kRegressor };
enum class Loss {
  kLogistic,
  kHinge,
  kSoftmax,
  kSquared,
  kAbsolute,
  kEpsInsensitiveSquared,
  kEpsInsensitiveAbsolute,
  kQuantile,
  kHuber,
};
enum class Optimizer { kSgd, kAdam, kRmsprop };
enum class InitMethod { kUniform, kNormal };
enum class SelectionCriterion { kAccuracy, kFBeta, kPrecisionAtTargetRecall, kRecallAtTargetPrecision, kLossFunction };

// How much a positive example counts in the loss: a number, n_negative / n_positive, or a search axis.
struct PositiveExampleWeight {
  enum class Kind { kNumber, kBalanced, kAuto };
  Kind kind = Kind::kNumber;
  double value = 1.0;  // of kNumber

  bool operator==(const PositiveExampleWeight&) const = default;
};

// One value per hyperparameter, named as users name it. nullopt is "auto"; what auto resolves to is said beside it.
struct Hyperparameters {
  PredictorType predictor_type = PredictorType::kBinaryClassifier;
  std::optional<int> feature_dim = {};  // auto: the width of the first row
  int num_classes = 1;                  // multiclass only
  std::optional<Loss> loss = {};        // auto: logistic, softmax_loss or squared_loss by predictor_type

  // The data passes.
  int epochs = 15;
  std::optional<int> mini_batch_size = {};  // auto: EffectiveMiniBatchSize
  std::optional<int> num_models = {};       // auto: 32 (28 for multiclass); 1 under tuning
  int early_stopping_patience = 3;
  double early_stopping_tolerance = 0.001;

  // Start and bias.
  bool use_bias = true;
  InitMethod init_method = InitMethod::kUniform;
  double init_scale = 0.07;  // uniform in (-init_scale, init_scale)
  double init_sigma = 0.01;  // standard deviation of normal
  double init_bias = 0.0;
  std::optional<double> bias_lr_mult = {};  // auto: 10
  std::optional<double> bias_wd_mult = {};  // auto: 0

  // Optimiser and schedule.
  std::optional<Optimizer> optimizer = {};   // auto: adam
  std::optional<double> learning_rate = {};  // auto: an axis of the grid
  std::optional<double> momentum = {};       // auto: 0
  std::optional<double> beta_1 = {};         // auto: 0.9
  std::optional<double> beta_2 = {};         // auto: 0.999
  bool use_lr_scheduler = true;
  std::optional<int> lr_scheduler_step = {};           // auto: an axis of the grid; updates between decays
  std::optional<double> lr_scheduler_factor = {};      // auto: 0.99
  std::optional<double> lr_scheduler_minimum_lr = {};  // auto: an axis of the grid

  // Penalties, on weights of normalised features.
  std::optional<double> l1 = {};  // auto: an axis of the grid
  std::optional<double> wd = {};  // auto: an axis of the grid

  // Normalisation.
  std::optional<bool> normalize_data = {};   // auto: an axis of the grid
  std::optional<bool> unbias_data = {};      // auto: use_bias; see grid.h where normalize_data is auto
  std::optional<bool> normalize_label = {};  // auto: true for a regressor
  std::optional<bool> unbias_label = {};     // auto: use_bias, for a regressor
  int num_point_for_scaler = 10000;

  // Parameters of single losses.
  double huber_delta = 1.0;
  double loss_insensitivity = 0.01;
  double margin = 1.0;
  double quantile = 0.5;
  PositiveExampleWeight positive_example_weight_mult = {};
  bool balance_multiclass_weights = false;

  // Choice of the model and its threshold.
  SelectionCriterion binary_classifier_model_selection_criteria = SelectionCriterion::kAccuracy;
  std::optional<int> num_calibration_samples = {};  // auto: 10,000,000
  double target_precision = 0.8;
  double target_recall = 0.8;
  double f_beta = 1.0;
  int accuracy_top_k = 3;

  // Set when a tuning job started this training (_tuning_objective_metric): num_models is then 1.
  bool under_tuning = false;

  bool operator==(const Hyperparameters&) const = default;
};

// Checks and converts. Values are strings; booleans in any case ("True"), numbers as JSON writes them.
// INVALID_ARGUMENT with reason INVALID_HYPERPARAMETER and one field violation per problem (its field is the bare name),
// all at once: unknown names with the nearest known one, values of a wrong type or out of range, missing ones,
// and combinations that contradict each other. Names that begin with "_" are reserved by the container's protocol: the
// known ones are accepted, others refused. `warnings` (may be nullptr) gets one sentence per value that is valid but
// has no effect beside the others, such as momentum with optimizer=adam.
absl::StatusOr<Hyperparameters> ParseHyperparameters(const std::map<std::string, std::string>& values,
                                                     std::vector<std::string>* warnings = nullptr);

// One row of the table.
struct HyperparameterInfo {
  std::string name;
  std::string type;           // "integer", "number", "boolean", "choice", "text"
  std::string range;          // "[1, 1000000]", "auto | (0, 1)", "auto | sgd | adam | rmsprop"
  std::string default_value;  // as a user would write it; empty when required
  std::string applies_to;     // "all", "predictor_type=binary_classifier", "optimizer=adam", ...
  std::string description;
};

// The whole table, in the order in which it is documented.
absl::Span<const HyperparameterInfo> DescribeHyperparameters();

// The words users write: "binary_classifier", "logistic", "adam", "f_beta", ...
absl::string_view Name(PredictorType type);
absl::string_view Name(Loss loss);
absl::string_view Name(Optimizer optimizer);
absl::string_view Name(InitMethod method);
absl::string_view Name(SelectionCriterion criterion);

// The value that a word stands for, legacy words included; nullopt for an unknown one. For the five types above.
template <typename E>
std::optional<E> FromName(absl::string_view word);

// `loss` with auto resolved by predictor_type.
Loss EffectiveLoss(const Hyperparameters& hyperparameters);
inline constexpr int kLargestAutoMiniBatch = 1000;
// `mini_batch_size` with auto resolved for data of that many rows: 1000, but fewer where an epoch would have less than
// 50 updates. Never more than there are rows.
int64_t EffectiveMiniBatchSize(const Hyperparameters& hyperparameters, int64_t rows);
// `num_models` with auto and tuning resolved.
int EffectiveNumModels(const Hyperparameters& hyperparameters);

}  // namespace ll::learner

#endif  // LL_LEARNER_HYPERPARAMETERS_H_
