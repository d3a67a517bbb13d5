#include "learner/objective.h"

#include <algorithm>
#include <cmath>

#include "learner/kernels/losses.h"
#include "learner/kernels/softmax.h"
#include "learner/link.h"

namespace ll::learner {
namespace {

using kernels::LossKind;

struct LossAndSlope {
  double loss = 0;
  double slope = 0;
};

// The table of kernels/losses.h in double. `parameter` is the loss's own: margin, epsilon, quantile or delta.
LossAndSlope Evaluate(LossKind kind, double parameter, double f, double y) {
  const double e = f - y;
  const double size = std::fabs(e);
  const double sign = e > 0 ? 1.0 : e < 0 ? -1.0 : 0.0;
  switch (kind) {
    // The negative log-likelihood of label y with probability sigma(f).
    case LossKind::kLogistic: return {Softplus(y == 1 ? -f : f), y == 1 ? -Sigmoid(-f) : Sigmoid(f)};
    case LossKind::kHinge: {
      const double short_of = y == 1 ? (parameter + 1) / 2 - f : (parameter - 1) / 2 + f;
      if (short_of <= 0) return {};
      return {short_of, y == 1 ? -1.0 : 1.0};
    }
    case LossKind::kSquared: return {e * e, 2 * e};
    case LossKind::kAbsolute: return {size, sign};
    case LossKind::kInsensitiveSquared:
      if (size <= parameter) return {};
      return {(size - parameter) * (size + parameter), 2 * e};
    case LossKind::kInsensitiveAbsolute:
      if (size <= parameter) return {};
      return {size - parameter, sign};
    case LossKind::kQuantile: {
      const double weight = e > 0 ? 1 - parameter : parameter;
      return {weight * size, weight * sign};
    }
    case LossKind::kHuber:
      if (size <= parameter) return {e * e / 2, e};
      return {parameter * size - parameter * parameter / 2, parameter * sign};
  }
  return {};
}

// What else there is to know of a loss with one margin.
struct MarginLossTraits {
  LossKind kind;
  const char* name;
  int degree;  // see Objective::degree(); 0: a classifier's
};

MarginLossTraits TraitsOf(Loss loss) {
  switch (loss) {
    case Loss::kHinge: return {LossKind::kHinge, "hinge_loss_objective", 0};
    case Loss::kSquared: return {LossKind::kSquared, "mse_objective", 2};
    case Loss::kAbsolute: return {LossKind::kAbsolute, "absolute_loss_objective", 1};
    case Loss::kEpsInsensitiveSquared:
      return {LossKind::kInsensitiveSquared, "eps_insensitive_squared_loss_objective", 2};
    case Loss::kEpsInsensitiveAbsolute:
      return {LossKind::kInsensitiveAbsolute, "eps_insensitive_absolute_loss_objective", 1};
    case Loss::kQuantile: return {LossKind::kQuantile, "quantile_loss_objective", 1};
    case Loss::kHuber: return {LossKind::kHuber, "huber_loss_objective", 2};
    case Loss::kLogistic:
    case Loss::kSoftmax: break;
  }
  return {LossKind::kLogistic, "binary_classification_cross_entropy_objective", 0};
}

double ParameterOf(const Hyperparameters& hyperparameters, LossKind kind, double label_deviation) {
  switch (kind) {
    case LossKind::kHinge: return hyperparameters.margin;
    case LossKind::kInsensitiveSquared:
    case LossKind::kInsensitiveAbsolute: return hyperparameters.loss_insensitivity / label_deviation;
    case LossKind::kQuantile: return hyperparameters.quantile;
    case LossKind::kHuber: return hyperparameters.huber_delta / label_deviation;
    case LossKind::kLogistic:
    case LossKind::kSquared:
    case LossKind::kAbsolute: break;
  }
  return 0;
}

// Every loss that has one margin.
class MarginObjective final : public Objective {
 public:
  MarginObjective(const MarginLossTraits& traits, double parameter)
      : traits_(traits), parameter_(parameter), lanes_{traits.kind, static_cast<float>(parameter)} {}

  using Objective::Gradient;
  using Objective::Loss;

  absl::string_view name() const override { return traits_.name; }
  int degree() const override { return traits_.degree; }
  double largest_curvature() const override {
    const bool squared = traits_.kind == LossKind::kSquared || traits_.kind == LossKind::kInsensitiveSquared;
    return traits_.kind == LossKind::kLogistic ? 0.25 : squared ? 2.0 : 1.0;
  }

  double Loss(absl::Span<const double> margins, double label) const override {
    return Evaluate(traits_.kind, parameter_, margins[0], label).loss;
  }

  void Gradient(absl::Span<const double> margins, double label, absl::Span<double> gradient) const override {
    gradient[0] = Evaluate(traits_.kind, parameter_, margins[0], label).slope;
  }

