#include "learner/objective.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "learner/kernels/logistic.h"
#include "learner/link.h"

namespace ll::learner {
namespace {

// loss = log(1 + exp(y ? -f : f)), y in {0, 1}: the negative log-likelihood of label y with probability sigma(f).
class LogisticObjective final : public Objective {
 public:
  absl::string_view name() const override { return "binary_classification_cross_entropy_objective"; }

  double Loss(double margin, double label) const override { return Softplus(label == 1 ? -margin : margin); }

  double Gradient(double margin, double label) const override {
    return label == 1 ? -Sigmoid(-margin) : Sigmoid(margin);
  }

  // sigma(f) = p n1 / (p n1 + n0), so f = log(p n1 / n0).
  double BestConstant(absl::Span<const float> labels, double positive_weight) const override {
    const auto positives = static_cast<double>(std::count(labels.begin(), labels.end(), 1.0f));
    const double negatives = static_cast<double>(labels.size()) - positives;
    return std::clamp(std::log(positive_weight * positives) - std::log(negatives), -kSureMargin, kSureMargin);
  }

  void Residuals(const float* labels, int64_t rows, const ObjectiveLanes& lanes, kernels::TileMatrix<float> margins,
                 double* losses) const override {
    kernels::LogisticResiduals(labels, rows, lanes.tiles, lanes.intercepts, lanes.positive_weights, margins, losses);
  }

  void Losses(const float* labels, int64_t rows, const ObjectiveLanes& lanes, kernels::TileMatrix<const float> margins,
              double* losses) const override {
    kernels::LogisticLosses(labels, rows, lanes.tiles, lanes.intercepts, lanes.positive_weights, margins, losses);
  }

 private:
  static constexpr double kSureMargin = 40;  // sigma(40) = 1 - 4e-18
};

}  // namespace

absl::StatusOr<std::unique_ptr<Objective>> MakeObjective(const Hyperparameters& hyperparameters) {
  const Loss loss = EffectiveLoss(hyperparameters);
  if (hyperparameters.predictor_type != PredictorType::kBinaryClassifier || loss != Loss::kLogistic) {
    return MakeError(
        absl::StatusCode::kUnimplemented, ErrorReason::kUnimplemented,
        {.what = absl::StrCat("cannot train a ", Name(hyperparameters.predictor_type), " with ", Name(loss)),
         .why = "this release trains binary classifiers with logistic loss",
         .remedy = "Use predictor_type=binary_classifier and loss=logistic."});
  }
  return std::make_unique<LogisticObjective>();
}

}  // namespace ll::learner
