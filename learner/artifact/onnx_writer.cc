// FormatOnnxModel(). Graphs by predictor:
//
//   binary_classifier       LinearClassifier -> both [rows, 2] -> Gather column 1 -> scores [rows, 1]
//                           scores -> GreaterOrEqual threshold -> Cast -> Reshape -> label
//   multiclass_classifier   LinearClassifier -> label, scores
//   regressor               LinearRegressor -> scores
//
// A binary LinearClassifier has a row of coefficients for each of its two classes: -w and w. Its own labels are those
// of the cut at one half; the operators behind it make the cut at the model's threshold.
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/version.h"
#include "learner/artifact/onnx_model.h"
#include "learner/artifact/weights_as_floats.h"
#include "nlohmann/json.hpp"
#include "onnx/onnx.pb.h"

namespace ll::learner {
namespace {

constexpr char kMlDomain[] = "ai.onnx.ml";
constexpr char kInput[] = "X";
constexpr char kLabel[] = "label";
constexpr char kScores[] = "scores";
// GreaterOrEqual came with opset 12, which ONNX files of version 7 carry.
constexpr int64_t kIrVersion = 7, kOpset = 12, kMlOpset = 1;

class GraphWriter {
 public:
  explicit GraphWriter(const Model& model) : model_(model), schema_(model.schema()) {}

  onnx::ModelProto Write() {
    file_.set_ir_version(kIrVersion);
    file_.set_producer_name("linear-learner");
    file_.set_producer_version(std::string(ReleaseVersion()));
    AddOpset("", kOpset);
    AddOpset(kMlDomain, kMlOpset);
    graph().set_name("linear_model");
    AddValue(graph().add_input(), kInput, onnx::TensorProto::FLOAT, {-1, schema_.feature_dim});
    switch (schema_.predictor_type) {
      case PredictorType::kBinaryClassifier: AddBinary(); break;
      case PredictorType::kMulticlassClassifier: AddMulticlass(); break;
      case PredictorType::kRegressor: AddRegressor(); break;
    }
    AddMetadata();
    return file_;
  }

 private:
  onnx::GraphProto& graph() { return *file_.mutable_graph(); }

  void AddOpset(const char* domain, int64_t version) {
    onnx::OperatorSetIdProto* const opset = file_.add_opset_import();
    opset->set_domain(domain);
    opset->set_version(version);
  }

  // An extent of -1 is the number of rows.
  static void AddValue(onnx::ValueInfoProto* value, const char* name, onnx::TensorProto::DataType type,
                       std::initializer_list<int64_t> shape) {
    value->set_name(name);
    onnx::TypeProto::Tensor* const tensor = value->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(type);
    for (const int64_t extent : shape) {
      onnx::TensorShapeProto::Dimension* const dimension = tensor->mutable_shape()->add_dim();
      if (extent < 0) {
        dimension->set_dim_param("rows");
      } else {
        dimension->set_dim_value(extent);
      }
    }
  }

  onnx::NodeProto* AddNode(const char* op, const char* domain, std::initializer_list<const char*> inputs,
                           std::initializer_list<const char*> outputs) {
    onnx::NodeProto* const node = graph().add_node();
    node->set_op_type(op);
    node->set_name(op);
    if (*domain != '\0') node->set_domain(domain);
    for (const char* input : inputs) node->add_input(input);
    for (const char* output : outputs) node->add_output(output);
    return node;
  }

  static onnx::AttributeProto* AddAttribute(onnx::NodeProto* node, const char* name,
                                            onnx::AttributeProto::AttributeType type) {
    onnx::AttributeProto* const attribute = node->add_attribute();
    attribute->set_name(name);
    attribute->set_type(type);
    return attribute;
  }

  // The rows of the matrix, each times a sign of `signs`, and their intercepts.
  void AddWeights(onnx::NodeProto* node, std::initializer_list<float> signs) {
    onnx::AttributeProto* const weights = AddAttribute(node, "coefficients", onnx::AttributeProto::FLOATS);
    for (const float sign : signs) {
      for (const double weight : model_.weights()) weights->add_floats(sign * static_cast<float>(weight));
    }
    onnx::AttributeProto* const bias = AddAttribute(node, "intercepts", onnx::AttributeProto::FLOATS);
    for (const float sign : signs) {
      for (const double value : model_.bias()) bias->add_floats(sign * static_cast<float>(value));
    }
  }

