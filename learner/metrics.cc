#include "learner/metrics.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "learner/partition.h"
#include "learner/ranked_scores.h"

namespace ll::learner {
namespace {

constexpr int64_t kBlockRows = 256;

double Ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

// Sums over one block of rows.
struct LossSums {
  double weighted = 0;
  double unweighted = 0;
};

}  // namespace

double ConfusionMatrix::accuracy() const {
  return Ratio(static_cast<double>(true_positives + true_negatives), static_cast<double>(total()));
}

double ConfusionMatrix::precision() const {
  return Ratio(static_cast<double>(true_positives), static_cast<double>(true_positives + false_positives));
}

double ConfusionMatrix::recall() const {
  return Ratio(static_cast<double>(true_positives), static_cast<double>(true_positives + false_negatives));
}

double ConfusionMatrix::f_beta(double beta) const {
  const double beta2 = beta * beta;
  return Ratio((1 + beta2) * precision() * recall(), beta2 * precision() + recall());
}

ConfusionMatrix CountConfusion(absl::Span<const int64_t> predicted, absl::Span<const float> labels) {
  ConfusionMatrix counts;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == 1) {
      ++(predicted[i] == 1 ? counts.true_positives : counts.false_negatives);
    } else {
      ++(predicted[i] == 1 ? counts.false_positives : counts.true_negatives);
    }
  }
  return counts;
}

std::optional<double> RocAuc(absl::Span<const float> scores, absl::Span<const float> labels) {
  RankedScores ranked;
  ranked.Assign(scores, labels);
  const auto positives = static_cast<double>(ranked.positives());
  const auto negatives = static_cast<double>(ranked.negatives());
  if (positives == 0 || negatives == 0) return std::nullopt;
  double ordered_pairs = 0;  // in halves, so that every sum is exact
  double positives_above = 0;
  ranked.ForEachGroup([&](const ScoreGroup& group) {
    const auto here = static_cast<double>(group.positives);
    ordered_pairs += static_cast<double>(group.negatives) * (2 * positives_above + here);
    positives_above += here;
  });
  return ordered_pairs / (2 * positives * negatives);
}

std::map<std::string, double> MeasureBinaryClassifier(const Model& model, const Objective& objective,
                                                      const Dataset& data, const MetricOptions& options,
                                                      Executor& executor) {
  const int64_t rows = data.rows();
  const int64_t blocks = (rows + kBlockRows - 1) / kBlockRows;
  std::vector<float> scores(static_cast<size_t>(rows));
  std::vector<int64_t> predicted(static_cast<size_t>(rows));
  std::vector<LossSums> sums(static_cast<size_t>(blocks));
  executor.RunOnAll([&](int worker) {
    Scores block_scores;
    std::vector<double> margins(kBlockRows);
    const Range mine = PartOf(blocks, worker, executor.workers());
    for (int64_t block = mine.begin; block < mine.end; ++block) {
      const int64_t first = block * kBlockRows;
      const int64_t count = std::min(kBlockRows, rows - first);
      model.Margins(data.row(first), count, margins.data());
      model.ScoreMargins(margins.data(), count, &block_scores);
      std::copy_n(block_scores.values.begin(), count, scores.begin() + first);
      std::copy_n(block_scores.labels.begin(), count, predicted.begin() + first);
      for (int64_t i = 0; i < count; ++i) {
        const double label = static_cast<double>(data.labels()[static_cast<size_t>(first + i)]);
        const double loss = objective.Loss(margins[static_cast<size_t>(i)], label);
        sums[static_cast<size_t>(block)].weighted += ExampleWeight(label, options.positive_weight) * loss;
        sums[static_cast<size_t>(block)].unweighted += loss;
      }
    }
  });
  LossSums total;
  for (const LossSums& sum : sums) {
    total.weighted += sum.weighted;
    total.unweighted += sum.unweighted;
  }
  const ConfusionMatrix counts = CountConfusion(predicted, data.labels());
  std::map<std::string, double> metrics = {{"objective_loss", total.weighted / static_cast<double>(rows)},
                                           {"binary_classification_accuracy", counts.accuracy()},
                                           {"precision", counts.precision()},
                                           {"recall", counts.recall()},
                                           {"binary_f_beta", counts.f_beta(options.f_beta)}};
  if (options.positive_weight != 1) metrics["unweighted_loss"] = total.unweighted / static_cast<double>(rows);
  if (const std::optional<double> auc = RocAuc(scores, data.labels())) metrics["roc_auc_score"] = *auc;
  return metrics;
}

}  // namespace ll::learner
