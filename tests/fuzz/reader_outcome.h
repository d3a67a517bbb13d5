// What a reader of data files makes of some bytes, and what must hold of it.
#ifndef LL_TESTS_FUZZ_READER_OUTCOME_H_
#define LL_TESTS_FUZZ_READER_OUTCOME_H_

#include <cmath>
#include <functional>
#include <memory>
#include <string>

#include "base/error_reason.h"
#include "learner/readers/collected_rows_for_test.h"
#include "tests/fuzz/require.h"
#include "tests/testing/memory_file.h"

namespace ll::testing {

using ReaderFactory =
    std::function<std::unique_ptr<learner::RowReader>(std::unique_ptr<SequentialFile>, const learner::RowRules&)>;

inline void RequireValidRows(const learner::CollectedRows& rows, const learner::RowRules& rules) {
  for (const auto& row : rows.features) {
    Require(row.size() == rows.features[0].size(), "rows have the same width");
    Require(rules.feature_dim == 0 || row.size() == static_cast<size_t>(rules.feature_dim), "the given width holds");
    for (const float value : row) Require(std::isfinite(value), "values are finite");
  }
  Require(rows.labels.size() == (rules.labels ? rows.features.size() : 0), "rows have labels where asked for");
  for (const float label : rows.labels) {
    Require(std::isfinite(label), "labels are finite");
    Require(rules.num_classes == 0 || label == 0 || label == 1, "labels are 0 or 1");
  }
}

// A few bytes may claim a row of millions of features: rows are kept until there are this many numbers.
constexpr size_t kMostNumbers = 1 << 20;

inline absl::StatusOr<learner::CollectedRows> CollectSome(learner::RowReader& reader, const learner::RowRules& rules,
                                                          learner::RowLayout layout) {
  learner::CollectedRows all;
  learner::RowBuffer buffer(rules, layout);
  for (bool more = true; more;) {
    buffer.Clear();
    LL_ASSIGN_OR_RETURN(more, reader.Read(buffer));
    if (all.features.size() * static_cast<size_t>(buffer.columns()) > kMostNumbers) continue;
    if (layout == learner::RowLayout::kDense) {
      all.Append(buffer.block());
    } else if (static_cast<size_t>(buffer.rows() * buffer.sparse_block().columns) <= kMostNumbers) {
      all.Append(buffer.sparse_block());
    }
  }
  return all;
}

// Reads `bytes` whole and byte by byte, dense and sparse, under several rules. All ways must agree.
inline void ReadEveryWay(const std::string& bytes, const ReaderFactory& open) {
  for (const learner::RowRules& rules :
       {learner::RowRules{.num_classes = 2}, learner::RowRules{.feature_dim = 2, .feature_dim_source = "feature_dim"},
        learner::RowRules{.labels = false},
        learner::RowRules{
            .feature_dim = 2, .feature_dim_source = "feature_dim", .missing = learner::MissingValues::kZero}}) {
    const auto read = [&](size_t bytes_per_read, learner::RowLayout layout = learner::RowLayout::kDense) {
      return CollectSome(*open(NewMemoryFile(bytes, bytes_per_read), rules), rules, layout);
    };
    const absl::StatusOr<learner::CollectedRows> whole = read(SIZE_MAX);
    const absl::StatusOr<learner::CollectedRows> piecemeal = read(1);
    Require(whole.status() == piecemeal.status(), "the outcome does not depend on how the file is read");
    const absl::StatusOr<learner::CollectedRows> sparse = read(SIZE_MAX, learner::RowLayout::kSparse);
    if (!whole.ok()) {
      Require(HasReason(whole.status(), ErrorReason::kInvalidData), "errors of data say so");
      continue;
    }
    Require(whole->features == piecemeal->features && whole->labels == piecemeal->labels,
            "both ways give the same rows");
    Require(sparse.ok(), "what can be read dense can be read sparse");
    if (rules.feature_dim > 0) {
      Require(sparse->features == whole->features && sparse->labels == whole->labels,
              "both layouts hold the same rows");
    }
    RequireValidRows(*whole, rules);
  }
}

}  // namespace ll::testing

#endif  // LL_TESTS_FUZZ_READER_OUTCOME_H_
