// Artifacts of small models, for tests that need the bytes of one that loads.
#ifndef LL_TESTS_TESTING_SAMPLE_ARTIFACT_H_
#define LL_TESTS_TESTING_SAMPLE_ARTIFACT_H_

#include <string>
#include <vector>

#include "learner/artifact.h"
#include "learner/model.h"

namespace ll::testing {

// The model.tar.gz of a binary classifier with `feature_dim` features, all of this weight.
inline std::string SampleArtifact(int feature_dim = 2, double weight = 0.5) {
  learner::Model::Parts parts;
  parts.schema.feature_dim = feature_dim;
  parts.weights.assign(static_cast<size_t>(feature_dim), weight);
  parts.bias = {0.25};
  parts.training.hyperparameters = {{"predictor_type", "binary_classifier"}};
  parts.training.metrics = {{"train:objective_loss", 0.125}};
  return learner::SerializeModel(learner::Model::Create(std::move(parts)).value()).value();
}

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_SAMPLE_ARTIFACT_H_
