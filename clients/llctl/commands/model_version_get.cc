#include <string>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class ModelVersionGet final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "model-version",
            .verb = "get",
            .summary = "Show one version of a model: what it takes, how good it is, where it came from",
            .when = "",
            .examples = {{"model-version get digits@latest", "The newest one"},
                         {"model-version get models/digits/versions/3 -o json", "By number, for programs"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "MODEL/versions/N, MODEL@ALIAS or MODEL@latest")->required();
  }

  absl::Status Run(Session& session) override {
    LL_ASSIGN_OR_RETURN(const v1::ModelVersion version,
                        session.client().models().GetModelVersion(VersionName(name_), session.call()));
    PrintResource(session, version);
    return absl::OkStatus();
  }

 private:
  std::string name_;
};

}  // namespace

std::unique_ptr<Command> NewModelVersionGet() { return std::make_unique<ModelVersionGet>(); }

}  // namespace ll::llctl
