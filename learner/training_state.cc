#include "learner/training_state.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/digest.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
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

absl::Status CheckSameChannel(absl::string_view channel, const DataFingerprint& then, const DataFingerprint& now) {
  if (then.rows != now.rows || then.columns != now.columns) {
    return OtherTraining(absl::StrCat("its channel ", channel, " had ", then.rows, " rows of ", then.columns,
                                      " features, and now has ", now.rows, " of ", now.columns));
  }
  if (now.sha256.empty() || now.sha256 == then.sha256) return absl::OkStatus();
  return OtherTraining(absl::StrCat("its channel ", channel, " had other rows, or another order of them"));
}

}  // namespace

absl::Status OtherTraining(std::string why) {
  return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kInvalidCheckpoint,
                   {.what = "cannot go on from the checkpoint",
                    .why = absl::StrCat("it is of another training: ", why),
                    .remedy = "Remove it to train from the beginning."});
}

absl::Status CheckSameData(const TrainingState& then, const DataFingerprint& train,
                           const std::optional<DataFingerprint>& validation) {
  LL_RETURN_IF_ERROR(CheckSameChannel("train", then.train, train));
  if (!then.validation.has_value() && !validation.has_value()) return absl::OkStatus();
  if (!then.validation.has_value()) return OtherTraining("it had no validation channel");
  if (!validation.has_value()) return OtherTraining("it had a validation channel");
  return CheckSameChannel("validation", *then.validation, *validation);
}

DataFingerprint FingerprintOf(const Dataset& data, Executor& executor) {
  // An entry of a sparse row is its column and its value.
  const double entry_bytes = data.sparse() ? 2 * sizeof(float) : sizeof(float);
  const auto row_bytes = static_cast<int64_t>((data.entries_per_row() + 1) * entry_bytes);
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
