#include "tests/testing/http_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace ll::testing {

HttpPeer::HttpPeer(const std::string& address, int receive_buffer) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
  const std::vector<std::string> parts = absl::StrSplit(address, ':');
  int port = 0;
  EXPECT_TRUE(parts.size() == 2 && absl::SimpleAtoi(parts[1], &port)) << address;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, parts[0].c_str(), &to.sin_addr);
  if (receive_buffer > 0) setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0) << address;
}

HttpPeer::~HttpPeer() { Close(); }

void HttpPeer::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

void HttpPeer::EndSending() { shutdown(fd_, SHUT_WR); }

bool HttpPeer::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool HttpPeer::Fill() {
  const size_t size = buffer_.size();
  buffer_.resize(size + (64 << 10));
  const ssize_t got = recv(fd_, &buffer_[size], buffer_.size() - size, 0);
  buffer_.resize(size + static_cast<size_t>(got > 0 ? got : 0));
  return got > 0;
}

HttpReply HttpPeer::Receive(bool head) {
  size_t end;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return {};
  }
  HttpReply reply;
  const std::vector<std::string> lines = absl::StrSplit(buffer_.substr(0, end), "\r\n");
  const std::vector<std::string> first = absl::StrSplit(lines[0], absl::MaxSplits(' ', 2));
  EXPECT_TRUE(first.size() >= 2 && first[0] == "HTTP/1.1" && absl::SimpleAtoi(first[1], &reply.status)) << lines[0];
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::pair<std::string, std::string> field = absl::StrSplit(lines[i], absl::MaxSplits(": ", 1));
    reply.headers[absl::AsciiStrToLower(field.first)] = field.second;
  }
  size_t length = 0;
  if (!head && !reply.Header("content-length").empty()) {
    EXPECT_TRUE(absl::SimpleAtoi(reply.Header("content-length"), &length));
  }
  while (buffer_.size() < end + 4 + length) {
    if (!Fill()) return {};
  }
  reply.body = buffer_.substr(end + 4, length);
  buffer_.erase(0, end + 4 + length);
  return reply;
}

bool HttpPeer::AwaitEnd() { return buffer_.empty() && !Fill(); }

HttpReply HttpPeer::Call(absl::string_view method, absl::string_view path, absl::string_view body,
                         absl::string_view headers) {
  std::string request = absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: localhost\r\n", headers);
  if (!body.empty()) absl::StrAppend(&request, "Content-Length: ", body.size(), "\r\n");
  absl::StrAppend(&request, "\r\n", body);
  EXPECT_TRUE(Send(request));
  return Receive(method == "HEAD");
}

}  // namespace ll::testing
