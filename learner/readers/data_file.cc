#include "learner/readers/data_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "learner/readers/data_error.h"

namespace ll::learner {
namespace {

constexpr size_t kHeadBytes = 64 << 10;

// Bytes that were read ahead, and then the file they were read from.
class AfterPrefix final : public SequentialFile {
 public:
  AfterPrefix(std::string prefix, std::unique_ptr<SequentialFile> file)
      : prefix_(std::move(prefix)), file_(std::move(file)) {}

  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    if (at_ == prefix_.size()) return file_->Read(buffer);
    const size_t count = prefix_.copy(buffer.data(), buffer.size(), at_);
    at_ += count;
    return count;
  }

 private:
  const std::string prefix_;
  const std::unique_ptr<SequentialFile> file_;
  size_t at_ = 0;
};

// Up to `count` bytes; fewer only at the end of the file.
absl::StatusOr<std::string> ReadPrefix(SequentialFile& file, size_t count) {
  std::string prefix(count, '\0');
  size_t size = 0;
  while (size < count) {
    LL_ASSIGN_OR_RETURN(const size_t read, file.Read(absl::MakeSpan(&prefix[size], count - size)));
    if (read == 0) break;
    size += read;
  }
  prefix.resize(size);
  return prefix;
}

bool HoldsALine(absl::string_view head) {
  const auto text = std::find_if_not(head.begin(), head.end(), absl::ascii_isspace);
  return std::find(text, head.end(), '\n') != head.end();
}

}  // namespace

absl::StatusOr<std::unique_ptr<DataFile>> DataFile::Open(std::unique_ptr<SequentialFile> file, std::string name) {
  std::unique_ptr<DataFile> data(new DataFile(std::move(name)));
  LL_ASSIGN_OR_RETURN(std::string magic, ReadPrefix(*file, kGzipMagic.size()));
  const bool packed = magic == kGzipMagic;
  data->file_ = std::make_unique<AfterPrefix>(std::move(magic), std::move(file));
  if (packed) {
    auto gunzip = std::make_unique<GunzipFile>(std::move(data->file_), GunzipFile::Members::kAny);
    data->gunzip_ = gunzip.get();
    data->file_ = std::move(gunzip);
  }
  LL_RETURN_IF_ERROR(data->ReadHead());
  return data;
}

absl::StatusOr<size_t> DataFile::ReadUnpacked(absl::Span<char> buffer) {
  absl::StatusOr<size_t> read = file_->Read(buffer);
  if (gunzip_ == nullptr || !absl::IsInvalidArgument(read.status())) return read;
  return DataError({.file = name_, .byte_offset = gunzip_->packed_offset()},
                   {.why = absl::StrCat("its gzip data is not whole: ", absl::string_view(read.status().message())),
                    .remedy = "The file is damaged or was cut short; get it again."});
}

absl::Status DataFile::ReadHead() {
  head_.resize(kHeadBytes);
  size_t size = 0;
  while (size < kHeadBytes && !HoldsALine(absl::string_view(head_).substr(0, size))) {
    LL_ASSIGN_OR_RETURN(const size_t read, ReadUnpacked(absl::MakeSpan(&head_[size], kHeadBytes - size)));
    if (read == 0) break;
    size += read;
  }
  head_.resize(size);
  return absl::OkStatus();
}

absl::StatusOr<size_t> DataFile::Read(absl::Span<char> buffer) {
  if (head_read_ == head_.size()) return ReadUnpacked(buffer);
  const size_t count = head_.copy(buffer.data(), buffer.size(), head_read_);
  head_read_ += count;
  return count;
}

}  // namespace ll::learner
