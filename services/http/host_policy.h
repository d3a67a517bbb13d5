// Who may be meant by a request, and from where a browser may send one.
//
// A server on a loopback address is in reach of every web page that a browser on the same machine shows: a page can
// post to 127.0.0.1, or have its own name resolve to it (DNS rebinding). So such a server answers only to names that
// mean this machine, and refuses requests that say they come from a page of elsewhere.
//
//   const HostPolicy policy{.loopback = address.loopback(), .names = {"ml.example.org"}};
//   LL_RETURN_IF_ERROR(policy.Check("localhost:8080", /*origin=*/""));
#ifndef LL_SERVICES_HTTP_HOST_POLICY_H_
#define LL_SERVICES_HTTP_HOST_POLICY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ll::http {

struct HostPolicy {
  bool loopback = true;                 // of the address that the server listens on
  std::vector<std::string> names = {};  // others that mean it, without ports

  // `host` and `origin` as the headers have them; an empty origin is none. On a loopback address `host` must be
  // localhost, something.localhost, a loopback address or one of `names`, and elsewhere anything; an origin must be one
  // of these, or the very host that the request is for. PERMISSION_DENIED / FOREIGN_HOST.
  absl::Status Check(absl::string_view host, absl::string_view origin) const;
};

}  // namespace ll::http

#endif  // LL_SERVICES_HTTP_HOST_POLICY_H_
