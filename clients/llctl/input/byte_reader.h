// Bytes of a file, as many at a time as are needed: a line, or n of them. Holds no more than the longest piece asked
// for and one block.
#ifndef LL_CLIENTS_LLCTL_INPUT_BYTE_READER_H_
#define LL_CLIENTS_LLCTL_INPUT_BYTE_READER_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"

namespace ll::llctl {

// Not thread-safe. Every piece stays valid until the next call.
class ByteReader {
 public:
  explicit ByteReader(std::unique_ptr<SequentialFile> file) : file_(std::move(file)) {}

  // The next bytes without taking them: `size`, or fewer at the end of the file.
  absl::StatusOr<absl::string_view> Peek(size_t size);
  // Takes bytes that were peeked at.
  void Skip(size_t size) { begin_ += size; }

  // Takes the next line, without its line end (\n or \r\n); false at the end of the file.
  absl::StatusOr<bool> ReadLine(absl::string_view& line);

 private:
  // Reads one more block behind what is held; false at the end of the file.
  absl::StatusOr<bool> Fill();
  absl::string_view held() const { return absl::string_view(buffer_).substr(begin_); }

  std::unique_ptr<SequentialFile> file_;
  std::string buffer_;
  size_t begin_ = 0;  // of what was not taken
  bool at_end_ = false;
};

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_INPUT_BYTE_READER_H_
