#include "learner/lltrain/svg_chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace ll::lltrain {
namespace {

// Of the picture and of the frame in it, in pixels.
constexpr double kWidth = 760, kHeight = 420, kLeft = 70, kRight = 560, kTop = 40, kBottom = 370;
constexpr int kTicks = 5;
// Told apart by people who do not see red and green as different.
constexpr const char* kColours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7"};

std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
}

std::string Header(double width, double height, const std::string& title) {
  return absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" viewBox=\"0 0 %g %g\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n<title>%s</title>\n"
      "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
      width, height, width, height, Escaped(title));
}

std::string Text(double x, double y, const char* anchor, const std::string& text, const char* more = "") {
  return absl::StrFormat("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>%s</text>\n", x, y, anchor, more,
                         Escaped(text));
}

std::string Line(double x1, double y1, double x2, double y2, const char* style) {
  return absl::StrFormat("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2, style);
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void Include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // Never empty.
  void Settle() {
    if (low > high) low = 0, high = 1;
    if (low == high) low -= 0.5, high += 0.5;
  }
  double Position(double value) const { return (value - low) / (high - low); }
  double At(double position) const { return low + (high - low) * position; }
};

class Drawing {
 public:
  explicit Drawing(const Chart& chart) : chart_(chart) {
    for (const ChartSeries& series : chart.series) {
      for (const auto& [x, y] : series.points) {
        if (!Shown(x, y)) continue;
        x_.Include(x);
        y_.Include(Scaled(y));
      }
    }
    if (chart.mark.has_value()) x_.Include(chart.mark->second);
    x_.Settle();
    y_.Settle();
  }

  std::string Draw() {
    std::string out = Header(kWidth, kHeight, chart_.title);
    out += Text((kLeft + kRight) / 2, kTop - 16, "middle", chart_.title, " font-size=\"15\"");
    out += Axes();
    for (const ChartSeries& series : chart_.series) {
      if (series.name.empty()) out += Path(series, "#bbbbbb", 1);
    }
    double legend_y = kTop + 10;
    size_t colour = 0;
    for (const ChartSeries& series : chart_.series) {
      if (series.name.empty()) continue;
      const char* const stroke = kColours[colour++ % std::size(kColours)];
      out += Path(series, stroke, 2);
      out += Legend(series.name, absl::StrFormat("stroke=\"%s\" stroke-width=\"2\"", stroke), &legend_y);
    }
    if (chart_.mark.has_value()) {
      const double x = X(chart_.mark->second);
      constexpr char kStyle[] = "stroke=\"black\" stroke-dasharray=\"4 3\"";
      out += Line(x, kTop, x, kBottom, kStyle);
      out += Legend(chart_.mark->first, kStyle, &legend_y);
    }
    return out + "</svg>\n";
  }

 private:
  double Limited(double y) const { return std::min(y, chart_.y_limit.value_or(y)); }
  double Scaled(double y) const { return chart_.log_y ? std::log10(Limited(y)) : Limited(y); }
  bool Shown(double x, double y) const {
    return std::isfinite(x) && std::isfinite(y) && (!chart_.log_y || Limited(y) > 0);
  }
  double X(double x) const { return kLeft + (kRight - kLeft) * x_.Position(x); }
  double Y(double scaled) const { return kBottom - (kBottom - kTop) * y_.Position(scaled); }

  std::string Axes() const {
    std::string out;
    for (int i = 0; i < kTicks; ++i) {
      const double position = static_cast<double>(i) / (kTicks - 1);
      const double x = x_.At(position), y = y_.At(position);
      out += Line(kLeft, Y(y), kRight, Y(y), "stroke=\"#eeeeee\"");
      out += Text(kLeft - 6, Y(y) + 4, "end", absl::StrFormat("%.3g", chart_.log_y ? std::pow(10, y) : y));
      out += Text(X(x), kBottom + 18, "middle", absl::StrFormat("%.3g", x));
    }
    out += absl::StrFormat("<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"none\" stroke=\"black\"/>\n",
                           kLeft, kTop, kRight - kLeft, kBottom - kTop);
    out += Text((kLeft + kRight) / 2, kBottom + 38, "middle", chart_.x_label);
    const double middle = (kTop + kBottom) / 2;
    return out + Text(16, middle, "middle", chart_.y_label,
                      absl::StrFormat(" transform=\"rotate(-90 16 %g)\"", middle).c_str());
  }

  std::string Path(const ChartSeries& series, const char* stroke, int width) const {
    std::string points;
    for (const auto& [x, y] : series.points) {
      if (Shown(x, y)) absl::StrAppendFormat(&points, "%.1f,%.1f ", X(x), Y(Scaled(y)));
    }
    return absl::StrFormat("<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%d\"/>\n", points,
                           stroke, width);
  }

  static std::string Legend(const std::string& name, const std::string& style, double* y) {
    std::string out = Line(kRight + 16, *y, kRight + 40, *y, style.c_str());
    out += Text(kRight + 46, *y + 4, "start", name);
    *y += 20;
    return out;
  }

  const Chart& chart_;
  Range x_, y_;
};

// White at 0, full colour at `largest`.
std::string Colour(double weight, double largest) {
  const double strength = largest > 0 ? std::min(std::abs(weight) / largest, 1.0) : 0;
  const int faded = static_cast<int>(std::lround(255 * (1 - strength)));
  return weight > 0 ? absl::StrFormat("#ff%02x%02x", faded, faded) : absl::StrFormat("#%02x%02xff", faded, faded);
}

}  // namespace

std::string DrawChart(const Chart& chart) { return Drawing(chart).Draw(); }

std::string DrawWeightMaps(absl::Span<const WeightMap> maps, int side) {
  constexpr double kSize = 224, kGap = 24;
  constexpr size_t kAcross = 4;
  double largest = 0;
  for (const WeightMap& map : maps) {
    for (const double weight : map.weights) largest = std::max(largest, std::abs(weight));
  }
  const size_t across = std::min(maps.size(), kAcross), down = (maps.size() + kAcross - 1) / kAcross;
  std::string out = Header(kGap + static_cast<double>(across) * (kSize + kGap),
                           kGap + static_cast<double>(down) * (kSize + 2 * kGap), "Weights of the pixels");
  const double pixel = kSize / side;
  for (size_t i = 0; i < maps.size(); ++i) {
    const double left = kGap + static_cast<double>(i % kAcross) * (kSize + kGap);
    const double top = 2 * kGap + static_cast<double>(i / kAcross) * (kSize + 2 * kGap);
    out += Text(left, top - 8, "start", maps[i].title);
    absl::StrAppendFormat(&out, "<g transform=\"translate(%g %g) scale(%g)\" shape-rendering=\"crispEdges\">\n", left,
                          top, pixel);
    for (size_t j = 0; j < maps[i].weights.size(); ++j) {
      absl::StrAppendFormat(&out, "<rect x=\"%d\" y=\"%d\" width=\"1\" height=\"1\" fill=\"%s\"/>\n",
                            j % static_cast<size_t>(side), j / static_cast<size_t>(side),
                            Colour(maps[i].weights[j], largest));
    }
    absl::StrAppendFormat(
        &out, "<rect width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#888888\" stroke-width=\"%g\"/>\n</g>\n", side,
        side, 1 / pixel);
  }
  return out + "</svg>\n";
}

}  // namespace ll::lltrain
