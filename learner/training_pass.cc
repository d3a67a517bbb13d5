#include "learner/training_pass.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>

#include "learner/deferred_updates.h"
#include "learner/kernels/gradient.h"
#include "learner/kernels/sparse_gradient.h"
#include "learner/sparse_columns.h"

namespace ll::learner {
namespace {

using kernels::kTileModels;

// Rows whose margins become residuals while they are in the nearest cache; two panels of the widest kernel. Also the
// unit in which a team splits rows, and in which losses are summed.
constexpr int64_t kBlockRows = 24;
// Features that are updated as soon as their gradient is known: a multiple of every kernel's panel.
constexpr int64_t kBlockFeatures = 48;
// Rows are read twice, forward and backward: this much of them stays in the second-level cache in between.
constexpr int64_t kCachedBytes = 640 << 10;
// Multiply-adds per mini-batch and direction that are worth a team member's two meetings: about ten microseconds of
// work.
constexpr int64_t kWorkPerMember = 500'000;

int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Rows of a mini-batch that are taken at once: what the cache holds, in equal parts. Sparse rows all at once, for their
// columns are made of the whole mini-batch.
int64_t SliceRows(int64_t mini_batch_size, const Dataset& data) {
  const int64_t cached =
      data.sparse() ? mini_batch_size
                    : std::max(kBlockRows, kCachedBytes / (data.columns() * static_cast<int64_t>(sizeof(float))));
  const int64_t slices = CeilDiv(mini_batch_size, cached);
  return CeilDiv(CeilDiv(mini_batch_size, slices), kBlockRows) * kBlockRows;
}

}  // namespace

// Models that some workers train together.
struct TrainingPass::Team {
  // `columns` of gradient that are shared: none where the data are sparse.
  Team(Range tile_range, int member_count, int64_t slice, int columns)
      : first_tile(static_cast<int>(tile_range.begin)),
        tiles(static_cast<int>(tile_range.size())),
        members(member_count),
        slice_rows(slice),
        margins(slice, tiles),
        gradient(columns, tiles),
        block_losses(static_cast<size_t>(CeilDiv(slice, kBlockRows) * lanes())),
        losses(1, tiles),
        barrier(member_count) {}

  int64_t lanes() const { return static_cast<int64_t>(tiles) * kTileModels; }

  const int first_tile;
  const int tiles;
  const int members;
  const int64_t slice_rows;
  TileStorage<float> margins;        // of one slice: margins, then residuals
  TileStorage<float> gradient;       // one row per feature, each written by one member
  std::vector<double> block_losses;  // blocks of a slice x lanes
  TileStorage<double> losses;        // sums over the epoch
  kernels::SpinBarrier barrier;
  bool stop = false;  // written by member 0 before a meeting, read by all after it
};

// One worker's view of its team.
class TrainingPass::Member {
 public:
  Member(const TrainingPass& pass, Team& team, int rank)
      : data_(pass.data_),
        labels_(pass.labels_),
        objective_(pass.objective_),
        mini_batch_size_(pass.mini_batch_size_),
        bank_(pass.bank_),
        team_(team),
        rank_(rank),
        features_(FeaturesOf(pass.data_.columns(), rank, team.members)),
        columns_(pass.data_.sparse() ? pass.data_.columns() : 0),
        columns_gradient_(0, team.tiles),
        deferred_(Deferred(pass, team)),
        schedule_(pass.bank_.LaneCandidates(team.first_tile, team.tiles)),
        intercepts_(1, team.tiles),
        residual_sums_(1, team.tiles),
        no_common_scales_(1, team.tiles) {}

  void SkipUpdates(int64_t updates) { schedule_.Skip(updates); }

  // Makes the updates that were put off.
  void CatchUp() {
    if (!deferred_.has_value()) return;
    const WeightsStep weights = WeightsFrom(0);
    std::vector<int32_t> columns;
    for (int64_t begin = 0; begin < data_.columns(); begin += kBlockFeatures) {
      if (begin / kBlockFeatures % team_.members != rank_) continue;
      columns.resize(static_cast<size_t>(std::min(kBlockFeatures, data_.columns() - begin)));
      std::iota(columns.begin(), columns.end(), static_cast<int32_t>(begin));
      deferred_->CatchUp(schedule_.weights(), weights.transform, columns, weights.state);
    }
    deferred_->Forget();
  }

