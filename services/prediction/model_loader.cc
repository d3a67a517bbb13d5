#include "services/prediction/model_loader.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/hyperparameters.h"

namespace ll::prediction {
namespace {

constexpr int kWarmUpRows = 4;

std::string Describe(absl::string_view predictor_type, int64_t features, int64_t outputs) {
  return absl::StrCat(predictor_type, " with ", features, " features and ", outputs, " outputs");
}

// Touches every weight and the memory that scoring needs.
absl::Status WarmUp(const Predictor& predictor) {
  const std::vector<float> rows(static_cast<size_t>(kWarmUpRows) * static_cast<size_t>(predictor.schema().feature_dim));
  learner::Scores scores;
  return predictor.Predict(rows.data(), kWarmUpRows, &scores);
}

absl::Status CheckSchema(const HostedVersion& version, const learner::ModelSchema& schema) {
  const std::string found = Describe(learner::Name(schema.predictor_type), schema.feature_dim, schema.outputs);
  const std::string expected =
      Describe(version.schema.predictor_type, version.schema.feature_dim, version.schema.outputs);
  if (found == expected) return absl::OkStatus();
  return MakeError(absl::StatusCode::kDataLoss, ErrorReason::kInvalidArtifact,
                   {.what = absl::StrCat("cannot load ", version.name()),
                    .why = absl::StrCat("its artifact holds a ", found, ", and the catalogue says it is a ", expected),
                    .remedy = "Train or import the model again as a new version."},
                   {.metadata = {{"model_version", version.name()}}});
}

}  // namespace

LoadVersion MakeModelLoader(ArtifactAccess access) {
  return
      [access = std::move(access)](const HostedVersion& version) -> absl::StatusOr<std::unique_ptr<const Predictor>> {
        const absl::StatusOr<std::string> bytes = access.read_artifact(version.artifact_sha256);
        if (!bytes.ok()) return Annotate(bytes.status(), absl::StrCat("cannot load ", version.name()));
        absl::StatusOr<learner::Model> model = access.parse_artifact(*bytes);
        if (!model.ok()) return Annotate(model.status(), absl::StrCat("cannot load ", version.name()));
        LL_RETURN_IF_ERROR(CheckSchema(version, model->schema()));
        auto predictor = std::make_unique<const LocalPredictor>(version.name(), *std::move(model));
        LL_RETURN_IF_ERROR(WarmUp(*predictor));
        return predictor;
      };
}

}  // namespace ll::prediction
