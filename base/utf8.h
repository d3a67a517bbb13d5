// UTF-8 as the wire demands it: a proto3 string that is not valid UTF-8 makes the whole message unreadable, and error
// messages quote what was found in files and requests.
#ifndef LL_BASE_UTF8_H_
#define LL_BASE_UTF8_H_

#include <string>

#include "absl/strings/string_view.h"

namespace ll {

// Well-formed by the Unicode standard's table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(absl::string_view text);

// Each byte that is not part of a well-formed character becomes U+FFFD.
std::string ToValidUtf8(absl::string_view text);

// `text`, or when it is longer its first characters in at most `limit` bytes and "...".
std::string ShortenUtf8(absl::string_view text, size_t limit);

// Untrusted text for a message: in double quotes, escaped, shortened to about 100 bytes.
std::string Quoted(absl::string_view text);

}  // namespace ll

#endif  // LL_BASE_UTF8_H_
