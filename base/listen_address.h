// Where a server listens: HOST:PORT, [IPV6]:PORT or unix:PATH, and whether that may be.
//
// Until callers prove who they are, only this machine may reach the server: a loopback address, the name localhost, or
// a Unix socket. Any other host name counts as reachable from elsewhere, whatever it resolves to.
#ifndef LL_BASE_LISTEN_ADDRESS_H_
#define LL_BASE_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ll {

struct ListenAddress {
  std::string host;  // without brackets; empty: a Unix socket
  int port = 0;      // 0: any free one
  std::string unix_path;

  bool loopback() const;
  // As gRPC and users write it; `port` in place of a free one's 0.
  std::string ToString() const;
};

// INVALID_ARGUMENT / CONFIG_INVALID. Pure.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// FAILED_PRECONDITION / CONFIG_INVALID for an address that others can reach, unless `insecure`. Pure.
absl::Status CheckListenAddress(const ListenAddress& address, bool insecure);

// OK when a socket can be bound there now. FAILED_PRECONDITION says why not and what to do: ADDRESS_IN_USE, or
// CONFIG_INVALID when the host is unknown.
absl::Status ProbeListenAddress(const ListenAddress& address);

}  // namespace ll

#endif  // LL_BASE_LISTEN_ADDRESS_H_
