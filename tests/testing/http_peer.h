// A client of an HTTP server that is only a socket: it sends exactly the bytes that a test says, when it says so.
//
//   HttpPeer peer(address);
//   peer.Send("GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
//   const HttpReply reply = peer.Receive();      // reply.status, reply.body, reply.Header("content-type")
#ifndef LL_TESTS_TESTING_HTTP_PEER_H_
#define LL_TESTS_TESTING_HTTP_PEER_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace ll::testing {

struct HttpReply {
  int status = 0;                                   // 0: the connection ended before an answer
  std::map<std::string, std::string> headers = {};  // names in lower case
  std::string body = {};

  std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

// Not thread-safe.
class HttpPeer {
 public:
  // `address`: "127.0.0.1:41235". `receive_buffer`: bytes that the system may hold for it; 0: as usual.
  explicit HttpPeer(const std::string& address, int receive_buffer = 0);
  ~HttpPeer();
  HttpPeer(const HttpPeer&) = delete;
  HttpPeer& operator=(const HttpPeer&) = delete;

  // False when the server has closed the connection.
  bool Send(absl::string_view bytes);
  // The next answer, 100 Continue included; `head`: it belongs to a HEAD request and has no body.
  HttpReply Receive(bool head = false);
  // Whether the server ends the connection without another byte.
  bool AwaitEnd();
  void Close();
  // Says that nothing more will be sent.
  void EndSending();

  // Send() of a request with these headers ("Name: value\r\n" each) and body, then Receive().
  HttpReply Call(absl::string_view method, absl::string_view path, absl::string_view body = "",
                 absl::string_view headers = "");

 private:
  bool Fill();  // more into buffer_

  int fd_;
  std::string buffer_;
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_HTTP_PEER_H_
