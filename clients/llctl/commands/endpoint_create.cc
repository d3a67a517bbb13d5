#include <string>
#include <vector>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/manifest.h"
#include "clients/llctl/printer.h"
#include "clients/llctl/waiting.h"

namespace ll::llctl {
namespace {

class EndpointCreate final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "endpoint",
            .verb = "create",
            .summary = "Serve a model version under a name",
            .when =
                "An endpoint that names an alias follows it when it moves; @latest is resolved once, now, so that "
                "training a newer version changes nothing by itself.",
            .examples = {{"endpoint create digits --model-version models/digits@latest --wait", "The newest version"},
                         {"endpoint create digits --model-version digits@champion", "Follow an alias"},
                         {"endpoint create digits --model-version digits/versions/3 --label tier=gold --no-wait",
                          "One version for good"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The endpoint's id; may be left out when the file has a name");
    app.add_option("--model-version", version_, "MODEL/versions/N, MODEL@ALIAS or MODEL@latest")->type_name("VERSION");
    app.add_option("-f,--file", file_, "YAML or JSON of an Endpoint; - for standard input; flags win")
        ->type_name("FILE");
    metadata_.ParseForCreate(app, /*with_description=*/false);
    wait_.Parse(app, "it is in service");
    AddDryRun(app, dry_run_);
  }

  absl::Status Validate(Session&) override {
    if (name_.empty() && file_.empty()) return UsageError("an endpoint needs a NAME, or a file that has one");
    if (file_.empty() && version_.empty()) return UsageError("--model-version is required");
    return metadata_.Validate();
  }

  absl::Status Run(Session& session) override {
    v1::CreateEndpointRequest request;
    v1::Endpoint& endpoint = *request.mutable_endpoint();
    if (!file_.empty()) LL_RETURN_IF_ERROR(ReadManifest(file_, session.env(), session.io(), &endpoint));
    request.set_endpoint_id(IdOf(ResourceKind::kEndpoint, name_.empty() ? endpoint.name() : name_));
    if (!version_.empty()) {
      if (endpoint.variants().empty()) endpoint.add_variants();
      endpoint.mutable_variants(0)->set_model_version(VersionName(version_));
    }
    std::vector<std::string> changed;
    metadata_.Apply(endpoint, changed);
    request.set_validate_only(dry_run_);
    LL_ASSIGN_OR_RETURN(const v1::Endpoint created,
                        session.client().endpoints().CreateEndpoint(request, session.call()));
    const bool wait = wait_.IsOn(session) && !dry_run_;
    if (!wait || IsTable(session)) PrintChanged(session, created, "created", dry_run_);
    return wait ? WaitForEndpoint(session, created.name()) : absl::OkStatus();
  }

 private:
  std::string name_;
  std::string version_;
  std::string file_;
  MetadataFlags metadata_;
  WaitFlags wait_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewEndpointCreate() { return std::make_unique<EndpointCreate>(); }

}  // namespace ll::llctl
