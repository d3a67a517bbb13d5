// ParseOnnxModel().
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "learner/artifact/onnx_model.h"
#include "nlohmann/json.hpp"
#include "onnx/onnx.pb.h"

namespace ll::learner {
namespace {

// What may stand behind the linear operator: it changes no score but in form.
constexpr const char* kHarmless[] = {"Cast",       "Identity",       "Reshape", "Gather", "ArrayFeatureExtractor",
                                     "Normalizer", "GreaterOrEqual", "ZipMap",  "Squeeze"};
constexpr char kClassifier[] = "LinearClassifier";
constexpr char kRegressor[] = "LinearRegressor";

absl::Status Invalid(std::string why) { return absl::InvalidArgumentError(why); }

class Parser {
 public:
  explicit Parser(const onnx::ModelProto& file) : file_(file) {}

  absl::StatusOr<Model> Parse() {
    LL_RETURN_IF_ERROR(FindLinearNode());
    LL_RETURN_IF_ERROR(TakeMatrix());
    const bool classifier = node_->op_type() == kClassifier;
    LL_RETURN_IF_ERROR(classifier ? TakeClassifier() : TakeRegressor());
    LL_RETURN_IF_ERROR(TakeMetadata());
    return Model::Create(std::move(parts_));
  }

 private:
  absl::Status FindLinearNode() {
    for (const onnx::NodeProto& node : file_.graph().node()) {
      if (node.op_type() == kClassifier || node.op_type() == kRegressor) {
        if (node_ != nullptr) return Invalid("it has several linear operators");
        node_ = &node;
      } else if (std::find(std::begin(kHarmless), std::end(kHarmless), node.op_type()) == std::end(kHarmless)) {
        return Invalid(absl::StrCat("its operator ", node.op_type(), " is more than a linear model has"));
      }
    }
    if (node_ == nullptr) return Invalid("it has neither a LinearClassifier nor a LinearRegressor");
    const auto& inputs = file_.graph().input();
    const bool on_input =
        node_->input_size() == 1 && std::any_of(inputs.begin(), inputs.end(),
                                                [this](const auto& input) { return input.name() == node_->input(0); });
    return on_input ? absl::OkStatus() : Invalid("its linear operator does not work on the graph's input alone");
  }

  const onnx::AttributeProto* Find(const char* name) const {
    for (const onnx::AttributeProto& attribute : node_->attribute()) {
      if (attribute.name() == name) return &attribute;
    }
    return nullptr;
  }

  // The rows of the operator as they are: coefficients_ has intercepts_.size() rows.
  absl::Status TakeMatrix() {
    const onnx::AttributeProto* const coefficients = Find("coefficients");
    const onnx::AttributeProto* const intercepts = Find("intercepts");
    if (coefficients == nullptr || coefficients->floats().empty())
      return Invalid("its linear operator has no coefficients");
    coefficients_.assign(coefficients->floats().begin(), coefficients->floats().end());
    if (intercepts != nullptr) intercepts_.assign(intercepts->floats().begin(), intercepts->floats().end());
    // Intercepts may be left out; then the labels say how many rows there are.
    if (intercepts_.empty()) intercepts_.assign(RowsWithoutIntercepts(), 0);
    if (intercepts_.empty() || coefficients_.size() % intercepts_.size() != 0 ||
        coefficients_.size() / intercepts_.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
      return Invalid(absl::StrCat("it has ", coefficients_.size(), " coefficients for ", intercepts_.size(), " rows"));
    }
    parts_.schema.feature_dim = static_cast<int>(coefficients_.size() / intercepts_.size());
    return CheckInputWidth();
  }

  size_t RowsWithoutIntercepts() const {
    if (node_->op_type() == kRegressor) return 1;
    const size_t labels = LabelCount();
    return labels > 2 ? labels : 1;
  }

  size_t LabelCount() const {
    const onnx::AttributeProto* const ints = Find("classlabels_ints");
    const onnx::AttributeProto* const strings = Find("classlabels_strings");
    if (ints != nullptr && ints->ints_size() > 0) return static_cast<size_t>(ints->ints_size());
    return strings == nullptr ? 0 : static_cast<size_t>(strings->strings_size());
  }

  // The width that the graph states for its input, if it does.
  absl::Status CheckInputWidth() const {
    for (const onnx::ValueInfoProto& input : file_.graph().input()) {
      const auto& shape = input.type().tensor_type().shape();
      if (input.name() != node_->input(0) || shape.dim_size() != 2 || !shape.dim(1).has_dim_value()) continue;
      if (shape.dim(1).dim_value() == parts_.schema.feature_dim) continue;
      return Invalid(absl::StrCat("its input has ", shape.dim(1).dim_value(), " features, and its linear operator ",
                                  parts_.schema.feature_dim));
    }
    return absl::OkStatus();
  }

  std::string Link() const {
    const onnx::AttributeProto* const link = Find("post_transform");
    return link == nullptr || link->s().empty() ? "NONE" : link->s();
  }

  absl::Status TakeRegressor() {
    if (intercepts_.size() != 1)
      return Invalid(absl::StrCat("it has ", intercepts_.size(), " targets, and one is served"));
    if (Link() != "NONE") return Invalid(absl::StrCat("it is a regressor behind a link, ", Link()));
    parts_.schema.predictor_type = PredictorType::kRegressor;
    parts_.schema.loss = Loss::kSquared;
    TakeRows();
    return absl::OkStatus();
  }

