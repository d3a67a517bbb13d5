#include "learner/artifact/model_json.h"

#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "base/status_macros.h"
#include "base/version.h"
#include "learner/artifact.h"
#include "nlohmann/json.hpp"

namespace ll::learner {
namespace {

// Written in the order in which people want to read it; read with the ordinary kind, whose objects are looked up in
// logarithmic time.
using OrderedJson = nlohmann::ordered_json;
using Json = nlohmann::json;

constexpr char kFormat[] = "linear-learner-model";
constexpr char kProducer[] = "linear-learner";
// A model of one class per output beyond this is damage, not a model.
constexpr int kMaxOutputs = 1'000'000;

// JSON has no NaN and no infinity: a loss that is not finite is null.
OrderedJson Number(double value) { return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr); }

OrderedJson FormatCandidate(const CandidateSummary& candidate) {
  OrderedJson json = {{"index", candidate.index},
                      {"hyperparameters", candidate.hyperparameters},
                      {"train_loss", Number(candidate.train_loss)}};
  if (candidate.validation_loss.has_value()) json["validation_loss"] = Number(*candidate.validation_loss);
  json["diverged"] = candidate.diverged;
  return json;
}

OrderedJson FormatTraining(const TrainingRecord& training) {
  OrderedJson metrics = OrderedJson::object();
  for (const auto& [name, value] : training.metrics) metrics[name] = Number(value);
  OrderedJson candidates = OrderedJson::array();
  for (const CandidateSummary& candidate : training.candidates) candidates.push_back(FormatCandidate(candidate));
  return {{"hyperparameters", training.hyperparameters},
          {"seed", training.seed},
          {"train_rows", training.train_rows},
          {"epochs_run", training.epochs_run},
          {"best_epoch", training.best_epoch},
          {"best_candidate", training.best_candidate},
          {"metrics", std::move(metrics)},
          {"candidates", std::move(candidates)}};
}

// ---- Reading. A Fields remembers where it is, so that errors name the field: "training.candidates[3].index".

absl::Status Invalid(const std::string& path, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("its field ", path, " ", why));
}

class Fields {
 public:
  Fields(const Json& object, std::string path) : object_(object), path_(std::move(path)) {}

  const Json* Find(const std::string& name) const {
    const auto it = object_.find(name);
    return it == object_.end() ? nullptr : &*it;
  }
  size_t size() const { return object_.size(); }
  std::string Path(const std::string& name) const { return path_.empty() ? name : absl::StrCat(path_, ".", name); }

  absl::Status Text(const std::string& name, std::string* out) const {
    const Json* const value = Find(name);
    if (value == nullptr || !value->is_string()) return Invalid(Path(name), "is not a text");
    *out = value->get<std::string>();
    return absl::OkStatus();
  }

  template <typename T>
  absl::Status Integer(const std::string& name, T low, T high, T* out) const {
    const Json* const value = Find(name);
    if (value == nullptr || !value->is_number_integer()) return Invalid(Path(name), "is not an integer");
    const auto fits = [&](auto number) {
      return std::cmp_less_equal(low, number) && std::cmp_less_equal(number, high);
    };
    // A negative number is kept as int64, any other as uint64.
    if (!(value->is_number_unsigned() ? fits(value->get<uint64_t>()) : fits(value->get<int64_t>()))) {
      return Invalid(Path(name), "is out of range");
    }
    *out = value->get<T>();
    return absl::OkStatus();
  }

  // null is NaN.
  absl::Status Real(const std::string& name, double* out) const {
    const Json* const value = Find(name);
    if (value == nullptr || !(value->is_number() || value->is_null())) return Invalid(Path(name), "is not a number");
    *out = value->is_null() ? std::numeric_limits<double>::quiet_NaN() : value->get<double>();
    return absl::OkStatus();
  }

  absl::Status Boolean(const std::string& name, bool* out) const {
    const Json* const value = Find(name);
    if (value == nullptr || !value->is_boolean()) return Invalid(Path(name), "is not true or false");
    *out = value->get<bool>();
    return absl::OkStatus();
  }

  absl::StatusOr<Fields> Object(const std::string& name) const {
    const Json* const value = Find(name);
    if (value == nullptr || !value->is_object()) return Invalid(Path(name), "is not an object");
    return Fields(*value, Path(name));
  }

