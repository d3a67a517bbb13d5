#include <string>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/download.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class ModelVersionExport final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "model-version",
            .verb = "export",
            .summary = "Download the artifact of a version",
            .when =
                "The bytes are checked against the digest that was registered with them; the file appears only when "
                "it is whole.",
            .examples = {{"model-version export digits@latest --output digits.tar.gz", "To a file"},
                         {"model-version export digits/versions/3 --output - | tar tz", "To standard output"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "MODEL/versions/N, MODEL@ALIAS or MODEL@latest")->required();
    app.add_option("--output", output_, "Where to; - for standard output; default model.tar.gz")->type_name("FILE");
  }

  absl::Status Run(Session& session) override {
    const client::ModelClient& models = session.client().models();
    LL_ASSIGN_OR_RETURN(const v1::ModelVersion version, models.GetModelVersion(VersionName(name_), session.call()));
    const Download download{.name = version.name(),
                            .size = version.artifact_size_bytes(),
                            .noun = "model-version",
                            .path = output_,
                            .run = [&](client::ByteSink sink, const client::TransferOptions& options) {
                              return models.DownloadModelVersion(version.name(), sink, options).status();
                            }};
    return RunDownload(session, download);
  }

 private:
  std::string name_;
  std::string output_ = "model.tar.gz";
};

}  // namespace

std::unique_ptr<Command> NewModelVersionExport() { return std::make_unique<ModelVersionExport>(); }

}  // namespace ll::llctl
