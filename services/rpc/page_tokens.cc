#include "services/rpc/page_tokens.h"

#include <openssl/evp.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "services/rpc/field_checks.h"

namespace ll::rpc {
namespace {

constexpr char kVersion = 1;
constexpr int kKeyBytes = 32;
constexpr int kNonceBytes = 12;
constexpr int kTagBytes = 16;

std::string RandomBytes(int bytes) { return absl::HexStringToBytes(RandomHex(bytes)); }

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* Bytes(absl::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
int Size(absl::string_view text) { return static_cast<int>(text.size()); }

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
CipherContext NewCipherContext() { return CipherContext(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free); }

// Ciphertext and tag. With these fixed sizes OpenSSL has nothing left to refuse.
std::string Encrypt(absl::string_view key, absl::string_view nonce, absl::string_view aad, absl::string_view plain) {
  const CipherContext context = NewCipherContext();
  std::string sealed(plain.size() + kTagBytes, '\0');
  int length = 0;
  EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce));
  EVP_EncryptUpdate(context.get(), nullptr, &length, Bytes(aad), Size(aad));
  EVP_EncryptUpdate(context.get(), Bytes(sealed), &length, Bytes(plain), Size(plain));
  EVP_EncryptFinal_ex(context.get(), Bytes(sealed) + length, &length);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, Bytes(sealed) + plain.size());
  return sealed;
}

// nullopt: key, nonce, associated data or a byte of `sealed` is not what it was.
std::optional<std::string> Decrypt(absl::string_view key, absl::string_view nonce, absl::string_view aad,
                                   absl::string_view sealed) {
  const absl::string_view cipher = sealed.substr(0, sealed.size() - kTagBytes);
  std::string tag(sealed.substr(cipher.size()));
  std::string plain(cipher.size(), '\0');
  const CipherContext context = NewCipherContext();
  int length = 0;
  EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce));
  EVP_DecryptUpdate(context.get(), nullptr, &length, Bytes(aad), Size(aad));
  EVP_DecryptUpdate(context.get(), Bytes(plain), &length, Bytes(cipher), Size(cipher));
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, Bytes(tag));
  if (EVP_DecryptFinal_ex(context.get(), Bytes(plain) + length, &length) != 1) return std::nullopt;
  return plain;
}

std::string EncodeCursor(const registry::Cursor& cursor) {
  const int64_t nanos = absl::ToUnixNanos(cursor.time);
  std::string bytes(sizeof nanos, '\0');
  std::memcpy(bytes.data(), &nanos, sizeof nanos);
  return absl::StrCat(bytes, cursor.name);
}

registry::Cursor DecodeCursor(absl::string_view bytes) {
  int64_t nanos = 0;
  std::memcpy(&nanos, bytes.data(), sizeof nanos);
  return {.name = std::string(bytes.substr(sizeof nanos)), .time = absl::FromUnixNanos(nanos)};
}

std::optional<std::string> ParseKey(absl::string_view text) {
  if (text.size() != 2 * kKeyBytes || text.find_first_not_of("0123456789abcdef") != absl::string_view::npos) {
    return std::nullopt;
  }
  return absl::HexStringToBytes(text);
}

}  // namespace

PageTokens::PageTokens() : PageTokens(RandomBytes(kKeyBytes)) {}

absl::StatusOr<PageTokens> PageTokens::LoadOrCreate(Env& env, const std::string& path) {
  const absl::StatusOr<std::string> stored = env.ReadFile(path);
  if (!stored.ok() && stored.status().code() != absl::StatusCode::kNotFound) return stored.status();
  if (stored.ok()) {
    if (std::optional<std::string> key = ParseKey(*stored)) return PageTokens(*std::move(key));
    LogWarning("page token key was damaged; open listings must start again", {{"path", path}});
  }
  PageTokens created;
  LL_RETURN_IF_ERROR(env.WriteFileAtomically(path, absl::BytesToHexString(created.key_), FileMode::kPrivate));
  return created;
}

std::string PageTokens::Seal(const registry::Cursor& cursor, absl::string_view listing) const {
  const std::string nonce = RandomBytes(kNonceBytes);
  const std::string sealed = Encrypt(key_, nonce, listing, EncodeCursor(cursor));
  return absl::WebSafeBase64Escape(absl::StrCat(absl::string_view(&kVersion, 1), nonce, sealed));
}

absl::StatusOr<registry::Cursor> PageTokens::Open(absl::string_view token, absl::string_view listing) const {
  const absl::Status refused = InvalidField(
      "page_token",
      "is not a token of this listing; pass next_page_token of the page before unchanged, with the same parent, filter "
      "and order, or leave it empty to start again",
      ErrorReason::kInvalidPageToken);
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(token, &bytes)) return refused;
  if (bytes.size() < 1 + kNonceBytes + sizeof(int64_t) + kTagBytes || bytes[0] != kVersion) return refused;
  const absl::string_view view = bytes;
  const std::optional<std::string> plain =
      Decrypt(key_, view.substr(1, kNonceBytes), listing, view.substr(1 + kNonceBytes));
  if (!plain.has_value()) return refused;
  return DecodeCursor(*plain);
}

}  // namespace ll::rpc
