#include "clients/llctl/llctl.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "clients/llctl/command_tree.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/completion.h"
#include "clients/llctl/error_report.h"
#include "clients/llctl/exit_codes.h"

namespace ll::llctl {
namespace {

struct ReasonKind {
  ErrorReason reason;
  ResourceKind kind;
};

// Which resources are looked through for the one that was meant.
constexpr ReasonKind kNotFoundKinds[] = {{ErrorReason::kModelNotFound, ResourceKind::kModel},
                                         {ErrorReason::kTrainingJobNotFound, ResourceKind::kTrainingJob},
                                         {ErrorReason::kEndpointNotFound, ResourceKind::kEndpoint},
                                         {ErrorReason::kBucketNotFound, ResourceKind::kBucket}};

// "Did you mean models/churn?", when a name on the command line is near to one that exists.
std::string NearestResource(const absl::Status& status, const std::vector<std::string>& arguments,
                            const client::Client& client) {
  for (const ReasonKind& entry : kNotFoundKinds) {
    if (!HasReason(status, entry.reason)) continue;
    const std::vector<std::string> names = LookUpNames(client, entry.kind);
    for (const std::string& argument : arguments) {
      // Only what the error is about: its message names it.
      const std::string id = IdOf(entry.kind, argument);
      if (id.empty() || !absl::StrContains(status.message(), FullName(entry.kind, id))) continue;
      const std::string nearest = NearestName(id, names);
      if (!nearest.empty()) return absl::StrCat("Did you mean `", FullName(entry.kind, nearest), "`?");
    }
  }
  return "";
}

class Invocation {
 public:
  Invocation(const std::vector<std::string>& arguments, Surroundings& surroundings)
      : arguments_(arguments), surroundings_(surroundings), tree_(flags_) {
    AddAllCommands(tree_);
  }

  int Run() {
    absl::Status status = Parse();
    if (status.ok() && command_ != nullptr) status = RunCommand();
    surroundings_.io.out << std::flush;
    if (status.ok() && !surroundings_.io.out.good()) {
      status = MakeError(absl::StatusCode::kInternal, ErrorReason::kStorageFailed,
                         {.what = "cannot write to standard output", .why = "the system refused it"});
    }
    if (status.ok()) return kDone;
    return Report(status);
  }

 private:
  absl::Status Parse() {
    LL_ASSIGN_OR_RETURN(const ParsedCommand parsed, tree_.Parse(arguments_));
    command_ = parsed.command;
    if (command_ == nullptr) surroundings_.io.out << parsed.help_text;
    if (flags_.no_color) surroundings_.io.color = false;
    return absl::OkStatus();
  }

  absl::Status RunCommand() {
    LL_ASSIGN_OR_RETURN(settings_, ResolveSettings(flags_.settings, surroundings_.variables, surroundings_.env));
    if (command_->needs_server()) {
      absl::StatusOr<client::Client> client = client::Client::Open({.address = settings_->address.value});
      if (!client.ok()) return WithExitCode(Annotate(client.status(), settings_->address.origin), kUsage);
      client_ = *std::move(client);
    }
    Session session(surroundings_, flags_, *settings_, client_);
    LL_RETURN_IF_ERROR(command_->Validate(session));
    const absl::Status status = command_->Run(session);
    if (!session.interrupted() || !absl::IsCancelled(status) || ExitCodeOf(status) == kInterrupted) return status;
    // Whatever broke when a call was given up: it was the user who ended it.
    return WithExitCode(
        MakeError(absl::StatusCode::kCancelled, ErrorReason::kCancelled, {.what = "interrupted", .why = ""}),
        kInterrupted);
  }

  int Report(const absl::Status& status) {
    ReportOptions options;
    options.json = settings_.has_value() ? settings_->format == OutputFormat::kJson : flags_.settings.output == "json";
    options.verbose = flags_.verbose;
    if (HasReason(status, ErrorReason::kServerUnreachable) && settings_.has_value()) {
      options.hints.push_back(settings_->address.origin == "default"
                                  ? "The address is the default; --address or LL_ADDRESS give another."
                                  : absl::StrCat("The address comes from ", settings_->address.origin, "."));
    }
    if (client_.has_value()) {
      const std::string nearest = NearestResource(status, arguments_, *client_);
      if (!nearest.empty()) options.hints.push_back(nearest);
    }
    ReportError(status, options, surroundings_.io);
    return ExitCodeOf(status);
  }

  const std::vector<std::string>& arguments_;
  Surroundings& surroundings_;
  GlobalFlags flags_;
  CommandTree tree_;
  Command* command_ = nullptr;
  std::optional<Settings> settings_;  // once they are known
  std::optional<client::Client> client_;
};

}  // namespace

int RunLlctl(const std::vector<std::string>& arguments, Surroundings& surroundings) {
  return Invocation(arguments, surroundings).Run();
}

}  // namespace ll::llctl
