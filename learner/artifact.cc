#include "learner/artifact.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/artifact/model_json.h"
#include "learner/artifact/reference_artifact.h"
#include "learner/artifact/safetensors.h"
#include "learner/artifact/tar_gz.h"

namespace ll::learner {
namespace {

constexpr char kModelJson[] = "model.json";
constexpr char kWeightsFile[] = "weights.safetensors";
constexpr char kDeviations[] = "feature_deviations";  // optional
// Far more than a table of candidates needs.
constexpr uint64_t kMaxModelJsonBytes = 64 << 20;
// What weights.safetensors holds beside the numbers.
constexpr uint64_t kMaxWeightsHeaderBytes = 64 << 10;
// SageMaker's artifacts.
constexpr uint64_t kMinReferenceLimit = 64 << 20;
constexpr uint64_t kMaxPackingRatio = 100;

absl::Status Invalid(absl::string_view why) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArtifact,
                   {.what = "cannot load the model artifact",
                    .why = std::string(why),
                    .remedy = "An artifact is a model.tar.gz that lltrain wrote; train or export it again."});
}

// Puts an error of one of the parts into context.
absl::Status InvalidPart(absl::string_view part, const absl::Status& status) {
  return Invalid(absl::StrCat(part, ": ", status.message()));
}

// The name of the next member, of which there must be one.
absl::StatusOr<std::string> NextName(TarGzReader& archive, absl::string_view expected) {
  absl::StatusOr<std::optional<TarGzReader::Member>> member = archive.Next();
  if (!member.ok()) return Invalid(member.status().message());
  if (!member->has_value()) return Invalid(absl::StrCat("it holds no ", expected));
  return (*member)->name;
}

absl::StatusOr<std::string> Contents(TarGzReader& archive, uint64_t limit) {
  absl::StatusOr<std::string> contents = archive.Contents(limit);
  if (!contents.ok()) return Invalid(contents.status().message());
  return contents;
}

absl::Status OtherMember(absl::string_view name, absl::string_view expected) {
  return Invalid(absl::StrCat("it holds ", name, " where ", expected, " should be"));
}

absl::Status CheckEnd(TarGzReader& archive) {
  const absl::StatusOr<std::optional<TarGzReader::Member>> end = archive.Next();
  if (!end.ok()) return Invalid(end.status().message());
  if (end->has_value()) return Invalid(absl::StrCat("it holds ", (*end)->name, ", which belongs to no artifact"));
  return absl::OkStatus();
}

// The most bytes that the numbers alone may have, or nothing when that is more than an artifact may have.
std::optional<uint64_t> NumberBytes(const ModelSchema& schema) {
  const auto outputs = static_cast<uint64_t>(schema.outputs), features = static_cast<uint64_t>(schema.feature_dim);
  const uint64_t numbers = outputs * (features + 1) + features;
  if (numbers > kMaxArtifactBytes / sizeof(double)) return std::nullopt;
  return numbers * sizeof(double);
}

absl::Status TakeTensor(std::map<std::string, Tensor>& tensors, const std::string& name,
                        const std::vector<uint64_t>& shape, std::vector<double>* values) {
  const auto it = tensors.find(name);
  if (it == tensors.end()) return Invalid(absl::StrCat(kWeightsFile, ": there is no tensor \"", name, "\""));
  if (it->second.shape != shape) {
    return Invalid(absl::StrCat(kWeightsFile, ": tensor \"", name, "\" has another shape than the schema says"));
  }
  *values = std::move(it->second.values);
  tensors.erase(it);
  return absl::OkStatus();
}

absl::Status TakeWeights(absl::string_view bytes, Model::Parts* parts) {
  absl::StatusOr<std::map<std::string, Tensor>> tensors = ReadSafetensors(bytes);
  if (!tensors.ok()) return InvalidPart(kWeightsFile, tensors.status());
  const auto outputs = static_cast<uint64_t>(parts->schema.outputs);
  const auto features = static_cast<uint64_t>(parts->schema.feature_dim);
  LL_RETURN_IF_ERROR(TakeTensor(*tensors, "weights", {outputs, features}, &parts->weights));
  LL_RETURN_IF_ERROR(TakeTensor(*tensors, "bias", {outputs}, &parts->bias));
  if (tensors->count(kDeviations) > 0) {
    LL_RETURN_IF_ERROR(TakeTensor(*tensors, kDeviations, {features}, &parts->feature_deviations));
  }
  if (!tensors->empty()) {
    return Invalid(absl::StrCat(kWeightsFile, ": there is an unknown tensor \"", tensors->begin()->first, "\""));
  }
  return absl::OkStatus();
}

