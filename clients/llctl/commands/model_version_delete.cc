#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class ModelVersionDelete final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "model-version",
            .verb = "delete",
            .summary = "Delete a version of a model",
            .when = "Refused while an alias or an endpoint names it.",
            .examples = {{"model-version delete models/digits/versions/3 --yes", "Without a question"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "MODEL/versions/N")->required();
    app.add_option("--etag", etag_, "Only if it has not changed since this etag was read")->type_name("ETAG");
    confirm_.Parse(app);
    AddDryRun(app, dry_run_);
  }

  absl::Status Run(Session& session) override {
    const std::string name = VersionName(name_);
    if (!dry_run_) LL_RETURN_IF_ERROR(confirm_.Ask(session, absl::StrCat("Delete ", name, "?")));
    v1::DeleteModelVersionRequest request;
    request.set_name(name);
    request.set_etag(etag_);
    request.set_validate_only(dry_run_);
    LL_RETURN_IF_ERROR(session.client().models().DeleteModelVersion(request, session.call()));
    PrintDeleted<v1::ModelVersion>(session, name, dry_run_);
    return absl::OkStatus();
  }

 private:
  std::string name_;
  std::string etag_;
  ConfirmFlags confirm_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewModelVersionDelete() { return std::make_unique<ModelVersionDelete>(); }

}  // namespace ll::llctl
