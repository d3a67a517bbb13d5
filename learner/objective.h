// What training minimises, per example: a loss of its margins (one per output) and its label.
//
// The mean over a mini-batch of weight(label) * loss is one part of a model's objective; the penalties l1 * |w|_1 and
// wd * |w|^2 / 2 on the weights of normalised features are the other, and belong to the optimiser. An Objective knows
// nothing of data, weights or steps:
//
//   const std::unique_ptr<Objective> objective = MakeObjective(hyperparameters);
//   objective->Gradient(0.0, 1.0)      // -0.5 for logistic: d loss / d margin
//
// The scalar functions are the definition, in double; the lane functions are the same in float, for all models at once
// (see kernels/tile.h), and tests hold them together.
#ifndef LL_LEARNER_OBJECTIVE_H_
#define LL_LEARNER_OBJECTIVE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "learner/hyperparameters.h"
#include "learner/kernels/tile.h"

namespace ll::learner {

// How much an example counts in the loss, by its label.
struct ExampleWeights {
  double positive = 1;               // of label 1, in binary classification; 1 otherwise
  std::vector<double> classes = {};  // of each class, in multiclass classification; empty: all count alike

  double Of(double label) const {
    if (!classes.empty()) return classes[static_cast<size_t>(label)];
    return label == 1 ? positive : 1.0;
  }
  double largest() const {
    return classes.empty() ? std::max(positive, 1.0) : *std::max_element(classes.begin(), classes.end());
  }
  bool all_equal() const { return positive == 1 && classes.empty(); }
};

// What the lane functions know of their models: 16 lanes per tile in each array.
struct ObjectiveLanes {
  int tiles = 0;
  const float* intercepts = nullptr;        // added to every margin
  const float* positive_weights = nullptr;  // weight of an example with label 1; one output
  const float* class_weights = nullptr;     // one per class; several outputs
  int width = kernels::kTileModels;         // of LaneLayout; several outputs
};

// Thread-safe (immutable).
class Objective {
 public:
  virtual ~Objective() = default;

  // As metric lines call it, e.g. "binary_classification_cross_entropy_objective".
  virtual absl::string_view name() const = 0;

  // Margins per example.
  virtual int outputs() const { return 1; }

  // For a loss of the difference between margin and label: the d of loss(s e) = s^d loss(e), where the loss's own
  // parameter is stretched by s with the label. 0 for classification, whose labels have no unit.
  virtual int degree() const { return 0; }

  // The largest second derivative along any direction of margins; 1 for losses that are made of straight lines.
  virtual double largest_curvature() const = 0;

  // `margins` and `gradient` have outputs() entries.
  virtual double Loss(absl::Span<const double> margins, double label) const = 0;
  virtual void Gradient(absl::Span<const double> margins, double label, absl::Span<double> gradient) const = 0;

  // The same for one output.
  double Loss(double margin, double label) const { return Loss(absl::MakeConstSpan(&margin, 1), label); }
  double Gradient(double margin, double label) const {
    double gradient = 0;
    Gradient(absl::MakeConstSpan(&margin, 1), label, absl::MakeSpan(&gradient, 1));
    return gradient;
  }

  // The margins that, given to every example, have the smallest weighted loss: where a model without features would
  // end. Finite, also when one margin would fit all labels at infinity.
  virtual std::vector<double> BestConstant(absl::Span<const float> labels, const ExampleWeights& weights) const = 0;

  // For `rows` examples, with f = margins[i][m] + intercepts[m]: losses[m] += sum_i weight * loss, and
  // margins[i][m] = weight * gradient. One chain per lane, rows ascending. The loss of a model with several outputs
  // goes to the lane of the first; see LaneLayout.
  virtual void Residuals(const float* labels, int64_t rows, const ObjectiveLanes& lanes,
                         kernels::TileMatrix<float> margins, double* losses) const = 0;
  // The losses alone.
  virtual void Losses(const float* labels, int64_t rows, const ObjectiveLanes& lanes,
                      kernels::TileMatrix<const float> margins, double* losses) const = 0;
};

// The loss that the hyperparameters ask for, on labels that were divided by `label_deviation`: huber_delta and
// loss_insensitivity are in units of the labels as they came.
std::unique_ptr<Objective> MakeObjective(const Hyperparameters& hyperparameters, double label_deviation = 1);

}  // namespace ll::learner

#endif  // LL_LEARNER_OBJECTIVE_H_
