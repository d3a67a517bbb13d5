#include "services/training/job_log.h"

#include <algorithm>

#include "absl/strings/string_view.h"
#include "base/status_macros.h"

namespace ll::training {

absl::StatusOr<bool> LogLines::Open() {
  if (file_ != nullptr) return true;
  absl::StatusOr<std::unique_ptr<RandomAccessFile>> file = env_.NewRandomAccessFile(path_);
  if (absl::IsNotFound(file.status())) return false;
  if (!file.ok()) return file.status();
  file_ = *std::move(file);
  return true;
}

absl::Status LogLines::SkipToLast(int64_t lines) {
  LL_ASSIGN_OR_RETURN(const bool there, Open());
  if (!there) return absl::OkStatus();
  const uint64_t size = file_->size();
  std::string block(kMaxBytes, '\0');
  uint64_t end = size;
  while (end > 0) {
    const uint64_t begin = end - std::min<uint64_t>(end, block.size());
    LL_ASSIGN_OR_RETURN(const size_t count, file_->ReadAt(begin, absl::MakeSpan(block).first(end - begin)));
    for (size_t i = count; i-- > 0;) {
      // The line end of the last line separates it from nothing.
      if (block[i] != '\n' || begin + i + 1 == size || --lines > 0) continue;
      offset_ = begin + i + 1;
      return absl::OkStatus();
    }
    end = begin;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> LogLines::Next(bool complete) {
  LL_ASSIGN_OR_RETURN(const bool there, Open());
  if (!there) return std::vector<std::string>{};
  std::string block(kMaxBytes, '\0');
  LL_ASSIGN_OR_RETURN(const size_t count, file_->ReadAt(offset_, absl::MakeSpan(block)));
  absl::string_view rest(block.data(), count);
  std::vector<std::string> lines;
  for (size_t end = rest.find('\n'); end != absl::string_view::npos; end = rest.find('\n')) {
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  const bool at_end = count < block.size();
  const bool too_long = !at_end && lines.empty();
  if (!rest.empty() && (too_long || (at_end && complete))) {
    lines.emplace_back(rest);
    rest = {};
  }
  offset_ += count - rest.size();
  return lines;
}

}  // namespace ll::training
