// Models in the formats of others: the door of this folder.
//
//   LL_ASSIGN_OR_RETURN(Model model, LoadAnyModel(env, "model.onnx"));
//   LL_ASSIGN_OR_RETURN(std::string csv, ExportModel(model, ModelFormat::kCsv));
#ifndef LL_LEARNER_ARTIFACT_MODEL_FORMATS_H_
#define LL_LEARNER_ARTIFACT_MODEL_FORMATS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"
#include "learner/artifact/plain_weights.h"
#include "learner/model.h"

namespace ll::learner {

enum class ModelFormat {
  kArtifact,   // "artifact": model.tar.gz as it is trained (artifact.h)
  kReference,  // "sagemaker": the model.tar.gz of SageMaker's own container (reference_artifact.h)
  kOnnx,       // "onnx" (onnx_model.h)
  kJson,       // "json" (plain_weights.h)
  kCsv,        // "csv"  (plain_weights.h)
};

// nullopt for a word that names no format.
std::optional<ModelFormat> ModelFormatFromName(absl::string_view word);

// A model in any of the formats. Gzip and what begins as JSON or as the CSV's header are known by their bytes; anything
// else is taken for ONNX. INVALID_ARGUMENT with reason INVALID_ARTIFACT. `defaults` are for JSON and CSV alone.
absl::StatusOr<Model> ImportModel(absl::string_view bytes, const ImportDefaults& defaults = {});

// FAILED_PRECONDITION with reason INVALID_ARTIFACT when the format cannot hold a number.
absl::StatusOr<std::string> ExportModel(const Model& model, ModelFormat format);

// ImportModel() of a file or, when `path` is a folder, of the model.tar.gz in it, in its folder "model" (a job
// directory), or of a model_algo-1 in it (SageMaker's model.tar.gz, unpacked). NOT_FOUND when there is none.
absl::StatusOr<Model> LoadAnyModel(Env& env, const std::string& path, const ImportDefaults& defaults = {});

}  // namespace ll::learner

#endif  // LL_LEARNER_ARTIFACT_MODEL_FORMATS_H_
