#include "learner/model_bank.h"

#include <bit>
#include <cstddef>
#include <utility>

#include "base/random.h"
#include "learner/kernels/forward.h"

namespace ll::learner {
namespace {

// By its bits: arithmetic on a number that is not finite may be optimised, masked or rounded into one that is.
bool IsFinite(float value) { return (std::bit_cast<uint32_t>(value) & 0x7F800000) != 0x7F800000; }

}  // namespace

ModelBank::ModelBank(std::vector<Candidate> candidates, const Scaler& scaler, const Hyperparameters& hyperparameters,
                     uint64_t seed)
    : candidates_(std::move(candidates)),
      mean_(scaler.mean.begin(), scaler.mean.end()),
      centres_(1, tiles()),
      scales_(1, tiles()),
      positive_weights_(1, tiles()),
      weights_(columns(), tiles()),
      first_moment_(columns(), tiles()),
      second_moment_(columns(), tiles()),
      bias_(1, tiles()),
      bias_first_moment_(1, tiles()),
      bias_second_moment_(1, tiles()) {
  for (size_t j = 0; j < mean_.size(); ++j) inverse_deviation_.push_back(static_cast<float>(1 / scaler.divisor(j)));
  for (size_t i = 0; i < candidates_.size(); ++i) {
    centres_.lanes()[i] = candidates_[i].centre ? 1.0f : 0.0f;
    scales_.lanes()[i] = candidates_[i].scale ? 1.0f : 0.0f;
    positive_weights_.lanes()[i] = static_cast<float>(candidates_[i].positive_weight);
  }
  Initialize(scaler, hyperparameters, seed);
}

void ModelBank::Initialize(const Scaler& scaler, const Hyperparameters& hyperparameters, uint64_t seed) {
  const bool normal = hyperparameters.init_method == InitMethod::kNormal;
  for (int i = 0; i < static_cast<int>(candidates_.size()); ++i) {
    const Candidate& candidate = candidates_[static_cast<size_t>(i)];
    SeededRandom random(CandidateSeed(seed, i));
    for (size_t j = 0; j < mean_.size(); ++j) {
      const double w = normal ? random.Normal() * hyperparameters.init_sigma
                              : random.Uniform(-hyperparameters.init_scale, hyperparameters.init_scale);
      const double v = candidate.scale ? w / scaler.divisor(j) : w;
      weights_.at(static_cast<int64_t>(j), i) = scaler.deviation[j] > 0 ? static_cast<float>(v) : 0.0f;
    }
    bias_.at(0, i) = candidate.use_bias ? static_cast<float>(hyperparameters.init_bias) : 0.0f;
  }
}

kernels::AdamState ModelBank::weights(int first_tile) {
  return {weights_.matrix().tile(first_tile), first_moment_.matrix().tile(first_tile),
          second_moment_.matrix().tile(first_tile)};
}

kernels::AdamState ModelBank::bias(int first_tile) {
  return {bias_.matrix().tile(first_tile), bias_first_moment_.matrix().tile(first_tile),
          bias_second_moment_.matrix().tile(first_tile)};
}

kernels::FeatureTransform ModelBank::transform(int first_tile) const {
  return {mean_.data(), inverse_deviation_.data(), Lanes(centres_, first_tile), Lanes(scales_, first_tile)};
}

void ModelBank::Intercepts(int first_tile, int tiles, float* intercepts) const {
  // The means are one more row: its margins are the sums that centring takes away.
  kernels::Forward({mean_.data(), columns(), 1, columns()}, weights(first_tile), tiles,
                   {intercepts, kernels::kTileModels});
  const float* const bias = Lanes(bias_, first_tile);
  const float* const centres = Lanes(centres_, first_tile);
  for (int lane = 0; lane < tiles * kernels::kTileModels; ++lane) {
    intercepts[lane] = centres[lane] != 0 ? bias[lane] - intercepts[lane] : bias[lane];
  }
}

bool ModelBank::Finite(int candidate) const {
  bool finite = IsFinite(bias_.at(0, candidate));
  for (int64_t j = 0; j < columns(); ++j) finite = finite && IsFinite(weights_.at(j, candidate));
  return finite;
}

LinearFunction ModelBank::Fold(int candidate) const {
  const bool centre = candidates_[static_cast<size_t>(candidate)].centre;
  LinearFunction function;
  function.bias = static_cast<double>(bias_.at(0, candidate));
  for (int64_t j = 0; j < columns(); ++j) {
    const auto v = static_cast<double>(weights_.at(j, candidate));
    function.weights.push_back(v);
    if (centre) function.bias -= v * static_cast<double>(mean_[static_cast<size_t>(j)]);
  }
  return function;
}

}  // namespace ll::learner
