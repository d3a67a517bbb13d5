#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class ModelDelete final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "model",
            .verb = "delete",
            .summary = "Delete a model",
            .when =
                "A model that still has versions is deleted only with --force, which deletes them too; never while "
                "an endpoint uses one of them.",
            .examples = {{"model delete digits --yes", "A model without versions, without a question"},
                         {"model delete digits --force", "With all its versions"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The model")->required();
    app.add_flag("--force", force_, "Delete its versions too");
    app.add_option("--etag", etag_, "Only if it has not changed since this etag was read")->type_name("ETAG");
    confirm_.Parse(app);
    AddDryRun(app, dry_run_);
  }

  absl::Status Run(Session& session) override {
    const std::string name = FullName(ResourceKind::kModel, name_);
    if (!dry_run_) {
      LL_RETURN_IF_ERROR(confirm_.Ask(session, absl::StrCat("Delete ", name, force_ ? " and all its versions?" : "?")));
    }
    v1::DeleteModelRequest request;
    request.set_name(name);
    request.set_force(force_);
    request.set_etag(etag_);
    request.set_validate_only(dry_run_);
    LL_RETURN_IF_ERROR(session.client().models().DeleteModel(request, session.call()));
    PrintDeleted<v1::Model>(session, name, dry_run_);
    return absl::OkStatus();
  }

 private:
  std::string name_;
  bool force_ = false;
  std::string etag_;
  ConfirmFlags confirm_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewModelDelete() { return std::make_unique<ModelDelete>(); }

}  // namespace ll::llctl
