#include "base/listen_address.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::HasSubstr;

TEST(ListenAddressTest, ParsesAndPrints) {
  for (const char* text : {"127.0.0.1:7070", "0.0.0.0:0", "[::1]:65535", "[::]:80", "localhost:1", "my-host.example:80",
                           "unix:/run/ll.sock", "unix:relative"}) {
    LL_ASSERT_OK_AND_ASSIGN(const ListenAddress address, ParseListenAddress(text));
    EXPECT_EQ(address.ToString(), text);
  }
}

TEST(ListenAddressTest, RefusesWhatIsNotAnAddress) {
  for (const char* text :
       {"", "localhost", "localhost:", "localhost:x", "localhost:-1", "localhost:65536", ":7070", "::1:7070", "[::1]",
        "[::1:7070", "[127.0.0.1]:80", "a b:80", "dns:///host:80", "unix:", "localhost: 80", "localhost:+80"}) {
    const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
    EXPECT_THAT(address, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Use HOST:PORT"))) << text;
    EXPECT_THAT(address, HasReason(ErrorReason::kConfigInvalid)) << text;
  }
}

TEST(ListenAddressTest, OnlyThisMachineUnlessInsecure) {
  for (const char* text : {"127.0.0.1:1", "127.9.8.7:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "localhost:1",
                           "LocalHost:1", "unix:/run/ll.sock"}) {
    EXPECT_THAT(CheckListenAddress(ParseListenAddress(text).value(), false), IsOk()) << text;
  }
  for (const char* text : {"0.0.0.0:1", "10.0.0.1:1", "128.0.0.1:1", "[::]:1", "[fe80::1]:1", "[::ffff:10.0.0.1]:1",
                           "example.com:1", "127.0.0.1.example.com:1", "localhost.example.com:1"}) {
    const ListenAddress address = ParseListenAddress(text).value();
    const absl::Status refused = CheckListenAddress(address, false);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("--insecure"))) << text;
    EXPECT_THAT(refused, HasReason(ErrorReason::kConfigInvalid)) << text;
    EXPECT_THAT(CheckListenAddress(address, true), IsOk()) << text;
  }
}

TEST(ListenAddressTest, ProbesWhetherItIsFree) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in taken{};
  taken.sin_family = AF_INET;
  taken.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof taken;
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&taken), size), 0);
  ASSERT_EQ(listen(fd, 1), 0);
  ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&taken), &size), 0);
  const ListenAddress address = ParseListenAddress(absl::StrCat("127.0.0.1:", ntohs(taken.sin_port))).value();

  const absl::Status refused = ProbeListenAddress(address);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("already in use")));
  EXPECT_THAT(refused, HasReason(ErrorReason::kAddressInUse));
  close(fd);
  EXPECT_THAT(ProbeListenAddress(address), IsOk());
  EXPECT_THAT(ProbeListenAddress(ParseListenAddress("127.0.0.1:0").value()), IsOk());
}

TEST(ListenAddressTest, AnAddressOfAnotherMachineCannotBeBound) {
  EXPECT_THAT(ProbeListenAddress(ParseListenAddress("192.0.2.1:1").value()), HasReason(ErrorReason::kAddressInUse));
  const absl::Status unknown = ProbeListenAddress(ParseListenAddress("no-such-host.invalid:1").value());
  EXPECT_THAT(unknown, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("the host is unknown")));
  EXPECT_THAT(unknown, HasReason(ErrorReason::kConfigInvalid));
}

}  // namespace
}  // namespace ll
