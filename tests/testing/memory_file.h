// A SequentialFile over bytes in memory: what a reader sees of a file, without a disk.
#ifndef LL_TESTS_TESTING_MEMORY_FILE_H_
#define LL_TESTS_TESTING_MEMORY_FILE_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/env.h"

namespace ll::testing {

class MemoryFile final : public SequentialFile {
 public:
  // Gives at most `most` bytes per Read(): with 1, every boundary inside the data falls between two reads.
  explicit MemoryFile(std::string bytes, size_t most = SIZE_MAX) : bytes_(std::move(bytes)), most_(most) {}

  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    const size_t count = std::min({buffer.size(), most_, bytes_.size() - at_});
    std::copy_n(bytes_.data() + at_, count, buffer.data());
    at_ += count;
    return count;
  }

 private:
  const std::string bytes_;
  const size_t most_;
  size_t at_ = 0;
};

inline std::unique_ptr<SequentialFile> NewMemoryFile(std::string bytes, size_t most = SIZE_MAX) {
  return std::make_unique<MemoryFile>(std::move(bytes), most);
}

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_MEMORY_FILE_H_
