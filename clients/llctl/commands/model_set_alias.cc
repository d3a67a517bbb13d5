#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class ModelSetAlias final : public Command {
 public:
  CommandHelp help() const override {
    return {
        .noun = "model",
        .verb = "set-alias",
        .summary = "Create or move an alias of a model",
        .when = "Endpoints that were created with the alias follow it to the new version without a dropped request.",
        .examples = {{"model set-alias digits --alias champion --model-version 3", "By number"},
                     {"model set-alias digits --alias champion --model-version latest", "The newest version"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The model")->required();
    app.add_option("--alias", alias_, "The alias")->required()->type_name("ALIAS");
    app.add_option("--model-version", version_, "The version: a number, another alias, latest, or a full name")
        ->required()
        ->type_name("VERSION");
    app.add_flag("--allow-schema-change", allow_schema_change_,
                 "Let followers change to another feature count or output width");
    app.add_option("--etag", etag_, "Only if the model has not changed since this etag was read")->type_name("ETAG");
    AddDryRun(app, dry_run_);
  }

  absl::Status Run(Session& session) override {
    v1::SetModelAliasRequest request;
    request.set_name(FullName(ResourceKind::kModel, name_));
    request.set_alias(alias_);
    request.set_model_version(VersionName(version_, name_));
    request.set_allow_schema_change(allow_schema_change_);
    request.set_etag(etag_);
    request.set_validate_only(dry_run_);
    LL_ASSIGN_OR_RETURN(const v1::Model model, session.client().models().SetModelAlias(request, session.call()));
    const auto number = model.aliases().find(alias_);
    const int64_t version = number == model.aliases().end() ? 0 : number->second;
    PrintChanged(session, model, absl::StrCat("updated: ", alias_, " is version ", version), dry_run_);
    return absl::OkStatus();
  }

 private:
  std::string name_;
  std::string alias_;
  std::string version_;
  std::string etag_;
  bool allow_schema_change_ = false;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewModelSetAlias() { return std::make_unique<ModelSetAlias>(); }

}  // namespace ll::llctl
