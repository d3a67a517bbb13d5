// The server as its clients see it, through sockets that do what well-behaved clients never would.
#include "services/http/server.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "base/error_reason.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/http_peer.h"
#include "tests/testing/status_matchers.h"

namespace ll::http {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::HttpPeer;
using ::ll::testing::HttpReply;
using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr uint64_t kMaxBody = 16 << 20;

// A door that a test holds shut while handlers wait behind it.
class Gate {
 public:
  void Pass() {
    MutexLock lock(&mutex_);
    ++waiting_;
    mutex_.Await([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return open_; });
  }
  void AwaitWaiting(int count) {
    MutexLock lock(&mutex_);
    mutex_.Await([this, count]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return waiting_ >= count; });
  }
  void Open() {
    MutexLock lock(&mutex_);
    open_ = true;
  }

 private:
  Mutex mutex_;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
};

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    options_.listen = {.host = "127.0.0.1", .port = 0, .unix_path = ""};
    router_.Add({.method = "GET", .path = "/ping"}, [](const Request&) { return Response{.body = "pong"}; });
    router_.Add({.method = "POST", .path = "/echo", .max_body_bytes = kMaxBody}, &Echo);
    router_.Add({.method = "POST", .path = "/digest", .max_body_bytes = kMaxBody}, &Digest);
    router_.Add({.method = "POST", .path = "/unread", .max_body_bytes = kMaxBody},
                [](const Request&) { return Response{.body = "did not look"}; });
    router_.Add({.method = "GET", .path = "/about/{who}"}, [](const Request& request) {
      return Response{.content_type = "text/plain",
                      .headers = {{"x-extra", "1"}},
                      .body = absl::StrCat(request.parameters[0], " from ", request.target)};
    });
    router_.Add({.method = "GET", .path = "/wait"}, [this](const Request& request) {
      gate_.Pass();
      return Response{.body = request.abandoned() ? "abandoned" : "waited"};
    });
    router_.Add({.method = "GET", .path = "/large"},
                [](const Request&) { return Response{.body = std::string(64 << 20, 'x')}; });
    router_.Add({.method = "GET", .path = "/fails"}, [](const Request&) -> absl::StatusOr<Response> {
      return MakeError(absl::StatusCode::kNotFound, ErrorReason::kEndpointNotFound, {.what = "no", .why = "gone"});
    });
  }
  ~HttpServerTest() override { gate_.Open(); }

  static absl::StatusOr<Response> Echo(const Request& request) {
    LL_ASSIGN_OR_RETURN(std::string body, request.body->ReadAll());
    return Response{.body = std::move(body)};
  }

  // Reads in constant memory.
  static absl::StatusOr<Response> Digest(const Request& request) {
    ::ll::Digest digest(::ll::Digest::kSha256);
    std::vector<char> buffer(10'000);
    size_t count;
    do {
      LL_ASSIGN_OR_RETURN(count, request.body->Read(absl::MakeSpan(buffer)));
      digest.Update({buffer.data(), count});
    } while (count > 0);
    return Response{.body = digest.FinishHex()};
  }

  void Start() {
    server_ = std::make_unique<HttpServer>(router_, options_);
    LL_ASSERT_OK_AND_ASSIGN(address_, server_->Start());
  }
  HttpReply Call(absl::string_view method, absl::string_view path, absl::string_view body = "",
                 absl::string_view headers = "") {
    return HttpPeer(address_).Call(method, path, body, headers);
  }
  static std::string ReasonOf(const HttpReply& reply) {
    return Json::parse(reply.body).at("error").at("reason").get<std::string>();
  }

  Gate gate_;
  Router router_;
  ServerOptions options_;
  std::string address_;
  std::unique_ptr<HttpServer> server_;
};

// ---- Requests and answers.

