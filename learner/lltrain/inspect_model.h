// `lltrain inspect`: what a model is, how it came to be and what it weighs, for people.
#ifndef LL_LEARNER_LLTRAIN_INSPECT_MODEL_H_
#define LL_LEARNER_LLTRAIN_INSPECT_MODEL_H_

#include <string>

#include "learner/model.h"

namespace ll::lltrain {

// Of each output the `top` weights of largest size, largest first; 0: all, in the order of the features.
std::string DescribeModel(const learner::Model& model, int top);

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_INSPECT_MODEL_H_
