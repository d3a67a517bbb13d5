#include <string>
#include <vector>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/manifest.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class ModelCreate final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "model",
            .verb = "create",
            .summary = "Create a model: a named line of versions",
            .when =
                "Training jobs and imports create a missing model by themselves. Create one first to describe or "
                "label it.",
            .examples = {{"model create digits --description 'Is it a zero?' --label team=vision", "With a label"},
                         {"model create digits -f model.yaml", "From a file"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The model's id; may be left out when the file has a name");
    app.add_option("-f,--file", file_, "YAML or JSON of a Model; - for standard input")->type_name("FILE");
    metadata_.ParseForCreate(app, /*with_description=*/true);
    AddDryRun(app, dry_run_);
  }

  absl::Status Validate(Session&) override {
    if (name_.empty() && file_.empty()) return UsageError("a model needs a NAME, or a file that has one");
    return metadata_.Validate();
  }

  absl::Status Run(Session& session) override {
    v1::CreateModelRequest request;
    v1::Model& model = *request.mutable_model();
    if (!file_.empty()) LL_RETURN_IF_ERROR(ReadManifest(file_, session.env(), session.io(), &model));
    std::vector<std::string> changed;
    metadata_.Apply(model, changed);
    if (metadata_.description.has_value()) model.set_description(*metadata_.description);
    request.set_model_id(IdOf(ResourceKind::kModel, name_.empty() ? model.name() : name_));
    request.set_validate_only(dry_run_);
    LL_ASSIGN_OR_RETURN(const v1::Model created, session.client().models().CreateModel(request, session.call()));
    PrintChanged(session, created, "created", dry_run_);
    return absl::OkStatus();
  }

 private:
  std::string name_;
  std::string file_;
  MetadataFlags metadata_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewModelCreate() { return std::make_unique<ModelCreate>(); }

}  // namespace ll::llctl
