#include "learner/artifact/reference_artifact.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/artifact/mxnet_params.h"
#include "learner/artifact/tar_gz.h"
#include "learner/artifact/weights_as_floats.h"
#include "learner/artifact/zip.h"
#include "nlohmann/json.hpp"

namespace ll::learner {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr char kMember[] = "model_algo-1";
constexpr char kSymbol[] = "mx-mod-symbol.json";
constexpr char kParams[] = "mx-mod-0000.params";
constexpr char kAdditional[] = "additional-params.json";
constexpr char kManifest[] = "manifest.json";
constexpr char kWeights[] = "fc0_weight";
constexpr char kBias[] = "fc0_bias";
// Of the zip's members, which are packed a second time at most.
constexpr uint64_t kMinLimit = 64 << 20;
constexpr uint64_t kMaxPackingRatio = 100;

absl::Status Invalid(std::string why) { return absl::InvalidArgumentError(why); }

absl::Status InvalidMember(absl::string_view member, const absl::Status& status) {
  return Invalid(absl::StrCat(kMember, ", ", member, ": ", absl::string_view(status.message())));
}

// A JSON object among the members; empty when there is none.
absl::StatusOr<Json> ParseObject(const std::map<std::string, std::string>& members, const char* name) {
  const auto it = members.find(name);
  if (it == members.end()) return Json::object();
  Json json = Json::parse(it->second, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return Invalid(absl::StrCat(kMember, ", ", name, ": it is not a JSON object"));
  return json;
}

// Whether a node of the graph is an operator whose name, in any letter case, is or contains "logistic" or "sigmoid".
bool HasSigmoid(const Json& symbol) {
  const auto nodes = symbol.find("nodes");
  if (nodes == symbol.end() || !nodes->is_array()) return false;
  for (const Json& node : *nodes) {
    if (!node.is_object()) continue;
    std::string text;
    for (const char* key : {"op", "attrs", "attr", "param"}) {
      const auto value = node.find(key);
      if (value == node.end()) continue;
      // An Activation says which one it is in its attributes.
      const Json* const what = value->is_object() && value->contains("act_type") ? &(*value)["act_type"] : &*value;
      if (what->is_string()) absl::StrAppend(&text, what->get<std::string>(), " ");
    }
    absl::AsciiStrToLower(&text);
    if (absl::StrContains(text, "sigmoid") || absl::StrContains(text, "logistic")) return true;
  }
  return false;
}

template <typename E>
absl::Status TakeWord(const Json& object, const char* name, E* value) {
  const auto it = object.find(name);
  if (it == object.end()) return absl::OkStatus();
  const std::optional<E> word = it->is_string() ? FromName<E>(it->get<std::string>()) : std::nullopt;
  if (!word.has_value()) return Invalid(absl::StrCat(kMember, ", ", kAdditional, ": its ", name, " is not known here"));
  *value = *word;
  return absl::OkStatus();
}

absl::Status TakeThreshold(const Json& additional, std::optional<double>* threshold) {
  const auto it = additional.find("threshold");
  if (it == additional.end() || it->is_null()) return absl::OkStatus();
  if (!it->is_number()) return Invalid(absl::StrCat(kMember, ", ", kAdditional, ": its threshold is not a number"));
  *threshold = it->get<double>();
  return absl::OkStatus();
}

absl::Status Identify(const std::map<std::string, std::string>& members, Model::Parts* parts) {
  LL_ASSIGN_OR_RETURN(const Json symbol, ParseObject(members, kSymbol));
  LL_ASSIGN_OR_RETURN(const Json additional, ParseObject(members, kAdditional));
  std::optional<double> threshold;
  LL_RETURN_IF_ERROR(TakeThreshold(additional, &threshold));
  ModelSchema& schema = parts->schema;
  if (schema.outputs > 1) {
    schema.predictor_type = PredictorType::kMulticlassClassifier;
    schema.loss = Loss::kSoftmax;
  } else if (HasSigmoid(symbol)) {
    schema.loss = Loss::kLogistic;
  } else if (threshold.has_value()) {
    schema.loss = Loss::kHinge;
  } else {
    schema.predictor_type = PredictorType::kRegressor;
    schema.loss = Loss::kSquared;
  }
  if (threshold.has_value()) parts->threshold = static_cast<float>(*threshold);
  LL_RETURN_IF_ERROR(TakeWord(additional, "predictor_type", &schema.predictor_type));
  return TakeWord(additional, "loss", &schema.loss);
}

absl::Status TakeWeights(absl::string_view bytes, Model::Parts* parts) {
  absl::StatusOr<std::map<std::string, Tensor>> tensors = ReadMxnetParams(bytes);
  if (!tensors.ok()) return InvalidMember(kParams, tensors.status());
  const auto weights = tensors->find(kWeights);
  if (weights == tensors->end() || weights->second.shape.size() != 2) {
    return Invalid(absl::StrCat(kMember, ", ", kParams, ": there is no matrix ", kWeights));
  }
  const uint64_t outputs = weights->second.shape[0], features = weights->second.shape[1];
  if (outputs > 1'000'000 || features > static_cast<uint64_t>(std::numeric_limits<int>::max())) {
    return Invalid(absl::StrCat(kMember, ", ", kParams, ": its matrix is ", outputs, " x ", features));
  }
  parts->schema.outputs = static_cast<int>(outputs);
  parts->schema.feature_dim = static_cast<int>(features);
  parts->weights = std::move(weights->second.values);
  const auto bias = tensors->find(kBias);
  if (bias == tensors->end()) {
    parts->bias.assign(outputs, 0);  // use_bias=false
  } else if (bias->second.values.size() != outputs) {
    return Invalid(absl::StrCat(kMember, ", ", kParams, ": ", kBias, " has another size than ", kWeights));
  } else {
    parts->bias = std::move(bias->second.values);
  }
  return absl::OkStatus();
}

// The graph, as MXNet's Module loads it.
std::string SymbolJson(const ModelSchema& schema) {
  const auto variable = [](const char* name) {
    return OrderedJson{{"op", "null"}, {"name", name}, {"inputs", OrderedJson::array()}};
  };
  const auto input = [](int node) { return OrderedJson{node, 0, 0}; };
  OrderedJson nodes = OrderedJson::array({variable("data"), variable(kWeights), variable(kBias)});
  nodes.push_back({{"op", "FullyConnected"},
                   {"name", "fc0"},
                   {"attrs", {{"num_hidden", absl::StrCat(schema.outputs)}}},
                   {"inputs", OrderedJson::array({input(0), input(1), input(2)})}});
  OrderedJson variables = {0, 1, 2};
  if (schema.loss == Loss::kSoftmax) {
    nodes.push_back({{"op", "softmax"}, {"name", "out"}, {"inputs", OrderedJson::array({input(3)})}});
  } else if (schema.loss == Loss::kLogistic) {
    nodes.push_back({{"op", "sigmoid"}, {"name", "out"}, {"inputs", OrderedJson::array({input(3)})}});
  }
  const int last = static_cast<int>(nodes.size()) - 1;
  OrderedJson row_pointers = OrderedJson::array();
  for (int i = 0; i <= last + 1; ++i) row_pointers.push_back(i);
  const OrderedJson json = {{"nodes", nodes},
                            {"arg_nodes", variables},
                            {"node_row_ptr", row_pointers},
                            {"heads", OrderedJson::array({input(last)})},
                            {"attrs", {{"mxnet_version", OrderedJson::array({"int", 10500})}}}};
  return json.dump(2);
}

}  // namespace

bool IsReferenceMember(absl::string_view name) {
  const size_t slash = name.rfind('/');
  return absl::StartsWith(name.substr(slash == absl::string_view::npos ? 0 : slash + 1), "model_algo-");
}

absl::StatusOr<Model> ParseReferenceModel(absl::string_view bytes) {
  const absl::StatusOr<std::map<std::string, std::string>> members =
      UnpackZip(bytes, std::max<uint64_t>(kMinLimit, kMaxPackingRatio * bytes.size()));
  if (!members.ok()) return Invalid(absl::StrCat(kMember, ": ", absl::string_view(members.status().message())));
  const auto params = members->find(kParams);
  if (params == members->end()) return Invalid(absl::StrCat(kMember, ": it holds no ", kParams));
  Model::Parts parts;
  LL_RETURN_IF_ERROR(TakeWeights(params->second, &parts));
  LL_RETURN_IF_ERROR(Identify(*members, &parts));
  absl::StatusOr<Model> model = Model::Create(std::move(parts));
  if (!model.ok()) return Invalid(absl::StrCat(kMember, ": ", absl::string_view(model.status().message())));
  return model;
}

absl::StatusOr<std::string> FormatReferenceArtifact(const Model& model) {
  LL_RETURN_IF_ERROR(CheckWeightsAreFloats(model));
  const ModelSchema& schema = model.schema();
  const auto outputs = static_cast<uint64_t>(schema.outputs), features = static_cast<uint64_t>(schema.feature_dim);
  const std::string params = WriteMxnetParams({
      {kWeights, {.shape = {outputs, features}, .values = model.weights()}},
      {kBias, {.shape = {outputs}, .values = model.bias()}},
  });
  OrderedJson additional;
  if (schema.predictor_type == PredictorType::kBinaryClassifier) additional["threshold"] = double{model.threshold()};
  additional["predictor_type"] = Name(schema.predictor_type);
  additional["loss"] = Name(schema.loss);
  LL_ASSIGN_OR_RETURN(
      const std::string zip,
      PackZip({{kSymbol, SymbolJson(schema)}, {kParams, params}, {kManifest, "{}"}, {kAdditional, additional.dump()}}));
  return PackTarGz({{kMember, zip}});
}

}  // namespace ll::learner