  // All mini-batches of a chunk, which begins with row `first`, until `stop` says that it is over.
  template <class Stop>
  void RunChunk(int64_t first, const Rows& chunk, const Stop& stop) {
    for (int64_t row = 0; row < chunk.rows; row += mini_batch_size_) {
      // Everyone must see the same answer, or some would wait for ever: member 0 asks, the others learn at a meeting.
      if (rank_ == 0) team_.stop = stop();
      team_.barrier.Wait();
      if (team_.stop) return;
      MiniBatch(chunk.Slice(row, std::min(mini_batch_size_, chunk.rows - row)), labels_.data() + first + row);
    }
  }

 private:
  static Range FeaturesOf(int columns, int rank, int members) {
    const Range blocks = PartOf(CeilDiv(columns, kBlockFeatures), rank, members);
    return {std::min<int64_t>(blocks.begin * kBlockFeatures, columns),
            std::min<int64_t>(blocks.end * kBlockFeatures, columns)};
  }

  // Updates can be put off where a feature that is not in the mini-batch is not moved by it.
  static std::optional<DeferredUpdates> Deferred(const TrainingPass& pass, const Team& team) {
    if (!pass.data_.sparse() || pass.bank_.Centres(team.first_tile, team.tiles)) return std::nullopt;
    return DeferredUpdates(pass.data_.columns(), team.tiles);
  }

  void MiniBatch(const Rows& rows, const float* labels) {
    schedule_.Advance();
    if (rows.sparse()) GatherColumns(rows);
    bank_.Intercepts(team_.first_tile, team_.tiles, intercepts_.lanes());
    for (int64_t done = 0; done < rows.rows; done += team_.slice_rows) {
      const Rows slice = rows.Slice(done, std::min(team_.slice_rows, rows.rows - done));
      if (done > 0) team_.barrier.Wait();  // the residuals of the slice before are no longer needed
      Forward(slice, labels + done);
      team_.barrier.Wait();
      if (rank_ == 0) AddLosses(CeilDiv(slice.rows, kBlockRows));
      AddResiduals(slice.rows, /*first=*/done == 0);
      if (slice.sparse()) {
        BackwardSparse(slice);
      } else {
        Backward(slice, /*first=*/done == 0, /*last=*/done + slice.rows == rows.rows, rows.rows);
      }
    }
    if (rank_ == 0) UpdateBias(1 / static_cast<float>(rows.rows));
  }

  // Margins, residuals and losses of this member's blocks of a slice.
  void Forward(const Rows& rows, const float* labels) {
    const ObjectiveLanes lanes = bank_.objective_lanes(team_.first_tile, team_.tiles, intercepts_.lanes());
    const Range blocks = PartOf(CeilDiv(rows.rows, kBlockRows), rank_, team_.members);
    for (int64_t block = blocks.begin; block < blocks.end; ++block) {
      const int64_t begin = block * kBlockRows;
      const int64_t count = std::min(kBlockRows, rows.rows - begin);
      const kernels::TileMatrix<float> margins = team_.margins.matrix().From(begin);
      Margins(rows.Slice(begin, count), bank_.weights(team_.first_tile).weights, team_.tiles, margins);
      double* const losses = team_.block_losses.data() + block * team_.lanes();
      std::fill_n(losses, team_.lanes(), 0.0);
      objective_.Residuals(labels + begin, count, lanes, margins, losses);
    }
  }

  void AddResiduals(int64_t rows, bool first) {
    // Rows of ones: their gradient is the sum of the residuals.
    constexpr float kOne = 1;
    kernels::Gradient({&kOne, 0, rows, 1}, team_.margins.matrix(), team_.tiles, /*accumulate=*/!first,
                      {residual_sums_.lanes(), kTileModels});
  }

  // The gradient of this member's features over a slice, and after the last slice their update.
  void Backward(const Rows& rows, bool first, bool last, int64_t mini_batch_rows) {
    const kernels::TileMatrix<const float> residuals = team_.margins.matrix();
    const float inverse_rows = 1 / static_cast<float>(mini_batch_rows);
    for (int64_t feature = features_.begin; feature < features_.end; feature += kBlockFeatures) {
      const auto count = static_cast<int>(std::min(kBlockFeatures, features_.end - feature));
      const kernels::TileMatrix<float> gradient = team_.gradient.matrix().From(feature);
      kernels::Gradient({rows.values + feature, rows.columns, rows.rows, count}, residuals, team_.tiles,
                        /*accumulate=*/!first, gradient);
      if (last) UpdateWeights(feature, count, gradient, inverse_rows);
    }
  }

