#include "learner/model.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/link.h"

namespace ll::learner {
namespace {

// Independent partial sums of a dot product, so that the compiler can keep them in vector registers.
constexpr int kPartialSums = 8;

double Total(const double* sums, double bias) {
  return (((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]))) + bias;
}

// bias + sum_j weights[j] * x[j]. The order is fixed: feature j belongs to partial sum j mod 8, the partial sums are
// added pairwise, and the bias comes last.
double Margin(const double* weights, double bias, const float* x, int features) {
  double sums[kPartialSums] = {};
  int j = 0;
  for (; j + kPartialSums <= features; j += kPartialSums) {
    for (int lane = 0; lane < kPartialSums; ++lane) sums[lane] += weights[j + lane] * static_cast<double>(x[j + lane]);
  }
  for (int lane = 0; j + lane < features; ++lane) sums[lane] += weights[j + lane] * static_cast<double>(x[j + lane]);
  return Total(sums, bias);
}

// The same of the entries [begin, end) of a sparse row. What is left out would add zeros, which change no sum: no
// weight is infinite, and no sum is ever -0.
double Margin(const double* weights, double bias, const SparseBlock& rows, int64_t begin, int64_t end) {
  double sums[kPartialSums] = {};
  for (int64_t e = begin; e < end; ++e) {
    sums[rows.indices[e] % kPartialSums] += weights[rows.indices[e]] * static_cast<double>(rows.values[e]);
  }
  return Total(sums, bias);
}

absl::Status Invalid(absl::string_view why) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArtifact,
                   {.what = "cannot build the model", .why = std::string(why), .remedy = "Train or export it again."});
}

// Nothing, or a name for each.
absl::Status CheckNames(const std::vector<std::string>& names, int count, absl::string_view what) {
  if (names.empty() || names.size() == static_cast<size_t>(count)) return absl::OkStatus();
  return Invalid(absl::StrCat("it has ", names.size(), names.size() == 1 ? " name of " : " names of ", what,
                              ", and there are ", count));
}

bool AllFinite(absl::Span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

int64_t ArgMax(const float* scores, int outputs) { return std::max_element(scores, scores + outputs) - scores; }

}  // namespace

ScoreKind ModelSchema::score_kind() const {
  if (predictor_type == PredictorType::kRegressor) return ScoreKind::kValue;
  return loss == Loss::kHinge ? ScoreKind::kMargin : ScoreKind::kProbability;
}

absl::StatusOr<Model> Model::Create(Parts parts) {
  const ModelSchema& schema = parts.schema;
  if (schema.feature_dim < 1 || schema.outputs < 1) {
    return Invalid(absl::StrCat("its shape is ", schema.outputs, " outputs x ", schema.feature_dim, " features"));
  }
  if (schema.predictor_type != PredictorType::kMulticlassClassifier && schema.outputs != 1) {
    return Invalid(absl::StrCat("it has ", schema.outputs, " outputs, and its predictor type has one"));
  }
  const size_t outputs = static_cast<size_t>(schema.outputs);
  const size_t features = static_cast<size_t>(schema.feature_dim);
  if (parts.weights.size() / features != outputs || parts.weights.size() % features != 0 ||
      parts.bias.size() != outputs) {
    return Invalid(absl::StrCat("it has ", parts.weights.size(), " weights and ", parts.bias.size(), " biases for ",
                                outputs, " outputs x ", features, " features"));
  }
  if (!AllFinite(parts.weights) || !AllFinite(parts.bias) || !std::isfinite(parts.threshold)) {
    return Invalid("a weight, a bias or the threshold is not a finite number");
  }
  const bool deviates = !parts.feature_deviations.empty();
  if (deviates && (parts.feature_deviations.size() != features || !AllFinite(parts.feature_deviations))) {
    return Invalid(absl::StrCat("it has ", parts.feature_deviations.size(),
                                " deviations of features, or one that is no finite number, for ", features,
                                " features"));
  }
  LL_RETURN_IF_ERROR(CheckNames(parts.feature_names, schema.feature_dim, "features"));
  LL_RETURN_IF_ERROR(CheckNames(parts.class_names, schema.classes(), "classes"));
  return Model(std::move(parts));
}

void Model::Margins(const float* rows, int64_t n, double* margins) const {
  const int outputs = parts_.schema.outputs;
  const int features = parts_.schema.feature_dim;
  for (int64_t row = 0; row < n; ++row) {
    for (int k = 0; k < outputs; ++k) {
      margins[row * outputs + k] = Margin(parts_.weights.data() + static_cast<int64_t>(k) * features,
                                          parts_.bias[static_cast<size_t>(k)], rows + row * features, features);
    }
  }
}

void Model::Margins(const SparseBlock& rows, double* margins) const {
  const int outputs = parts_.schema.outputs;
  for (int64_t row = 0; row < rows.rows; ++row) {
    for (int k = 0; k < outputs; ++k) {
      margins[row * outputs + k] =
          Margin(parts_.weights.data() + static_cast<int64_t>(k) * parts_.schema.feature_dim,
                 parts_.bias[static_cast<size_t>(k)], rows, rows.row_begin[row], rows.row_begin[row + 1]);
    }
  }
}

void Model::Score(const SparseBlock& rows, Scores* scores) const {
  std::vector<double> margins(static_cast<size_t>(rows.rows * parts_.schema.outputs));
  Margins(rows, margins.data());
  ScoreMargins(margins.data(), rows.rows, scores);
}

void Model::Score(const float* rows, int64_t n, Scores* scores) const {
  std::vector<double> margins(static_cast<size_t>(n * parts_.schema.outputs));
  Margins(rows, n, margins.data());
  ScoreMargins(margins.data(), n, scores);
}

void Model::ScoreMargins(const double* margins, int64_t n, Scores* scores) const {
  const ModelSchema& schema = parts_.schema;
  const auto outputs = static_cast<size_t>(schema.outputs);
  scores->values.resize(static_cast<size_t>(n) * outputs);
  scores->labels.resize(schema.has_labels() ? static_cast<size_t>(n) : 0);
  for (size_t row = 0; row < static_cast<size_t>(n); ++row) {
    float* const out = scores->values.data() + row * outputs;
    ApplyLink(schema.loss, absl::MakeConstSpan(margins + row * outputs, outputs), out);
    if (!schema.has_labels()) continue;
    scores->labels[row] = schema.predictor_type == PredictorType::kBinaryClassifier
                              ? (out[0] >= parts_.threshold ? 1 : 0)
                              : ArgMax(out, schema.outputs);
  }
}

uint64_t Model::memory_bytes() const {
  uint64_t bytes =
      sizeof(*this) +
      (parts_.weights.capacity() + parts_.bias.capacity() + parts_.feature_deviations.capacity()) * sizeof(double);
  for (const auto* names : {&parts_.feature_names, &parts_.class_names}) {
    for (const std::string& name : *names) bytes += sizeof(name) + name.capacity();
  }
  return bytes;
}

}  // namespace ll::learner
