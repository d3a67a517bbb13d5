// What training minimises, per example: a loss of the margin and the label.
//
// The mean over a mini-batch of weight(label) * loss is one part of a model's objective; the penalties l1 * |w|_1 and
// wd * |w|^2 / 2 on the weights of normalised features are the other, and belong to the optimiser. An Objective knows
// nothing of data, weights or steps:
//
//   LL_ASSIGN_OR_RETURN(std::unique_ptr<Objective> objective, MakeObjective(hyperparameters));
//   objective->Gradient(0.0, 1.0)      // -0.5 for logistic: d loss / d margin
//
// The scalar functions are the definition, in double; the lane functions are the same in float, for all models at once
// (see kernels/tile.h), and tests hold them together.
#ifndef LL_LEARNER_OBJECTIVE_H_
#define LL_LEARNER_OBJECTIVE_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "learner/hyperparameters.h"
#include "learner/kernels/tile.h"

namespace ll::learner {

// What the lane functions know of their models: 16 lanes per tile in each array.
struct ObjectiveLanes {
  int tiles = 0;
  const float* intercepts = nullptr;        // added to every margin
  const float* positive_weights = nullptr;  // weight of an example with label 1; binary classification only
};

// Thread-safe (immutable).
class Objective {
 public:
  virtual ~Objective() = default;

  // As metric lines call it, e.g. "binary_classification_cross_entropy_objective".
  virtual absl::string_view name() const = 0;

  virtual double Loss(double margin, double label) const = 0;
  virtual double Gradient(double margin, double label) const = 0;

  // The margin that, given to every example, has the smallest weighted loss: where a model without features would end.
  // Finite, also when one margin would fit all labels at infinity.
  virtual double BestConstant(absl::Span<const float> labels, double positive_weight) const = 0;

  // For `rows` examples, with f = margins[i][m] + intercepts[m]: losses[m] += sum_i weight * loss, and
  // margins[i][m] = weight * gradient. One chain per lane, rows ascending.
  virtual void Residuals(const float* labels, int64_t rows, const ObjectiveLanes& lanes,
                         kernels::TileMatrix<float> margins, double* losses) const = 0;
  // The losses alone.
  virtual void Losses(const float* labels, int64_t rows, const ObjectiveLanes& lanes,
                      kernels::TileMatrix<const float> margins, double* losses) const = 0;
};

// Weight of an example in the loss.
inline double ExampleWeight(double label, double positive_weight) { return label == 1 ? positive_weight : 1.0; }

// The loss that the hyperparameters ask for. UNIMPLEMENTED for one that this release does not train.
absl::StatusOr<std::unique_ptr<Objective>> MakeObjective(const Hyperparameters& hyperparameters);

}  // namespace ll::learner

#endif  // LL_LEARNER_OBJECTIVE_H_
