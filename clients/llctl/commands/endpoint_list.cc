#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class EndpointList final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "endpoint",
            .verb = "list",
            .summary = "List endpoints",
            .when = "SERVES is the version that answers now, WANTS what the endpoint was told to serve.",
            .examples = {{"endpoint list", "All of them"},
                         {"endpoint list --filter 'state = FAILED'", "Those that need attention"},
                         {"endpoint list --filter 'model = digits' -o name", "Where a model is in use"}}};
  }

  void Parse(CLI::App& app) override { list_.Parse(app); }

  absl::Status Validate(Session&) override { return list_.Validate(); }

  absl::Status Run(Session& session) override {
    v1::ListEndpointsRequest request;
    list_.Apply(request);
    return PrintList(session, session.client().endpoints().ListEndpoints(request, session.call()), list_.limit);
  }

 private:
  ListFlags list_;
};

}  // namespace

std::unique_ptr<Command> NewEndpointList() { return std::make_unique<EndpointList>(); }

}  // namespace ll::llctl
