// A window that slides over a file: what is unread, as one contiguous piece as long as the reader needs.
//
//   InputBuffer in(std::move(file), 64 << 20);
//   LL_ASSIGN_OR_RETURN(absl::string_view head, in.Peek(8));   // 8 bytes or more; fewer only at the end of the file
//   in.Skip(8);
#ifndef LL_LEARNER_READERS_INPUT_BUFFER_H_
#define LL_LEARNER_READERS_INPUT_BUFFER_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"

namespace ll::learner {

// Not thread-safe.
class InputBuffer final {
 public:
  // Bytes read from the file at a time; small enough to be parsed while they are in the cache.
  static constexpr size_t kReadBytes = 256 << 10;
  // Readable bytes behind the unread ones, for parsers that look at many at once. The first is 0.
  static constexpr size_t kPaddingBytes = 64;

  explicit InputBuffer(std::unique_ptr<SequentialFile> file);

  // The unread bytes, at least `count` of them unless the file ends before, followed by kPaddingBytes. Valid until the
  // next Peek(). The buffer grows with what the file really holds, never with a mere claim.
  absl::StatusOr<absl::string_view> Peek(size_t count);

  // The unread bytes that are here already, as of the last Peek().
  absl::string_view available() const { return {data_.get() + begin_, end_ - begin_}; }

  // Moves past `count` bytes, which must be available().
  void Skip(size_t count) { begin_ += count; }

  // Position of the first unread byte in the file.
  uint64_t offset() const { return file_offset_ - (end_ - begin_); }

 private:
  void MakeRoom();

  std::unique_ptr<SequentialFile> file_;
  std::unique_ptr<char[]> data_;
  size_t capacity_ = 0;  // without the padding
  size_t begin_ = 0;     // of the unread bytes
  size_t end_ = 0;
  uint64_t file_offset_ = 0;  // of data_[end_]
  bool at_end_ = false;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_INPUT_BUFFER_H_
