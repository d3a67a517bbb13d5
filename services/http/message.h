// What an HTTP handler sees and gives: a request, a response, and nothing of the library that carries them.
//
//   absl::StatusOr<Response> Echo(const Request& request) {
//     LL_ASSIGN_OR_RETURN(std::string text, request.body->ReadAll());
//     return Response{.content_type = "text/plain", .body = std::move(text)};
//   }
#ifndef LL_SERVICES_HTTP_MESSAGE_H_
#define LL_SERVICES_HTTP_MESSAGE_H_

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "base/env.h"

namespace ll::http {

// Fields in the order in which they came. Names are compared without their letter case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  void Add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // Empty when there is none, the first when there are several.
  absl::string_view Get(absl::string_view name) const {
    for (const auto& [key, value] : fields_) {
      if (absl::EqualsIgnoreCase(key, name)) return value;
    }
    return "";
  }
  // All of a name, as one list: "a, b".
  std::string Joined(absl::string_view name) const {
    std::string all;
    for (const auto& [key, value] : fields_) {
      if (absl::EqualsIgnoreCase(key, name)) all += (all.empty() ? "" : ", ") + value;
    }
    return all;
  }
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// The bytes behind the headers, decoded from chunks. A small body is in memory before the handler starts; a large one
// is read from the client as the handler asks for it, in constant memory. Not thread-safe.
//
// Read() and ReadAll() fail with RESOURCE_EXHAUSTED / MESSAGE_TOO_LARGE beyond the route's limit, DEADLINE_EXCEEDED
// when the client is too slow, CANCELLED when it is gone, INVALID_ARGUMENT when its chunks are ill-formed.
class Body : public SequentialFile {
 public:
  // What has not been read yet, in one piece, with room for `padding` more bytes behind it.
  virtual absl::StatusOr<std::string> ReadAll(size_t padding = 0) = 0;
};

struct Request {
  std::string method = {};  // "POST"
  std::string target = {};  // as it came: "/a%20b?x=1"
  std::string path = {};    // of the target, still percent-encoded: "/a%20b"
  Headers headers = {};
  std::string peer = {};  // "127.0.0.1:51324"
  // The client's x-request-id, or one that was made: in log lines, errors and the response.
  std::string id = {};
  // What the path holds for each {name} of the route's template, decoded; in the template's order.
  std::vector<std::string> parameters = {};
  Body* body = nullptr;                               // never nullptr in a handler
  const std::atomic<bool>* abandoned_flag = nullptr;  // nullptr: never abandoned

  // Whether the answer will reach nobody: the server has given up waiting for it.
  bool abandoned() const { return abandoned_flag != nullptr && *abandoned_flag; }
};

struct Response {
  int status = 200;
  std::string content_type = {};  // empty: the header is left out
  Headers headers = {};           // others; content-length, date and the like are added
  std::string body = {};
};

}  // namespace ll::http

#endif  // LL_SERVICES_HTTP_MESSAGE_H_
