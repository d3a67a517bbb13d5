#include "learner/link.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace ll::learner {

double Sigmoid(double margin) {
  const double e = std::exp(-std::fabs(margin));
  return margin >= 0 ? 1 / (1 + e) : e / (1 + e);
}

double Softplus(double margin) { return std::max(margin, 0.0) + std::log1p(std::exp(-std::fabs(margin))); }

void ApplyLink(Loss loss, absl::Span<const double> margins, float* scores) {
  if (loss == Loss::kSoftmax) {
    const double highest = *std::max_element(margins.begin(), margins.end());
    double total = 0;
    for (const double margin : margins) total += std::exp(margin - highest);
    for (size_t k = 0; k < margins.size(); ++k) scores[k] = static_cast<float>(std::exp(margins[k] - highest) / total);
    return;
  }
  for (size_t k = 0; k < margins.size(); ++k) {
    scores[k] = static_cast<float>(loss == Loss::kLogistic ? Sigmoid(margins[k]) : margins[k]);
  }
}

}  // namespace ll::learner
