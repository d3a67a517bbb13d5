#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class ModelList final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "model",
            .verb = "list",
            .summary = "List models",
            .when = "",
            .examples = {{"model list", "All of them"},
                         {"model list --filter 'labels.team = vision' -o name", "The names of a team's models"},
                         {"model list --order-by 'create_time desc' --limit 10", "The ten newest"}}};
  }

  void Parse(CLI::App& app) override { list_.Parse(app); }

  absl::Status Validate(Session&) override { return list_.Validate(); }

  absl::Status Run(Session& session) override {
    v1::ListModelsRequest request;
    list_.Apply(request);
    return PrintList(session, session.client().models().ListModels(request, session.call()), list_.limit);
  }

 private:
  ListFlags list_;
};

}  // namespace

std::unique_ptr<Command> NewModelList() { return std::make_unique<ModelList>(); }

}  // namespace ll::llctl
