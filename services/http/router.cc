#include "services/http/router.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/error_reason.h"
#include "base/utf8.h"
#include "services/http/error_response.h"

namespace ll::http {
namespace {

std::vector<absl::string_view> Segments(absl::string_view path) {
  absl::ConsumePrefix(&path, "/");
  return absl::StrSplit(path, '/');
}

bool IsParameter(absl::string_view segment) { return absl::StartsWith(segment, "{"); }

bool Fits(const Router::Route& route, const std::vector<absl::string_view>& segments) {
  return std::equal(route.segments.begin(), route.segments.end(), segments.begin(), segments.end(),
                    [](const std::string& wanted, absl::string_view found) {
                      return IsParameter(wanted) ? !found.empty() : wanted == found;
                    });
}

absl::Status NotDecodable(absl::string_view segment) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                   {.what = "cannot read the path",
                    .why = absl::StrCat(Quoted(segment), " is not percent-encoded UTF-8"),
                    .remedy = "Encode bytes beyond letters, digits and -._~ as %XX."});
}

}  // namespace

std::optional<std::string> PercentDecode(absl::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size() || !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]))) {
      return std::nullopt;
    }
    decoded += absl::HexStringToBytes(text.substr(i + 1, 2));
    i += 2;
  }
  return decoded;
}

void Router::Add(RouteSpec spec, Handler handler) {
  const std::vector<absl::string_view> segments = Segments(spec.path);
  std::vector<std::string> copies(segments.begin(), segments.end());
  routes_.push_back({std::move(spec), std::move(copies), std::move(handler)});
}

void Router::SetErrorStyle(std::string prefix, ErrorStyle style) { styles_.emplace_back(std::move(prefix), style); }

absl::StatusOr<Router::Match> Router::Find(absl::string_view method, absl::string_view path) const {
  const std::vector<absl::string_view> segments = Segments(path);
  const absl::string_view wanted = method == "HEAD" ? "GET" : method;
  std::vector<std::string> allowed;
  for (const Route& route : routes_) {
    if (!Fits(route, segments)) continue;
    if (route.spec.method != wanted) {
      allowed.push_back(route.spec.method);
      if (route.spec.method == "GET") allowed.emplace_back("HEAD");
      continue;
    }
    Match match{&route, {}};
    for (size_t i = 0; i < segments.size(); ++i) {
      if (!IsParameter(route.segments[i])) continue;
      std::optional<std::string> value = PercentDecode(segments[i]);
      if (!value.has_value() || !IsUtf8(*value)) return NotDecodable(segments[i]);
      match.parameters.push_back(*std::move(value));
    }
    return match;
  }
  if (allowed.empty()) {
    return MakeError(absl::StatusCode::kNotFound, ErrorReason::kRouteNotFound,
                     {.what = absl::StrCat("cannot answer ", Quoted(path)),
                      .why = "the server has nothing there",
                      .remedy = "Look at the paths in docs/http.md."});
  }
  const std::string allow = absl::StrJoin(allowed, ", ");
  return MakeError(absl::StatusCode::kUnimplemented, ErrorReason::kMethodNotAllowed,
                   {.what = absl::StrCat("cannot ", Quoted(method), " ", Quoted(path)),
                    .why = absl::StrCat("the path answers ", allow),
                    .remedy = absl::StrCat("Use ", allowed.front(), ".")},
                   {.metadata = {{"allow", allow}}});
}

ErrorStyle Router::StyleOf(absl::string_view path) const {
  ErrorStyle style = &ErrorResponse;
  size_t longest = 0;
  for (const auto& [prefix, each] : styles_) {
    absl::string_view rest = path;
    if (!absl::ConsumePrefix(&rest, prefix) || prefix.size() < longest) continue;
    if (!rest.empty() && rest[0] != '/') continue;
    longest = prefix.size();
    style = each;
  }
  return style;
}

}  // namespace ll::http
