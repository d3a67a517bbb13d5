#include "learner/evaluation.h"

#include <algorithm>
#include <cstddef>

#include "learner/partition.h"

namespace ll::learner {
namespace {

using kernels::kTileModels;

// Rows that are scored at once, and whose losses are summed before they join the others.
constexpr int64_t kBlockRows = 240;
constexpr int64_t kSampleBytes = 64 << 20;

int64_t BlocksOf(int64_t rows) { return (rows + kBlockRows - 1) / kBlockRows; }

int64_t LanesOf(const ModelBank& bank) { return static_cast<int64_t>(bank.tiles()) * kTileModels; }

int64_t RowsThatFit(const ModelBank& bank) {
  return kSampleBytes / (LanesOf(bank) * static_cast<int64_t>(sizeof(float)));
}

}  // namespace

std::vector<int64_t> SampleRows(int64_t rows, int64_t most) {
  std::vector<int64_t> sample(static_cast<size_t>(std::min(rows, most)));
  const auto count = static_cast<int64_t>(sample.size());
  for (int64_t i = 0; i < count; ++i) sample[static_cast<size_t>(i)] = i * rows / count;
  return sample;
}

std::vector<float> ScoresOf(const Model& model, const Dataset& data, const std::vector<int64_t>& rows,
                            Executor& executor) {
  std::vector<float> scores(rows.size());
  const auto place = [&](int64_t row) { return std::lower_bound(rows.begin(), rows.end(), row) - rows.begin(); };
  data.ForEachChunk(1, [&](int64_t first, const Rows& chunk) {
    const int64_t begin = place(first);
    const int64_t count = place(first + chunk.rows) - begin;
    executor.RunOnAll([&](int worker) {
      const Range mine = PartOf(count, worker, executor.workers());
      double margin = 0;
      Scores score;
      for (auto i = static_cast<size_t>(begin + mine.begin); i < static_cast<size_t>(begin + mine.end); ++i) {
        Margins(chunk.Slice(rows[i] - first, 1), model, &margin);
        model.ScoreMargins(&margin, 1, &score);
        scores[i] = score.values[0];
      }
    });
    return true;
  });
  return scores;
}

std::vector<float> LabelsOf(absl::Span<const float> labels, const std::vector<int64_t>& rows) {
  std::vector<float> chosen;
  chosen.reserve(rows.size());
  for (const int64_t row : rows) chosen.push_back(labels[static_cast<size_t>(row)]);
  return chosen;
}

Evaluation::Evaluation(const Dataset& data, absl::Span<const float> labels, const Objective& objective,
                       const ModelBank& bank, const CriterionOptions& criterion, int64_t calibration_rows,
                       Executor& executor)
    : data_(data),
      labels_(labels),
      objective_(objective),
      bank_(bank),
      criterion_(criterion),
      executor_(executor),
      sample_(criterion.criterion == SelectionCriterion::kLossFunction
                  ? std::vector<int64_t>()
                  : SampleRows(data.rows(), std::min(calibration_rows, std::max<int64_t>(1, RowsThatFit(bank))))),
      sample_labels_(LabelsOf(labels, sample_)),
      sample_margins_(static_cast<int64_t>(sample_.size()), bank.tiles()),
      intercepts_(1, bank.tiles()),
      block_losses_(static_cast<size_t>(BlocksOf(data.rows()) * LanesOf(bank))) {}

std::vector<Evaluation::Result> Evaluation::Run(const std::vector<bool>& skip) {
  bank_.Intercepts(0, bank_.tiles(), intercepts_.lanes());
  data_.ForEachChunk(kBlockRows, [&](int64_t first, const Rows& chunk) {
    executor_.RunOnAll([&](int worker) { ScoreBlocks(worker, first, chunk); });
    return true;
  });
  std::vector<Result> results(bank_.candidates().size());
  for (int64_t block = 0; block < BlocksOf(data_.rows()); ++block) {
    const double* const losses = block_losses_.data() + block * LanesOf(bank_);
    for (size_t i = 0; i < results.size(); ++i) {
      results[i].mean_loss += losses[bank_.layout().lane(static_cast<int>(i), 0)];
    }
  }
  for (Result& result : results) result.mean_loss /= static_cast<double>(data_.rows());
  if (!sample_.empty()) executor_.RunOnAll([&](int worker) { RankCandidates(worker, skip, &results); });
  return results;
}

void Evaluation::ScoreBlocks(int worker, int64_t first_row, const Rows& chunk) {
  TileStorage<float> storage(kBlockRows, bank_.tiles());
  const kernels::TileMatrix<float> margins = storage.matrix();
  const ObjectiveLanes lanes = bank_.objective_lanes(0, bank_.tiles(), intercepts_.lanes());
  const Range blocks = PartOf(BlocksOf(chunk.rows), worker, executor_.workers());
  auto next = std::lower_bound(sample_.begin(), sample_.end(), first_row + blocks.begin * kBlockRows);
  for (int64_t block = blocks.begin; block < blocks.end; ++block) {
    const int64_t within = block * kBlockRows;
    const int64_t count = std::min(kBlockRows, chunk.rows - within);
    const int64_t first = first_row + within;
    Margins(chunk.Slice(within, count), bank_.weights(0), bank_.tiles(), margins);
    double* const losses = block_losses_.data() + first / kBlockRows * LanesOf(bank_);
    std::fill_n(losses, LanesOf(bank_), 0.0);
    objective_.Losses(labels_.data() + first, count, lanes, margins, losses);
    for (; next != sample_.end() && *next < first + count; ++next) {
      for (int tile = 0; tile < bank_.tiles(); ++tile) {
        std::copy_n(margins.tile(tile).row(*next - first), kTileModels,
                    sample_margins_.matrix().tile(tile).row(next - sample_.begin()));
      }
    }
  }
}

void Evaluation::RankCandidates(int worker, const std::vector<bool>& skip, std::vector<Result>* results) {
  Calibrator calibrator(criterion_);
  std::vector<float> scores(sample_.size());
  const auto candidates = static_cast<int>(results->size());
  for (int i = worker; i < candidates; i += executor_.workers()) {
    if (skip[static_cast<size_t>(i)]) continue;
    for (size_t k = 0; k < scores.size(); ++k) scores[k] = sample_margins_.at(static_cast<int64_t>(k), i);
    (*results)[static_cast<size_t>(i)].criterion = calibrator.Calibrate(scores, sample_labels_).value;
  }
}

}  // namespace ll::learner
