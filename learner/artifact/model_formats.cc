#include "learner/artifact/model_formats.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/artifact.h"
#include "learner/artifact/onnx_model.h"
#include "learner/artifact/reference_artifact.h"

namespace ll::learner {
namespace {

struct FormatName {
  const char* name;
  ModelFormat format;
};
constexpr FormatName kNames[] = {
    {"artifact", ModelFormat::kArtifact}, {"sagemaker", ModelFormat::kReference},
    {"onnx", ModelFormat::kOnnx},         {"json", ModelFormat::kJson},
    {"csv", ModelFormat::kCsv},
};

ModelFormat FormatOf(absl::string_view bytes) {
  if (absl::StartsWith(bytes, "\x1f\x8b")) return ModelFormat::kArtifact;
  if (absl::StartsWith(bytes, "PK\x03\x04")) return ModelFormat::kReference;
  absl::ConsumePrefix(&bytes, "\xef\xbb\xbf");
  if (absl::StartsWith(bytes, "feature,")) return ModelFormat::kCsv;
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(bytes), "{")) return ModelFormat::kJson;
  return ModelFormat::kOnnx;
}

absl::StatusOr<Model> Parse(absl::string_view bytes, ModelFormat format, const ImportDefaults& defaults) {
  switch (format) {
    case ModelFormat::kArtifact: return ParseModel(bytes);
    case ModelFormat::kReference: return ParseReferenceModel(bytes);
    case ModelFormat::kOnnx: return ParseOnnxModel(bytes);
    case ModelFormat::kJson: return ParseJsonWeights(bytes, defaults);
    case ModelFormat::kCsv: return ParseCsvWeights(bytes, defaults);
  }
  return ParseModel(bytes);
}

// The file at `path`, or in it.
absl::StatusOr<std::string> FindModel(Env& env, const std::string& path) {
  LL_ASSIGN_OR_RETURN(const FileInfo info, env.Stat(path));
  if (info.type != FileInfo::Type::kDirectory) return path;
  for (const char* name : {"model.tar.gz", "model/model.tar.gz", "model_algo-1", "model/model_algo-1"}) {
    std::string file = JoinPath(path, name);
    if (env.Exists(file)) return file;
  }
  return MakeError(absl::StatusCode::kNotFound, ErrorReason::kInvalidArtifact,
                   {.what = absl::StrCat("cannot find a model in ", path),
                    .why = "the folder holds no model.tar.gz, model/model.tar.gz or model_algo-1",
                    .remedy = "Name the file itself."});
}

}  // namespace

std::optional<ModelFormat> ModelFormatFromName(absl::string_view word) {
  for (const FormatName& entry : kNames) {
    if (word == entry.name) return entry.format;
  }
  return std::nullopt;
}

absl::StatusOr<Model> ImportModel(absl::string_view bytes, const ImportDefaults& defaults) {
  absl::StatusOr<Model> model = Parse(bytes, FormatOf(bytes), defaults);
  if (model.ok() || GetErrorDetails(model.status()).has_value()) return model;
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArtifact,
                   {.what = "cannot import the model",
                    .why = std::string(model.status().message()),
                    .remedy = "docs/formats.md lists the formats of models and what they hold."});
}

absl::StatusOr<std::string> ExportModel(const Model& model, ModelFormat format) {
  switch (format) {
    case ModelFormat::kArtifact: return SerializeModel(model);
    case ModelFormat::kReference: return FormatReferenceArtifact(model);
    case ModelFormat::kOnnx: return FormatOnnxModel(model);
    case ModelFormat::kJson: return FormatJsonWeights(model);
    case ModelFormat::kCsv: return FormatCsvWeights(model);
  }
  return SerializeModel(model);
}

absl::StatusOr<Model> LoadAnyModel(Env& env, const std::string& path, const ImportDefaults& defaults) {
  LL_ASSIGN_OR_RETURN(const std::string file, FindModel(env, path));
  LL_ASSIGN_OR_RETURN(const std::string bytes, env.ReadFile(file));
  absl::StatusOr<Model> model = ImportModel(bytes, defaults);
  if (!model.ok()) return Annotate(model.status(), file);
  return model;
}

}  // namespace ll::learner
