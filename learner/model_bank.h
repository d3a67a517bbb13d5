// The weights of all candidates while they are trained, in tiles of 16 lanes (kernels/tile.h, lane_layout.h).
//
// A candidate's output is a linear function of transformed features, f = sum_j w_j (x_j - m_j) / s_j + b, where m_j and
// s_j are the mean and deviation of column j; 0 where the candidate does not centre, and its common_deviation where it
// does not scale each column alone. Rows are never transformed. What is stored is v_j = w_j / s_j, which acts on rows
// as they are, and b:
//
//     f = sum_j v_j x_j + c,      c = b - sum_j m_j v_j         the intercept
//
// The optimiser steps w by stepping v in units of 1 / s_j (kernels/adam.h).
#ifndef LL_LEARNER_MODEL_BANK_H_
#define LL_LEARNER_MODEL_BANK_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "learner/grid.h"
#include "learner/hyperparameters.h"
#include "learner/kernels/adam.h"
#include "learner/lane_layout.h"
#include "learner/objective.h"
#include "learner/scaler.h"
#include "learner/tile_storage.h"

namespace ll::learner {

// f_k = sum_j weights[k * columns + j] * x_j + bias[k]
struct LinearFunction {
  std::vector<double> weights;  // outputs x columns
  std::vector<double> bias;     // outputs
};

// The numbers that training changes, as they lie in memory; their order depends on nothing but the counts of columns,
// outputs and candidates.
struct BankState {
  std::vector<float> weights, first_moment, second_moment;         // columns x lanes each
  std::vector<float> bias, bias_first_moment, bias_second_moment;  // lanes each
};

// Threads may work on different rows of one matrix, or on different tiles, at the same time.
class ModelBank final {
 public:
  // `scaler` describes the rows as they are stored (after offsets). Weights start random, each candidate from a seed of
  // its own; a column without deviation starts, and stays, at weight 0 until it shows one.
  // `class_weights` has one number per output if there are several.
  ModelBank(std::vector<Candidate> candidates, int outputs, const Scaler& scaler,
            const Hyperparameters& hyperparameters, uint64_t seed, std::vector<double> class_weights = {});

  absl::Span<const Candidate> candidates() const { return candidates_; }
  int columns() const { return static_cast<int>(mean_.size()); }
  const LaneLayout& layout() const { return layout_; }
  int tiles() const { return layout_.tiles(); }

  // Everything below is of the tiles from `first_tile` on. One row per column:
  kernels::AdamState weights(int first_tile);
  kernels::TileMatrix<const float> weights(int first_tile) const { return weights_.matrix().tile(first_tile); }
  // One row: the biases b.
  kernels::AdamState bias(int first_tile);
  kernels::FeatureTransform transform(int first_tile) const;
  // What an Objective needs beside intercepts.
  ObjectiveLanes objective_lanes(int first_tile, int tiles, const float* intercepts) const;
  // The candidates of all lanes of `tiles` tiles; nullptr for lanes without one.
  std::vector<const Candidate*> LaneCandidates(int first_tile, int tiles) const;

  // The intercepts c of `tiles` tiles, 16 lanes each.
  void Intercepts(int first_tile, int tiles, float* intercepts) const;

  // Whether a candidate of `tiles` tiles subtracts means.
  bool Centres(int first_tile, int tiles) const;

  // Whether the weights and bias of a candidate are all finite numbers.
  bool Finite(int candidate) const;

  // Every candidate becomes this function of rows as they are stored: the inverse of Fold(), to the precision of float.
  // A candidate without a bias keeps none.
  void StartAt(const LinearFunction& function);

  BankState State() const;
  // False, and nothing changes, when it is of a bank of another size.
  bool Restore(const BankState& state);

  // The candidate as a function of rows as they are stored, folded in double.
  LinearFunction Fold(int candidate) const;

 private:
  static const float* Lanes(const TileStorage<float>& storage, int first_tile) {
    return storage.lanes() + static_cast<int64_t>(first_tile) * kernels::kTileModels;
  }
  void Initialize(const Scaler& scaler, const Hyperparameters& hyperparameters, uint64_t seed);

  std::vector<Candidate> candidates_;
  const LaneLayout layout_;
  std::vector<float> mean_;
  std::vector<float> inverse_deviation_;
  TileStorage<float> centres_;
  TileStorage<float> common_scales_;
  TileStorage<float> positive_weights_;
  std::vector<float> class_weights_;
  TileStorage<float> weights_;
  TileStorage<float> first_moment_;
  TileStorage<float> second_moment_;
  TileStorage<float> bias_;
  TileStorage<float> bias_first_moment_;
  TileStorage<float> bias_second_moment_;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_MODEL_BANK_H_
