// Any bytes as a model in the formats of others, and as each of the layers of SageMaker's artifact.
#include "base/error_reason.h"
#include "learner/artifact.h"
#include "learner/artifact/model_formats.h"
#include "learner/artifact/mxnet_params.h"
#include "learner/artifact/onnx_model.h"
#include "learner/artifact/reference_artifact.h"
#include "learner/artifact/zip.h"
#include "tests/fuzz/require.h"

using ll::learner::ModelFormat;
using ll::testing::Require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const ll::learner::ImportDefaults defaults{.predictor_type = ll::learner::PredictorType::kBinaryClassifier};
  const absl::StatusOr<ll::learner::Model> model = ll::learner::ImportModel(bytes, defaults);
  if (model.ok()) {
    const std::string json = ll::learner::ExportModel(*model, ModelFormat::kJson).value();
    const ll::learner::Model again = ll::learner::ImportModel(json).value();
    Require(ll::learner::SerializeModel(again).value() == ll::learner::SerializeModel(*model).value(),
            "JSON keeps everything");
    for (const ModelFormat format : {ModelFormat::kOnnx, ModelFormat::kReference}) {
      const absl::StatusOr<std::string> exported = ll::learner::ExportModel(*model, format);
      if (!exported.ok()) continue;  // a number that is no float
      const auto back = ll::learner::ImportModel(*exported);
      Require(back.ok() && back->weights().size() == model->weights().size(), "what was exported can be imported");
    }
  } else {
    Require(ll::HasReason(model.status(), ll::ErrorReason::kInvalidArtifact), "errors of models say so");
  }
  ll::learner::ReadMxnetParams(bytes).status().IgnoreError();
  ll::learner::UnpackZip(bytes, 1 << 20).status().IgnoreError();
  ll::learner::ParseReferenceModel(bytes).status().IgnoreError();
  ll::learner::ParseOnnxModel(bytes).status().IgnoreError();
  ll::learner::ParseCsvWeights(bytes, defaults).status().IgnoreError();
  return 0;
}
