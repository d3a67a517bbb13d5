#include "learner/dataset.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/random.h"
#include "base/status_macros.h"

namespace ll::learner {
namespace {

// What is offered to a source at least, however little memory is left in the mapping.
constexpr uint64_t kRoomBytes = 1 << 20;
// Of streamed rows: long enough for a chunk's overheads to vanish, short enough to wait little for the first.
constexpr uint64_t kChunkBytes = 16 << 20;

int64_t EntriesOf(const SparseBlock& block) { return block.rows == 0 ? 0 : block.row_begin[block.rows]; }

// The rows of a block with their zeros, `columns` wide.
std::vector<float> WithZeros(const SparseBlock& block) {
  std::vector<float> values(static_cast<size_t>(block.rows) * static_cast<size_t>(block.columns));
  for (int64_t i = 0; i < block.rows; ++i) {
    for (int64_t e = block.row_begin[i]; e < block.row_begin[i + 1]; ++e) {
      values[static_cast<size_t>(i * block.columns + block.indices[e])] = block.values[e];
    }
  }
  return values;
}

absl::Status TooMany(int64_t rows, int columns, uint64_t max_bytes) {
  return MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kInvalidChannel,
                   {.what = absl::StrCat("cannot hold more than ", rows, " rows of ", columns, " features"),
                    .why = absl::StrCat("the rows may take at most ", max_bytes, " bytes of memory"),
                    .remedy = "Train on fewer rows, or raise the limit."});
}

}  // namespace

// The first pass: rows become the data set's as they are read, for as long as they fit.
class Dataset::Reading {
 public:
  Reading(RowSource& source, const DatasetOptions& options, bool may_stream)
      : source_(source), options_(options), may_stream_(may_stream) {}

  // `fits` tells whether all rows are held.
  absl::StatusOr<Dataset> Run(bool* fits) {
    LL_RETURN_IF_ERROR(Begin());
    while (!ended_) LL_RETURN_IF_ERROR(data_->sparse() ? ReadSparse() : ReadDense());
    if (data_->rows_ == 0) {
      return MakeError(
          absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
          {.what = "cannot use the channel", .why = "it has no rows", .remedy = "Give it at least one row."});
    }
    data_->columns_ = std::max(1, columns_);
    data_->held_.set_columns(data_->columns_);
    data_->held_.ShrinkToFit();
    data_->labels_.shrink_to_fit();
    data_->offsets_.assign(static_cast<size_t>(data_->columns_), 0.0);
    data_->feature_names_ = source_.feature_names();
    *fits = fits_;
    return *std::move(data_);
  }

 private:
  // Decides how rows are held, by the first block.
  absl::Status Begin() {
    if (options_.layout == RowLayout::kDense) return SetLayout(RowLayout::kDense);
    absl::StatusOr<SparseBlock> first = source_.NextSparse();
    if (absl::IsUnimplemented(first.status()) && !options_.layout.has_value()) return SetLayout(RowLayout::kDense);
    if (!first.ok()) return first.status();
    const double cells = static_cast<double>(first->rows) * first->columns;
    const bool mostly_zeros = static_cast<double>(EntriesOf(*first)) * kDensestSparse <= cells;
    if (options_.layout.has_value() || (source_.has_sparse_rows() && mostly_zeros)) {
      LL_RETURN_IF_ERROR(SetLayout(RowLayout::kSparse));
      return Take(*first);
    }
    LL_RETURN_IF_ERROR(SetLayout(RowLayout::kDense));
    // The width of sparse rows may not be known yet; in another pass the source finds it out. Rows that can be read
    // only once go on from here.
    if (source_.has_sparse_rows() && source_.Rewind().ok()) return absl::OkStatus();
    const std::vector<float> values = WithZeros(*first);
    return Take(
        RowBlock{.values = values.data(), .labels = first->labels, .rows = first->rows, .columns = first->columns});
  }

  absl::Status SetLayout(RowLayout layout) {
    data_.emplace(Dataset(layout));
    return absl::OkStatus();
  }

  absl::Status ReadDense() {
    LL_ASSIGN_OR_RETURN(const absl::Span<float> room, Room());
    LL_ASSIGN_OR_RETURN(const RowBlock block, source_.NextInto(room));
    return Take(block);
  }

