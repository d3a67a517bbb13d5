#include "learner/artifact/model_formats.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/artifact.h"
#include "learner/artifact/mxnet_params.h"
#include "learner/artifact/tar_gz.h"
#include "learner/artifact/zip.h"
#include "onnx/onnx.pb.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::learner {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::ll::testing::TempDir;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Model MakeModel(PredictorType type, Loss loss, int features, int outputs) {
  SeededRandom random(7);
  Model::Parts parts;
  parts.schema = {.predictor_type = type, .loss = loss, .feature_dim = features, .outputs = outputs};
  for (int i = 0; i < features * outputs; ++i) parts.weights.push_back(random.Normal());
  for (int k = 0; k < outputs; ++k) parts.bias.push_back(random.Normal());
  if (type == PredictorType::kBinaryClassifier) parts.threshold = 0.3125f;
  for (int j = 0; j < features; ++j) parts.feature_names.push_back(absl::StrCat("feature, \"", j, "\""));
  for (int k = 0; k < parts.schema.classes(); ++k) parts.class_names.push_back(absl::StrCat("class ", k));
  parts.training.hyperparameters = {{"epochs", "3"}};
  return *Model::Create(parts);
}

std::vector<Model> ModelsOfEveryKind() {
  return {MakeModel(PredictorType::kBinaryClassifier, Loss::kLogistic, 5, 1),
          MakeModel(PredictorType::kBinaryClassifier, Loss::kHinge, 5, 1),
          MakeModel(PredictorType::kMulticlassClassifier, Loss::kSoftmax, 5, 4),
          MakeModel(PredictorType::kRegressor, Loss::kHuber, 5, 1)};
}

Scores ScoresOf(const Model& model) {
  SeededRandom random(11);
  std::vector<float> rows;
  for (int i = 0; i < 100 * model.schema().feature_dim; ++i) rows.push_back(static_cast<float>(random.Normal()));
  Scores scores;
  model.Score(rows.data(), 100, &scores);
  return scores;
}

class RoundTripTest : public ::testing::TestWithParam<ModelFormat> {};