TEST_F(HttpServerTest, AnswersWithStatusHeadersAndBody) {
  Start();
  const HttpReply reply = Call("GET", "/about/me%20too?x=1", "", "X-Request-Id: abc-1\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "me too from /about/me%20too?x=1");
  EXPECT_EQ(reply.Header("content-type"), "text/plain");
  EXPECT_EQ(reply.Header("x-extra"), "1");
  EXPECT_EQ(reply.Header("x-request-id"), "abc-1");
  EXPECT_THAT(reply.Header("date"), HasSubstr(" GMT"));
}

TEST_F(HttpServerTest, MakesRequestIdsWhereNoneFits) {
  Start();
  EXPECT_EQ(Call("GET", "/ping").Header("x-request-id").size(), 36u);
  const std::string long_id(200, 'a');
  EXPECT_EQ(Call("GET", "/ping", "", absl::StrCat("x-request-id: ", long_id, "\r\n")).Header("x-request-id").size(),
            36u);
}

TEST_F(HttpServerTest, HeadIsGetWithoutTheBody) {
  Start();
  HttpPeer peer(address_);
  const HttpReply head = peer.Call("HEAD", "/ping");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("content-length"), "4");
  EXPECT_EQ(peer.Call("GET", "/ping").body, "pong");
}

TEST_F(HttpServerTest, OneConnectionCarriesManyRequests) {
  Start();
  HttpPeer peer(address_);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(peer.Call("POST", "/echo", absl::StrCat("body ", i)).body, absl::StrCat("body ", i));
  EXPECT_EQ(server_->connections(), 1);
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  Start();
  HttpPeer peer(address_);
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    absl::StrAppend(&requests, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n", 10 + i);
  }
  ASSERT_TRUE(peer.Send(requests));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(peer.Receive().body, absl::StrCat(10 + i));
}

TEST_F(HttpServerTest, ARequestMayComeByteByByte) {
  Start();
  HttpPeer peer(address_);
  for (const char c : absl::string_view("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc")) {
    ASSERT_TRUE(peer.Send({&c, 1}));
  }
  EXPECT_EQ(peer.Receive().body, "abc");
}

TEST_F(HttpServerTest, ClosesWhenTheClientWantsThat) {
  Start();
  HttpPeer peer(address_);
  EXPECT_EQ(peer.Call("GET", "/ping", "", "Connection: close\r\n").Header("connection"), "close");
  EXPECT_TRUE(peer.AwaitEnd());
  HttpPeer old(address_);
  ASSERT_TRUE(old.Send("GET /ping HTTP/1.0\r\n\r\n"));
  // Without a Host a loopback server cannot know that it is meant.
  EXPECT_EQ(old.Receive().status, 403);
  EXPECT_TRUE(old.AwaitEnd());
}

