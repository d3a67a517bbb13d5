#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class ModelDeleteAlias final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "model",
            .verb = "delete-alias",
            .summary = "Remove an alias from a model",
            .when = "The version it points at stays. Refused while an endpoint follows the alias.",
            .examples = {{"model delete-alias digits --alias challenger --yes", "Without a question"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The model")->required();
    app.add_option("--alias", alias_, "The alias")->required()->type_name("ALIAS");
    app.add_option("--etag", etag_, "Only if the model has not changed since this etag was read")->type_name("ETAG");
    confirm_.Parse(app);
    AddDryRun(app, dry_run_);
  }

  absl::Status Run(Session& session) override {
    const std::string name = FullName(ResourceKind::kModel, name_);
    if (!dry_run_) LL_RETURN_IF_ERROR(confirm_.Ask(session, absl::StrCat("Remove the alias ", name, "@", alias_, "?")));
    v1::DeleteModelAliasRequest request;
    request.set_name(name);
    request.set_alias(alias_);
    request.set_etag(etag_);
    request.set_validate_only(dry_run_);
    LL_ASSIGN_OR_RETURN(const v1::Model model, session.client().models().DeleteModelAlias(request, session.call()));
    PrintChanged(session, model, absl::StrCat("updated: no longer has the alias ", alias_), dry_run_);
    return absl::OkStatus();
  }

 private:
  std::string name_;
  std::string alias_;
  std::string etag_;
  ConfirmFlags confirm_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewModelDeleteAlias() { return std::make_unique<ModelDeleteAlias>(); }

}  // namespace ll::llctl