// From the archive's first member, model.json, to its end.
absl::StatusOr<Model> ParseOwn(TarGzReader& archive) {
  LL_ASSIGN_OR_RETURN(const std::string json, Contents(archive, kMaxModelJsonBytes));
  absl::StatusOr<ModelDescription> description = ParseModelJson(json);
  if (!description.ok()) return InvalidPart(kModelJson, description.status());

  // The schema says how large the numbers are, so that a small file cannot unpack into all memory.
  const std::optional<uint64_t> number_bytes = NumberBytes(description->parts.schema);
  if (!number_bytes.has_value()) return Invalid("model.json: its schema says it has more numbers than an artifact may");
  LL_ASSIGN_OR_RETURN(const std::string second, NextName(archive, kWeightsFile));
  if (second != kWeightsFile) return OtherMember(second, kWeightsFile);
  LL_ASSIGN_OR_RETURN(const std::string weights, Contents(archive, *number_bytes + kMaxWeightsHeaderBytes));
  if (weights.size() != description->weights_file.bytes || Sha256Hex(weights) != description->weights_file.sha256) {
    return Invalid(absl::StrCat(kWeightsFile, " is not the one that ", kModelJson, " describes: its SHA-256 differs"));
  }
  LL_RETURN_IF_ERROR(TakeWeights(weights, &description->parts));
  LL_RETURN_IF_ERROR(CheckEnd(archive));
  return Model::Create(std::move(description->parts));
}

// Its size is said nowhere: it may not be more than weights of which most are zeros could make of so many packed bytes.
absl::StatusOr<Model> ParseReference(TarGzReader& archive, uint64_t packed_bytes) {
  const uint64_t limit = std::min(kMaxArtifactBytes, std::max(kMinReferenceLimit, kMaxPackingRatio * packed_bytes));
  LL_ASSIGN_OR_RETURN(const std::string zip, Contents(archive, limit));
  LL_RETURN_IF_ERROR(CheckEnd(archive));
  absl::StatusOr<Model> model = ParseReferenceModel(zip);
  if (!model.ok()) return Invalid(model.status().message());
  return model;
}

}  // namespace

absl::StatusOr<std::string> SerializeModel(const Model& model) {
  const ModelSchema& schema = model.schema();
  const auto outputs = static_cast<uint64_t>(schema.outputs);
  const auto features = static_cast<uint64_t>(schema.feature_dim);
  std::map<std::string, TensorView> tensors = {
      {"weights", {.shape = {outputs, features}, .values = model.weights()}},
      {"bias", {.shape = {outputs}, .values = model.bias()}},
  };
  if (!model.feature_deviations().empty()) {
    tensors[kDeviations] = {.shape = {features}, .values = model.feature_deviations()};
  }
  const std::string weights = WriteSafetensors(tensors);
  ModelDescription description{.parts = {.schema = schema,
                                         .weights = {},
                                         .bias = {},
                                         .threshold = model.threshold(),
                                         .training = model.training(),
                                         .feature_names = model.parts().feature_names,
                                         .class_names = model.parts().class_names},
                               .weights_file = {.bytes = weights.size(), .sha256 = Sha256Hex(weights)}};
  const std::string json = FormatModelJson(description);
  LL_ASSIGN_OR_RETURN(std::string bytes, PackTarGz({{kModelJson, json}, {kWeightsFile, weights}}));
  if (weights.size() > kMaxArtifactBytes || bytes.size() > kMaxArtifactBytes) {
    return MakeError(
        absl::StatusCode::kResourceExhausted, ErrorReason::kInvalidArtifact,
        {.what = "cannot save the model",
         .why = absl::StrCat("its artifact would be larger than the limit of ", kMaxArtifactBytes, " bytes"),
         .remedy = "Train on fewer features."});
  }
  return bytes;
}

absl::StatusOr<Model> ParseModel(absl::string_view bytes) {
  if (bytes.empty()) return Invalid("it is empty");
  if (bytes.size() > kMaxArtifactBytes) {
    return Invalid(absl::StrCat("it is ", bytes.size(), " bytes long, and the limit is ", kMaxArtifactBytes));
  }
  TarGzReader archive(bytes);
  LL_ASSIGN_OR_RETURN(const std::string first, NextName(archive, kModelJson));
  if (IsReferenceMember(first)) return ParseReference(archive, bytes.size());
  if (first != kModelJson) return OtherMember(first, kModelJson);
  return ParseOwn(archive);
}

absl::Status SaveModel(const Model& model, Env& env, const std::string& path) {
  LL_ASSIGN_OR_RETURN(const std::string bytes, SerializeModel(model));
  return env.WriteFileAtomically(path, bytes);
}

absl::StatusOr<Model> LoadModel(Env& env, const std::string& path) {
  LL_ASSIGN_OR_RETURN(const FileInfo info, env.Stat(path));
  if (info.size_bytes > kMaxArtifactBytes) {
    return Annotate(
        Invalid(absl::StrCat("it is ", info.size_bytes, " bytes long, and the limit is ", kMaxArtifactBytes)), path);
  }
  LL_ASSIGN_OR_RETURN(const std::string bytes, env.ReadFile(path));
  absl::StatusOr<Model> model = ParseModel(bytes);
  if (!model.ok()) return Annotate(model.status(), path);
  return model;
}

}  // namespace ll::learner
