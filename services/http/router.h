// Which handler answers a request, by method and path.
//
//   Router router;
//   router.Add({.method = "POST", .path = "/endpoints/{endpoint}/invocations", .max_body_bytes = 1 << 20},
//              [&](const Request& request) { return Predict(request.parameters[0], *request.body); });
//   router.SetErrorStyle("/v2", &OpenInferenceError);      // how errors of these paths look
//   LL_ASSIGN_OR_RETURN(const Router::Match match, router.Find("POST", "/endpoints/mnist/invocations"));
//
// A {name} stands for one segment of the path, which is percent-decoded. HEAD is answered by the handler of GET.
#ifndef LL_SERVICES_HTTP_ROUTER_H_
#define LL_SERVICES_HTTP_ROUTER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/http/message.h"

namespace ll::http {

// Runs on a worker thread, several at once.
using Handler = std::function<absl::StatusOr<Response>(const Request&)>;
// Makes the response of an error; pure. Each is for whoever understands its shape.
using ErrorStyle = Response (*)(const absl::Status& error, const Request& request);

struct RouteSpec {
  std::string method = {};
  std::string path = {};        // "/models/{model}"; one slash alone is the root
  uint64_t max_body_bytes = 0;  // larger bodies are refused before the handler runs, or while it reads
};

// Built before the server starts, then only read.
class Router {
 public:
  struct Route {
    RouteSpec spec;
    std::vector<std::string> segments;
    Handler handler;
  };
  struct Match {
    const Route* route;
    std::vector<std::string> parameters;
  };

  void Add(RouteSpec spec, Handler handler);
  // For paths that are `prefix` or below it; the longest prefix counts.
  void SetErrorStyle(std::string prefix, ErrorStyle style);

  // `path` as in Request. NOT_FOUND / ROUTE_NOT_FOUND; UNIMPLEMENTED / METHOD_NOT_ALLOWED with the methods there are as
  // metadata "allow"; INVALID_ARGUMENT for a segment that is not percent-encoded text.
  absl::StatusOr<Match> Find(absl::string_view method, absl::string_view path) const;

  // ErrorResponse() of error_response.h where no style was set.
  ErrorStyle StyleOf(absl::string_view path) const;

 private:
  std::deque<Route> routes_;
  std::vector<std::pair<std::string, ErrorStyle>> styles_;
};

// Decodes %41 and the like; nullopt for a % that is not followed by two hexadecimal digits.
std::optional<std::string> PercentDecode(absl::string_view text);

}  // namespace ll::http

#endif  // LL_SERVICES_HTTP_ROUTER_H_
