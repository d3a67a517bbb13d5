// The candidates: which models are trained side by side in one pass.
//
// A candidate is one setting of everything that may differ between models. Candidate 0 is the base: the user's values,
// with the base defaults where the user left "auto". The others keep every value the user gave and explore the rest:
// first all points of a small grid of axes, then, if more models are wanted than it has points, random draws around it.
//
//   axis (fastest first)                      values, the base first
//   step and decay together                   lr_scheduler_step 10, wd 0.01     | 100, 1e-4
//   lr_scheduler_minimum_lr and features      1e-5, each feature scaled         | 1e-4, all scaled alike
//   learning_rate                             0.005                             | 0.1         adam
//                                             0.002                             | 0.02        rmsprop
//                                             FeatureSpace::stable_sgd_rate     | 10 times    sgd
//   l1, as fractions of its largest value     0                                 | 0.001 | 0.01 | 0.1
//
// and, before the others, where positive_example_weight_mult is auto: 1 | n_negative / n_positive.
// multiclass_classifier has no grid: its candidates are the base and draws around it.
//
// Features scaled alike (not centred, divided by one number) are tried where normalize_data is auto: scaling each
// feature blows up those that are nearly constant, such as the pixels at the edge of a picture. The learning rates,
// decay and l1 then mean what they mean for normalised features. With normalize_data=true and everything else on auto
// these are the reference's 32 points and their order; its lr_scheduler_minimum_lr alone changes next to nothing. An
// axis whose value the user fixed has one value, and the grid that much fewer points. The largest l1 is the smallest
// one at which all weights are zero (LargestL1): steps of ten down from a tenth of it cover the useful part of a lasso
// path evenly. Above a tenth, models are mostly shrinkage; below a thousandth, they are hardly different from l1 = 0.
#ifndef LL_LEARNER_GRID_H_
#define LL_LEARNER_GRID_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "learner/hyperparameters.h"
#include "learner/scaler.h"

namespace ll::learner {

struct Candidate {
  // The optimiser and its schedule. beta_1 is the momentum of sgd and 0 for rmsprop. Every lr_scheduler_step updates
  // the rate is multiplied by the factor, down to the minimum.
  Optimizer optimizer = Optimizer::kAdam;
  double learning_rate = 0;
  double beta_1 = 0;
  double beta_2 = 0;
  bool use_lr_scheduler = true;
  int lr_scheduler_step = 1;
  double lr_scheduler_factor = 1;
  double lr_scheduler_minimum_lr = 0;
  // Penalties, on weights of transformed features.
  double l1 = 0;
  double wd = 0;
  // The bias.
  bool use_bias = true;
  double bias_lr_mult = 1;
  double bias_wd_mult = 0;
  // The features it is trained on: (x - mean) / deviation, each half on its own. Without `scale`, all features are
  // divided by common_deviation, which keeps their proportions.
  bool centre = true;
  bool scale = true;
  double common_deviation = 1;
  // Weight of examples with label 1 in the loss.
  double positive_weight = 1;

  bool operator==(const Candidate&) const = default;
};

// What is measured on features as a candidate transforms them.
struct FeatureSpace {
  double largest_l1 = 0;          // LargestL1
  double stable_sgd_rate = 0.01;  // StableSgdRate
};

// What the grid needs to know of the data.
struct GridInputs {
  double positive_weight = 1;  // positive_example_weight_mult as a number; of "auto", the base's
  double balanced_weight = 1;  // what "balanced" would be
  FeatureSpace base = {};      // the base's features
  FeatureSpace common = {};    // features scaled alike, by common_deviation
  double common_deviation = 1;
  // Whether normalised features are centred where both normalize_data and unbias_data are auto.
  bool centre = true;
};

// The same with features scaled alike; not centred, unless the user asked for that.
Candidate WithCommonScale(Candidate candidate, const Hyperparameters& hyperparameters, const GridInputs& inputs);

// What a candidate divides a column by.
inline double DivisorOf(const Candidate& candidate, const Scaler& scaler, size_t column) {
  return candidate.scale ? scaler.divisor(column) : candidate.common_deviation;
}

// A rate at which sgd on the candidate's features cannot run away: 1 over the largest curvature of the mean loss along
// any direction, which is at most `loss_curvature` times the mean squared length of a row, its bias included (whose
// rate is bias_lr_mult times as large). Divided by what momentum multiplies steps with.
double StableSgdRate(const Candidate& candidate, const Scaler& scaler, double loss_curvature);

// Candidate 0. Reads inputs.positive_weight and inputs.base.stable_sgd_rate only.
Candidate BaseCandidate(const Hyperparameters& hyperparameters, const GridInputs& inputs);

// EffectiveNumModels(hyperparameters) candidates. Depends on nothing but its arguments, and candidate i does not depend
// on how many there are.
std::vector<Candidate> BuildGrid(const Hyperparameters& hyperparameters, const GridInputs& inputs, uint64_t seed);

// A seed for candidate `index` alone, for its draws and its initial weights.
uint64_t CandidateSeed(uint64_t seed, int index);

// The values that candidates differ in, and the optimiser, by their hyperparameter names.
std::map<std::string, std::string> DescribeCandidate(const Candidate& candidate);

}  // namespace ll::learner

#endif  // LL_LEARNER_GRID_H_
