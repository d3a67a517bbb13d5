#include "learner/coefficients.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"

namespace ll::learner {

std::vector<Coefficient> LargestCoefficients(const Model& model, int output, int64_t count) {
  const auto features = static_cast<size_t>(model.schema().feature_dim);
  const absl::Span<const double> weights = model.weights().subspan(static_cast<size_t>(output) * features, features);
  const absl::Span<const double> deviations = model.feature_deviations();
  std::vector<Coefficient> coefficients(features);
  for (size_t j = 0; j < features; ++j) {
    coefficients[j].feature = static_cast<int64_t>(j);
    coefficients[j].weight = weights[j];
    if (!deviations.empty()) coefficients[j].standardised = weights[j] * deviations[j];
  }
  if (count == 0) return coefficients;
  const auto size = [](const Coefficient& it) { return std::fabs(it.standardised.value_or(it.weight)); };
  const auto larger = [&](const Coefficient& a, const Coefficient& b) {
    return size(a) != size(b) ? size(a) > size(b) : a.feature < b.feature;
  };
  const auto kept = static_cast<ptrdiff_t>(std::min(count, static_cast<int64_t>(features)));
  std::partial_sort(coefficients.begin(), coefficients.begin() + kept, coefficients.end(), larger);
  coefficients.resize(static_cast<size_t>(kept));
  return coefficients;
}

std::string FeatureName(const Model& model, int64_t feature) {
  return model.feature_names().empty() ? absl::StrCat("x", feature)
                                       : model.feature_names()[static_cast<size_t>(feature)];
}

}  // namespace ll::learner
