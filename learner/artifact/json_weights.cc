// ParseJsonWeights() and FormatJsonWeights().
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "learner/artifact/import_schema.h"
#include "learner/artifact/model_json.h"
#include "learner/artifact/plain_weights.h"
#include "nlohmann/json.hpp"

namespace ll::learner {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

absl::Status Invalid(std::string why) { return absl::InvalidArgumentError(why); }

absl::Status TakeNumbers(const Json& list, const std::string& name, std::vector<double>* numbers) {
  if (!list.is_array()) return Invalid(absl::StrCat("its \"", name, "\" is not a list of numbers"));
  for (const Json& number : list) {
    if (!number.is_number()) return Invalid(absl::StrCat("its \"", name, "\" holds something that is not a number"));
    numbers->push_back(number.get<double>());
  }
  return absl::OkStatus();
}

// A list of numbers is one row.
absl::Status TakeWeights(const Json& weights, Model::Parts* parts) {
  const bool rows = weights.is_array() && !weights.empty() && weights[0].is_array();
  if (!rows) {
    LL_RETURN_IF_ERROR(TakeNumbers(weights, "weights", &parts->weights));
    parts->schema.feature_dim = static_cast<int>(parts->weights.size());
    return absl::OkStatus();
  }
  const size_t columns = weights[0].size();
  for (const Json& row : weights) {
    LL_RETURN_IF_ERROR(TakeNumbers(row, "weights", &parts->weights));
    if (row.size() == columns) continue;
    return Invalid(absl::StrCat("its \"weights\" has rows of ", columns, " and of ", row.size(), " numbers"));
  }
  parts->schema.outputs = static_cast<int>(weights.size());
  parts->schema.feature_dim = static_cast<int>(columns);
  return absl::OkStatus();
}

absl::Status TakeBias(const Json& bias, Model::Parts* parts) {
  if (bias.is_number()) {
    parts->bias = {bias.get<double>()};
    return absl::OkStatus();
  }
  return TakeNumbers(bias, "bias", &parts->bias);
}

absl::Status TakeTexts(const Json& list, const std::string& name, std::vector<std::string>* texts) {
  if (!list.is_array()) return Invalid(absl::StrCat("its \"", name, "\" is not a list of texts"));
  for (const Json& text : list) {
    if (!text.is_string()) return Invalid(absl::StrCat("its \"", name, "\" holds something that is not a text"));
    texts->push_back(text.get<std::string>());
  }
  return absl::OkStatus();
}

template <typename E>
absl::Status TakeWord(const Json& value, const std::string& name, std::optional<E>* word) {
  if (value.is_string()) *word = FromName<E>(value.get<std::string>());
  return value.is_string() && word->has_value() ? absl::OkStatus()
                                                : Invalid(absl::StrCat("its \"", name, "\" is not known here"));
}

absl::Status TakeMember(const std::string& name, const Json& value, Model::Parts* parts, ImportDefaults* said) {
  if (name == "weights") return TakeWeights(value, parts);
  if (name == "bias") return TakeBias(value, parts);
  if (name == "feature_names") return TakeTexts(value, name, &parts->feature_names);
  if (name == "class_names") return TakeTexts(value, name, &parts->class_names);
  if (name == "predictor_type") return TakeWord(value, name, &said->predictor_type);
  if (name == "loss") return TakeWord(value, name, &said->loss);
  if (name == "training") return ParseTrainingJson(value.dump(), &parts->training);
  if (name == "threshold") {
    if (!value.is_number()) return Invalid("its \"threshold\" is not a number");
    said->threshold = value.get<float>();
    return absl::OkStatus();
  }
  const std::string nearest = NearestName(
      name, {"weights", "bias", "feature_names", "class_names", "predictor_type", "loss", "threshold", "training"});
  return Invalid(absl::StrCat("it has an unknown member \"", name, "\"",
                              nearest.empty() ? "" : absl::StrCat(" (did you mean ", nearest, "?)")));
}

}  // namespace

absl::StatusOr<Model> ParseJsonWeights(absl::string_view text, const ImportDefaults& defaults) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("weights")) return Invalid("it is not a JSON object with \"weights\"");
  Model::Parts parts;
  ImportDefaults said = defaults;
  for (const auto& [name, value] : json.items()) LL_RETURN_IF_ERROR(TakeMember(name, value, &parts, &said));
  LL_RETURN_IF_ERROR(SettleSchema(said, &parts));
  return Model::Create(std::move(parts));
}

std::string FormatJsonWeights(const Model& model) {
  const ModelSchema& schema = model.schema();
  OrderedJson json;
  json["predictor_type"] = Name(schema.predictor_type);
  json["loss"] = Name(schema.loss);
  if (schema.predictor_type == PredictorType::kBinaryClassifier) json["threshold"] = model.threshold();
  if (!model.feature_names().empty()) json["feature_names"] = model.parts().feature_names;
  if (!model.class_names().empty()) json["class_names"] = model.parts().class_names;
  json["bias"] = model.parts().bias;
  OrderedJson rows = OrderedJson::array();
  const auto features = static_cast<size_t>(schema.feature_dim);
  for (size_t k = 0; k < model.bias().size(); ++k) {
    const absl::Span<const double> row = model.weights().subspan(k * features, features);
    rows.push_back(std::vector<double>(row.begin(), row.end()));
  }
  json["weights"] = std::move(rows);
  json["training"] = OrderedJson::parse(FormatTrainingJson(model.training()));
  return absl::StrCat(json.dump(-1, ' ', /*ensure_ascii=*/false, OrderedJson::error_handler_t::replace), "\n");
}

}  // namespace ll::learner
