// Any bytes as a model artifact, and as each of the files inside one (the archive's checksum keeps a fuzzer from them).
#include "learner/artifact.h"

#include "base/error_reason.h"
#include "learner/artifact/model_json.h"
#include "learner/artifact/safetensors.h"
#include "tests/fuzz/require.h"

using ll::testing::Require;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<ll::learner::Model> model = ll::learner::ParseModel(bytes);
  if (model.ok()) {
    const std::string saved = ll::learner::SerializeModel(*model).value();
    const ll::learner::Model loaded = ll::learner::ParseModel(saved).value();
    Require(ll::learner::SerializeModel(loaded).value() == saved, "a saved model loads and saves to the same bytes");
  } else {
    Require(ll::HasReason(model.status(), ll::ErrorReason::kInvalidArtifact), "errors of artifacts say so");
  }
  const absl::StatusOr<ll::learner::ModelDescription> description = ll::learner::ParseModelJson(bytes);
  if (description.ok()) {
    const std::string text = ll::learner::FormatModelJson(*description);
    Require(ll::learner::FormatModelJson(ll::learner::ParseModelJson(text).value()) == text,
            "model.json that was written parses to what was written");
  }
  const auto tensors = ll::learner::ReadSafetensors(bytes);
  if (tensors.ok()) {
    for (const auto& [name, tensor] : *tensors) {
      uint64_t count = 1;
      for (const uint64_t dimension : tensor.shape) count *= dimension;
      Require(count == tensor.values.size(), "a tensor has the values that its shape says");
    }
  }
  return 0;
}
