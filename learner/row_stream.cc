#include "learner/row_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/read_ahead.h"
#include "base/status_macros.h"

namespace ll::learner {
namespace {

// One in use, one ready, one being filled: reading and working need not take equally long each time.
constexpr size_t kChunks = 3;

absl::Status Changed(std::string why) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidData,
                   {.what = "cannot read the rows again",
                    .why = std::move(why),
                    .remedy = "Leave data files alone while a job that streams them is running."});
}

}  // namespace

// One pass over the source, on the stream's thread.
class RowStream::Pass {
 public:
  Pass(RowStream& stream, int64_t multiple)
      : stream_(stream),
        shape_(stream.shape_),
        multiple_(multiple),
        row_bytes_(static_cast<uint64_t>(shape_.columns) * sizeof(float)) {}

  // False when there are no rows left.
  absl::StatusOr<bool> Fill(HeldRows& chunk) {
    chunk.Clear();
    chunk.set_columns(shape_.columns);
    while (!ended_ && !Full(chunk)) {
      const absl::Status added = chunk.sparse() ? AddSparse(chunk) : AddDense(chunk);
      if (!added.ok()) return added;
      if (chunk.bytes() * kChunks > shape_.max_bytes && shape_.max_bytes > 0) return TooLarge(chunk);
    }
    if (rows_ > shape_.rows || (ended_ && rows_ < shape_.rows)) {
      return Changed(absl::StrCat("there were ", shape_.rows, " rows in the first pass, and now there are ",
                                  rows_ > shape_.rows ? "more" : absl::StrCat(rows_)));
    }
    if (!stream_.missing_.empty()) chunk.FillMissing(stream_.missing_);
    if (!stream_.offsets_.empty()) chunk.Subtract(stream_.offsets_);
    return chunk.rows() > 0;
  }

 private:
  bool Full(const HeldRows& chunk) const {
    return chunk.rows() > 0 && chunk.rows() % multiple_ == 0 && chunk.bytes() >= shape_.chunk_bytes;
  }

  // Rows up to the next place where a chunk may end.
  int64_t Wanted(const HeldRows& chunk) const {
    int64_t wanted = multiple_ - chunk.rows() % multiple_;
    if (!chunk.sparse() && chunk.bytes() < shape_.chunk_bytes) {
      const auto missing = static_cast<int64_t>((shape_.chunk_bytes - chunk.bytes() + row_bytes_ - 1) / row_bytes_);
      wanted += std::max<int64_t>(0, missing - wanted + multiple_ - 1) / multiple_ * multiple_;
    }
    return wanted;
  }

  absl::Status AddDense(HeldRows& chunk) {
    const int64_t wanted = Wanted(chunk);
    if (dense_left_ == 0) {
      const auto wanted_bytes = static_cast<uint64_t>(wanted) * row_bytes_;
      if (chunk.bytes() + wanted_bytes > shape_.max_bytes / kChunks && shape_.max_bytes > 0) return TooLarge(chunk);
      LL_ASSIGN_OR_RETURN(const absl::Span<float> room, chunk.Room(wanted_bytes));
      LL_ASSIGN_OR_RETURN(dense_, stream_.source_->NextInto(room.subspan(0, wanted_bytes / sizeof(float))));
      LL_RETURN_IF_ERROR(Take(dense_.rows, dense_.columns));
      dense_left_ = dense_.rows;
    }
    if (ended_) return absl::OkStatus();
    RowBlock part = dense_;
    part.values += (dense_.rows - dense_left_) * dense_.columns;
    part.rows = std::min(wanted, dense_left_);
    dense_left_ -= part.rows;
    return chunk.Append(part);
  }

  absl::Status AddSparse(HeldRows& chunk) {
    if (sparse_left_ == 0) {
      LL_ASSIGN_OR_RETURN(sparse_, stream_.source_->NextSparse());
      LL_RETURN_IF_ERROR(Take(sparse_.rows, std::max(sparse_.columns, shape_.columns)));
      sparse_left_ = sparse_.rows;
    }
    if (ended_) return absl::OkStatus();
    SparseBlock part = sparse_;
    part.row_begin += sparse_.rows - sparse_left_;
    part.rows = std::min(Wanted(chunk), sparse_left_);
    sparse_left_ -= part.rows;
    return chunk.Append(part);
  }

  absl::Status Take(int64_t rows, int columns) {
    rows_ += rows;
    ended_ = rows == 0;
    if (ended_ || columns == shape_.columns) return absl::OkStatus();
    return Changed(absl::StrCat("they had ", shape_.columns, " features, and now they have ", columns));
  }

  absl::Status TooLarge(const HeldRows& chunk) const {
    return MakeError(
        absl::StatusCode::kResourceExhausted, ErrorReason::kInvalidChannel,
        {.what = absl::StrCat("cannot stream rows in parts of ", multiple_, multiple_ == 1 ? " row" : " rows"),
         .why = absl::StrCat("the parts in memory, ", kChunks, " of them, may take ", shape_.max_bytes,
                             " bytes, and so many rows of ", shape_.columns, " features do not fit (", chunk.rows(),
                             " rows did)"),
         .remedy = "Lower mini_batch_size, or raise the limit."});
  }

  RowStream& stream_;
  const Shape& shape_;
  const int64_t multiple_;
  const uint64_t row_bytes_;  // dense
  bool ended_ = false;
  int64_t rows_ = 0;  // read so far
  // What the source gave last, and how many rows of it have no chunk yet.
  RowBlock dense_;
  SparseBlock sparse_;
  int64_t dense_left_ = 0;
  int64_t sparse_left_ = 0;
};

RowStream::RowStream(std::unique_ptr<RowSource> source, const Shape& shape)
    : source_(std::move(source)), shape_(shape), peak_bytes_(kChunks * shape.chunk_bytes) {
  for (size_t i = 0; i < kChunks; ++i) ring_.emplace_back(shape.layout);
}

absl::Status RowStream::ForEachChunk(int64_t multiple,
                                     absl::FunctionRef<bool(int64_t first, const Rows& chunk)> visit) {
  LL_RETURN_IF_ERROR(source_->Rewind());
  Pass pass(*this, multiple);
  ReadAhead<HeldRows> chunks(absl::MakeSpan(ring_), [&](HeldRows& chunk) { return pass.Fill(chunk); });
  for (int64_t first = 0;;) {
    LL_ASSIGN_OR_RETURN(HeldRows* const chunk, chunks.Next());
    if (chunk == nullptr) return absl::OkStatus();
    peak_bytes_ = std::max(peak_bytes_, chunk->bytes() * kChunks);
    if (!visit(first, chunk->view())) return absl::OkStatus();
    first += chunk->rows();
  }
}

}  // namespace ll::learner
