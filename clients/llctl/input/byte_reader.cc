#include "clients/llctl/input/byte_reader.h"

#include "absl/strings/match.h"
#include "base/status_macros.h"

namespace ll::llctl {
namespace {

constexpr size_t kBlockBytes = size_t{256} << 10;

}  // namespace

absl::StatusOr<bool> ByteReader::Fill() {
  if (at_end_) return false;
  buffer_.erase(0, begin_);
  begin_ = 0;
  const size_t held = buffer_.size();
  buffer_.resize(held + kBlockBytes);
  const absl::StatusOr<size_t> size = file_->Read(absl::MakeSpan(buffer_.data() + held, kBlockBytes));
  buffer_.resize(held + (size.ok() ? *size : 0));
  if (!size.ok()) return size.status();
  at_end_ = *size == 0;
  return !at_end_;
}

absl::StatusOr<absl::string_view> ByteReader::Peek(size_t size) {
  while (held().size() < size) {
    LL_ASSIGN_OR_RETURN(const bool more, Fill());
    if (!more) break;
  }
  return held().substr(0, size);
}

absl::StatusOr<bool> ByteReader::ReadLine(absl::string_view& line) {
  size_t searched = 0;
  size_t end;
  while ((end = held().find('\n', searched)) == absl::string_view::npos) {
    searched = held().size();
    LL_ASSIGN_OR_RETURN(const bool more, Fill());
    if (more) continue;
    if (held().empty()) return false;
    end = held().size();
    break;
  }
  line = held().substr(0, end);
  Skip(std::min(end + 1, held().size()));
  if (absl::EndsWith(line, "\r")) line.remove_suffix(1);
  return true;
}

}  // namespace ll::llctl
