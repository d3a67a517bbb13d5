#include "learner/readers/input_buffer.h"

#include <cstring>
#include <utility>

#include "base/status_macros.h"

namespace ll::learner {

InputBuffer::InputBuffer(std::unique_ptr<SequentialFile> file)
    : file_(std::move(file)), data_(new char[kReadBytes + kPaddingBytes]()), capacity_(kReadBytes) {
  data_[0] = '\0';
}

absl::StatusOr<absl::string_view> InputBuffer::Peek(size_t count) {
  while (end_ - begin_ < count && !at_end_) {
    MakeRoom();
    LL_ASSIGN_OR_RETURN(const size_t read, file_->Read(absl::MakeSpan(data_.get() + end_, capacity_ - end_)));
    at_end_ = read == 0;
    end_ += read;
    file_offset_ += read;
    data_[end_] = '\0';
  }
  return available();
}

// Moves the unread bytes to the front; a window that is full of unread bytes doubles.
void InputBuffer::MakeRoom() {
  const size_t unread = end_ - begin_;
  if (begin_ > 0) {
    std::memmove(data_.get(), data_.get() + begin_, unread);
  } else if (unread == capacity_) {
    std::unique_ptr<char[]> larger(new char[2 * capacity_ + kPaddingBytes]());
    std::memcpy(larger.get(), data_.get(), unread);
    data_ = std::move(larger);
    capacity_ *= 2;
  }
  begin_ = 0;
  end_ = unread;
}

}  // namespace ll::learner