  // This member's columns of a sparse mini-batch, with weights that are up to date. Which features occur often is not
  // known beforehand: members take blocks of them in turn.
  void GatherColumns(const Rows& rows) {
    const int members = team_.members;
    if (members == 1) {
      columns_.Build(rows, [](int32_t) { return true; });
    } else {
      columns_.Build(rows, [this, members](int32_t column) { return column / kBlockFeatures % members == rank_; });
    }
    if (!deferred_.has_value()) return;
    const WeightsStep weights = WeightsFrom(0);
    deferred_->CatchUp(schedule_.weights(), weights.transform, Listed(columns_.view()), weights.state);
    team_.barrier.Wait();
  }

  static absl::Span<const int32_t> Listed(const kernels::SparseColumnsView& columns) {
    return absl::MakeConstSpan(columns.columns, static_cast<size_t>(columns.count));
  }

  // Backward() of a sparse mini-batch.
  void BackwardSparse(const Rows& rows) {
    const kernels::SparseColumnsView columns = columns_.view();
    if (columns.count > columns_gradient_.rows()) {
      columns_gradient_ = TileStorage<float>(columns.count + columns.count / 4, team_.tiles);
    }
    kernels::SparseGradient(columns, team_.margins.matrix(), team_.tiles, /*accumulate=*/false,
                            columns_gradient_.matrix());
    const float inverse_rows = 1 / static_cast<float>(rows.rows);
    if (deferred_.has_value()) {
      UpdateListed(columns, inverse_rows);
    } else {
      UpdateAll(columns, inverse_rows);
    }
  }

  // Only the features that occur; the others catch up when they do.
  void UpdateListed(const kernels::SparseColumnsView& columns, float inverse_rows) {
    const WeightsStep weights = WeightsFrom(0);
    kernels::AdamUpdateListed(schedule_.weights(), weights.transform, team_.tiles, Listed(columns),
                              columns_gradient_.matrix(), residual_sums_.lanes(), inverse_rows, weights.state);
    deferred_->Made(schedule_.weights(), Listed(columns));
    if (deferred_->full()) CatchUp();
  }

  // Every feature of this member.
  void UpdateAll(const kernels::SparseColumnsView& columns, float inverse_rows) {
    const int members = team_.members;
    const int64_t step = members == 1 ? data_.columns() : kBlockFeatures;
    int64_t next = 0;
    for (int64_t feature = rank_ * step; feature < data_.columns(); feature += members * step) {
      const int64_t count = std::min(step, data_.columns() - feature);
      const int64_t begin = next;
      while (next < columns.count && columns.columns[next] < feature + count) ++next;
      const WeightsStep weights = WeightsFrom(feature);
      kernels::AdamUpdateSparse(schedule_.weights(), weights.transform, count, team_.tiles,
                                absl::MakeConstSpan(columns.columns + begin, static_cast<size_t>(next - begin)),
                                feature, columns_gradient_.matrix().From(begin), residual_sums_.lanes(), inverse_rows,
                                weights.state);
    }
  }

  void AddLosses(int64_t blocks) {
    for (int64_t block = 0; block < blocks; ++block) {
      const double* const losses = team_.block_losses.data() + block * team_.lanes();
      for (int64_t lane = 0; lane < team_.lanes(); ++lane) team_.losses.lanes()[lane] += losses[lane];
    }
  }

  // What an update changes, and how, from a feature on.
  struct WeightsStep {
    kernels::FeatureTransform transform;
    kernels::AdamState state;
  };
  WeightsStep WeightsFrom(int64_t feature) {
    const kernels::AdamState state = bank_.weights(team_.first_tile);
    kernels::FeatureTransform transform = bank_.transform(team_.first_tile);
    transform.mean += feature;
    transform.inverse_deviation += feature;
    return {transform,
            {state.weights.From(feature), state.first_moment.From(feature), state.second_moment.From(feature)}};
  }

  void UpdateWeights(int64_t feature, int count, kernels::TileMatrix<const float> gradient, float inverse_rows) {
    const WeightsStep weights = WeightsFrom(feature);
    kernels::AdamUpdate(schedule_.weights(), weights.transform, count, team_.tiles, gradient, residual_sums_.lanes(),
                        inverse_rows, weights.state);
  }

