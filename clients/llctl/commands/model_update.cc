#include <string>
#include <vector>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"
#include "clients/llctl/read_modify_write.h"

namespace ll::llctl {
namespace {

class ModelUpdate final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "model",
            .verb = "update",
            .summary = "Change the description, labels or annotations of a model",
            .when = "What no flag names stays as it is.",
            .examples = {{"model update digits --label tier=gold --remove-label team", "Change labels"},
                         {"model update digits --description 'Is it a zero?'", "Change the description"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The model")->required();
    metadata_.ParseForUpdate(app, /*with_description=*/true);
    AddDryRun(app, dry_run_);
  }

  absl::Status Validate(Session&) override {
    if (metadata_.empty()) return UsageError("nothing to change", "Give --label, --description or another flag.");
    return metadata_.Validate();
  }

  absl::Status Run(Session& session) override {
    const client::ModelClient& models = session.client().models();
    const std::string name = FullName(ResourceKind::kModel, name_);
    LL_ASSIGN_OR_RETURN(const v1::Model updated,
                        ReadModifyWrite<v1::Model>([&] { return models.GetModel(name, session.call()); },
                                                   [&](v1::Model model) { return Write(session, std::move(model)); }));
    PrintChanged(session, updated, "updated", dry_run_);
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<v1::Model> Write(Session& session, v1::Model model) const {
    std::vector<std::string> changed;
    metadata_.Apply(model, changed);
    if (metadata_.description.has_value()) {
      model.set_description(*metadata_.description);
      changed.push_back("description");
    }
    v1::UpdateModelRequest request;
    *request.mutable_model() = std::move(model);
    for (const std::string& path : changed) request.mutable_update_mask()->add_paths(path);
    request.set_validate_only(dry_run_);
    return session.client().models().UpdateModel(request, session.call());
  }

  std::string name_;
  MetadataFlags metadata_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewModelUpdate() { return std::make_unique<ModelUpdate>(); }

}  // namespace ll::llctl
