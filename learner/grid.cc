#include "learner/grid.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include "base/random.h"

namespace ll::learner {
namespace {

// The value that the user fixed, or what `automatic` says.
template <typename T>
T Resolve(const std::optional<T>& fixed, T automatic) {
  return fixed.has_value() ? *fixed : automatic;
}

// Log-uniform draws; the ranges have the grid's values at or inside their ends.
struct DrawRange {
  double low;
  double high;
};
constexpr DrawRange kLearningRateDraws = {0.001, 0.1};
constexpr DrawRange kWdDraws = {1e-5, 1e-2};
constexpr DrawRange kMinimumLrDraws = {1e-5, 1e-3};
constexpr DrawRange kStepDraws = {10, 150};
constexpr DrawRange kDecayPerStepDraws = {0.005, 0.02};  // 1 - lr_scheduler_factor
constexpr DrawRange kL1FractionDraws = {1e-3, 1e-1};
constexpr double kDrawsWithoutL1 = 0.5;

double Draw(SeededRandom& random, const DrawRange& range) {
  return range.low * std::pow(range.high / range.low, random.Unit());
}

// One coordinate of the grid: each value is something to do to a candidate.
using Setting = std::function<void(Candidate&)>;
using Axis = std::vector<Setting>;

// The second point of the first axis; the base is the first.
void SlowDecay(const Hyperparameters& hp, Candidate& candidate) {
  candidate.lr_scheduler_step = Resolve(hp.lr_scheduler_step, 100);
  candidate.wd = Resolve(hp.wd, 1e-4);
}

// What was measured on the features that the candidate is trained on.
const FeatureSpace& SpaceOf(const Candidate& candidate, const Hyperparameters& hp, const GridInputs& inputs) {
  return candidate.scale || hp.normalize_data.has_value() ? inputs.base : inputs.common;
}

// The two rates of an optimiser's axis, the base's first. Adam's steps are about as long as the rate; rmsprop's are
// longer where gradients are noisy.
std::array<double, 2> Rates(Optimizer optimizer, const FeatureSpace& space) {
  switch (optimizer) {
    case Optimizer::kSgd: return {space.stable_sgd_rate, 10 * space.stable_sgd_rate};
    case Optimizer::kRmsprop: return {0.002, 0.02};
    case Optimizer::kAdam: break;
  }
  return {0.005, 0.1};
}

constexpr double kRmspropDecay = 0.9;

bool WeighsAutomatically(const Hyperparameters& hp) {
  return hp.predictor_type == PredictorType::kBinaryClassifier &&
         hp.positive_example_weight_mult.kind == PositiveExampleWeight::Kind::kAuto;
}

std::vector<Axis> Axes(const Hyperparameters& hp, const GridInputs& inputs) {
  const Setting base = [](Candidate&) {};
  std::vector<Axis> axes;
  if (hp.predictor_type == PredictorType::kMulticlassClassifier) return axes;
  if (WeighsAutomatically(hp)) {
    axes.push_back({base, [weight = inputs.balanced_weight](Candidate& c) { c.positive_weight = weight; }});
  }
  const bool step_varies = hp.use_lr_scheduler && !hp.lr_scheduler_step.has_value();
  if (step_varies || !hp.wd.has_value()) axes.push_back({base, [&hp](Candidate& c) { SlowDecay(hp, c); }});
  const bool minimum_varies = hp.use_lr_scheduler && !hp.lr_scheduler_minimum_lr.has_value();
  if (minimum_varies || !hp.normalize_data.has_value()) {
    axes.push_back({base, [&hp, &inputs](Candidate& c) {
                      c.lr_scheduler_minimum_lr = Resolve(hp.lr_scheduler_minimum_lr, 1e-4);
                      if (hp.normalize_data.has_value()) return;
                      c = WithCommonScale(c, hp, inputs);
                      c.learning_rate = Resolve(hp.learning_rate, Rates(c.optimizer, inputs.common)[0]);
                    }});
  }
  if (!hp.learning_rate.has_value()) {
    axes.push_back(
        {base, [&hp, &inputs](Candidate& c) { c.learning_rate = Rates(c.optimizer, SpaceOf(c, hp, inputs))[1]; }});
  }
  if (!hp.l1.has_value()) {
    Axis& l1 = axes.emplace_back(Axis{base});
    for (const double fraction : {0.001, 0.01, 0.1}) {
      l1.push_back([fraction, &hp, &inputs](Candidate& c) { c.l1 = fraction * SpaceOf(c, hp, inputs).largest_l1; });
    }
  }
  return axes;
}

// Beyond the grid: everything the user left open is drawn.
Candidate DrawCandidate(const Hyperparameters& hp, const GridInputs& inputs, Candidate candidate, uint64_t seed) {
  SeededRandom random(seed);
  // Each value is drawn whether it is used or not, so that fixing one leaves the others what they were.
  const bool common_scale = random.Unit() < 0.5;
  if (common_scale && !hp.normalize_data.has_value()) candidate = WithCommonScale(candidate, hp, inputs);
  const FeatureSpace& space = SpaceOf(candidate, hp, inputs);
  DrawRange rates = kLearningRateDraws;
  if (candidate.optimizer == Optimizer::kSgd) rates = {space.stable_sgd_rate / 5, space.stable_sgd_rate * 20};
  const double learning_rate = Draw(random, rates);
  const double wd = Draw(random, kWdDraws);
  const double minimum_lr = Draw(random, kMinimumLrDraws);
  const double step = Draw(random, kStepDraws);
  const double decay = Draw(random, kDecayPerStepDraws);
  const double l1 = Draw(random, kL1FractionDraws) * space.largest_l1;
  const bool without_l1 = random.Unit() < kDrawsWithoutL1;
  const double positive_weight = random.Unit() < 0.5 ? 1.0 : inputs.balanced_weight;
  if (WeighsAutomatically(hp)) candidate.positive_weight = positive_weight;
  candidate.learning_rate = Resolve(hp.learning_rate, learning_rate);
  candidate.wd = Resolve(hp.wd, wd);
  candidate.lr_scheduler_minimum_lr = Resolve(hp.lr_scheduler_minimum_lr, minimum_lr);
  candidate.lr_scheduler_step = Resolve(hp.lr_scheduler_step, static_cast<int>(std::lround(step)));
  candidate.lr_scheduler_factor = Resolve(hp.lr_scheduler_factor, 1 - decay);
  candidate.l1 = Resolve(hp.l1, without_l1 ? 0.0 : l1);
  return candidate;
}

// The shortest text that gives the number back.
std::string Text(double value) {
  std::array<char, 32> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), result.ptr);
}

}  // namespace