  // The bias is the weight of a feature that is always 1, which no lane centres: its mean is 0.
  void UpdateBias(float inverse_rows) {
    constexpr float kNoMean = 0;
    constexpr float kNoScale = 1;
    kernels::FeatureTransform transform = bank_.transform(team_.first_tile);
    transform.mean = &kNoMean;
    transform.inverse_deviation = &kNoScale;
    transform.common_scales = no_common_scales_.lanes();
    kernels::AdamUpdate(schedule_.bias(), transform, 1, team_.tiles, {residual_sums_.lanes(), kTileModels},
                        residual_sums_.lanes(), inverse_rows, bank_.bias(team_.first_tile));
  }

  const Dataset& data_;
  const absl::Span<const float> labels_;
  const Objective& objective_;
  const int64_t mini_batch_size_;
  ModelBank& bank_;
  Team& team_;
  const int rank_;
  const Range features_;  // this member's, of dense rows
  SparseColumns columns_;
  TileStorage<float> columns_gradient_;  // a row for each of columns_
  std::optional<DeferredUpdates> deferred_;
  StepSchedule schedule_;
  TileStorage<float> intercepts_;
  TileStorage<float> residual_sums_;
  const TileStorage<float> no_common_scales_;
};

TrainingPass::TrainingPass(const Dataset& data, absl::Span<const float> labels, const Objective& objective,
                           int64_t mini_batch_size, Executor& executor, ModelBank& bank)
    : data_(data),
      labels_(labels),
      objective_(objective),
      mini_batch_size_(mini_batch_size),
      executor_(executor),
      bank_(bank) {
  // Equal teams of equal work: the greatest number of teams that divides both units and workers.
  const int teams = std::gcd(bank.layout().units, executor.workers());
  const int64_t tiles = bank.tiles() / teams;
  const auto work =
      static_cast<int64_t>(static_cast<double>(mini_batch_size) * data.entries_per_row()) * tiles * kTileModels;
  const int members = static_cast<int>(std::clamp<int64_t>(work / kWorkPerMember, 1, executor.workers() / teams));
  for (int t = 0; t < teams; ++t) {
    teams_.push_back(std::make_unique<Team>(Range{t * tiles, (t + 1) * tiles}, members,
                                            SliceRows(mini_batch_size, data), data.sparse() ? 0 : data.columns()));
    for (int rank = 0; rank < members; ++rank) {
      members_.push_back(std::make_unique<Member>(*this, *teams_.back(), rank));
    }
  }
}

TrainingPass::~TrainingPass() = default;

void TrainingPass::SkipEpochs(int epochs) {
  for (const std::unique_ptr<Member>& member : members_) member->SkipUpdates(epochs * mini_batches());
}

TrainingPass::Epoch TrainingPass::Run(const std::function<bool()>& stop_requested) {
  std::atomic<bool> stop{false};
  for (const std::unique_ptr<Team>& team : teams_) team->losses.Clear();
  data_.ForEachChunk(mini_batch_size_, [&](int64_t first, const Rows& chunk) {
    executor_.RunOnAll([&](int worker) {
      if (worker >= static_cast<int>(members_.size())) return;
      members_[static_cast<size_t>(worker)]->RunChunk(first, chunk, [&] {
        if (worker == 0 && stop_requested && stop_requested()) stop.store(true, std::memory_order_relaxed);
        return stop.load(std::memory_order_relaxed);
      });
    });
    return !stop.load(std::memory_order_relaxed);
  });
  executor_.RunOnAll([&](int worker) {
    if (worker < static_cast<int>(members_.size())) members_[static_cast<size_t>(worker)]->CatchUp();
  });
  Epoch epoch = {.mean_losses = {}, .stopped = stop.load()};
  // Teams are in the order of their tiles, all equally many.
  const int64_t lanes = teams_.front()->lanes();
  for (int i = 0; i < bank_.layout().models; ++i) {
    const int lane = bank_.layout().lane(i, 0);
    const double loss = teams_[static_cast<size_t>(lane / lanes)]->losses.lanes()[lane % lanes];
    epoch.mean_losses.push_back(loss / static_cast<double>(data_.rows()));
  }
  return epoch;
}

}  // namespace ll::learner
