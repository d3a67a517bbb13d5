#include "base/nearest_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ll {
namespace {

// A longer text is no misspelt name, and the distance costs the product of the lengths.
constexpr size_t kMaxNameLength = 128;

// Lower case, hyphens as underscores, one underscore around: "Batch-Size" -> "_batch_size_".
std::string Words(absl::string_view name) {
  std::string words = absl::StrCat("_", absl::AsciiStrToLower(name), "_");
  std::replace(words.begin(), words.end(), '-', '_');
  return words;
}

}  // namespace

int EditDistance(absl::string_view a, absl::string_view b) {
  // Three rows of the usual table: before_previous serves swaps.
  std::vector<int> before_previous(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) current[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_previous, previous);
    std::swap(previous, current);
    current[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before_previous[j - 2] + 1);
      }
    }
  }
  return current[b.size()];
}

std::string NearestName(absl::string_view name, const std::vector<std::string>& candidates) {
  if (name.empty() || name.size() > kMaxNameLength) return "";
  const std::string words = Words(name);
  const int limit = std::max(1, static_cast<int>(name.size()) / 3);
  std::string nearest;
  int least = limit + 1;
  for (const std::string& candidate : candidates) {
    const std::string candidate_words = Words(candidate);
    int distance = EditDistance(words, candidate_words);
    if (absl::StrContains(candidate_words, words) || absl::StrContains(words, candidate_words)) {
      distance = std::min(distance, limit);
    }
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace ll
