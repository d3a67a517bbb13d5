// Page tokens: where a listing goes on, sealed so that clients can only hand them back.
//
//   response.set_next_page_token(tokens.Seal(page.next, listing));
//   LL_ASSIGN_OR_RETURN(registry::Cursor after, tokens.Open(request.page_token(), listing));
//
// A token is base64url( version | nonce | AES-256-GCM( cursor ) ) with the listing as associated data: it opens only
// unchanged, with the key it was made with, and for the same listing. `listing` is any text that tells listings apart
// (paging.h takes the request without its page). The key is kept in a file, so tokens survive a restart. Tokens hold
// no permission: whoever may list may go on listing.
#ifndef LL_SERVICES_RPC_PAGE_TOKENS_H_
#define LL_SERVICES_RPC_PAGE_TOKENS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"
#include "registry/list_query.h"

namespace ll::rpc {

// Thread-safe (immutable).
class PageTokens {
 public:
  // A key of this process's own: its tokens end with it.
  PageTokens();
  // The key in the file `path`, which is created with mode 0600 when missing or unreadable as a key.
  static absl::StatusOr<PageTokens> LoadOrCreate(Env& env, const std::string& path);

  std::string Seal(const registry::Cursor& cursor, absl::string_view listing) const;

  // INVALID_ARGUMENT / INVALID_PAGE_TOKEN, with a violation of `page_token`.
  absl::StatusOr<registry::Cursor> Open(absl::string_view token, absl::string_view listing) const;

 private:
  explicit PageTokens(std::string key) : key_(std::move(key)) {}

  std::string key_;  // 32 bytes
};

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_PAGE_TOKENS_H_
