#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"
#include "clients/llctl/read_modify_write.h"
#include "clients/llctl/waiting.h"

namespace ll::llctl {
namespace {

class EndpointUpdate final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "endpoint",
            .verb = "update",
            .summary = "Change what an endpoint serves, or its labels",
            .when =
                "The old version serves until the new one is loaded, verified and warm; if that fails, the old one "
                "serves on. The same version again is a success that changes nothing.",
            .examples = {{"endpoint update digits --model-version digits@latest --wait", "Move to the newest version"},
                         {"endpoint update digits --label tier=gold", "Add a label"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The endpoint")->required();
    app.add_option("--model-version", version_, "MODEL/versions/N, MODEL@ALIAS or MODEL@latest")->type_name("VERSION");
    app.add_flag("--allow-schema-change", allow_schema_change_,
                 "Let it change to another feature count or output width");
    metadata_.ParseForUpdate(app, /*with_description=*/false);
    wait_.Parse(app, "it serves the new version");
    AddDryRun(app, dry_run_);
  }

  absl::Status Validate(Session&) override {
    if (version_.empty() && metadata_.empty()) {
      return UsageError("nothing to change", "Give --model-version, --label or another flag.");
    }
    return metadata_.Validate();
  }

  absl::Status Run(Session& session) override {
    const client::EndpointClient& endpoints = session.client().endpoints();
    const std::string name = FullName(ResourceKind::kEndpoint, name_);
    LL_ASSIGN_OR_RETURN(
        const v1::Endpoint updated,
        ReadModifyWrite<v1::Endpoint>([&] { return endpoints.GetEndpoint(name, session.call()); },
                                      [&](v1::Endpoint endpoint) { return Write(session, std::move(endpoint)); }));
    const bool wait = wait_.IsOn(session) && !dry_run_ && !version_.empty();
    if (!wait || IsTable(session)) PrintChanged(session, updated, "updated", dry_run_);
    return wait ? WaitForEndpoint(session, name) : absl::OkStatus();
  }

 private:
  absl::StatusOr<v1::Endpoint> Write(Session& session, v1::Endpoint endpoint) const {
    std::vector<std::string> changed;
    metadata_.Apply(endpoint, changed);
    if (!version_.empty()) {
      if (endpoint.variants().empty()) endpoint.add_variants();
      endpoint.mutable_variants(0)->set_model_version(VersionName(version_));
      changed.push_back("variants");
    }
    v1::UpdateEndpointRequest request;
    *request.mutable_endpoint() = std::move(endpoint);
    for (const std::string& path : changed) request.mutable_update_mask()->add_paths(path);
    request.set_allow_schema_change(allow_schema_change_);
    request.set_validate_only(dry_run_);
    return session.client().endpoints().UpdateEndpoint(request, session.call());
  }

  std::string name_;
  std::string version_;
  bool allow_schema_change_ = false;
  MetadataFlags metadata_;
  WaitFlags wait_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewEndpointUpdate() { return std::make_unique<EndpointUpdate>(); }

}  // namespace ll::llctl
