#include "learner/lltrain/inspect_model.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "learner/coefficients.h"

namespace ll::lltrain {
namespace {

using learner::Model;
using learner::ModelSchema;
using learner::TrainingRecord;

template <typename T>
std::string Number(T value) {
  char digits[32];
  return std::string(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void Line(absl::string_view name, absl::string_view value, std::string* out) {
  absl::StrAppend(out, absl::StrFormat("%-18s %s\n", name, value));
}

std::string ClassName(const Model& model, int label) {
  return model.class_names().empty() ? absl::StrCat(label)
                                     : absl::StrCat(label, " (", model.class_names()[static_cast<size_t>(label)], ")");
}

void AppendSchema(const Model& model, std::string* out) {
  const ModelSchema& schema = model.schema();
  Line("predictor_type", std::string(Name(schema.predictor_type)), out);
  Line("loss", std::string(Name(schema.loss)), out);
  Line("features", absl::StrCat(schema.feature_dim), out);
  if (schema.has_labels()) {
    constexpr int kMost = 20;
    std::vector<std::string> names;
    for (int label = 0; label < std::min(schema.classes(), kMost); ++label) names.push_back(ClassName(model, label));
    Line("classes",
         absl::StrCat(schema.classes(), ": ", absl::StrJoin(names, ", "), schema.classes() > kMost ? ", ..." : ""),
         out);
  }
  if (schema.predictor_type == learner::PredictorType::kBinaryClassifier) {
    Line("threshold", Number(model.threshold()), out);
  }
  const auto zeros = std::count(model.weights().begin(), model.weights().end(), 0.0);
  Line("weights", absl::StrCat(model.weights().size(), ", of which ", zeros, " are 0"), out);
}

void AppendTable(absl::string_view title, const std::map<std::string, std::string>& rows, std::string* out) {
  if (rows.empty()) return;
  absl::StrAppend(out, "\n", title, "\n");
  size_t width = 0;
  for (const auto& [name, value] : rows) width = std::max(width, name.size());
  for (const auto& [name, value] : rows)
    absl::StrAppend(out, "  ", name, std::string(width - name.size() + 2, ' '), value, "\n");
}

void AppendTraining(const TrainingRecord& training, std::string* out) {
  if (training.train_rows == 0) return;  // imported
  Line("trained on", absl::StrCat(training.train_rows, " rows, ", training.epochs_run, " epochs, seed ", training.seed),
       out);
  Line("chosen",
       absl::StrCat("candidate ", training.best_candidate, " of ", training.candidates.size(), " after epoch ",
                    training.best_epoch),
       out);
  AppendTable("hyperparameters", training.hyperparameters, out);
  for (const learner::CandidateSummary& candidate : training.candidates) {
    if (candidate.index == training.best_candidate) AppendTable("of the candidate", candidate.hyperparameters, out);
  }
  std::map<std::string, std::string> metrics;
  for (const auto& [name, value] : training.metrics) metrics[name] = Number(value);
  AppendTable("metrics", metrics, out);
}

// Name, weight, standardised weight where there is one; columns as wide as their widest cell.
void AppendRows(const std::vector<std::vector<std::string>>& rows, std::string* out) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    absl::StrAppend(out, "  ");
    for (size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      absl::StrAppend(out, row[i], last ? "\n" : std::string(widths[i] - row[i].size() + 2, ' '));
    }
  }
}

void AppendWeights(const Model& model, int output, int top, std::string* out) {
  const std::vector<learner::Coefficient> coefficients = learner::LargestCoefficients(model, output, top);
  const int features = model.schema().feature_dim;
  const bool all = coefficients.size() == static_cast<size_t>(features);
  absl::StrAppend(out, "\n",
                  all ? "weights" : absl::StrCat("the ", coefficients.size(), " largest weights of ", features),
                  model.schema().outputs > 1 ? absl::StrCat(" of class ", ClassName(model, output)) : "", "\n");
  std::vector<std::vector<std::string>> rows;
  if (!model.feature_deviations().empty()) rows.push_back({"(feature)", "weight", "standardised"});
  rows.push_back({"(bias)", Number(model.bias()[static_cast<size_t>(output)])});
  for (const learner::Coefficient& coefficient : coefficients) {
    rows.push_back({learner::FeatureName(model, coefficient.feature), Number(coefficient.weight)});
    if (coefficient.standardised.has_value()) {
      rows.back().push_back(absl::StrFormat("%.6g", *coefficient.standardised));
    }
  }
  AppendRows(rows, out);
}

}  // namespace

std::string DescribeModel(const Model& model, int top) {
  std::string out;
  AppendSchema(model, &out);
  AppendTraining(model.training(), &out);
  for (int k = 0; k < model.schema().outputs; ++k) AppendWeights(model, k, top, &out);
  return out;
}

}  // namespace ll::lltrain