TEST_P(RoundTripTest, KeepsScoresAndLabels) {
  for (const Model& model : ModelsOfEveryKind()) {
    const ModelSchema& schema = model.schema();
    LL_ASSERT_OK_AND_ASSIGN(const std::string bytes, ExportModel(model, GetParam()));
    LL_ASSERT_OK_AND_ASSIGN(const Model back, ImportModel(bytes, {.predictor_type = schema.predictor_type,
                                                                  .loss = schema.loss,
                                                                  .threshold = model.threshold()}));
    EXPECT_EQ(back.schema().predictor_type, schema.predictor_type);
    EXPECT_EQ(back.schema().loss, schema.loss);
    EXPECT_EQ(back.threshold(), model.threshold());
    const Scores before = ScoresOf(model), after = ScoresOf(back);
    const bool whole =
        GetParam() == ModelFormat::kArtifact || GetParam() == ModelFormat::kJson || GetParam() == ModelFormat::kCsv;
    if (whole) {
      EXPECT_EQ(after.values, before.values);
    } else {
      ASSERT_EQ(after.values.size(), before.values.size());
      for (size_t i = 0; i < before.values.size(); ++i) EXPECT_NEAR(after.values[i], before.values[i], 2e-6);
    }
    EXPECT_EQ(after.labels, before.labels);
    const bool no_names = GetParam() == ModelFormat::kReference;
    EXPECT_EQ(back.parts().feature_names, no_names ? std::vector<std::string>() : model.parts().feature_names);
    const bool no_classes = no_names || GetParam() == ModelFormat::kCsv;
    EXPECT_EQ(back.parts().class_names, no_classes ? std::vector<std::string>() : model.parts().class_names);
    LL_ASSERT_OK_AND_ASSIGN(const std::string again, ExportModel(model, GetParam()));
    EXPECT_EQ(again, bytes);
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, RoundTripTest,
                         ::testing::Values(ModelFormat::kArtifact, ModelFormat::kReference, ModelFormat::kOnnx,
                                           ModelFormat::kJson, ModelFormat::kCsv),
                         [](const auto& info) { return absl::StrCat("Format", static_cast<int>(info.param)); });

TEST(ModelFormatsTest, FormatsHaveNames) {
  EXPECT_EQ(ModelFormatFromName("sagemaker"), ModelFormat::kReference);
  EXPECT_EQ(ModelFormatFromName("csv"), ModelFormat::kCsv);
  EXPECT_EQ(ModelFormatFromName("pickle"), std::nullopt);
}

TEST(ModelFormatsTest, JsonKeepsTheTrainingRecord) {
  const Model model = ModelsOfEveryKind()[0];
  LL_ASSERT_OK_AND_ASSIGN(const std::string text, ExportModel(model, ModelFormat::kJson));
  LL_ASSERT_OK_AND_ASSIGN(const Model back, ImportModel(text));
  EXPECT_EQ(*SerializeModel(back), *SerializeModel(model));
}

TEST(ModelFormatsTest, WhatAFileDoesNotSayIsAssumedOrGiven) {
  LL_ASSERT_OK_AND_ASSIGN(Model model, ImportModel(R"({"weights": [[1, 2], [3, 4], [5, 6]], "bias": [7, 8, 9]})"));
  EXPECT_EQ(model.schema().predictor_type, PredictorType::kMulticlassClassifier);
  EXPECT_EQ(model.schema().loss, Loss::kSoftmax);
  EXPECT_THAT(model.weights(), ElementsAre(1, 2, 3, 4, 5, 6));
  LL_ASSERT_OK_AND_ASSIGN(model, ImportModel(R"({"weights": [1, 2]})", {.predictor_type = PredictorType::kRegressor}));
  EXPECT_EQ(model.schema().loss, Loss::kSquared);
  EXPECT_THAT(model.bias(), ElementsAre(0));
  LL_ASSERT_OK_AND_ASSIGN(model, ImportModel("feature,weight\r\nage,1e-3\r\n\r\n(bias),-2\r\n",
                                             {.predictor_type = PredictorType::kBinaryClassifier, .threshold = 0.25f}));
  EXPECT_EQ(model.threshold(), 0.25f);
  EXPECT_THAT(model.weights(), ElementsAre(1e-3));
  EXPECT_THAT(model.bias(), ElementsAre(-2));
  EXPECT_THAT(model.feature_names(), ElementsAre("age"));
}

TEST(ModelFormatsTest, BadTextsAreNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "it is not an ONNX model"},
      {"{}", "not a JSON object with \"weights\""},
      {R"({"weights": [1, 2]})", "give predictor_type"},
      {R"({"weights": []})", "give predictor_type"},
      {R"({"weights": [1, "2"], "predictor_type": "regressor"})", "\"weights\" holds something that is not a number"},
      {R"({"weights": [[1, 2], [3]], "bias": [1, 2]})", "rows of 2 and of 1 numbers"},
      {R"({"weights": [[1, 2], [3, 4], [5, 6]], "bias": [1, 2]})", "6 weights and 2 biases for 3 outputs"},
      {R"({"weights": [1, 2], "predictor_type": "clusterer"})", "\"predictor_type\" is not known here"},
      {R"({"weights": [1, 2], "predictor_type": "regressor", "loss": "logistic"})", "is none of a regressor"},
      {R"({"weights": [1, 2], "predictor_type": "regressor", "feature_names": ["a"]})", "1 name of features"},
      {R"({"weights": [1, 2], "predictor_type": "regressor", "biass": 1})", "did you mean bias?"},
      {R"({"weights": [1, 2], "predictor_type": "regressor", "training": 1})", "training is not an object"},
      {R"({"weights": [1, 1e999], "predictor_type": "regressor"})", ""},
      {"feature,weight\n", "line 1: there is no feature"},
      {"feature,\n", "give predictor_type"},
      {"feature,weight\na,b\n", "line 2: \"b\" is not a number"},
      {"feature,weight\na,1,2\n", "line 2: it has 3 cells, and the header 2"},
      {"feature,weight\n\"a,1\n", "line 2: a quoted cell is not closed"},
      {"feature,weight\na,1\n(bias),1\n(bias),2\n", "line 4: (bias) comes a second time"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(ImportModel(text),
                AllOf(StatusIs(absl::StatusCode::kInvalidArgument), HasReason(ErrorReason::kInvalidArtifact)))
        << text;
    if (!absl::StrContains(text, "feature,\n")) {
      EXPECT_THAT(std::string(ImportModel(text).status().message()), HasSubstr(message)) << text;
    }
  }
}

TEST(ModelFormatsTest, NumbersThatDoNotFitIntoFloatsAreNotExportedAsSuch) {
  Model::Parts parts;
  parts.schema = {.feature_dim = 1};
  parts.weights = {1e300};
  parts.bias = {0};
  const Model model = *Model::Create(parts);
  for (const ModelFormat format : {ModelFormat::kOnnx, ModelFormat::kReference}) {
    EXPECT_THAT(ExportModel(model, format),
                AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), HasReason(ErrorReason::kInvalidArtifact)));
  }
  LL_EXPECT_OK(ExportModel(model, ModelFormat::kJson));
}

