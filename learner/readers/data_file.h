// A data file as its readers want it: unpacked, and with a look at its first bytes before anyone reads them.
#ifndef LL_LEARNER_READERS_DATA_FILE_H_
#define LL_LEARNER_READERS_DATA_FILE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/env.h"
#include "base/gunzip.h"

namespace ll::learner {

// Not thread-safe.
class DataFile final : public SequentialFile {
 public:
  // A file that begins as gzip does is unpacked as it is read, whatever its name. `name`, for errors: damage in what is
  // packed is INVALID_ARGUMENT with reason INVALID_DATA.
  static absl::StatusOr<std::unique_ptr<DataFile>> Open(std::unique_ptr<SequentialFile> file, std::string name);

  // The first bytes: at least the first line that is not blank, unless it is longer than 64 KiB.
  absl::string_view head() const { return head_; }

  // From the first byte on.
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override;

 private:
  explicit DataFile(std::string name) : name_(std::move(name)) {}

  absl::StatusOr<size_t> ReadUnpacked(absl::Span<char> buffer);
  absl::Status ReadHead();

  const std::string name_;
  std::unique_ptr<SequentialFile> file_;
  GunzipFile* gunzip_ = nullptr;  // file_, if it is packed
  std::string head_;
  size_t head_read_ = 0;  // bytes of head_ that Read() has given out
};

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_DATA_FILE_H_
