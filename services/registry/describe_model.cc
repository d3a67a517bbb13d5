#include "services/registry/describe_model.h"

#include <string>

namespace ll::catalog {
namespace {

constexpr char kAlgorithm[] = "linear-learner";

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

}  // namespace ll::catalog