TEST_F(HttpServerTest, AHalfClosedClientIsAnswered) {
  Start();
  HttpPeer peer(address_);
  ASSERT_TRUE(peer.Send("GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  peer.EndSending();
  EXPECT_EQ(peer.Receive().body, "pong");
  EXPECT_TRUE(peer.AwaitEnd());
}

TEST_F(HttpServerTest, ErrorsOfHandlersBecomeAnswers) {
  Start();
  HttpPeer peer(address_);
  const HttpReply reply = peer.Call("GET", "/fails", "", "x-request-id: r7\r\n");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(ReasonOf(reply), "ENDPOINT_NOT_FOUND");
  EXPECT_THAT(reply.body, HasSubstr("\"request_id\":\"r7\""));
  EXPECT_EQ(peer.Call("GET", "/ping").body, "pong");  // goes on
}

TEST_F(HttpServerTest, UnknownPathsAndMethods) {
  Start();
  EXPECT_EQ(ReasonOf(Call("GET", "/nothing")), "ROUTE_NOT_FOUND");
  const HttpReply reply = Call("DELETE", "/ping");
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.Header("allow"), "GET, HEAD");
}

TEST_F(HttpServerTest, ForeignHostsAndOriginsAreRefused) {
  Start();
  HttpPeer peer(address_);
  ASSERT_TRUE(peer.Send("GET /ping HTTP/1.1\r\nHost: evil.example\r\n\r\n"));
  EXPECT_EQ(peer.Receive().status, 403);
  EXPECT_EQ(ReasonOf(Call("POST", "/echo", "x", "Origin: https://evil.example\r\n")), "FOREIGN_HOST");
  EXPECT_EQ(Call("POST", "/echo", "x", "Origin: http://localhost:3000\r\n").body, "x");
}

// ---- Bodies.

std::string Bytes(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
  return bytes;
}

std::string Chunked(absl::string_view body, size_t chunk) {
  std::string coded;
  for (size_t at = 0; at < body.size(); at += chunk) {
    const absl::string_view part = body.substr(at, chunk);
    absl::StrAppend(&coded, absl::Hex(part.size()), ";ext=1\r\n", part, "\r\n");
  }
  return coded + "0\r\nTrailer: x\r\n\r\n";
}

TEST_F(HttpServerTest, BodiesOfAnySizeArriveWhole) {
  options_.max_whole_body_bytes = 1 << 20;
  Start();
  HttpPeer peer(address_);
  for (const size_t size : {0u, 1u, 65'535u, 262'145u, 1u << 20, (1u << 20) + 1, 5u << 20}) {
    const std::string body = Bytes(size);
    EXPECT_EQ(Sha256Hex(peer.Call("POST", "/echo", body).body), Sha256Hex(body)) << size;
    EXPECT_EQ(peer.Call("POST", "/digest", body).body, Sha256Hex(body)) << size;
    const std::string head = "POST /digest HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    ASSERT_TRUE(peer.Send(absl::StrCat(head, Chunked(body, size > 10'000 ? 77'777 : 3))));
    EXPECT_EQ(peer.Receive().body, Sha256Hex(body)) << size;
  }
}

TEST_F(HttpServerTest, TooLargeBodiesAreRefusedBeforeTheyAreSent) {
  Start();
  HttpPeer peer(address_);
  ASSERT_TRUE(peer.Send(absl::StrCat(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ", kMaxBody + 1, "\r\n\r\n")));
  const HttpReply reply = peer.Receive();
  EXPECT_EQ(reply.status, 413);
  EXPECT_THAT(reply.body, HasSubstr("\"max_body_bytes\":16777216"));
  EXPECT_TRUE(peer.AwaitEnd());
  EXPECT_EQ(Call("GET", "/ping", "x").status, 413);  // takes none
}

TEST_F(HttpServerTest, TooLargeChunkedBodiesAreRefusedWhenTheyTurnOutToBe) {
  options_.max_whole_body_bytes = 1 << 20;
  Start();
  for (const char* path : {"/echo", "/digest"}) {
    HttpPeer peer(address_);
    const std::string head =
        absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    // The server may stop reading at any time, so the sender must not wait for it.
    std::thread sender([&] { peer.Send(head + Chunked(std::string(kMaxBody + 1, 'x'), 100'000)); });
    EXPECT_EQ(peer.Receive().status, 413) << path;
    sender.join();
  }
}

TEST_F(HttpServerTest, SaysContinueWhenTheClientWaitsForIt) {
  options_.max_whole_body_bytes = 10;
  Start();
  for (const size_t size : {5u, 50u}) {
    HttpPeer peer(address_);
    ASSERT_TRUE(peer.Send(absl::StrCat("POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n",
                                       "Content-Length: ", size, "\r\n\r\n")));
    EXPECT_EQ(peer.Receive().status, 100);
    const std::string body(size, 'b');
    ASSERT_TRUE(peer.Send(body));
    EXPECT_EQ(peer.Receive().body, body);
  }
}

TEST_F(HttpServerTest, ABodyThatNobodyReadsEndsTheConnectionButNotTheAnswer) {
  options_.max_whole_body_bytes = 1 << 10;
  Start();
  HttpPeer peer(address_);
  const HttpReply reply = peer.Call("POST", "/unread", Bytes(1 << 20));
  EXPECT_EQ(reply.body, "did not look");
  EXPECT_EQ(reply.Header("connection"), "close");
  EXPECT_TRUE(peer.AwaitEnd());
}

TEST_F(HttpServerTest, IllFormedRequestsAreRefused) {
  Start();
  const std::string ok = "Host: localhost\r\n";
  for (const std::string& request : {
           std::string("nonsense\r\n\r\n"),
           "GET /ping HTTP/3.0\r\n" + ok + "\r\n",
           "GET ping HTTP/1.1\r\n" + ok + "\r\n",
           "GET http://localhost/ping HTTP/1.1\r\n" + ok + "\r\n",
           std::string("GET /ping HTTP/1.1\r\n\r\n"),
           "GET /ping HTTP/1.1\r\n" + ok + ok + "\r\n",
           "GET /ping HTTP/1.1\r\n" + ok + "Bad Header: x\r\n\r\n",
           "POST /echo HTTP/1.1\r\n" + ok + "Content-Length: x\r\n\r\n",
           "POST /echo HTTP/1.1\r\n" + ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n12",
           "POST /echo HTTP/1.1\r\n" + ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\n" + ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\n" + ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
           "POST /echo HTTP/1.1\r\n" + ok + "Expect: a-miracle\r\nContent-Length: 1\r\n\r\n1",
       }) {
    HttpPeer peer(address_);
    ASSERT_TRUE(peer.Send(request));
    EXPECT_EQ(peer.Receive().status, 400) << request;
    EXPECT_TRUE(peer.AwaitEnd()) << request;
  }
  EXPECT_EQ(Call("GET", "/ping").body, "pong");
}

TEST_F(HttpServerTest, HeadersAreBounded) {
  options_.max_header_bytes = 1000;
  Start();
  const HttpReply reply = Call("GET", "/ping", "", absl::StrCat("X: ", std::string(1000, 'x'), "\r\n"));
  EXPECT_EQ(reply.status, 431);
  EXPECT_EQ(ReasonOf(reply), "HEADERS_TOO_LARGE");
}

// ---- Clients that take their time, or are many.

TEST_F(HttpServerTest, SlowAndSilentClientsAreCutOff) {
  options_.idle_timeout = options_.header_timeout = options_.transfer_timeout = absl::Milliseconds(30);
  options_.max_whole_body_bytes = 100;
  Start();
  HttpPeer silent(address_);
  EXPECT_TRUE(silent.AwaitEnd());
  HttpPeer slow_headers(address_);
  ASSERT_TRUE(slow_headers.Send("GET /pi"));
  EXPECT_TRUE(slow_headers.AwaitEnd());
  HttpPeer slow_body(address_);
  ASSERT_TRUE(slow_body.Send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n123"));
  EXPECT_TRUE(slow_body.AwaitEnd());
  HttpPeer slow_large_body(address_);
  ASSERT_TRUE(slow_large_body.Send("POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n123"));
  EXPECT_TRUE(slow_large_body.AwaitEnd());
}

TEST_F(HttpServerTest, AClientThatDoesNotReadIsCutOff) {
  options_.transfer_timeout = absl::Milliseconds(30);
  Start();
  HttpPeer peer(address_, /*receive_buffer=*/4096);
  ASSERT_TRUE(peer.Send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  // Another one is answered meanwhile, and the server is rid of the first without our help.
  EXPECT_EQ(Call("GET", "/ping").body, "pong");
  while (server_->connections() > 0) std::this_thread::yield();
}

TEST_F(HttpServerTest, ClientsThatVanishLeaveNothingBehind) {
  options_.max_whole_body_bytes = 100;
  Start();
  for (int i = 0; i < 5; ++i) {
    for (const char* start : {"", "GET /pi", "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n123",
                              "POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n123",
                              "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"}) {
      HttpPeer peer(address_);
      ASSERT_TRUE(peer.Send(start));
    }
  }
  while (server_->connections() > 0) std::this_thread::yield();
  EXPECT_EQ(Call("GET", "/ping").body, "pong");
}

TEST_F(HttpServerTest, ConnectionsAreBounded) {
  options_.max_connections = 2;
  Start();
  HttpPeer first(address_), second(address_);
  EXPECT_EQ(first.Call("GET", "/ping").status, 200);
  EXPECT_EQ(second.Call("GET", "/ping").status, 200);
  HttpPeer third(address_);
  const HttpReply reply = third.Receive();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.Header("retry-after"), "1");
  first.Close();
  while (server_->connections() > 1) std::this_thread::yield();
  EXPECT_EQ(Call("GET", "/ping").status, 200);
}

TEST_F(HttpServerTest, WaitingRequestsAreBounded) {
  options_.workers = 1;
  options_.max_waiting = 1;
  Start();
  const std::string wait = "GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n";
  HttpPeer running(address_), waiting(address_);
  ASSERT_TRUE(running.Send(wait));
  gate_.AwaitWaiting(1);
  ASSERT_TRUE(waiting.Send(wait));
  // It may not have been queued yet when the next ones come; one of the three at most finds room.
  int refused = 0;
  std::vector<std::unique_ptr<HttpPeer>> others;
  for (int i = 0; i < 2; ++i) {
    others.push_back(std::make_unique<HttpPeer>(address_));
    ASSERT_TRUE(others.back()->Send(wait));
  }
  gate_.Open();
  for (const auto& peer : others) refused += peer->Receive().status == 429;
  refused += waiting.Receive().status == 429;
  EXPECT_EQ(running.Receive().body, "waited");
  EXPECT_LE(refused, 2);
}

TEST_F(HttpServerTest, BodiesBeingCollectedAreBoundedTogether) {
  options_.max_held_body_bytes = 300 << 10;
  Start();
  const std::string head =
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 250000\r\nExpect: 100-continue\r\n\r\n";
  HttpPeer first(address_), second(address_);
  ASSERT_TRUE(first.Send(head));
  EXPECT_EQ(first.Receive().status, 100);
  ASSERT_TRUE(second.Send(head));
  const HttpReply refused = second.Receive();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("retry-after"), "1");
  EXPECT_EQ(ReasonOf(refused), "OVERLOADED");
  ASSERT_TRUE(first.Send(std::string(250'000, 'x')));
  EXPECT_EQ(first.Receive().body.size(), 250'000u);
  EXPECT_EQ(Call("POST", "/echo", std::string(250'000, 'y')).status, 200);
}

TEST_F(HttpServerTest, ManyClientsAtOnce) {
  Start();
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&, c] {
      HttpPeer peer(address_);
      for (int i = 0; i < 50; ++i) {
        const std::string body = absl::StrCat(c, "/", i, std::string(static_cast<size_t>(i) * 1000, 'z'));
        good += peer.Call("POST", "/echo", body).body == body;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 400);
}

// ---- Starting and ending.

TEST_F(HttpServerTest, AnAddressInUseIsNamed) {
  Start();
  options_.listen = *ParseListenAddress(address_);
  HttpServer second(router_, options_);
  EXPECT_THAT(second.Start(), HasReason(ErrorReason::kAddressInUse));
  options_.listen = {.host = "no-such-host.invalid", .port = 0, .unix_path = ""};
  HttpServer third(router_, options_);
  EXPECT_THAT(third.Start(), HasReason(ErrorReason::kConfigInvalid));
}

TEST_F(HttpServerTest, EndingAnswersWhatWasBegunAndTakesNothingNew) {
  Start();
  HttpPeer idle(address_), waiting(address_), sending(address_);
  EXPECT_EQ(idle.Call("GET", "/ping").status, 200);
  ASSERT_TRUE(waiting.Send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  gate_.AwaitWaiting(1);
  ASSERT_TRUE(
      sending.Send("POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"));
  EXPECT_EQ(sending.Receive().status, 100);
  std::thread shutdown([this] { server_->Shutdown(absl::InfiniteDuration()); });
  EXPECT_TRUE(idle.AwaitEnd());
  ASSERT_TRUE(sending.Send("body"));
  const HttpReply echoed = sending.Receive();
  EXPECT_EQ(echoed.body, "body");
  EXPECT_EQ(echoed.Header("connection"), "close");
  gate_.Open();
  EXPECT_EQ(waiting.Receive().body, "waited");
  shutdown.join();
  EXPECT_EQ(server_->connections(), 0);
}

TEST_F(HttpServerTest, WhoeverHasConnectedBeforeTheEndIsAnswered) {
  options_.workers = 1;
  Start();
  std::vector<std::unique_ptr<HttpPeer>> peers;
  for (int i = 0; i < 30; ++i) {
    peers.push_back(std::make_unique<HttpPeer>(address_));
    ASSERT_TRUE(peers.back()->Send("GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  }
  server_->Shutdown(absl::InfiniteDuration());
  for (const auto& peer : peers) EXPECT_EQ(peer->Receive().body, "pong");
}

TEST_F(HttpServerTest, PatienceEnds) {
  options_.max_whole_body_bytes = 100;
  Start();
  HttpPeer waiting(address_), stuck(address_);
  ASSERT_TRUE(waiting.Send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  gate_.AwaitWaiting(1);
  ASSERT_TRUE(stuck.Send("POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n123"));
  std::thread shutdown([this] { server_->Shutdown(absl::Milliseconds(1)); });
  EXPECT_TRUE(stuck.AwaitEnd());
  EXPECT_TRUE(waiting.AwaitEnd());
  gate_.Open();  // a handler that runs is waited for, always
  shutdown.join();
}

}  // namespace
}  // namespace ll::http
