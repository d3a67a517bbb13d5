#include "learner/readers/spooled_fifo.h"

#include "absl/strings/string_view.h"
#include "base/status_macros.h"

namespace ll::learner {
namespace {

constexpr size_t kBufferBytes = 64 << 10;

}  // namespace

class SpooledFifo::FirstReader final : public SequentialFile {
 public:
  explicit FirstReader(SpooledFifo& fifo) : fifo_(fifo) {}
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override { return fifo_.ReadFifo(buffer); }

 private:
  SpooledFifo& fifo_;
};

SpooledFifo::~SpooledFifo() {
  if (opened_) env_.RemoveFile(spool_path_).IgnoreError();
}

absl::StatusOr<std::unique_ptr<SequentialFile>> SpooledFifo::Open() {
  if (opened_) {
    LL_RETURN_IF_ERROR(Finish());
    return env_.NewSequentialFile(spool_path_);
  }
  LL_ASSIGN_OR_RETURN(spool_, env_.NewWritableFile(spool_path_, FileMode::kPrivate));
  opened_ = true;
  LL_ASSIGN_OR_RETURN(fifo_, env_.NewSequentialFile(fifo_path_));
  return std::make_unique<FirstReader>(*this);
}

absl::StatusOr<size_t> SpooledFifo::ReadFifo(absl::Span<char> buffer) {
  if (complete_) return 0;
  LL_ASSIGN_OR_RETURN(const size_t read, fifo_->Read(buffer));
  LL_RETURN_IF_ERROR(read > 0 ? spool_->Append(absl::string_view(buffer.data(), read)) : spool_->Close());
  complete_ = read == 0;
  return read;
}

absl::Status SpooledFifo::Finish() {
  std::string buffer(complete_ ? 0 : kBufferBytes, '\0');
  while (!complete_) LL_RETURN_IF_ERROR(ReadFifo(absl::MakeSpan(&buffer[0], buffer.size())).status());
  return absl::OkStatus();
}

}  // namespace ll::learner
