// Decompresses gzip as it is read: a file in a file.
//
//   GunzipFile unpacked(std::move(packed), GunzipFile::Members::kAny);
//   LL_ASSIGN_OR_RETURN(size_t count, unpacked.Read(buffer));   // 0: the end, and every checksum was right
#ifndef LL_BASE_GUNZIP_H_
#define LL_BASE_GUNZIP_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/env.h"

namespace ll {

// The bytes that every gzip file begins with.
inline constexpr absl::string_view kGzipMagic("\x1f\x8b", 2);

// Not thread-safe. Memory is constant, whatever the file claims.
class GunzipFile final : public SequentialFile {
 public:
  // Gzip files may be written one after the other into one file, which then unpacks to all of their contents.
  enum class Members { kOne, kAny };

  GunzipFile(std::unique_ptr<SequentialFile> packed, Members members);
  ~GunzipFile() override;
  GunzipFile(const GunzipFile&) = delete;
  GunzipFile& operator=(const GunzipFile&) = delete;

  // INVALID_ARGUMENT with a bare sentence ("it is cut short") for the caller to put into context; errors of the packed
  // file as they are. After an error the file is of no further use.
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override;

  // How much of the packed file has been consumed.
  uint64_t packed_offset() const;

 private:
  struct Stream;

  // Reads more of the packed file when all of it was consumed; false at its end.
  absl::StatusOr<bool> Refill();
  // After the end of a member: whether another one follows.
  absl::StatusOr<bool> BeginNextMember();
  absl::Status Inflate(absl::Span<char> buffer, size_t* written);

  const std::unique_ptr<SequentialFile> packed_;
  const Members members_;
  const std::unique_ptr<Stream> stream_;
  std::vector<char> input_;
  uint64_t read_ = 0;  // bytes of the packed file
  bool in_member_ = true;
  bool ended_ = false;
};

}  // namespace ll

#endif  // LL_BASE_GUNZIP_H_
