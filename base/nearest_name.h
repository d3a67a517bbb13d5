// "Did you mean": the known name nearest to a misspelt one.
//
//   NearestName("mini_batch_siz", {"epochs", "mini_batch_size"})   // "mini_batch_size"
//   NearestName("n_classes", {"num_classes"})                      // "num_classes"
//   NearestName("colour", {"epochs"})                              // "": nothing is near
#ifndef LL_BASE_NEAREST_NAME_H_
#define LL_BASE_NEAREST_NAME_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ll {

// The least number of inserted, deleted, replaced or swapped neighbouring characters that turns `a` into `b` (optimal
// string alignment). Time and memory are the product of the lengths: meant for names.
int EditDistance(absl::string_view a, absl::string_view b);

// The candidate with the least edit distance, if that is at most a third of `name`'s length, or one that contains
// `name` (or is contained in it) as whole words between underscores or hyphens. Letter case does not count. The first
// of equals; empty when nothing is near.
std::string NearestName(absl::string_view name, const std::vector<std::string>& candidates);

}  // namespace ll

#endif  // LL_BASE_NEAREST_NAME_H_
