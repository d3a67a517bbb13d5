#include "base/listen_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/error_reason.h"
#include "base/utf8.h"

namespace ll {
namespace {

constexpr int kMaxPort = 65535;

absl::Status InvalidAddress(absl::string_view text, absl::string_view why) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kConfigInvalid,
                   {.what = absl::StrCat("cannot listen on ", Quoted(text)),
                    .why = std::string(why),
                    .remedy = "Use HOST:PORT, for example 127.0.0.1:7070, [::1]:7070 or port 0 for any free port."},
                   {.metadata = {{"address", std::string(text)}}});
}

absl::Status CannotBind(const ListenAddress& address, absl::string_view why) {
  return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kAddressInUse,
                   {.what = absl::StrCat("cannot listen on ", address.ToString()),
                    .why = std::string(why),
                    .remedy = "Stop the program that uses the address, or choose another one with --listen (port 0 "
                              "picks a free port)."},
                   {.metadata = {{"address", address.ToString()}}});
}

absl::Status UnknownHost(const ListenAddress& address, absl::string_view why) {
  return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kConfigInvalid,
                   {.what = absl::StrCat("cannot listen on ", address.ToString()),
                    .why = absl::StrCat("the host is unknown (", why, ")"),
                    .remedy = "Use a name or address of this machine, for example 127.0.0.1."},
                   {.metadata = {{"address", address.ToString()}}});
}

bool IsLoopbackIpv6(const in6_addr& address) {
  if (IN6_IS_ADDR_LOOPBACK(&address)) return true;
  return IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127;
}

// Binds as gRPC does and lets go again.
int BindErrno(const addrinfo& info) {
  const int fd = socket(info.ai_family, info.ai_socktype | SOCK_CLOEXEC, info.ai_protocol);
  if (fd < 0) return errno;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  int error = bind(fd, info.ai_addr, info.ai_addrlen) == 0 ? 0 : errno;
  // With SO_REUSEADDR two sockets may be bound to one port; only one may listen.
  if (error == 0 && listen(fd, 1) != 0) error = errno;
  close(fd);
  return error;
}

}  // namespace

bool ListenAddress::loopback() const {
  if (host.empty()) return true;
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  in6_addr v6;
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return IsLoopbackIpv6(v6);
  return absl::EqualsIgnoreCase(host, "localhost");
}

std::string ListenAddress::ToString() const {
  if (host.empty()) return absl::StrCat("unix:", unix_path);
  const bool v6 = absl::StrContains(host, ':');
  return v6 ? absl::StrCat("[", host, "]:", port) : absl::StrCat(host, ":", port);
}

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  ListenAddress address;
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    if (rest.empty()) return InvalidAddress(text, "the path of the socket is missing");
    address.unix_path = std::string(rest);
    return address;
  }
  const size_t colon = rest.rfind(':');
  if (colon == absl::string_view::npos) return InvalidAddress(text, "there is no port");
  absl::string_view host = rest.substr(0, colon);
  const absl::string_view port = rest.substr(colon + 1);
  // SimpleAtoi takes signs and spaces, too.
  if (port.empty() || port.find_first_not_of("0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(port, &address.port) || address.port > kMaxPort) {
    return InvalidAddress(text, absl::StrCat(Quoted(port), " is not a port from 0 to ", kMaxPort));
  }
  if (host.empty()) return InvalidAddress(text, "there is no host");
  const bool bracketed = absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  in6_addr v6;
  if (bracketed != (inet_pton(AF_INET6, std::string(host).c_str(), &v6) == 1)) {
    return InvalidAddress(text, bracketed ? "the brackets hold no IPv6 address" : "an IPv6 address needs brackets");
  }
  if (!bracketed && host.find_first_of(":/ []") != absl::string_view::npos) {
    return InvalidAddress(text, absl::StrCat(Quoted(host), " is not a host"));
  }
  address.host = std::string(host);
  return address;
}

absl::Status CheckListenAddress(const ListenAddress& address, bool insecure) {
  if (insecure || address.loopback()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kConfigInvalid,
                   {.what = absl::StrCat("refusing to listen on ", address.ToString()),
                    .why = "anybody who can reach it could use the server without credentials",
                    .remedy = "Listen on 127.0.0.1, [::1] or localhost, or give --insecure if the network is trusted."},
                   {.metadata = {{"address", address.ToString()}}});
}

absl::Status ProbeListenAddress(const ListenAddress& address) {
  if (address.host.empty()) return absl::OkStatus();
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int resolved = getaddrinfo(address.host.c_str(), absl::StrCat(address.port).c_str(), &hints, &list);
  if (resolved != 0) return UnknownHost(address, gai_strerror(resolved));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  // A name may have addresses of a family that this machine does not have; one in use must not be shared.
  int error = 0;
  bool bound = false;
  for (const addrinfo* info = list; info != nullptr; info = info->ai_next) {
    const int bind_error = BindErrno(*info);
    if (bind_error == 0) bound = true;
    if (bind_error == EADDRINUSE) return CannotBind(address, "the address is already in use");
    if (bind_error != 0) error = bind_error;
  }
  if (bound) return absl::OkStatus();
  return CannotBind(address, strerror(error));
}

}  // namespace ll