TEST(ModelFormatsTest, FoldersAreLookedInto) {
  const TempDir dir;
  const Model model = ModelsOfEveryKind()[0];
  LL_ASSERT_OK_AND_ASSIGN(const std::string artifact, ExportModel(model, ModelFormat::kArtifact));
  EXPECT_THAT(LoadAnyModel(Env::Posix(), dir.path()), StatusIs(absl::StatusCode::kNotFound, HasSubstr("model.tar.gz")));
  EXPECT_THAT(LoadAnyModel(Env::Posix(), dir.File("none")), StatusIs(absl::StatusCode::kNotFound));
  LL_ASSERT_OK_AND_ASSIGN(const std::string reference, ExportModel(model, ModelFormat::kReference));
  TarGzReader reader(reference);
  ASSERT_TRUE(reader.Next().ok());
  dir.Write("unpacked/model_algo-1", *reader.Contents(1 << 20));
  LL_ASSERT_OK_AND_ASSIGN(Model found, LoadAnyModel(Env::Posix(), dir.File("unpacked")));
  EXPECT_THAT(found.feature_names(), IsEmpty());
  dir.Write("job/model/model.tar.gz", artifact);
  LL_ASSERT_OK_AND_ASSIGN(found, LoadAnyModel(Env::Posix(), dir.File("job")));
  EXPECT_EQ(*SerializeModel(found), artifact);
  dir.Write("bad.json", "{}");
  EXPECT_THAT(LoadAnyModel(Env::Posix(), dir.File("bad.json")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("bad.json")));
}

// ---- SageMaker's own artifacts.

// The bytes of a model_algo-1 of another hand, numbers as the .params layout of MXNet has them.
std::string Reference(absl::string_view symbol, absl::string_view additional, absl::string_view params) {
  std::vector<TarMember> members = {{"mx-mod-symbol.json", symbol}, {"mx-mod-0000.params", params}};
  if (!additional.empty()) members.push_back({"additional-params.json", additional});
  const std::string zip = *PackZip(members);
  return *PackTarGz({{"./model_algo-1", zip}});
}

std::string Params(const std::vector<double>& weights, uint64_t outputs, uint64_t features,
                   const std::vector<double>& bias) {
  return WriteMxnetParams({{"fc0_weight", {.shape = {outputs, features}, .values = weights}},
                           {"fc0_bias", {.shape = {bias.size()}, .values = bias}}});
}

constexpr char kSigmoid[] = R"({"nodes": [{"op": "FullyConnected", "name": "fc0"},
    {"op": "Activation", "attrs": {"act_type": "sigmoid"}, "name": "out"}]})";

TEST(ReferenceArtifactTest, TheGraphSaysWhatPredictorItIs) {
  const struct {
    const char* symbol;
    const char* additional;
    uint64_t outputs;
    PredictorType type;
    Loss loss;
    float threshold;
  } cases[] = {
      {kSigmoid, R"({"threshold": 0.25})", 1, PredictorType::kBinaryClassifier, Loss::kLogistic, 0.25f},
      {R"({"nodes": [{"op": "LogisticRegressionOutput"}]})", "", 1, PredictorType::kBinaryClassifier, Loss::kLogistic,
       0.5f},
      {"{}", R"({"threshold": 0.25, "more": []})", 1, PredictorType::kBinaryClassifier, Loss::kHinge, 0.25f},
      {R"({"nodes": [{"op": "LinearRegressionOutput"}]})", R"({"threshold": null})", 1, PredictorType::kRegressor,
       Loss::kSquared, 0.5f},
      {"{}", "{}", 3, PredictorType::kMulticlassClassifier, Loss::kSoftmax, 0.5f},
  };
  for (const auto& c : cases) {
    const std::vector<double> weights(c.outputs * 2, 0.5), bias(c.outputs, -8.5);
    LL_ASSERT_OK_AND_ASSIGN(const Model model,
                            ParseModel(Reference(c.symbol, c.additional, Params(weights, c.outputs, 2, bias))));
    EXPECT_EQ(model.schema().predictor_type, c.type) << c.symbol;
    EXPECT_EQ(model.schema().loss, c.loss) << c.symbol;
    EXPECT_EQ(model.threshold(), c.threshold);
    EXPECT_EQ(model.schema().feature_dim, 2);
    EXPECT_EQ(model.parts().weights, weights);
    EXPECT_EQ(model.parts().bias, bias);
  }
}