  absl::Status ReadSparse() {
    LL_ASSIGN_OR_RETURN(const SparseBlock block, source_.NextSparse());
    return Take(block);
  }

  // Where the next dense rows go: room for at least a block, as far as the limit allows. Without room for another row,
  // the source uses memory of its own, and Take() says what is wrong.
  absl::StatusOr<absl::Span<float>> Room() {
    if (columns_ == 0 || !fits_) return absl::Span<float>();
    const uint64_t row_bytes = static_cast<uint64_t>(columns_) * sizeof(float);
    const uint64_t held = data_->memory_bytes();
    if (options_.max_bytes > 0 && held + row_bytes > options_.max_bytes) return absl::Span<float>();
    LL_ASSIGN_OR_RETURN(absl::Span<float> room, data_->held_.Room(kRoomBytes));
    if (options_.max_bytes == 0) return room;
    return room.subspan(0, (options_.max_bytes - held) / row_bytes * static_cast<uint64_t>(columns_));
  }

  template <class Block>
  absl::Status Take(const Block& block) {
    ended_ = block.rows == 0;
    if (ended_) return absl::OkStatus();
    LL_RETURN_IF_ERROR(Check(block.columns, block.labels != nullptr));
    columns_ = std::max(columns_, block.columns);
    const uint64_t label_bytes = block.labels == nullptr ? 0 : static_cast<uint64_t>(block.rows) * sizeof(float);
    const uint64_t added = HeldRows::BytesOf(block) + label_bytes;
    if (fits_ && options_.max_bytes > 0 && data_->memory_bytes() + added > options_.max_bytes) {
      if (!may_stream_) return TooMany(data_->rows_, columns_, options_.max_bytes);
      fits_ = false;
      data_->held_ = HeldRows(data_->held_.layout());
    }
    if (fits_) LL_RETURN_IF_ERROR(data_->held_.Append(block));
    if constexpr (std::is_same_v<Block, SparseBlock>) data_->entries_ += EntriesOf(block);
    if (block.labels != nullptr) data_->labels_.insert(data_->labels_.end(), block.labels, block.labels + block.rows);
    data_->rows_ += block.rows;
    return absl::OkStatus();
  }

  absl::Status Check(int columns, bool labels) const {
    const bool first = data_->rows_ == 0;
    const bool labels_agree = first || data_->labels_.empty() != labels;
    const bool width_agrees = data_->sparse() || (columns >= 1 && (first || columns == columns_));
    if (labels_agree && width_agrees) return absl::OkStatus();
    return MakeError(
        absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidData,
        {.what = absl::StrCat("cannot use the rows from row ", data_->rows_ + 1, " on"),
         .why = labels_agree ? absl::StrCat("they have ", columns, " features, those before have ", columns_)
                             : "some rows have a label and some have none",
         .remedy = "Give every row the same shape."});
  }

  RowSource& source_;
  const DatasetOptions& options_;
  const bool may_stream_;
  std::optional<Dataset> data_;
  int columns_ = 0;
  bool fits_ = true;
  bool ended_ = false;
};

absl::StatusOr<Dataset> Dataset::Collect(RowSource& source, const DatasetOptions& options) {
  bool fits = false;
  return Reading(source, options, /*may_stream=*/false).Run(&fits);
}

absl::StatusOr<Dataset> Dataset::Open(std::unique_ptr<RowSource> source, const DatasetOptions& options) {
  bool fits = false;
  LL_ASSIGN_OR_RETURN(Dataset data, Reading(*source, options, /*may_stream=*/true).Run(&fits));
  if (fits) return data;
  const uint64_t kept = data.memory_bytes();
  if (kept > options.max_bytes / 2) return TooMany(data.rows_, data.columns_, options.max_bytes);
  const uint64_t left = options.max_bytes - kept;
  data.stream_ =
      std::make_unique<RowStream>(std::move(source), RowStream::Shape{.layout = data.held_.layout(),
                                                                      .rows = data.rows_,
                                                                      .columns = data.columns_,
                                                                      .chunk_bytes = std::min(kChunkBytes, left / 6),
                                                                      .max_bytes = left});
  data.stream_status_ = std::make_unique<absl::Status>();
  return data;
}

