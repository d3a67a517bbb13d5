#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/llctl/human_units.h"
#include "clients/llctl/resource_names.h"
#include "clients/llctl/views/resource_view.h"

namespace ll::llctl {
namespace {

std::map<std::string, std::string> Aliases(const v1::Model& model) {
  std::map<std::string, std::string> aliases;
  for (const auto& [alias, number] : model.aliases()) aliases[alias] = absl::StrCat(number);
  return aliases;
}

// "7", or empty when the model has no version.
std::string LatestNumber(const v1::Model& model) {
  return model.latest_version().substr(model.latest_version().rfind('/') + 1);
}

std::map<std::string, std::string> Metrics(const google::protobuf::Map<std::string, double>& metrics) {
  std::map<std::string, std::string> texts;
  for (const auto& [name, value] : metrics) texts[name] = absl::StrCat(value);
  return texts;
}

std::string SourceOf(const v1::ModelVersion& version) {
  return version.lineage().training_job().empty() ? "import" : version.lineage().training_job();
}

void FillModel(const v1::Model& model, absl::Time now, bool wide, Details& details) {
  details.Field("Name", model.name());
  details.Field("Description", model.description());
  details.Field("Latest version", model.latest_version().empty() ? "<none>" : model.latest_version());
  details.Field("Created", TimeAndAge(model.create_time(), now));
  details.Field("Updated", TimeAndAge(model.update_time(), now));
  if (wide) details.Field("Etag", model.etag());
  details.Block("Aliases", Aliases(model));
  details.Block("Labels", Sorted(model.labels()));
  details.Block("Annotations", Sorted(model.annotations()));
}

// "Coefficients of label 3, "eight" (the largest 5 of 784)".
std::string CoefficientsTitle(const v1::OutputCoefficients& output, const v1::FeatureSchema& schema) {
  std::string title = "Coefficients";
  if (schema.outputs() > 1) {
    absl::StrAppend(&title, " of label ", output.label());
    if (!output.class_name().empty()) absl::StrAppend(&title, ", \"", output.class_name(), "\"");
  }
  if (output.coefficients_size() == schema.feature_dim()) return title;
  return absl::StrCat(title, " (the largest ", output.coefficients_size(), " of ", schema.feature_dim(), ")");
}

Table CoefficientTable(const v1::OutputCoefficients& output) {
  Table table({"FEATURE", "WEIGHT", "STANDARDISED"});
  table.AddRow({{"(bias)"}, {absl::StrFormat("%.6g", output.bias())}, {""}});
  for (const v1::OutputCoefficients::Coefficient& it : output.coefficients()) {
    table.AddRow({{it.feature_name().empty() ? absl::StrCat("x", it.feature()) : it.feature_name()},
                  {absl::StrFormat("%.6g", it.weight())},
                  {it.has_standardized_weight() ? absl::StrFormat("%.6g", it.standardized_weight()) : ""}});
  }
  return table;
}

void FillVersion(const v1::ModelVersion& version, absl::Time now, bool wide, Details& details) {
  const v1::FeatureSchema& schema = version.schema();
  details.Field("Name", version.name());
  const Cell state = StateCell(v1::ModelVersion::State_Name(version.state()));
  details.Field("State", state.text, state.style);
  details.Field("Reason", version.state_reason());
  details.Field("Description", version.description());
  details.Field("Predictor type", schema.predictor_type());
  details.Field("Loss", schema.loss());
  details.Field("Features", absl::StrCat(schema.feature_dim()));
  details.Field("Outputs", absl::StrCat(schema.outputs(), " (", v1::ScoreKind_Name(schema.score_kind()), ")"));
  details.Field("Artifact", HumanBytes(version.artifact_size_bytes()));
  details.Field("SHA-256", version.artifact_sha256());
  details.Field("Source", SourceOf(version));
  details.Field("Created", TimeAndAge(version.create_time(), now));
  if (wide) details.Field("Updated", TimeAndAge(version.update_time(), now));
  if (wide) details.Field("Etag", version.etag());
  details.Block("Metrics", Metrics(version.metrics()));
  details.Block("Hyperparameters", Sorted(version.hyperparameters()));
  details.Block("Labels", Sorted(version.labels()));
  details.Block("Annotations", Sorted(version.annotations()));
  Table inputs({"CHANNEL", "OBJECT", "SHA-256"});
  for (const auto& input : version.lineage().inputs()) {
    inputs.AddRow(
        {{input.channel()}, {ShortName(input.object())}, {wide ? input.sha256() : input.sha256().substr(0, 12)}});
  }
  details.Add("Inputs", inputs);
  for (const v1::OutputCoefficients& output : version.coefficients()) {
    details.Add(CoefficientsTitle(output, schema), CoefficientTable(output));
  }
}

}  // namespace

template <>
ResourceView<v1::Model> ViewOf() {
  using Model = v1::Model;
  return {"model",
          "models",
          {{"NAME", false, [](const Model& model, absl::Time) { return Cell{ShortName(model.name())}; }},
           {"LATEST", false, [](const Model& model, absl::Time) { return Cell{LatestNumber(model)}; }},
           {"ALIASES", false, [](const Model& model, absl::Time) { return Cell{JoinEntries(Aliases(model))}; }},
           {"LABELS", true, [](const Model& model, absl::Time) { return Cell{JoinEntries(Sorted(model.labels()))}; }},
           {"UPDATED", true, [](const Model& model, absl::Time) { return Cell{UtcText(model.update_time())}; }},
           {"AGE", false, [](const Model& model, absl::Time now) { return Cell{AgeOf(model.create_time(), now)}; }}},
          FillModel};
}

template <>
ResourceView<v1::ModelVersion> ViewOf() {
  using Version = v1::ModelVersion;
  return {
      "model-version",
      "model versions",
      {{"NAME", false, [](const Version& version, absl::Time) { return Cell{ShortName(version.name())}; }},
       {"STATE", false,
        [](const Version& version, absl::Time) { return StateCell(Version::State_Name(version.state())); }},
       {"TYPE", false, [](const Version& version, absl::Time) { return Cell{version.schema().predictor_type()}; }},
       {"FEATURES", false,
        [](const Version& version, absl::Time) { return Cell{absl::StrCat(version.schema().feature_dim())}; }},
       {"SIZE", false,
        [](const Version& version, absl::Time) { return Cell{HumanBytes(version.artifact_size_bytes(), "")}; }},
       {"OUTPUTS", true,
        [](const Version& version, absl::Time) { return Cell{absl::StrCat(version.schema().outputs())}; }},
       {"LOSS", true, [](const Version& version, absl::Time) { return Cell{version.schema().loss()}; }},
       {"SOURCE", true, [](const Version& version, absl::Time) { return Cell{SourceOf(version)}; }},
       {"SHA-256", true,
        [](const Version& version, absl::Time) { return Cell{version.artifact_sha256().substr(0, 12)}; }},
       {"LABELS", true, [](const Version& version, absl::Time) { return Cell{JoinEntries(Sorted(version.labels()))}; }},
       {"AGE", false, [](const Version& version, absl::Time now) { return Cell{AgeOf(version.create_time(), now)}; }}},
      FillVersion};
}

}  // namespace ll::llctl
