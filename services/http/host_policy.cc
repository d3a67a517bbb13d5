#include "services/http/host_policy.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/error_reason.h"
#include "base/listen_address.h"
#include "base/utf8.h"

namespace ll::http {
namespace {

// Without port, brackets and the root's dot: "[::1]:80" is "::1".
absl::string_view NameOf(absl::string_view host) {
  if (absl::ConsumePrefix(&host, "[")) return host.substr(0, host.find(']'));
  host = host.substr(0, host.find(':'));
  absl::ConsumeSuffix(&host, ".");
  return host;
}

bool MeansThisMachine(absl::string_view name, const std::vector<std::string>& names) {
  if (ListenAddress{.host = std::string(name), .port = 0, .unix_path = ""}.loopback()) return !name.empty();
  if (absl::EndsWithIgnoreCase(name, ".localhost")) return true;
  return std::any_of(names.begin(), names.end(),
                     [name](const std::string& known) { return absl::EqualsIgnoreCase(known, name); });
}

absl::Status Foreign(absl::string_view what, absl::string_view value, absl::string_view remedy) {
  return MakeError(absl::StatusCode::kPermissionDenied, ErrorReason::kForeignHost,
                   {.what = "the request was refused",
                    .why = absl::StrCat("its ", what, " is ", Quoted(value), ", which is not this server"),
                    .remedy = std::string(remedy)});
}

}  // namespace

absl::Status HostPolicy::Check(absl::string_view host, absl::string_view origin) const {
  const absl::string_view name = NameOf(host);
  if (loopback && !MeansThisMachine(name, names)) {
    return Foreign("Host", host, "Use localhost or 127.0.0.1, or give the name to the server with --http-host.");
  }
  if (origin.empty()) return absl::OkStatus();
  const size_t scheme = origin.find("://");
  const absl::string_view from = scheme == absl::string_view::npos ? "" : NameOf(origin.substr(scheme + 3));
  if (MeansThisMachine(from, names) || (!loopback && absl::EqualsIgnoreCase(from, name) && !from.empty())) {
    return absl::OkStatus();
  }
  return Foreign("Origin", origin, "Send it from a program, or give the page's host to the server with --http-host.");
}

}  // namespace ll::http
