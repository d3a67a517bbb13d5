#include <string>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/printer.h"
#include "clients/llctl/watch_output.h"

namespace ll::llctl {
namespace {

class EndpointGet final : public Command {
 public:
  CommandHelp help() const override {
    return {
        .noun = "endpoint",
        .verb = "get",
        .summary = "Show one endpoint: its state and what it serves",
        .when = "With --watch, a line for every change until it is deleted.",
        .examples = {{"endpoint get digits", "How it stands"}, {"endpoint get digits --watch", "Follow a roll-out"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The endpoint")->required();
    app.add_flag("-w,--watch", watch_, "Go on with a line for every change");
  }

  absl::Status Run(Session& session) override {
    const client::EndpointClient& endpoints = session.client().endpoints();
    const std::string name = FullName(ResourceKind::kEndpoint, name_);
    if (watch_) {
      WatchOutput<v1::Endpoint> output(session);
      return endpoints.WatchEndpoint(
          name,
          [&](const v1::Endpoint& endpoint, bool deleted) {
            if (!deleted) output.Add(endpoint);
            return true;
          },
          session.wait());
    }
    LL_ASSIGN_OR_RETURN(const v1::Endpoint endpoint, endpoints.GetEndpoint(name, session.call()));
    PrintResource(session, endpoint);
    return absl::OkStatus();
  }

 private:
  std::string name_;
  bool watch_ = false;
};

}  // namespace

std::unique_ptr<Command> NewEndpointGet() { return std::make_unique<EndpointGet>(); }

}  // namespace ll::llctl