TEST(ReferenceArtifactTest, DamageIsNamed) {
  const std::string good = Params({1, 2}, 1, 2, {3});
  std::string unknown_version = good;
  unknown_version[24] = 'x';
  const std::pair<std::string, const char*> cases[] = {
      {*PackTarGz({{"model_algo-1", "PK"}}), "model_algo-1: it is not a zip archive"},
      {*PackTarGz({{"model_algo-1", *PackZip({{"readme", "x"}})}}), "it holds no mx-mod-0000.params"},
      {*PackTarGz({{"model_algo-1", *PackZip({{"a", "x"}, {"a", "y"}})}}), "it holds a twice"},
      {Reference("[]", "", good), "mx-mod-symbol.json: it is not a JSON object"},
      {Reference("{}", R"({"threshold": "high"})", good), "its threshold is not a number"},
      {Reference("{}", R"({"loss": "best"})", good), "its loss is not known here"},
      {Reference("{}", "", "rubbish"), "it does not begin as a .params file"},
      {Reference("{}", "", good.substr(0, good.size() - 1)), "mx-mod-0000.params: it is cut short"},
      {Reference("{}", "", good + "x"), "there are bytes after its end"},
      {Reference("{}", "", unknown_version), "an array has an unknown version"},
      {Reference("{}", "", Params({1, 2}, 1, 2, {3, 4})), "fc0_bias has another size"},
      {Reference("{}", "", WriteMxnetParams({})), "there is no matrix fc0_weight"},
      {*PackTarGz({{"model_algo-1", *PackZip({{"mx-mod-0000.params", good}})}, {"more", ""}}),
       "more, which belongs to no artifact"},
  };
  for (const auto& [bytes, message] : cases) {
    EXPECT_THAT(ParseModel(bytes), AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)),
                                         HasReason(ErrorReason::kInvalidArtifact)))
        << message;
  }
}

TEST(ReferenceArtifactTest, ABombIsRefused) {
  const std::string zeros(200'000'000, '\0');
  const std::string bytes = *PackTarGz({{"model_algo-1", zeros}});
  ASSERT_LT(bytes.size(), 300'000u);
  EXPECT_THAT(ParseModel(bytes), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("and the limit is")));
}

TEST(MxnetParamsTest, EveryVersionAndWidthIsRead) {
  const auto put = [](auto value, std::string* out) {
    out->append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  for (const uint32_t version : {0xF993FAC8u, 0xF993FAC9u, 0xF993FACAu}) {
    for (const int32_t type : {0, 1, 2}) {
      std::string bytes;
      put(uint64_t{0x112}, &bytes);
      put(uint64_t{0}, &bytes);
      put(uint64_t{1}, &bytes);
      put(version, &bytes);
      if (version != 0xF993FAC8u) put(int32_t{0}, &bytes);
      put(uint32_t{1}, &bytes);
      put(int64_t{3}, &bytes);
      put(int32_t{1}, &bytes);
      put(int32_t{0}, &bytes);
      put(type, &bytes);
      const std::vector<double> values = {1.5, -0.25, 6.103515625e-05};
      const uint16_t halves[] = {0x3e00, 0xb400, 0x0400};
      for (size_t i = 0; i < 3; ++i) {
        if (type == 0) put(static_cast<float>(values[i]), &bytes);
        if (type == 1) put(values[i], &bytes);
        if (type == 2) put(halves[i], &bytes);
      }
      put(uint64_t{1}, &bytes);
      put(uint64_t{5}, &bytes);
      bytes += "arg:w";
      LL_ASSERT_OK_AND_ASSIGN(const auto tensors, ReadMxnetParams(bytes));
      ASSERT_EQ(tensors.count("w"), 1u);
      EXPECT_EQ(tensors.at("w").values, values) << version << " " << type;
      for (size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(ReadMxnetParams(bytes.substr(0, size)).ok());
    }
  }
}

// ---- ONNX of other hands.

class OnnxTest : public ::testing::Test {
 protected:
  OnnxTest() {
    file_.mutable_graph()->add_input()->set_name("X");
    node_ = file_.mutable_graph()->add_node();
    node_->add_input("X");
  }
  void Linear(const char* op, const std::vector<float>& coefficients, const std::vector<float>& intercepts,
              const char* link) {
    node_->set_op_type(op);
    onnx::AttributeProto* const weights = Attribute("coefficients");
    for (const float value : coefficients) weights->add_floats(value);
    if (!intercepts.empty()) {
      onnx::AttributeProto* const bias = Attribute("intercepts");
      for (const float value : intercepts) bias->add_floats(value);
    }
    if (*link != '\0') Attribute("post_transform")->set_s(link);
  }
  void Labels(const std::vector<int64_t>& labels) {
    onnx::AttributeProto* const attribute = Attribute("classlabels_ints");
    for (const int64_t label : labels) attribute->add_ints(label);
  }
  onnx::AttributeProto* Attribute(const char* name) {
    onnx::AttributeProto* const attribute = node_->add_attribute();
    attribute->set_name(name);
    return attribute;
  }
  void ExpectRefused(const char* message) {
    EXPECT_THAT(ImportModel(file_.SerializeAsString()),
                AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)),
                      HasReason(ErrorReason::kInvalidArtifact)));
  }

  onnx::ModelProto file_;
  onnx::NodeProto* node_ = nullptr;
};

