#include <string>

#include "clients/llctl/commands/commands.h"
#include "clients/llctl/resource_names.h"
#include "clients/llctl/waiting.h"

namespace ll::llctl {
namespace {

class EndpointWait final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "endpoint",
            .verb = "wait",
            .summary = "Wait until an endpoint is in service",
            .when =
                "Ends with exit code 1 and the endpoint's error when it failed or its last update did not go through, "
                "5 when --timeout is over. With --deleted, waits until the endpoint is gone.",
            .examples = {{"endpoint wait digits --timeout 1m", "After a create or update without --wait"},
                         {"endpoint wait digits --deleted", "After a delete"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The endpoint")->required();
    app.add_flag("--deleted", deleted_, "Wait until it is gone");
  }

  absl::Status Run(Session& session) override {
    const std::string name = FullName(ResourceKind::kEndpoint, name_);
    return deleted_ ? WaitForEndpointDeletion(session, name) : WaitForEndpoint(session, name);
  }

 private:
  std::string name_;
  bool deleted_ = false;
};

}  // namespace

std::unique_ptr<Command> NewEndpointWait() { return std::make_unique<EndpointWait>(); }

}  // namespace ll::llctl
