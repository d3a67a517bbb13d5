// SHA-256 and MD5, incrementally. SHA-256 names blobs and proves them whole; MD5 exists only because S3 clients
// expect it as an object's etag.
//
//   Digest sha256(Digest::kSha256);
//   sha256.Update("ab"); sha256.Update("c");
//   sha256.FinishHex();  // "ba7816bf..."
#ifndef LL_BASE_DIGEST_H_
#define LL_BASE_DIGEST_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace ll {

// Not thread-safe. Usable once: nothing may follow FinishHex().
class Digest {
 public:
  enum Algorithm { kSha256, kMd5 };

  explicit Digest(Algorithm algorithm);
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  ~Digest();

  void Update(absl::string_view data);
  // Lower-case hexadecimal: 64 characters for SHA-256, 32 for MD5.
  std::string FinishHex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// SHA-256 of `data` in lower-case hexadecimal.
std::string Sha256Hex(absl::string_view data);

// Whether `text` is 64 lower-case hexadecimal digits.
bool IsSha256Hex(absl::string_view text);

}  // namespace ll

#endif  // LL_BASE_DIGEST_H_
