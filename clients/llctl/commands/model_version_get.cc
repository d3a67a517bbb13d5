#include <cstdint>
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
            .when =
                "A coefficient is what the margin (for a regressor, the prediction) gains when its feature grows by "
                "one; standardised, when it grows by one standard deviation, as measured in training.",
            .examples = {{"model-version get digits@latest", "The newest one"},
                         {"model-version get churn@champion --coefficients 20", "With what weighs most in it"},
                         {"model-version get models/digits/versions/3 -o json", "By number, for programs"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "MODEL/versions/N, MODEL@ALIAS or MODEL@latest")->required();
    app.add_option("--coefficients", coefficients_,
                   "Show so many of the largest coefficients of each output, up to 1000")
        ->type_name("N");
  }

  absl::Status Run(Session& session) override {
    v1::GetModelVersionRequest request;
    request.set_name(VersionName(name_));
    request.set_coefficients(coefficients_);
    LL_ASSIGN_OR_RETURN(const v1::ModelVersion version,
                        session.client().models().GetModelVersion(request, session.call()));
    PrintResource(session, version);
    return absl::OkStatus();
  }

 private:
  std::string name_;
  int32_t coefficients_ = 0;
};

}  // namespace

std::unique_ptr<Command> NewModelVersionGet() { return std::make_unique<ModelVersionGet>(); }

}  // namespace ll::llctl