TEST_F(OnnxTest, ABinaryClassifierOfOneRow) {
  Linear("LinearClassifier", {1, 2}, {3}, "LOGISTIC");
  Labels({0, 1});
  LL_ASSERT_OK_AND_ASSIGN(const Model model, ImportModel(file_.SerializeAsString()));
  EXPECT_EQ(model.schema().loss, Loss::kLogistic);
  EXPECT_THAT(model.weights(), ElementsAre(1, 2));
  EXPECT_THAT(model.bias(), ElementsAre(3));
  EXPECT_EQ(model.threshold(), 0.5f);
  EXPECT_THAT(model.class_names(), IsEmpty());
}

TEST_F(OnnxTest, SoftmaxOfTwoRowsIsLogisticOfTheirDifference) {
  Linear("LinearClassifier", {1, 2, 5, 7}, {3, 4}, "SOFTMAX");
  Labels({-1, 1});
  file_.mutable_graph()->add_node()->set_op_type("ZipMap");
  LL_ASSERT_OK_AND_ASSIGN(const Model model, ImportModel(file_.SerializeAsString()));
  EXPECT_EQ(model.schema().loss, Loss::kLogistic);
  EXPECT_THAT(model.weights(), ElementsAre(4, 5));
  EXPECT_THAT(model.bias(), ElementsAre(1));
  EXPECT_THAT(model.class_names(), ElementsAre("-1", "1"));
}

TEST_F(OnnxTest, WithoutLinkTheCutIsAtZero) {
  Linear("LinearClassifier", {1, 2}, {}, "");
  Labels({0, 1});
  LL_ASSERT_OK_AND_ASSIGN(const Model model, ImportModel(file_.SerializeAsString()));
  EXPECT_EQ(model.schema().loss, Loss::kHinge);
  EXPECT_EQ(model.threshold(), 0);
  EXPECT_THAT(model.bias(), ElementsAre(0));
}

TEST_F(OnnxTest, WhatIsNoLinearModelIsRefused) {
  Linear("LinearRegressor", {1, 2}, {3}, "LOGISTIC");
  ExpectRefused("behind a link, LOGISTIC");
  node_->set_op_type("Scaler");
  ExpectRefused("its operator Scaler is more than a linear model has");
  node_->set_op_type("Cast");
  ExpectRefused("neither a LinearClassifier nor a LinearRegressor");
  node_->set_op_type("LinearRegressor");
  file_.mutable_graph()->add_node()->set_op_type("LinearRegressor");
  ExpectRefused("several linear operators");
}

TEST_F(OnnxTest, FeaturesMustComeAsTheyAre) {
  Linear("LinearRegressor", {1, 2}, {3}, "NONE");
  node_->set_input(0, "scaled");
  ExpectRefused("does not work on the graph's input alone");
}

TEST_F(OnnxTest, WidthsMustAgree) {
  Linear("LinearRegressor", {1, 2}, {3}, "NONE");
  auto* const shape = file_.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
  shape->add_dim()->set_dim_param("N");
  shape->add_dim()->set_dim_value(3);
  ExpectRefused("its input has 3 features, and its linear operator 2");
}

TEST_F(OnnxTest, IndependentClassesAreRefused) {
  Linear("LinearClassifier", {1, 2, 3}, {1, 2, 3}, "LOGISTIC");
  Labels({0, 1, 2});
  ExpectRefused("only SOFTMAX is served");
}

}  // namespace
}  // namespace ll::learner
