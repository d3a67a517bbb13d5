#include <string>

#include "absl/strings/str_cat.h"
#include "base/version.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class Version final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "version",
            .summary = "Show the releases of llctl and of the server",
            .when = "A server that cannot be reached is no error here; --client does not even ask it.",
            .examples = {{"version", "Both"}, {"version --client -o json", "That of llctl, for programs"}}};
  }

  void Parse(CLI::App& app) override { app.add_flag("--client", only_client_, "Do not ask the server"); }

  absl::Status Run(Session& session) override {
    const std::string client(ReleaseVersion());
    std::string server;
    std::string problem;
    if (!only_client_) {
      client::CallOptions call = session.call();
      if (!call.timeout.has_value()) call.timeout = absl::Seconds(2);
      const absl::StatusOr<v1::ServerInfo> info = session.client().server().GetServerInfo(call);
      if (info.ok()) {
        server = info->version();
      } else {
        problem = std::string(info.status().message());
      }
    }
    Json json{{"client", client}};
    if (!only_client_) json["server"] = server.empty() ? Json(nullptr) : Json(server);
    if (PrintAsData(session, json)) return absl::OkStatus();
    Details details;
    details.Field("Client", client);
    if (!only_client_) details.Field("Server", server.empty() ? "<unknown>" : server);
    details.Print(session.io().out, session.io().color && session.io().out_is_terminal);
    if (!problem.empty() && !session.flags().quiet) session.io().err << problem << "\n";
    return absl::OkStatus();
  }

 private:
  bool only_client_ = false;
};

}  // namespace

std::unique_ptr<Command> NewVersion() { return std::make_unique<Version>(); }

}  // namespace ll::llctl
