// Page tokens: what was sealed opens, for its listing only; what a client makes up does not.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/error_reason.h"
#include "registry/list_query.h"
#include "services/rpc/page_tokens.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using ll::testing::Require;
  static const ll::rpc::PageTokens& tokens = *new ll::rpc::PageTokens;
  const std::string text(reinterpret_cast<const char*>(data), size);

  const absl::StatusOr<ll::registry::Cursor> made_up = tokens.Open(text, "listing");
  Require(ll::HasReason(made_up.status(), ll::ErrorReason::kInvalidPageToken), "a token that was made up is refused");

  const ll::registry::Cursor cursor{.name = text, .time = absl::FromUnixNanos(static_cast<int64_t>(size) - 100)};
  const std::string token = tokens.Seal(cursor, text);
  const absl::StatusOr<ll::registry::Cursor> opened = tokens.Open(token, text);
  Require(opened.ok() && *opened == cursor, "a token opens to what was sealed");
  Require(!tokens.Open(token, absl::StrCat(text, "x")).ok(), "a token belongs to its listing");
  std::string changed = token;
  changed[size % changed.size()] = changed[size % changed.size()] == 'A' ? 'B' : 'A';
  Require(!tokens.Open(changed, text).ok(), "a token that was changed is refused");
  return 0;
}
