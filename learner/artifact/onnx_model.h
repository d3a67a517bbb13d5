// Linear models as ONNX, which other runtimes execute.
//
// Written is a graph of one linear operator of the domain ai.onnx.ml (LinearClassifier or LinearRegressor) with
//
//   X       float [rows, feature_dim]                  the input
//   label   int64 [rows], or string [rows] with class names; classifiers only
//   scores  float [rows, 1] of a binary classifier or a regressor, [rows, classes] otherwise: what endpoints answer
//
// and the metadata predictor_type, loss, threshold, feature_names and class_names (the last two as JSON lists).
//
// Read is such a graph, or any other whose only work is one LinearClassifier or LinearRegressor on the graph's input,
// as skl2onnx writes them: operators behind it may rename and convert (Cast, Identity, Normalizer, ZipMap).
#ifndef LL_LEARNER_ARTIFACT_ONNX_MODEL_H_
#define LL_LEARNER_ARTIFACT_ONNX_MODEL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "learner/model.h"

namespace ll::learner {

// INVALID_ARGUMENT with a bare sentence for the caller to put into context: no ONNX model, or one that is not linear or
// has a link that no predictor here has.
absl::StatusOr<Model> ParseOnnxModel(absl::string_view bytes);

// Numbers become 32-bit floats; the training record is left out. FAILED_PRECONDITION with reason INVALID_ARTIFACT when
// a number does not fit.
absl::StatusOr<std::string> FormatOnnxModel(const Model& model);

}  // namespace ll::learner

#endif  // LL_LEARNER_ARTIFACT_ONNX_MODEL_H_
