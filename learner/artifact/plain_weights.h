// Weights as text that people and other programs write.
//
// JSON: an object with "weights", a list of numbers or one list for each class, and optionally "bias" (a number or a
// list, by default 0), "predictor_type", "loss", "threshold", "feature_names", "class_names", "training" as in
// model.json.
//
//   {"predictor_type": "binary_classifier", "loss": "logistic", "threshold": 0.4,
//    "feature_names": ["age", "height"], "weights": [0.5, -1.25], "bias": -2}
//
// CSV: a header, a line for each feature, and the intercepts as a feature called "(bias)", in any place.
//
//   feature,weight                 feature,weight_0,weight_1,weight_2
//   (bias),-2                      (bias),0.5,0,-0.5
//   age,0.5                        age,1,2,3
//
// Both apply to raw features, and numbers keep 64 bits. What a file does not say comes from `defaults`.
#ifndef LL_LEARNER_ARTIFACT_PLAIN_WEIGHTS_H_
#define LL_LEARNER_ARTIFACT_PLAIN_WEIGHTS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "learner/model.h"

namespace ll::learner {

// Of a model whose file does not say. Without predictor_type: multiclass_classifier for several rows of weights;
// otherwise there is none to be assumed, and the file is refused.
struct ImportDefaults {
  std::optional<PredictorType> predictor_type = {};
  std::optional<Loss> loss = {};  // else the default of the predictor type
  std::optional<float> threshold = {};
};

// INVALID_ARGUMENT with a bare sentence for the caller to put into context.
absl::StatusOr<Model> ParseJsonWeights(absl::string_view text, const ImportDefaults& defaults);
absl::StatusOr<Model> ParseCsvWeights(absl::string_view text, const ImportDefaults& defaults);

// Features without names are called x0, x1, ... in CSV.
std::string FormatJsonWeights(const Model& model);
std::string FormatCsvWeights(const Model& model);

}  // namespace ll::learner

#endif  // LL_LEARNER_ARTIFACT_PLAIN_WEIGHTS_H_
