#include <string>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class ModelGet final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "model",
            .verb = "get",
            .summary = "Show one model",
            .when = "",
            .examples = {{"model get digits", "Its aliases, labels and newest version"},
                         {"model get digits -o json", "For programs"}}};
  }

  void Parse(CLI::App& app) override { app.add_option("NAME", name_, "The model")->required(); }

  absl::Status Run(Session& session) override {
    LL_ASSIGN_OR_RETURN(const v1::Model model,
                        session.client().models().GetModel(FullName(ResourceKind::kModel, name_), session.call()));
    PrintResource(session, model);
    return absl::OkStatus();
  }

 private:
  std::string name_;
};

}  // namespace

std::unique_ptr<Command> NewModelGet() { return std::make_unique<ModelGet>(); }

}  // namespace ll::llctl
