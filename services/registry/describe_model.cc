#include "services/registry/describe_model.h"

#include <algorithm>
#include <string>
#include <utility>

#include "learner/coefficients.h"

namespace ll::catalog {
namespace {

constexpr char kAlgorithm[] = "linear-learner";
constexpr int64_t kMostCoefficients = 1'000'000;

std::string ScoreKindName(learner::ScoreKind kind) {
  switch (kind) {
    case learner::ScoreKind::kProbability: return "PROBABILITY";
    case learner::ScoreKind::kMargin: return "MARGIN";
    case learner::ScoreKind::kValue: break;
  }
  return "VALUE";
}

}  // namespace

registry::VersionRecord DescribeModel(const learner::Model& model) {
  const learner::ModelSchema& schema = model.schema();
  return {.algorithm = kAlgorithm,
          .hyperparameters = model.training().hyperparameters,
          .schema = {.predictor_type = std::string(learner::Name(schema.predictor_type)),
                     .loss = std::string(learner::Name(schema.loss)),
                     .score_kind = ScoreKindName(schema.score_kind()),
                     .feature_dim = schema.feature_dim,
                     .outputs = schema.outputs},
          .metrics = model.training().metrics};
}

std::vector<registry::CandidateRecord> CandidatesOf(const learner::Model& model) {
  std::vector<registry::CandidateRecord> records;
  for (const learner::CandidateSummary& candidate : model.training().candidates) {
    records.push_back({.index = candidate.index,
                       .hyperparameters = candidate.hyperparameters,
                       .train_loss = candidate.train_loss,
                       .validation_loss = candidate.validation_loss,
                       .diverged = candidate.diverged});
  }
  return records;
}

std::vector<OutputCoefficients> CoefficientsOf(const learner::Model& model, int64_t count) {
  const learner::ModelSchema& schema = model.schema();
  const int64_t most = std::clamp<int64_t>(kMostCoefficients / schema.outputs, 1, count);
  std::vector<OutputCoefficients> outputs;
  for (int k = 0; k < schema.outputs; ++k) {
    OutputCoefficients output{.bias = model.bias()[static_cast<size_t>(k)]};
    if (schema.has_labels()) output.label = schema.outputs == 1 ? 1 : k;
    if (output.label.has_value() && !model.class_names().empty()) {
      output.class_name = model.class_names()[static_cast<size_t>(*output.label)];
    }
    for (const learner::Coefficient& it : learner::LargestCoefficients(model, k, most)) {
      output.coefficients.push_back({.feature = it.feature, .weight = it.weight, .standardised = it.standardised});
      if (!model.feature_names().empty()) {
        output.coefficients.back().feature_name = model.feature_names()[static_cast<size_t>(it.feature)];
      }
    }
    outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace ll::catalog
