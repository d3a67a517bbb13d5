// Fair shares of a row of items.
#ifndef LL_LEARNER_PARTITION_H_
#define LL_LEARNER_PARTITION_H_

#include <cstdint>

namespace ll::learner {

struct Range {
  int64_t begin = 0;
  int64_t end = 0;
  int64_t size() const { return end - begin; }
  bool empty() const { return begin == end; }
};

// The share of part `part` of `parts`: consecutive items, shares differ by at most one.
inline Range PartOf(int64_t items, int64_t part, int64_t parts) {
  return {items * part / parts, items * (part + 1) / parts};
}

}  // namespace ll::learner

#endif  // LL_LEARNER_PARTITION_H_