uint64_t CandidateSeed(uint64_t seed, int index) {
  // The finaliser of splitmix64 (Steele, Lea, Flood 2014): neighbouring inputs give unrelated outputs.
  uint64_t bits = seed + 0x9E3779B97F4A7C15 * (static_cast<uint64_t>(index) + 1);
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
  return bits ^ (bits >> 31);
}

Candidate BaseCandidate(const Hyperparameters& hyperparameters, const GridInputs& inputs) {
  const bool scale = hyperparameters.normalize_data.value_or(true);
  const Optimizer optimizer = Resolve(hyperparameters.optimizer, Optimizer::kAdam);
  const bool rmsprop = optimizer == Optimizer::kRmsprop;
  const double momentum =
      optimizer == Optimizer::kSgd ? Resolve(hyperparameters.momentum, 0.0) : Resolve(hyperparameters.beta_1, 0.9);
  const bool both_auto = !hyperparameters.normalize_data.has_value() && !hyperparameters.unbias_data.has_value();
  Candidate base = {.optimizer = optimizer,
                    .beta_1 = rmsprop ? 0.0 : momentum,
                    .beta_2 = rmsprop ? kRmspropDecay : Resolve(hyperparameters.beta_2, 0.999),
                    .use_lr_scheduler = hyperparameters.use_lr_scheduler,
                    .lr_scheduler_step = Resolve(hyperparameters.lr_scheduler_step, 10),
                    .lr_scheduler_factor = Resolve(hyperparameters.lr_scheduler_factor, 0.99),
                    .lr_scheduler_minimum_lr = Resolve(hyperparameters.lr_scheduler_minimum_lr, 1e-5),
                    .l1 = Resolve(hyperparameters.l1, 0.0),
                    .wd = Resolve(hyperparameters.wd, 0.01),
                    .use_bias = hyperparameters.use_bias,
                    .bias_lr_mult = Resolve(hyperparameters.bias_lr_mult, 10.0),
                    .bias_wd_mult = Resolve(hyperparameters.bias_wd_mult, 0.0),
                    // Without a bias nothing could make up for a mean that was taken away.
                    .centre = hyperparameters.use_bias &&
                              (both_auto ? inputs.centre : scale || hyperparameters.unbias_data.value_or(true)),
                    .scale = scale,
                    .positive_weight = inputs.positive_weight};
  base.learning_rate = Resolve(hyperparameters.learning_rate, Rates(optimizer, inputs.base)[0]);
  return base;
}

