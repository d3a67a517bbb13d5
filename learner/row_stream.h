// The rows of a source that do not fit into memory: read again in every pass, ahead of whoever works on them.
//
//   RowStream stream(std::move(source), {.layout = RowLayout::kDense, .rows = 1000000, .columns = 784, ...});
//   LL_RETURN_IF_ERROR(stream.ForEachChunk(200, [&](int64_t first, const Rows& chunk) { ...; return true; }));
//
// A few chunks of memory go round: while one is in use, a thread of the stream reads and parses the next.
#ifndef LL_LEARNER_ROW_STREAM_H_
#define LL_LEARNER_ROW_STREAM_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "learner/held_rows.h"
#include "learner/row_source.h"
#include "learner/rows.h"

namespace ll::learner {

// Passes come one after the other, from one thread at a time.
class RowStream final {
 public:
  struct Shape {
    RowLayout layout = RowLayout::kDense;
    int64_t rows = 0;  // every pass must have as many
    int columns = 0;
    uint64_t chunk_bytes = 0;  // what a chunk takes at least, unless the rows end
    uint64_t max_bytes = 0;    // of all chunks together
  };

  RowStream(std::unique_ptr<RowSource> source, const Shape& shape);

  // What is done to rows as they are read: NaN becomes its column's number of `missing`, if it has any, then `offsets`
  // are subtracted, if there are any (of dense rows only).
  void set_missing(absl::Span<const double> missing) { missing_.assign(missing.begin(), missing.end()); }
  void set_offsets(absl::Span<const double> offsets) { offsets_.assign(offsets.begin(), offsets.end()); }

  // All rows in order, until `visit` returns false. `first` is the number of a chunk's first row, a multiple of
  // `multiple`, as is the number of its rows, but for the last chunk. The chunk is valid during the call.
  //
  // RESOURCE_EXHAUSTED when `multiple` rows are more than the chunks may take; INVALID_ARGUMENT with reason
  // INVALID_DATA when the rows are others than those of the first pass; whatever the source says.
  absl::Status ForEachChunk(int64_t multiple, absl::FunctionRef<bool(int64_t first, const Rows& chunk)> visit);

  // The most memory that chunks take, as far as is known by now.
  uint64_t peak_bytes() const { return peak_bytes_; }

 private:
  class Pass;

  const std::unique_ptr<RowSource> source_;
  const Shape shape_;
  std::vector<double> missing_;
  std::vector<double> offsets_;
  std::vector<HeldRows> ring_;
  uint64_t peak_bytes_ = 0;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_ROW_STREAM_H_