  void AddClassLabels(onnx::NodeProto* node) {
    if (has_names() && schema_.outputs > 1) {
      onnx::AttributeProto* const labels = AddAttribute(node, "classlabels_strings", onnx::AttributeProto::STRINGS);
      for (const std::string& name : model_.class_names()) labels->add_strings(name);
      return;
    }
    onnx::AttributeProto* const labels = AddAttribute(node, "classlabels_ints", onnx::AttributeProto::INTS);
    for (int label = 0; label < schema_.classes(); ++label) labels->add_ints(label);
  }

  onnx::NodeProto* AddClassifier(std::initializer_list<const char*> outputs, const char* link,
                                 std::initializer_list<float> signs) {
    onnx::NodeProto* const node = AddNode("LinearClassifier", kMlDomain, {kInput}, outputs);
    AddWeights(node, signs);
    AddClassLabels(node);
    AddAttribute(node, "post_transform", onnx::AttributeProto::STRING)->set_s(link);
    return node;
  }

  void AddBinary() {
    AddClassifier({"label_at_one_half", "both_scores"}, schema_.loss == Loss::kLogistic ? "LOGISTIC" : "NONE", {-1, 1});
    AddConstant("positive", onnx::TensorProto::INT64, {1})->add_int64_data(1);
    onnx::NodeProto* const gather = AddNode("Gather", "", {"both_scores", "positive"}, {kScores});
    AddAttribute(gather, "axis", onnx::AttributeProto::INT)->set_i(1);
    AddConstant("threshold", onnx::TensorProto::FLOAT, {1})->add_float_data(model_.threshold());
    AddNode("GreaterOrEqual", "", {kScores, "threshold"}, {"is_positive"});
    onnx::NodeProto* const cast = AddNode("Cast", "", {"is_positive"}, {"label_column"});
    AddAttribute(cast, "to", onnx::AttributeProto::INT)->set_i(onnx::TensorProto::INT64);
    AddConstant("flat", onnx::TensorProto::INT64, {1})->add_int64_data(-1);
    AddNode("Reshape", "", {"label_column", "flat"}, {kLabel});
    AddValue(graph().add_output(), kLabel, onnx::TensorProto::INT64, {-1});
    AddValue(graph().add_output(), kScores, onnx::TensorProto::FLOAT, {-1, 1});
  }

  void AddMulticlass() {
    onnx::NodeProto* const node = AddClassifier({kLabel, kScores}, "SOFTMAX", {1});
    AddAttribute(node, "multi_class", onnx::AttributeProto::INT)->set_i(1);
    AddValue(graph().add_output(), kLabel, has_names() ? onnx::TensorProto::STRING : onnx::TensorProto::INT64, {-1});
    AddValue(graph().add_output(), kScores, onnx::TensorProto::FLOAT, {-1, schema_.outputs});
  }

  void AddRegressor() {
    onnx::NodeProto* const node = AddNode("LinearRegressor", kMlDomain, {kInput}, {kScores});
    AddWeights(node, {1});
    AddAttribute(node, "targets", onnx::AttributeProto::INT)->set_i(1);
    AddAttribute(node, "post_transform", onnx::AttributeProto::STRING)->set_s("NONE");
    AddValue(graph().add_output(), kScores, onnx::TensorProto::FLOAT, {-1, 1});
  }

  onnx::TensorProto* AddConstant(const char* name, onnx::TensorProto::DataType type,
                                 std::initializer_list<int64_t> shape) {
    onnx::TensorProto* const tensor = graph().add_initializer();
    tensor->set_name(name);
    tensor->set_data_type(type);
    for (const int64_t extent : shape) tensor->add_dims(extent);
    return tensor;
  }

  void AddMetadata() {
    const auto add = [this](const char* key, std::string value) {
      onnx::StringStringEntryProto* const entry = file_.add_metadata_props();
      entry->set_key(key);
      entry->set_value(std::move(value));
    };
    const auto list = [](absl::Span<const std::string> names) {
      return nlohmann::json(std::vector<std::string>(names.begin(), names.end()))
          .dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
    };
    add("predictor_type", std::string(Name(schema_.predictor_type)));
    add("loss", std::string(Name(schema_.loss)));
    if (schema_.predictor_type == PredictorType::kBinaryClassifier) {
      add("threshold", nlohmann::json(model_.threshold()).dump());
    }
    if (!model_.feature_names().empty()) add("feature_names", list(model_.feature_names()));
    if (has_names()) add("class_names", list(model_.class_names()));
  }

  bool has_names() const { return !model_.class_names().empty(); }

  const Model& model_;
  const ModelSchema& schema_;
  onnx::ModelProto file_;
};

}  // namespace

absl::StatusOr<std::string> FormatOnnxModel(const Model& model) {
  LL_RETURN_IF_ERROR(CheckWeightsAreFloats(model));
  return GraphWriter(model).Write().SerializeAsString();
}

}  // namespace ll::learner
