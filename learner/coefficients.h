// What a linear model weighs, for people: its coefficients by size, as they act on raw features and standardised.
//
// The coefficient of feature j is what the margin (or a regressor's prediction) gains when the feature grows by one;
// the standardised one what it gains when the feature grows by one standard deviation, as measured in training:
//
//     standardised_j = weight_j * deviation_j
//
// Sizes of standardised coefficients can be compared across features of different units.
#ifndef LL_LEARNER_COEFFICIENTS_H_
#define LL_LEARNER_COEFFICIENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "learner/model.h"

namespace ll::learner {

struct Coefficient {
  int64_t feature = 0;  // from 0
  double weight = 0;
  std::optional<double> standardised = {};  // where the deviations of training are known
};

// Of one output: `count` of them, the largest first, by their standardised values where they are known, else by their
// weights, equal ones in the order of the features. 0: all, in the order of the features.
std::vector<Coefficient> LargestCoefficients(const Model& model, int output, int64_t count);

// Its name, or "x7" for the eighth feature of a model that names none.
std::string FeatureName(const Model& model, int64_t feature);

}  // namespace ll::learner

#endif  // LL_LEARNER_COEFFICIENTS_H_
