// What labels may be, by the hyperparameters.
#ifndef LL_LEARNER_LLTRAIN_LABEL_RULES_H_
#define LL_LEARNER_LLTRAIN_LABEL_RULES_H_

#include "learner/hyperparameters.h"

namespace ll::lltrain {

// How many classes labels may name; 0: labels are any number.
inline int LabelClasses(const learner::Hyperparameters& hyperparameters) {
  switch (hyperparameters.predictor_type) {
    case learner::PredictorType::kBinaryClassifier: return 2;
    case learner::PredictorType::kMulticlassClassifier: return hyperparameters.num_classes;
    case learner::PredictorType::kRegressor: return 0;
  }
  return 0;
}

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_LABEL_RULES_H_
