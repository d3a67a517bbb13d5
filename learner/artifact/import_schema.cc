#include "learner/artifact/import_schema.h"

#include "absl/strings/str_cat.h"

namespace ll::learner {
namespace {

bool Belongs(Loss loss, PredictorType type) {
  switch (loss) {
    case Loss::kLogistic:
    case Loss::kHinge: return type == PredictorType::kBinaryClassifier;
    case Loss::kSoftmax: return type == PredictorType::kMulticlassClassifier;
    case Loss::kSquared:
    case Loss::kAbsolute:
    case Loss::kEpsInsensitiveSquared:
    case Loss::kEpsInsensitiveAbsolute:
    case Loss::kQuantile:
    case Loss::kHuber: return type == PredictorType::kRegressor;
  }
  return false;
}

}  // namespace

absl::Status SettleSchema(const ImportDefaults& said, Model::Parts* parts) {
  ModelSchema& schema = parts->schema;
  if (said.predictor_type.has_value()) {
    schema.predictor_type = *said.predictor_type;
  } else if (schema.outputs > 1) {
    schema.predictor_type = PredictorType::kMulticlassClassifier;
  } else {
    return absl::InvalidArgumentError(
        "nothing says whether it is a binary_classifier or a regressor; give predictor_type");
  }
  Hyperparameters defaults;
  defaults.predictor_type = schema.predictor_type;
  defaults.loss = said.loss;
  schema.loss = EffectiveLoss(defaults);
  if (!Belongs(schema.loss, schema.predictor_type)) {
    return absl::InvalidArgumentError(absl::StrCat("loss ", std::string(Name(schema.loss)), " is none of a ",
                                                   std::string(Name(schema.predictor_type))));
  }
  if (said.threshold.has_value()) parts->threshold = *said.threshold;
  if (parts->bias.empty()) parts->bias.assign(static_cast<size_t>(schema.outputs), 0);
  return absl::OkStatus();
}

}  // namespace ll::learner