  absl::Status TakeClassifier() {
    LL_RETURN_IF_ERROR(TakeClassNames());
    const size_t classes = LabelCount();
    if (classes == 2 && intercepts_.size() <= 2) return TakeBinary();
    if (classes < 3 || classes != intercepts_.size()) {
      return Invalid(
          absl::StrCat("it has ", classes, " class labels and ", intercepts_.size(), " rows of coefficients"));
    }
    if (Link() != "SOFTMAX") {
      return Invalid(
          absl::StrCat("it is a multiclass classifier with the link ", Link(), ", and only SOFTMAX is served"));
    }
    parts_.schema.predictor_type = PredictorType::kMulticlassClassifier;
    parts_.schema.loss = Loss::kSoftmax;
    parts_.schema.outputs = static_cast<int>(classes);
    TakeRows();
    return absl::OkStatus();
  }

  // f is the margin of label 1, and of two rows it is the second's; softmax over two margins is the logistic function
  // of their difference. A classifier without link predicts 1 from margin 0 on.
  absl::Status TakeBinary() {
    const bool two = intercepts_.size() == 2;
    const size_t features = static_cast<size_t>(parts_.schema.feature_dim);
    if (Link() == "SOFTMAX" && two) {
      for (size_t j = 0; j < features; ++j) coefficients_[features + j] -= coefficients_[j];
      intercepts_[1] -= intercepts_[0];
    } else if (Link() == "NONE") {
      parts_.schema.loss = Loss::kHinge;
      parts_.threshold = 0;
    } else if (Link() != "LOGISTIC") {
      return Invalid(absl::StrCat("it is a binary classifier with the link ", Link()));
    }
    if (two) {
      coefficients_.erase(coefficients_.begin(), coefficients_.begin() + static_cast<std::ptrdiff_t>(features));
      intercepts_.erase(intercepts_.begin());
    }
    TakeRows();
    return absl::OkStatus();
  }

  void TakeRows() {
    parts_.weights = std::move(coefficients_);
    parts_.bias = std::move(intercepts_);
  }

  // Labels other than 0, 1, ... become names.
  absl::Status TakeClassNames() {
    const onnx::AttributeProto* const strings = Find("classlabels_strings");
    const onnx::AttributeProto* const ints = Find("classlabels_ints");
    if (strings != nullptr && strings->strings_size() > 0) {
      parts_.class_names.assign(strings->strings().begin(), strings->strings().end());
      return absl::OkStatus();
    }
    if (ints == nullptr) return Invalid("it has no class labels");
    bool in_order = true;
    for (int i = 0; i < ints->ints_size(); ++i) {
      in_order = in_order && ints->ints(i) == i;
      parts_.class_names.push_back(absl::StrCat(ints->ints(i)));
    }
    if (in_order) parts_.class_names.clear();
    return absl::OkStatus();
  }

  // What graphs that were written here say of themselves. It must agree with the operator in what scores depend on.
  absl::Status TakeMetadata() {
    for (const onnx::StringStringEntryProto& entry : file_.metadata_props()) {
      const nlohmann::json value = nlohmann::json::parse(entry.value(), nullptr, /*allow_exceptions=*/false);
      if (entry.key() == "threshold" && value.is_number() &&
          parts_.schema.predictor_type == PredictorType::kBinaryClassifier) {
        parts_.threshold = value.get<float>();
      } else if (entry.key() == "loss" && parts_.schema.predictor_type == PredictorType::kRegressor) {
        LL_RETURN_IF_ERROR(TakeLoss(entry.value()));
      } else if (entry.key() == "feature_names") {
        LL_RETURN_IF_ERROR(TakeNames(entry.key(), value, &parts_.feature_names));
      } else if (entry.key() == "class_names") {
        LL_RETURN_IF_ERROR(TakeNames(entry.key(), value, &parts_.class_names));
      }
    }
    return absl::OkStatus();
  }

  absl::Status TakeLoss(const std::string& word) {
    const std::optional<Loss> loss = FromName<Loss>(word);
    const bool of_classifier = loss == Loss::kLogistic || loss == Loss::kHinge || loss == Loss::kSoftmax;
    if (!loss.has_value() || of_classifier)
      return Invalid(absl::StrCat("its loss \"", word, "\" is none of a regressor"));
    parts_.schema.loss = *loss;
    return absl::OkStatus();
  }

  static absl::Status TakeNames(const std::string& key, const nlohmann::json& value, std::vector<std::string>* names) {
    const bool texts =
        value.is_array() && std::all_of(value.begin(), value.end(), [](const auto& name) { return name.is_string(); });
    if (!texts) return Invalid(absl::StrCat("its metadata ", key, " is not a list of texts"));
    *names = value.get<std::vector<std::string>>();
    return absl::OkStatus();
  }

  const onnx::ModelProto& file_;
  const onnx::NodeProto* node_ = nullptr;
  std::vector<double> coefficients_, intercepts_;
  Model::Parts parts_;
};

}  // namespace

absl::StatusOr<Model> ParseOnnxModel(absl::string_view bytes) {
  onnx::ModelProto file;
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !file.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !file.has_graph()) {
    return Invalid("it is not an ONNX model");
  }
  return Parser(file).Parse();
}

}  // namespace ll::learner
