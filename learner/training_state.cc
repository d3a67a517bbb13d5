#include "learner/training_state.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/string_view.h"
#include "base/digest.h"
#include "learner/partition.h"

namespace ll::learner {
namespace {

// Rows are digested in blocks, so that all workers can, and the digests in their order once more.
constexpr int64_t kBlockBytes = 64 << 10;

template <class T>
absl::string_view BytesOf(const T* values, int64_t count) {
  return {reinterpret_cast<const char*>(values), static_cast<size_t>(count) * sizeof(T)};
}

std::string DigestOf(const Rows& rows) {
  Digest digest(Digest::kSha256);
  if (!rows.sparse()) {
    digest.Update(BytesOf(rows.values, rows.rows * rows.columns));
    return digest.FinishHex();
  }
  const int64_t first = rows.row_begin[0];
  const int64_t entries = rows.row_begin[rows.rows] - first;
  for (int64_t i = 0; i < rows.rows; ++i) {
    const int64_t length = rows.row_begin[i + 1] - rows.row_begin[i];
    digest.Update(BytesOf(&length, 1));
  }
  digest.Update(BytesOf(rows.indices + first, entries));
  digest.Update(BytesOf(rows.values + first, entries));
  return digest.FinishHex();
}

}  // namespace

DataFingerprint FingerprintOf(const Dataset& data, Executor& executor) {
  const auto row_bytes = static_cast<int64_t>(data.entries_per_row() + 1) * static_cast<int64_t>(sizeof(float));
  const int64_t block_rows = std::max<int64_t>(1, kBlockBytes / row_bytes);
  std::vector<std::string> digests(static_cast<size_t>((data.rows() + block_rows - 1) / block_rows));
  data.ForEachChunk(block_rows, [&](int64_t first, const Rows& chunk) {
    executor.RunOnAll([&](int worker) {
      const Range mine = PartOf((chunk.rows + block_rows - 1) / block_rows, worker, executor.workers());
      for (int64_t row = mine.begin * block_rows; row < std::min(mine.end * block_rows, chunk.rows);
           row += block_rows) {
        digests[static_cast<size_t>((first + row) / block_rows)] =
            DigestOf(chunk.Slice(row, std::min(block_rows, chunk.rows - row)));
      }
    });
    return true;
  });
  Digest all(Digest::kSha256);
  all.Update(BytesOf(data.labels().data(), static_cast<int64_t>(data.labels().size())));
  for (const std::string& digest : digests) all.Update(digest);
  return {.rows = data.rows(), .columns = data.columns(), .sha256 = all.FinishHex()};
}

}  // namespace ll::learner
