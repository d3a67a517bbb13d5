#include "learner/warm_start.h"

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"

namespace ll::learner {
namespace {

absl::Status Mismatch(std::string why) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition, ErrorReason::kSchemaMismatch,
      {.what = "cannot begin training with this model",
       .why = std::move(why),
       .remedy = "Choose a model of the same predictor_type, classes and features, or begin without one."});
}

}  // namespace

absl::Status CheckWarmStart(const ModelSchema& schema, int columns, const Hyperparameters& hyperparameters) {
  if (schema.predictor_type != hyperparameters.predictor_type) {
    return Mismatch(absl::StrCat("it is a ", std::string(Name(schema.predictor_type)), ", and predictor_type is ",
                                 std::string(Name(hyperparameters.predictor_type))));
  }
  const bool multiclass = schema.predictor_type == PredictorType::kMulticlassClassifier;
  if (multiclass && schema.outputs != hyperparameters.num_classes) {
    return Mismatch(
        absl::StrCat("it has ", schema.outputs, " classes, and num_classes is ", hyperparameters.num_classes));
  }
  if (columns > 0 && schema.feature_dim != columns) {
    return Mismatch(absl::StrCat("it has ", schema.feature_dim, " features, and the rows have ", columns));
  }
  return absl::OkStatus();
}

LinearFunction StartingPoint(const Model& model, const LabelScale& label_scale, absl::Span<const double> offsets) {
  LinearFunction function;
  const size_t columns = offsets.size();
  for (size_t k = 0; k < model.bias().size(); ++k) {
    double bias = (model.bias()[k] - label_scale.mean) / label_scale.deviation;
    for (size_t j = 0; j < columns; ++j) {
      const double weight = model.weights()[k * columns + j] / label_scale.deviation;
      function.weights.push_back(weight);
      bias += weight * offsets[j];
    }
    function.bias.push_back(bias);
  }
  return function;
}

}  // namespace ll::learner
