#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"
#include "clients/llctl/waiting.h"

namespace ll::llctl {
namespace {

class EndpointDelete final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "endpoint",
            .verb = "delete",
            .summary = "Take an endpoint out of service",
            .when = "New requests are refused at once, accepted ones are answered. The model and its versions stay.",
            .examples = {{"endpoint delete digits --yes --wait", "Without a question, until it is gone"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The endpoint")->required();
    app.add_option("--etag", etag_, "Only if it has not changed since this etag was read")->type_name("ETAG");
    confirm_.Parse(app);
    wait_.Parse(app, "it is gone");
    AddDryRun(app, dry_run_);
  }

  absl::Status Run(Session& session) override {
    const std::string name = FullName(ResourceKind::kEndpoint, name_);
    if (!dry_run_) LL_RETURN_IF_ERROR(confirm_.Ask(session, absl::StrCat("Delete ", name, "?")));
    v1::DeleteEndpointRequest request;
    request.set_name(name);
    request.set_etag(etag_);
    request.set_validate_only(dry_run_);
    LL_ASSIGN_OR_RETURN(const v1::Endpoint endpoint,
                        session.client().endpoints().DeleteEndpoint(request, session.call()));
    if (wait_.IsOn(session) && !dry_run_) return WaitForEndpointDeletion(session, name);
    PrintChanged(session, endpoint, dry_run_ ? "deleted" : "is being deleted", dry_run_);
    return absl::OkStatus();
  }

 private:
  std::string name_;
  std::string etag_;
  ConfirmFlags confirm_;
  WaitFlags wait_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewEndpointDelete() { return std::make_unique<EndpointDelete>(); }

}  // namespace ll::llctl
