#include "learner/model_bank.h"

#include <algorithm>
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

ModelBank::ModelBank(std::vector<Candidate> candidates, int outputs, const Scaler& scaler,
                     const Hyperparameters& hyperparameters, uint64_t seed, std::vector<double> class_weights)
    : candidates_(std::move(candidates)),
      layout_(static_cast<int>(candidates_.size()), outputs),
      mean_(scaler.mean.begin(), scaler.mean.end()),
      centres_(1, tiles()),
      common_scales_(1, tiles()),
      positive_weights_(1, tiles()),
      class_weights_(class_weights.begin(), class_weights.end()),
      weights_(columns(), tiles()),
      first_moment_(columns(), tiles()),
      second_moment_(columns(), tiles()),
      bias_(1, tiles()),
      bias_first_moment_(1, tiles()),
      bias_second_moment_(1, tiles()) {
  class_weights_.resize(static_cast<size_t>(outputs), 1.0f);
  for (size_t j = 0; j < mean_.size(); ++j) inverse_deviation_.push_back(static_cast<float>(1 / scaler.divisor(j)));
  for (int i = 0; i < layout_.models; ++i) {
    const Candidate& candidate = candidates_[static_cast<size_t>(i)];
    for (int k = 0; k < outputs; ++k) {
      const int lane = layout_.lane(i, k);
      centres_.lanes()[lane] = candidate.centre ? 1.0f : 0.0f;
      common_scales_.lanes()[lane] = candidate.scale ? 0.0f : static_cast<float>(1 / candidate.common_deviation);
      positive_weights_.lanes()[lane] = static_cast<float>(candidate.positive_weight);
    }
  }
  Initialize(scaler, hyperparameters, seed);
}

void ModelBank::Initialize(const Scaler& scaler, const Hyperparameters& hyperparameters, uint64_t seed) {
  const bool normal = hyperparameters.init_method == InitMethod::kNormal;
  for (int i = 0; i < layout_.models; ++i) {
    const Candidate& candidate = candidates_[static_cast<size_t>(i)];
    SeededRandom random(CandidateSeed(seed, i));
    for (int k = 0; k < layout_.outputs; ++k) {
      const int lane = layout_.lane(i, k);
      for (size_t j = 0; j < mean_.size(); ++j) {
        const double w = normal ? random.Normal() * hyperparameters.init_sigma
                                : random.Uniform(-hyperparameters.init_scale, hyperparameters.init_scale);
        const double v = w / DivisorOf(candidate, scaler, j);
        weights_.at(static_cast<int64_t>(j), lane) = scaler.deviation[j] > 0 ? static_cast<float>(v) : 0.0f;
      }
      bias_.at(0, lane) = candidate.use_bias ? static_cast<float>(hyperparameters.init_bias) : 0.0f;
    }
  }
}

ObjectiveLanes ModelBank::objective_lanes(int first_tile, int tiles, const float* intercepts) const {
  return {.tiles = tiles,
          .intercepts = intercepts,
          .positive_weights = Lanes(positive_weights_, first_tile),
          .class_weights = class_weights_.data(),
          .width = layout_.width};
}

std::vector<const Candidate*> ModelBank::LaneCandidates(int first_tile, int tiles) const {
  std::vector<const Candidate*> lanes(static_cast<size_t>(tiles) * kernels::kTileModels, nullptr);
  const int first_lane = first_tile * kernels::kTileModels;
  for (int i = 0; i < layout_.models; ++i) {
    for (int k = 0; k < layout_.outputs; ++k) {
      const int lane = layout_.lane(i, k) - first_lane;
      if (lane >= 0 && lane < static_cast<int>(lanes.size())) {
        lanes[static_cast<size_t>(lane)] = &candidates_[static_cast<size_t>(i)];
      }
    }
  }
  return lanes;
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
  return {mean_.data(), inverse_deviation_.data(), Lanes(centres_, first_tile), Lanes(common_scales_, first_tile)};
}

