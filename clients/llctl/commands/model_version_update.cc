#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"
#include "clients/llctl/read_modify_write.h"

namespace ll::llctl {
namespace {

class ModelVersionUpdate final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "model-version",
            .verb = "update",
            .summary = "Change the description, labels or annotations of a version",
            .when = "Everything else of a version is immutable. What no flag names stays as it is.",
            .examples = {{"model-version update digits/versions/3 --label reviewed=yes", "Add a label"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "MODEL/versions/N, MODEL@ALIAS or MODEL@latest")->required();
    metadata_.ParseForUpdate(app, /*with_description=*/true);
    AddDryRun(app, dry_run_);
  }

  absl::Status Validate(Session&) override {
    if (metadata_.empty()) return UsageError("nothing to change", "Give --label, --description or another flag.");
    return metadata_.Validate();
  }

  absl::Status Run(Session& session) override {
    const client::ModelClient& models = session.client().models();
    LL_ASSIGN_OR_RETURN(const v1::ModelVersion updated,
                        ReadModifyWrite<v1::ModelVersion>(
                            [&] { return models.GetModelVersion(VersionName(name_), session.call()); },
                            [&](v1::ModelVersion version) { return Write(session, std::move(version)); }));
    PrintChanged(session, updated, "updated", dry_run_);
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<v1::ModelVersion> Write(Session& session, v1::ModelVersion version) const {
    std::vector<std::string> changed;
    metadata_.Apply(version, changed);
    if (metadata_.description.has_value()) {
      version.set_description(*metadata_.description);
      changed.push_back("description");
    }
    v1::UpdateModelVersionRequest request;
    *request.mutable_model_version() = std::move(version);
    for (const std::string& path : changed) request.mutable_update_mask()->add_paths(path);
    request.set_validate_only(dry_run_);
    return session.client().models().UpdateModelVersion(request, session.call());
  }

  std::string name_;
  MetadataFlags metadata_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewModelVersionUpdate() { return std::make_unique<ModelVersionUpdate>(); }

}  // namespace ll::llctl
