// What a model is whose file holds little but numbers.
#ifndef LL_LEARNER_ARTIFACT_IMPORT_SCHEMA_H_
#define LL_LEARNER_ARTIFACT_IMPORT_SCHEMA_H_

#include "absl/status/status.h"
#include "learner/artifact/plain_weights.h"
#include "learner/model.h"

namespace ll::learner {

// Completes the schema, the threshold and the bias (zeros, if there is none) of parts whose weights and shape are
// known. INVALID_ARGUMENT with a bare sentence: nothing says what predictor it is, or what is said does not fit.
absl::Status SettleSchema(const ImportDefaults& said, Model::Parts* parts);

}  // namespace ll::learner

#endif  // LL_LEARNER_ARTIFACT_IMPORT_SCHEMA_H_
