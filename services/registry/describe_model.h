// What the catalogue says of a model, taken from the model itself: an artifact that was trained here and one that was
// imported are described by the same rules.
#ifndef LL_SERVICES_REGISTRY_DESCRIBE_MODEL_H_
#define LL_SERVICES_REGISTRY_DESCRIBE_MODEL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "learner/model.h"
#include "registry/records.h"

namespace ll::catalog {

// Algorithm, hyperparameters, schema and metrics of a version of this model. The artifact, the model's id and where it
// came from are the caller's to fill in.
registry::VersionRecord DescribeModel(const learner::Model& model);

// The models that were trained beside it.
std::vector<registry::CandidateRecord> CandidatesOf(const learner::Model& model);

struct CoefficientRecord {
  int64_t feature = 0;
  std::string feature_name = {};  // empty: it has none
  double weight = 0;
  std::optional<double> standardised = {};
};

struct OutputCoefficients {
  std::optional<int64_t> label = {};  // none for a regressor
  std::string class_name = {};
  double bias = 0;
  std::vector<CoefficientRecord> coefficients = {};
};

// The `count` largest of each output (learner/coefficients.h), but no more than a million in all.
std::vector<OutputCoefficients> CoefficientsOf(const learner::Model& model, int64_t count);

}  // namespace ll::catalog

#endif  // LL_SERVICES_REGISTRY_DESCRIBE_MODEL_H_
