#include "learner/training_state.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/string_view.h"
#include "base/digest.h"
#include "learner/partition.h"

namespace ll::learner {
namespace {

// Rows are digested in blocks, so that all workers can, and the digests in their order once more.
constexpr int64_t kBlockBytes = 1 << 20;

absl::string_view BytesOf(const float* values, int64_t count) {
  return {reinterpret_cast<const char*>(values), static_cast<size_t>(count) * sizeof(float)};
}

}  // namespace

DataFingerprint FingerprintOf(const Dataset& data, Executor& executor) {
  const int64_t block_rows = std::max<int64_t>(1, kBlockBytes / (data.columns() * static_cast<int64_t>(sizeof(float))));
  const int64_t blocks = (data.rows() + block_rows - 1) / block_rows;
  std::vector<std::string> digests(static_cast<size_t>(blocks));
  executor.RunOnAll([&](int worker) {
    const Range mine = PartOf(blocks, worker, executor.workers());
    for (int64_t block = mine.begin; block < mine.end; ++block) {
      const int64_t row = block * block_rows;
      const int64_t rows = std::min(block_rows, data.rows() - row);
      digests[static_cast<size_t>(block)] = Sha256Hex(BytesOf(data.row(row), rows * data.columns()));
    }
  });
  Digest all(Digest::kSha256);
  all.Update(BytesOf(data.labels().data(), static_cast<int64_t>(data.labels().size())));
  for (const std::string& digest : digests) all.Update(digest);
  return {.rows = data.rows(), .columns = data.columns(), .sha256 = all.FinishHex()};
}

}  // namespace ll::learner