  // Empty when there is none.
  absl::Status OptionalTextList(const std::string& name, std::vector<std::string>* out) const {
    const Json* const value = Find(name);
    if (value == nullptr) return absl::OkStatus();
    if (!value->is_array()) return Invalid(Path(name), "is not a list");
    for (const Json& element : *value) {
      if (!element.is_string()) return Invalid(Path(name), "holds something that is not a text");
      out->push_back(element.get<std::string>());
    }
    return absl::OkStatus();
  }

  absl::Status Texts(const std::string& name, std::map<std::string, std::string>* out) const {
    LL_ASSIGN_OR_RETURN(const Fields object, Object(name));
    for (const auto& [key, value] : object.object_.items()) {
      LL_RETURN_IF_ERROR(object.Text(key, &(*out)[key]));
    }
    return absl::OkStatus();
  }

  absl::Status Reals(const std::string& name, std::map<std::string, double>* out) const {
    LL_ASSIGN_OR_RETURN(const Fields object, Object(name));
    for (const auto& [key, value] : object.object_.items()) {
      LL_RETURN_IF_ERROR(object.Real(key, &(*out)[key]));
    }
    return absl::OkStatus();
  }

  template <typename E>
  absl::Status Word(const std::string& name, E* out) const {
    std::string word;
    LL_RETURN_IF_ERROR(Text(name, &word));
    const std::optional<E> value = FromName<E>(word);
    if (!value.has_value()) return Invalid(Path(name), absl::StrCat("is \"", word, "\", which is not known here"));
    *out = *value;
    return absl::OkStatus();
  }

 private:
  const Json& object_;
  const std::string path_;
};

absl::Status CheckFormat(const Fields& root) {
  std::string format, producer;
  if (!root.Text("format", &format).ok() || format != kFormat) {
    return absl::InvalidArgumentError(absl::StrCat("its field format is not \"", kFormat, "\""));
  }
  int version = 0;
  LL_RETURN_IF_ERROR(root.Integer("format_version", 1, std::numeric_limits<int>::max(), &version));
  LL_RETURN_IF_ERROR(root.Text("producer", &producer));
  if (version > kArtifactFormatVersion) {
    return absl::InvalidArgumentError(absl::StrCat("it has format version ", version, " and was written by ", producer,
                                                   "; this release, ", ReleaseVersion(), ", reads versions up to ",
                                                   kArtifactFormatVersion));
  }
  return absl::OkStatus();
}

absl::Status ParseSchema(const Fields& root, Model::Parts* parts) {
  ModelSchema* const schema = &parts->schema;
  LL_ASSIGN_OR_RETURN(const Fields fields, root.Object("schema"));
  LL_RETURN_IF_ERROR(fields.Word("predictor_type", &schema->predictor_type));
  LL_RETURN_IF_ERROR(fields.Word("loss", &schema->loss));
  LL_RETURN_IF_ERROR(fields.Integer("feature_dim", 1, std::numeric_limits<int>::max(), &schema->feature_dim));
  LL_RETURN_IF_ERROR(fields.Integer("outputs", 1, kMaxOutputs, &schema->outputs));
  LL_RETURN_IF_ERROR(fields.OptionalTextList("feature_names", &parts->feature_names));
  return fields.OptionalTextList("class_names", &parts->class_names);
}

absl::Status ParseCandidates(const Fields& training, std::vector<CandidateSummary>* candidates) {
  constexpr char kName[] = "candidates";
  const Json* const array = training.Find(kName);
  if (array == nullptr || !array->is_array()) return Invalid(training.Path(kName), "is not a list");
  for (const Json& element : *array) {
    const Fields fields(element, absl::StrCat(training.Path(kName), "[", candidates->size(), "]"));
    CandidateSummary& candidate = candidates->emplace_back();
    LL_RETURN_IF_ERROR(fields.Integer("index", 0, std::numeric_limits<int>::max(), &candidate.index));
    LL_RETURN_IF_ERROR(fields.Texts("hyperparameters", &candidate.hyperparameters));
    LL_RETURN_IF_ERROR(fields.Real("train_loss", &candidate.train_loss));
    if (fields.Find("validation_loss") != nullptr) {
      LL_RETURN_IF_ERROR(fields.Real("validation_loss", &candidate.validation_loss.emplace()));
    }
    LL_RETURN_IF_ERROR(fields.Boolean("diverged", &candidate.diverged));
  }
  return absl::OkStatus();
}

