#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/human_units.h"
#include "clients/llctl/printer.h"
#include "clients/llctl/progress.h"

namespace ll::llctl {
namespace {

class ModelVersionImport final : public Command {
 public:
  CommandHelp help() const override {
    return {
        .noun = "model-version",
        .verb = "import",
        .summary = "Register an artifact that was made elsewhere as a new version",
        .when = "The version exists only when the whole artifact has arrived and loads. A missing model is created.",
        .examples = {{"model-version import digits --artifact model.tar.gz", "From a file"},
                     {"model-version import digits --artifact - < model.tar.gz", "From standard input"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("MODEL", model_, "The model that gets the version")->required();
    app.add_option("--artifact", artifact_, "The model.tar.gz; - for standard input")->required()->type_name("FILE");
    metadata_.ParseForCreate(app, /*with_description=*/true);
    AddDryRun(app, dry_run_);
  }

  absl::Status Validate(Session&) override { return metadata_.Validate(); }

  absl::Status Run(Session& session) override {
    v1::ImportModelVersionRequest::Header header;
    header.set_parent(FullName(ResourceKind::kModel, model_));
    std::vector<std::string> changed;
    metadata_.Apply(*header.mutable_model_version(), changed);
    if (metadata_.description.has_value()) header.mutable_model_version()->set_description(*metadata_.description);
    header.set_validate_only(dry_run_);
    LL_ASSIGN_OR_RETURN(const v1::ModelVersion version, Import(session, header));
    PrintChanged(session, version, absl::StrCat("imported (", HumanBytes(version.artifact_size_bytes()), ")"),
                 dry_run_);
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<v1::ModelVersion> Import(Session& session, const v1::ImportModelVersionRequest::Header& header) const {
    const client::ModelClient& models = session.client().models();
    client::TransferOptions options{.call = session.call(), .clock = &session.clock()};
    if (artifact_ == "-") {
      TransferProgress progress(session, "importing", -1);
      options.on_progress = [&](int64_t bytes) { progress.Update(bytes); };
      return models.ImportModelVersion(header, session.io().in, options);
    }
    LL_ASSIGN_OR_RETURN(const FileInfo info, session.env().Stat(artifact_));
    TransferProgress progress(session, absl::StrCat("importing ", FileNameOf(artifact_)),
                              static_cast<int64_t>(info.size_bytes));
    options.on_progress = [&](int64_t bytes) { progress.Update(bytes); };
    return models.ImportModelVersionFile(header, session.env(), artifact_, options);
  }

  std::string model_;
  std::string artifact_;
  MetadataFlags metadata_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewModelVersionImport() { return std::make_unique<ModelVersionImport>(); }

}  // namespace ll::llctl
