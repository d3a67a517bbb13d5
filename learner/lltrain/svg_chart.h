// Pictures of a training job as SVG, which every browser shows: line charts and maps of weights.
//
//   std::string svg = DrawChart({.title = "Loss", .x_label = "epoch", .y_label = "loss",
//                                .series = {{.name = "train", .points = {{0, 0.7}, {1, 0.4}}}}});
//
// Equal arguments give equal bytes.
#ifndef LL_LEARNER_LLTRAIN_SVG_CHART_H_
#define LL_LEARNER_LLTRAIN_SVG_CHART_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace ll::lltrain {

struct ChartSeries {
  std::string name = {};                               // in the legend; empty: a thin line in the background
  std::vector<std::pair<double, double>> points = {};  // x ascending; what is not finite is left out
};

struct Chart {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<ChartSeries> series;
  bool log_y = false;  // then y must be positive, and what is not is left out
  // Larger values leave the picture at its upper edge.
  std::optional<double> y_limit = {};
  // A vertical line, with its name in the legend.
  std::optional<std::pair<std::string, double>> mark = {};
};

std::string DrawChart(const Chart& chart);

struct WeightMap {
  std::string title;
  absl::Span<const double> weights;  // side x side, row-major
};

// Squares side by side, red for positive and blue for negative weights, white for 0. Colours are of one scale.
std::string DrawWeightMaps(absl::Span<const WeightMap> maps, int side);

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_SVG_CHART_H_