absl::Status ParseTraining(const Fields& root, TrainingRecord* training) {
  constexpr int kMaxInt = std::numeric_limits<int>::max();
  LL_ASSIGN_OR_RETURN(const Fields fields, root.Object("training"));
  LL_RETURN_IF_ERROR(fields.Texts("hyperparameters", &training->hyperparameters));
  LL_RETURN_IF_ERROR(fields.Integer<uint64_t>("seed", 0, std::numeric_limits<uint64_t>::max(), &training->seed));
  LL_RETURN_IF_ERROR(
      fields.Integer<int64_t>("train_rows", 0, std::numeric_limits<int64_t>::max(), &training->train_rows));
  LL_RETURN_IF_ERROR(fields.Integer("epochs_run", 0, kMaxInt, &training->epochs_run));
  LL_RETURN_IF_ERROR(fields.Integer("best_epoch", 0, kMaxInt, &training->best_epoch));
  LL_RETURN_IF_ERROR(fields.Integer("best_candidate", 0, kMaxInt, &training->best_candidate));
  LL_RETURN_IF_ERROR(fields.Reals("metrics", &training->metrics));
  return ParseCandidates(fields, &training->candidates);
}

absl::Status ParseWeightsFile(const Fields& root, WeightsFile* file) {
  LL_ASSIGN_OR_RETURN(const Fields members, root.Object("members"));
  LL_ASSIGN_OR_RETURN(const Fields fields, members.Object("weights.safetensors"));
  if (members.size() != 1) return Invalid("members", "names files that belong to no artifact");
  LL_RETURN_IF_ERROR(fields.Integer<uint64_t>("bytes", 0, kMaxArtifactBytes, &file->bytes));
  LL_RETURN_IF_ERROR(fields.Text("sha256", &file->sha256));
  return IsSha256Hex(file->sha256) ? absl::OkStatus() : Invalid(fields.Path("sha256"), "is not a SHA-256");
}

}  // namespace

std::string FormatTrainingJson(const TrainingRecord& training) {
  return FormatTraining(training).dump(-1, ' ', /*ensure_ascii=*/false, OrderedJson::error_handler_t::replace);
}

absl::Status ParseTrainingJson(absl::string_view text, TrainingRecord* training) {
  const Json json = {{"training", Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false)}};
  return ParseTraining(Fields(json, ""), training);
}

std::string FormatModelJson(const ModelDescription& description) {
  const Model::Parts& parts = description.parts;
  OrderedJson json;
  json["format"] = kFormat;
  json["format_version"] = kArtifactFormatVersion;
  json["producer"] = absl::StrCat(kProducer, " ", ReleaseVersion());
  json["members"]["weights.safetensors"] = {{"bytes", description.weights_file.bytes},
                                            {"sha256", description.weights_file.sha256}};
  json["schema"] = {{"predictor_type", Name(parts.schema.predictor_type)},
                    {"loss", Name(parts.schema.loss)},
                    {"feature_dim", parts.schema.feature_dim},
                    {"outputs", parts.schema.outputs}};
  if (!parts.feature_names.empty()) json["schema"]["feature_names"] = parts.feature_names;
  if (!parts.class_names.empty()) json["schema"]["class_names"] = parts.class_names;
  json["threshold"] = parts.threshold;
  json["training"] = FormatTraining(parts.training);
  return absl::StrCat(json.dump(2, ' ', /*ensure_ascii=*/false, OrderedJson::error_handler_t::replace), "\n");
}

absl::StatusOr<ModelDescription> ParseModelJson(absl::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("it is not a JSON object");
  const Fields root(json, "");
  LL_RETURN_IF_ERROR(CheckFormat(root));
  ModelDescription description;
  LL_RETURN_IF_ERROR(ParseSchema(root, &description.parts));
  double threshold = 0;
  LL_RETURN_IF_ERROR(root.Real("threshold", &threshold));
  description.parts.threshold = static_cast<float>(threshold);
  LL_RETURN_IF_ERROR(ParseTraining(root, &description.parts.training));
  LL_RETURN_IF_ERROR(ParseWeightsFile(root, &description.weights_file));
  return description;
}

}  // namespace ll::learner