  // The loss is convex: where its slope changes sign, by bisection.
  std::vector<double> BestConstant(absl::Span<const float> labels, const ExampleWeights& weights) const override {
    const auto [least, greatest] = std::minmax_element(labels.begin(), labels.end());
    double low = traits_.degree == 0 ? -kSureMargin : static_cast<double>(*least);
    double high = traits_.degree == 0 ? kSureMargin : static_cast<double>(*greatest);
    for (int halving = 0; halving < kHalvings && low < high; ++halving) {
      const double middle = low + (high - low) / 2;
      double slope = 0;
      for (const float label : labels) {
        const auto y = static_cast<double>(label);
        slope += weights.Of(y) * Evaluate(traits_.kind, parameter_, middle, y).slope;
      }
      (slope < 0 ? low : high) = middle;
    }
    return {low + (high - low) / 2};
  }

  void Residuals(const float* labels, int64_t rows, const ObjectiveLanes& lanes, kernels::TileMatrix<float> margins,
                 double* losses) const override {
    kernels::LossResiduals(lanes_, labels, rows, lanes.tiles, lanes.intercepts, lanes.positive_weights, margins,
                           losses);
  }

  void Losses(const float* labels, int64_t rows, const ObjectiveLanes& lanes, kernels::TileMatrix<const float> margins,
              double* losses) const override {
    kernels::Losses(lanes_, labels, rows, lanes.tiles, lanes.intercepts, lanes.positive_weights, margins, losses);
  }

 private:
  static constexpr double kSureMargin = 40;  // sigma(40) = 1 - 4e-18
  static constexpr int kHalvings = 60;       // from any range to the last digit

  const MarginLossTraits traits_;
  const double parameter_;
  const kernels::MarginLoss lanes_;
};

// loss = log sum_k exp(f_k) - f_y: the negative log-likelihood of class y with the probabilities of a softmax.
class SoftmaxObjective final : public Objective {
 public:
  explicit SoftmaxObjective(int classes) : classes_(classes) {}

  using Objective::Gradient;
  using Objective::Loss;

  absl::string_view name() const override { return "multiclass_cross_entropy_objective"; }
  int outputs() const override { return classes_; }
  double largest_curvature() const override { return 0.5; }  // Boehning 1992

  double Loss(absl::Span<const double> margins, double label) const override {
    const double highest = *std::max_element(margins.begin(), margins.end());
    return std::log(SumOfExps(margins, highest)) + highest - margins[static_cast<size_t>(label)];
  }

  void Gradient(absl::Span<const double> margins, double label, absl::Span<double> gradient) const override {
    const double highest = *std::max_element(margins.begin(), margins.end());
    const double sum = SumOfExps(margins, highest);
    for (size_t k = 0; k < margins.size(); ++k) gradient[k] = std::exp(margins[k] - highest) / sum;
    gradient[static_cast<size_t>(label)] -= 1;
  }

  // softmax_k = c_k n_k / sum_i c_i n_i, so f_k = log(c_k n_k), up to a constant.
  std::vector<double> BestConstant(absl::Span<const float> labels, const ExampleWeights& weights) const override {
    std::vector<double> margins(static_cast<size_t>(classes_));
    for (const float label : labels) margins[static_cast<size_t>(label)] += weights.Of(static_cast<double>(label));
    const double highest = std::log(*std::max_element(margins.begin(), margins.end()));
    for (double& margin : margins) margin = std::max(std::log(margin) - highest, kNeverSeen);
    return margins;
  }

  void Residuals(const float* labels, int64_t rows, const ObjectiveLanes& lanes, kernels::TileMatrix<float> margins,
                 double* losses) const override {
    kernels::SoftmaxResiduals(UnitOf(lanes), labels, rows, lanes.tiles, lanes.intercepts, lanes.class_weights, margins,
                              losses);
  }

  void Losses(const float* labels, int64_t rows, const ObjectiveLanes& lanes, kernels::TileMatrix<const float> margins,
              double* losses) const override {
    kernels::SoftmaxLosses(UnitOf(lanes), labels, rows, lanes.tiles, lanes.intercepts, lanes.class_weights, margins,
                           losses);
  }

 private:
  static constexpr double kNeverSeen = -40;  // probability 4e-18

  static double SumOfExps(absl::Span<const double> margins, double highest) {
    double sum = 0;
    for (const double margin : margins) sum += std::exp(margin - highest);
    return sum;
  }

  kernels::SoftmaxUnit UnitOf(const ObjectiveLanes& lanes) const {
    return {classes_, lanes.width, kernels::TilesFor(classes_ * lanes.width)};
  }

  const int classes_;
};

}  // namespace

std::unique_ptr<Objective> MakeObjective(const Hyperparameters& hyperparameters, double label_deviation) {
  if (hyperparameters.predictor_type == PredictorType::kMulticlassClassifier) {
    return std::make_unique<SoftmaxObjective>(hyperparameters.num_classes);
  }
  const MarginLossTraits traits = TraitsOf(EffectiveLoss(hyperparameters));
  return std::make_unique<MarginObjective>(traits, ParameterOf(hyperparameters, traits.kind, label_deviation));
}

}  // namespace ll::learner
