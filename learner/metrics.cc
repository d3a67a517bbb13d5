#include "learner/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "learner/partition.h"
#include "learner/ranked_scores.h"

namespace ll::learner {
namespace {

constexpr int64_t kBlockRows = 256;

double Ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

// What is kept of every row.
struct RowResults {
  std::vector<double> weighted_losses;
  std::vector<double> losses;
  std::vector<float> scores;        // binary
  std::vector<int64_t> predicted;   // classifiers
  std::vector<int32_t> ranks;       // multiclass
  std::vector<double> predictions;  // regressors
};

int32_t RankOf(const float* scores, int classes, int64_t label) {
  int32_t rank = 1;
  for (int k = 0; k < classes; ++k) {
    if (scores[k] > scores[label] || (scores[k] == scores[label] && k < label)) ++rank;
  }
  return rank;
}

// Everything about some rows, the first of which is row `first`; they are scored together.
void MeasureBlock(const Model& model, const Objective& objective, const Rows& rows, absl::Span<const float> labels,
                  const MetricOptions& options, int64_t first, Scores* scores, std::vector<double>* margins,
                  RowResults* results) {
  const auto outputs = static_cast<size_t>(model.schema().outputs);
  margins->resize(static_cast<size_t>(rows.rows) * outputs);
  Margins(rows, model, margins->data());
  model.ScoreMargins(margins->data(), rows.rows, scores);
  for (size_t i = 0; i < static_cast<size_t>(rows.rows); ++i) {
    const size_t row = static_cast<size_t>(first) + i;
    const auto label = static_cast<double>(labels[row]);
    results->losses[row] = objective.Loss(absl::MakeConstSpan(*margins).subspan(i * outputs, outputs), label);
    results->weighted_losses[row] = options.weights.Of(label) * results->losses[row];
    switch (model.schema().predictor_type) {
      case PredictorType::kBinaryClassifier: results->scores[row] = scores->values[i]; break;
      case PredictorType::kMulticlassClassifier:
        results->ranks[row] =
            RankOf(scores->values.data() + i * outputs, model.schema().outputs, static_cast<int64_t>(label));
        break;
      case PredictorType::kRegressor: results->predictions[row] = (*margins)[i]; break;
    }
    if (model.schema().has_labels()) results->predicted[row] = scores->labels[i];
  }
}

RowResults MeasureRows(const Model& model, const Objective& objective, const Dataset& data,
                       const MetricOptions& options, Executor& executor) {
  const int64_t rows = data.rows();
  const PredictorType type = model.schema().predictor_type;
  const auto sized = [rows](bool needed) { return needed ? static_cast<size_t>(rows) : size_t{0}; };
  RowResults results;
  results.losses.resize(sized(true));
  results.weighted_losses.resize(sized(true));
  results.scores.resize(sized(type == PredictorType::kBinaryClassifier));
  results.predicted.resize(sized(model.schema().has_labels()));
  results.ranks.resize(sized(type == PredictorType::kMulticlassClassifier));
  results.predictions.resize(sized(type == PredictorType::kRegressor));
  data.ForEachChunk(1, [&](int64_t first, const Rows& chunk) {
    executor.RunOnAll([&](int worker) {
      Scores scores;
      std::vector<double> margins;
      const Range mine = PartOf(chunk.rows, worker, executor.workers());
      for (int64_t begin = mine.begin; begin < mine.end; begin += kBlockRows) {
        MeasureBlock(model, objective, chunk.Slice(begin, std::min(kBlockRows, mine.end - begin)), data.labels(),
                     options, first + begin, &scores, &margins, &results);
      }
    });
    return true;
  });
  return results;
}

double Mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

using Metrics = std::map<std::string, double>;

void AddBinary(const RowResults& results, absl::Span<const float> labels, const MetricOptions& options,
               Metrics* metrics) {
  const ConfusionMatrix confusion = CountConfusion(results.predicted, labels);
  (*metrics)["binary_classification_accuracy"] = confusion.accuracy();
  (*metrics)["precision"] = confusion.precision();
  (*metrics)["recall"] = confusion.recall();
  (*metrics)["binary_f_beta"] = confusion.f_beta(options.f_beta);
  if (const std::optional<double> auc = RocAuc(results.scores, labels)) (*metrics)["roc_auc_score"] = *auc;
}

void AddMulticlass(const RowResults& results, absl::Span<const float> labels, int classes, const MetricOptions& options,
                   Metrics* metrics) {
  ClassCounts counts(classes);
  std::vector<double> gains, first, among_top;
  for (size_t i = 0; i < labels.size(); ++i) {
    counts.Add(results.predicted[i], static_cast<int64_t>(labels[i]));
    gains.push_back(1 / std::log2(1.0 + results.ranks[i]));
    first.push_back(results.ranks[i] == 1 ? 1 : 0);
    among_top.push_back(results.ranks[i] <= options.accuracy_top_k ? 1 : 0);
  }
  (*metrics)["multiclass_accuracy"] = Mean(first);
  (*metrics)["multiclass_top_k_accuracy"] = Mean(among_top);
  (*metrics)["dcg"] = Mean(gains);
  (*metrics)["macro_precision"] = counts.macro_precision();
  (*metrics)["macro_recall"] = counts.macro_recall();
  (*metrics)["macro_f_beta"] = counts.macro_f_beta(options.f_beta);
}

void AddRegression(const RowResults& results, absl::Span<const float> labels, Metrics* metrics) {
  std::vector<double> squares, sizes;
  for (size_t i = 0; i < labels.size(); ++i) {
    const double error = results.predictions[i] - static_cast<double>(labels[i]);
    squares.push_back(error * error);
    sizes.push_back(std::fabs(error));
  }
  (*metrics)["mse"] = Mean(squares);
  (*metrics)["rmse"] = std::sqrt(Mean(squares));
  (*metrics)["absolute_loss"] = Mean(sizes);
}

// Mean of value(k) over the classes that occur.
template <class Value>
double MeanOverClasses(const ClassCounts& counts, const Value& value) {
  double sum = 0;
  int classes = 0;
  for (size_t k = 0; k < counts.actual.size(); ++k) {
    if (counts.actual[k] == 0 && counts.predicted[k] == 0) continue;
    sum += value(k);
    ++classes;
  }
  return Ratio(sum, classes);
}

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

void ClassCounts::Add(int64_t predicted_class, int64_t actual_class) {
  ++predicted[static_cast<size_t>(predicted_class)];
  ++actual[static_cast<size_t>(actual_class)];
  if (predicted_class == actual_class) ++true_positives[static_cast<size_t>(actual_class)];
}

double ClassCounts::macro_precision() const {
  return MeanOverClasses(*this, [this](size_t k) {
    return Ratio(static_cast<double>(true_positives[k]), static_cast<double>(predicted[k]));
  });
}

double ClassCounts::macro_recall() const {
  return MeanOverClasses(*this, [this](size_t k) {
    return Ratio(static_cast<double>(true_positives[k]), static_cast<double>(actual[k]));
  });
}

double ClassCounts::macro_f_beta(double beta) const {
  const double beta2 = beta * beta;
  return MeanOverClasses(*this, [this, beta2](size_t k) {
    return Ratio((1 + beta2) * static_cast<double>(true_positives[k]),
                 beta2 * static_cast<double>(actual[k]) + static_cast<double>(predicted[k]));
  });
}

MetricOptions MetricOptionsOf(const Hyperparameters& hyperparameters, ExampleWeights weights) {
  return {.f_beta = hyperparameters.f_beta,
          .accuracy_top_k = hyperparameters.accuracy_top_k,
          .weights = std::move(weights)};
}

std::map<std::string, double> MeasureModel(const Model& model, const Objective& objective, const Dataset& data,
                                           const MetricOptions& options, Executor& executor) {
  const RowResults results = MeasureRows(model, objective, data, options, executor);
  std::map<std::string, double> metrics = {{"objective_loss", Mean(results.weighted_losses)}};
  if (!options.weights.all_equal()) metrics["unweighted_loss"] = Mean(results.losses);
  switch (model.schema().predictor_type) {
    case PredictorType::kBinaryClassifier: AddBinary(results, data.labels(), options, &metrics); break;
    case PredictorType::kMulticlassClassifier:
      AddMulticlass(results, data.labels(), model.schema().outputs, options, &metrics);
      break;
    case PredictorType::kRegressor: AddRegression(results, data.labels(), &metrics); break;
  }
  return metrics;
}

}  // namespace ll::learner