void ModelBank::Intercepts(int first_tile, int tiles, float* intercepts) const {
  const float* const bias = Lanes(bias_, first_tile);
  const float* const centres = Lanes(centres_, first_tile);
  const int lanes = tiles * kernels::kTileModels;
  if (!Centres(first_tile, tiles)) {
    std::copy_n(bias, lanes, intercepts);
    return;
  }
  // The means are one more row: its margins are the sums that centring takes away.
  kernels::Forward({mean_.data(), columns(), 1, columns()}, weights(first_tile), tiles,
                   {intercepts, kernels::kTileModels});
  for (int lane = 0; lane < lanes; ++lane) {
    intercepts[lane] = centres[lane] != 0 ? bias[lane] - intercepts[lane] : bias[lane];
  }
}

bool ModelBank::Centres(int first_tile, int tiles) const {
  const float* const centres = Lanes(centres_, first_tile);
  return std::any_of(centres, centres + tiles * kernels::kTileModels, [](float centre) { return centre != 0; });
}

bool ModelBank::Finite(int candidate) const {
  bool finite = true;
  for (int k = 0; k < layout_.outputs; ++k) {
    const int lane = layout_.lane(candidate, k);
    finite = finite && IsFinite(bias_.at(0, lane));
    for (int64_t j = 0; j < columns(); ++j) finite = finite && IsFinite(weights_.at(j, lane));
  }
  return finite;
}

void ModelBank::StartAt(const LinearFunction& function) {
  for (int i = 0; i < layout_.models; ++i) {
    const Candidate& candidate = candidates_[static_cast<size_t>(i)];
    for (int k = 0; k < layout_.outputs; ++k) {
      const int lane = layout_.lane(i, k);
      double bias = function.bias[static_cast<size_t>(k)];
      for (int64_t j = 0; j < columns(); ++j) {
        const double weight = function.weights[static_cast<size_t>(k * static_cast<int64_t>(columns()) + j)];
        weights_.at(j, lane) = static_cast<float>(weight);
        if (candidate.centre) bias += weight * static_cast<double>(mean_[static_cast<size_t>(j)]);
      }
      bias_.at(0, lane) = candidate.use_bias ? static_cast<float>(bias) : 0.0f;
    }
  }
}

BankState ModelBank::State() const {
  const auto copy = [](const TileStorage<float>& storage) {
    return std::vector<float>(storage.values().begin(), storage.values().end());
  };
  return {.weights = copy(weights_),
          .first_moment = copy(first_moment_),
          .second_moment = copy(second_moment_),
          .bias = copy(bias_),
          .bias_first_moment = copy(bias_first_moment_),
          .bias_second_moment = copy(bias_second_moment_)};
}

bool ModelBank::Restore(const BankState& state) {
  const std::pair<const std::vector<float>&, TileStorage<float>&> parts[] = {
      {state.weights, weights_},
      {state.first_moment, first_moment_},
      {state.second_moment, second_moment_},
      {state.bias, bias_},
      {state.bias_first_moment, bias_first_moment_},
      {state.bias_second_moment, bias_second_moment_},
  };
  for (const auto& [from, to] : parts) {
    if (from.size() != to.values().size()) return false;
  }
  for (const auto& [from, to] : parts) std::copy(from.begin(), from.end(), to.values().begin());
  return true;
}

LinearFunction ModelBank::Fold(int candidate) const {
  const bool centre = candidates_[static_cast<size_t>(candidate)].centre;
  LinearFunction function;
  for (int k = 0; k < layout_.outputs; ++k) {
    const int lane = layout_.lane(candidate, k);
    auto bias = static_cast<double>(bias_.at(0, lane));
    for (int64_t j = 0; j < columns(); ++j) {
      const auto v = static_cast<double>(weights_.at(j, lane));
      function.weights.push_back(v);
      if (centre) bias -= v * static_cast<double>(mean_[static_cast<size_t>(j)]);
    }
    function.bias.push_back(bias);
  }
  return function;
}

}  // namespace ll::learner
