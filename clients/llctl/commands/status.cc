#include <string>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/human_units.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class Status final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "status",
            .summary = "Show whether the server serves, its version, addresses and limits",
            .when = "Ends with exit code 7 when the server cannot be reached or does not serve now.",
            .examples = {{"status", "How the server is"}, {"status -q && echo ready", "In a script"}}};
  }

  void Parse(CLI::App&) override {}

  absl::Status Run(Session& session) override {
    LL_ASSIGN_OR_RETURN(const bool serving, session.client().server().IsServing("", session.call()));
    LL_ASSIGN_OR_RETURN(const v1::ServerInfo info, session.client().server().GetServerInfo(session.call()));
    Print(session, serving, info);
    if (serving) return absl::OkStatus();
    return WithExitCode(MakeError(absl::StatusCode::kUnavailable, ErrorReason::kShuttingDown,
                                  {.what = absl::StrCat(session.client().address(), " does not serve now"),
                                   .why = "it is starting or shutting down",
                                   .remedy = "Try again in a moment."}),
                        kUnavailable);
  }

 private:
  static void Print(Session& session, bool serving, const v1::ServerInfo& info) {
    if (session.flags().quiet && IsTable(session)) return;
    if (session.format() == OutputFormat::kName) {
      session.io().out << info.grpc_address() << "\n";
      return;
    }
    Json json = ToJson(info);
    json["serving"] = serving;
    if (PrintAsData(session, json)) return;
    const v1::ServerInfo::Limits& limits = info.limits();
    Details details;
    details.Field("State", serving ? "SERVING" : "NOT_SERVING", serving ? Style::kGood : Style::kBad);
    details.Field("Address", info.grpc_address());
    details.Field("Version", info.version());
    details.Field("Up since", TimeAndAge(info.start_time(), session.clock().Now()));
    details.Field("Data directory", info.data_directory());
    details.Block("Limits", {{"message", HumanBytes(limits.max_message_bytes())},
                             {"predictions in flight", HumanBytes(limits.max_inflight_bytes())},
                             {"batches in flight per stream", absl::StrCat(limits.max_stream_batches())},
                             {"running training jobs", absl::StrCat(limits.max_running_training_jobs())},
                             {"queued training jobs", absl::StrCat(limits.max_queued_training_jobs())}});
    details.Print(session.io().out, session.io().color && session.io().out_is_terminal);
  }
};

}  // namespace

std::unique_ptr<Command> NewStatus() { return std::make_unique<Status>(); }

}  // namespace ll::llctl