Candidate WithCommonScale(Candidate candidate, const Hyperparameters& hyperparameters, const GridInputs& inputs) {
  candidate.centre = candidate.use_bias && hyperparameters.unbias_data.value_or(false);
  candidate.scale = false;
  candidate.common_deviation = inputs.common_deviation;
  return candidate;
}

std::vector<Candidate> BuildGrid(const Hyperparameters& hyperparameters, const GridInputs& inputs, uint64_t seed) {
  const Candidate base = BaseCandidate(hyperparameters, inputs);
  const std::vector<Axis> axes = Axes(hyperparameters, inputs);
  size_t points = 1;
  for (const Axis& axis : axes) points *= axis.size();
  std::vector<Candidate> candidates;
  const auto count = static_cast<size_t>(EffectiveNumModels(hyperparameters));
  for (size_t i = 0; i < count; ++i) {
    Candidate candidate = base;
    if (i < points) {
      size_t digits = i;  // one per axis, in mixed radix
      for (const Axis& axis : axes) {
        axis[digits % axis.size()](candidate);
        digits /= axis.size();
      }
    } else {
      candidate = DrawCandidate(hyperparameters, inputs, base, CandidateSeed(~seed, static_cast<int>(i)));
    }
    candidates.push_back(candidate);
  }
  return candidates;
}

double StableSgdRate(const Candidate& candidate, const Scaler& scaler, double loss_curvature) {
  double squared_length = candidate.use_bias ? candidate.bias_lr_mult : 0.0;
  for (size_t j = 0; j < scaler.mean.size(); ++j) {
    const double variance = scaler.deviation[j] * scaler.deviation[j];
    if (variance == 0) continue;  // its weight stays 0
    const double square = variance + (candidate.centre ? 0 : scaler.mean[j] * scaler.mean[j]);
    squared_length += square / std::pow(DivisorOf(candidate, scaler, j), 2);
  }
  return (1 - candidate.beta_1) / (loss_curvature * (squared_length > 0 ? squared_length : 1.0));
}

std::map<std::string, std::string> DescribeCandidate(const Candidate& candidate) {
  std::map<std::string, std::string> values = {{"optimizer", std::string(Name(candidate.optimizer))},
                                               {"learning_rate", Text(candidate.learning_rate)},
                                               {"l1", Text(candidate.l1)},
                                               {"wd", Text(candidate.wd)},
                                               {"normalize_data", candidate.scale ? "true" : "false"}};
  if (!candidate.scale && candidate.common_deviation != 1) values["feature_unit"] = Text(candidate.common_deviation);
  if (candidate.use_lr_scheduler) {
    values["lr_scheduler_step"] = std::to_string(candidate.lr_scheduler_step);
    values["lr_scheduler_factor"] = Text(candidate.lr_scheduler_factor);
    values["lr_scheduler_minimum_lr"] = Text(candidate.lr_scheduler_minimum_lr);
  }
  if (candidate.positive_weight != 1) values["positive_example_weight_mult"] = Text(candidate.positive_weight);
  return values;
}

}  // namespace ll::learner
