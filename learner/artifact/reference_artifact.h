// The artifact of SageMaker's own linear learner container: a model.tar.gz with one file, model_algo-1, which is a zip
// of
//
//   mx-mod-symbol.json      the graph: data -> FullyConnected "fc0" -> the link
//   mx-mod-0000.params      fc0_weight [outputs, feature_dim] and fc0_bias [outputs] (mxnet_params.h), for raw features
//   additional-params.json  {"threshold": ...} of a binary classifier
//   manifest.json           nothing that is needed here
//
// What predictor it is follows from the graph: several outputs are a multiclass classifier, one output behind a
// sigmoid is a binary classifier with loss logistic, one output with a threshold is one with hinge_loss, and anything
// else a regressor. Files written here say it themselves, in additional-params.json, and are otherwise the same.
#ifndef LL_LEARNER_ARTIFACT_REFERENCE_ARTIFACT_H_
#define LL_LEARNER_ARTIFACT_REFERENCE_ARTIFACT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "learner/model.h"

namespace ll::learner {

// Whether a member of a model.tar.gz with this name is such a model: "model_algo-1", in any folder.
bool IsReferenceMember(absl::string_view name);

// The file model_algo-1. INVALID_ARGUMENT with a bare sentence for the caller to put into context.
absl::StatusOr<Model> ParseReferenceModel(absl::string_view bytes);

// A whole model.tar.gz. Numbers become 32-bit floats; the training record and all names are left out.
// FAILED_PRECONDITION with reason INVALID_ARTIFACT when a number does not fit.
absl::StatusOr<std::string> FormatReferenceArtifact(const Model& model);

}  // namespace ll::learner

#endif  // LL_LEARNER_ARTIFACT_REFERENCE_ARTIFACT_H_
