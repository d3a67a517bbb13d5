#include <string>

#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class ModelVersionList final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "model-version",
            .verb = "list",
            .summary = "List the versions of a model, or of all models",
            .when = "",
            .examples = {{"model-version list digits", "Of one model"},
                         {"model-version list --filter 'state = CORRUPT'", "Whatever needs attention"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("MODEL", model_, "The model; without it the versions of all models");
    list_.Parse(app);
  }

  absl::Status Validate(Session&) override { return list_.Validate(); }

  absl::Status Run(Session& session) override {
    v1::ListModelVersionsRequest request;
    list_.Apply(request);
    request.set_parent(FullName(ResourceKind::kModel, model_.empty() ? "-" : model_));
    return PrintList(session, session.client().models().ListModelVersions(request, session.call()), list_.limit);
  }

 private:
  std::string model_;
  ListFlags list_;
};

}  // namespace

std::unique_ptr<Command> NewModelVersionList() { return std::make_unique<ModelVersionList>(); }

}  // namespace ll::llctl