Dataset Dataset::FromRows(absl::Span<const float> values, absl::Span<const float> labels, int columns) {
  Dataset data(RowLayout::kDense);
  data.rows_ = static_cast<int64_t>(values.size()) / columns;
  data.columns_ = columns;
  data.labels_.assign(labels.begin(), labels.end());
  data.offsets_.assign(static_cast<size_t>(columns), 0.0);
  if (!data.held_.Append(RowBlock{.values = values.data(), .rows = data.rows_, .columns = columns}).ok()) std::abort();
  return data;
}

double Dataset::entries_per_row() const {
  return sparse() ? static_cast<double>(entries_) / static_cast<double>(rows_) : columns_;
}

uint64_t Dataset::memory_bytes() const {
  return labels_.size() * sizeof(float) + held_.bytes() + (streamed() ? stream_->peak_bytes() : 0);
}

void Dataset::ForEachChunk(int64_t multiple, absl::FunctionRef<bool(int64_t first, const Rows& chunk)> visit) const {
  if (!streamed()) {
    visit(0, held_.view());
  } else if (stream_status_->ok()) {
    *stream_status_ = stream_->ForEachChunk(multiple, visit);
  }
}

absl::Status Dataset::Shuffle(uint64_t seed) {
  if (streamed()) {
    return MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kInvalidChannel,
                     {.what = "cannot shuffle the rows",
                      .why = "they do not fit into the memory given, and rows are shuffled there",
                      .remedy = "Shuffle the files, leave out ShuffleConfig, or raise the limit."});
  }
  SeededRandom random(seed);
  std::vector<int64_t> order(sparse() ? static_cast<size_t>(rows_) : 0);
  std::iota(order.begin(), order.end(), int64_t{0});
  for (int64_t i = rows_ - 1; i > 0; --i) {
    const auto j = static_cast<int64_t>(random.Below(static_cast<uint64_t>(i) + 1));
    if (sparse()) {
      std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(j)]);
    } else {
      held_.Swap(i, j);
    }
    if (!labels_.empty()) std::swap(labels_[static_cast<size_t>(i)], labels_[static_cast<size_t>(j)]);
  }
  return sparse() ? held_.Reorder(order) : absl::OkStatus();
}

std::vector<double> Dataset::MeansOfPresent() const {
  std::vector<double> sums(static_cast<size_t>(columns_));
  std::vector<int64_t> missing(static_cast<size_t>(columns_));
  ForEachChunk(1, [&](int64_t, const Rows& chunk) {
    const int64_t count = chunk.sparse() ? chunk.row_begin[chunk.rows] : chunk.rows * columns_;
    for (int64_t at = chunk.sparse() ? chunk.row_begin[0] : 0; at < count; ++at) {
      const auto column = static_cast<size_t>(chunk.sparse() ? chunk.indices[at] : at % columns_);
      if (std::isnan(chunk.values[at])) {
        ++missing[column];
      } else {
        sums[column] += static_cast<double>(chunk.values[at]);
      }
    }
    return true;
  });
  for (size_t column = 0; column < sums.size(); ++column) {
    if (missing[column] < rows_) sums[column] /= static_cast<double>(rows_ - missing[column]);
  }
  return sums;
}

int64_t Dataset::FillMissing(absl::Span<const double> values) {
  if (!streamed()) return held_.FillMissing(values);
  int64_t missing = 0;
  ForEachChunk(1, [&](int64_t, const Rows& chunk) {
    const int64_t count = chunk.sparse() ? chunk.row_begin[chunk.rows] : chunk.rows * columns_;
    missing += std::count_if(chunk.values, chunk.values + count, [](float value) { return std::isnan(value); });
    return true;
  });
  stream_->set_missing(values);
  return missing;
}

void Dataset::SetOffsets(absl::Span<const double> offsets) {
  if (streamed()) {
    stream_->set_offsets(offsets);
  } else if (!sparse()) {
    std::vector<double> changes;
    for (size_t column = 0; column < offsets.size(); ++column) changes.push_back(offsets[column] - offsets_[column]);
    held_.Subtract(changes);
  }
  offsets_.assign(offsets.begin(), offsets.end());
}

}  // namespace ll::learner
