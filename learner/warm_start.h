// Warm start: training that begins with a model instead of random weights.
//
// Every candidate begins as the same function of the rows, the model's, whatever its own normalisation is. With offsets
// o of the stored rows (dataset.h), and mean m_y and deviation s_y of the labels, a model f(x) = W x + b is
//
//     f'(x - o) = (W / s_y) (x - o) + ((b - m_y) / s_y + (W / s_y) o)
//
// in the units that are trained in, and ModelBank turns that into each candidate's coordinates: weights v of stored
// rows are W / s_y for all of them, and a candidate that centres has the bias b = c + sum_j m_j v_j. Moments begin at
// zero, learning rates at their first value.
#ifndef LL_LEARNER_WARM_START_H_
#define LL_LEARNER_WARM_START_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "learner/hyperparameters.h"
#include "learner/labels.h"
#include "learner/model.h"
#include "learner/model_bank.h"

namespace ll::learner {

// Whether training on rows of `columns` features (0: not known yet) may begin with a model of this schema. The losses
// may differ. FAILED_PRECONDITION with reason SCHEMA_MISMATCH, naming both sides: another predictor type, number of
// classes or of features.
absl::Status CheckWarmStart(const ModelSchema& schema, int columns, const Hyperparameters& hyperparameters);

// The model as a function of rows as they are stored and labels as they are trained on.
LinearFunction StartingPoint(const Model& model, const LabelScale& label_scale, absl::Span<const double> offsets);

}  // namespace ll::learner

#endif  // LL_LEARNER_WARM_START_H_
