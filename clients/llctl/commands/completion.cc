#include "clients/llctl/completion.h"

#include <string>
#include <vector>

#include "clients/llctl/commands/commands.h"
#include "clients/llctl/exit_codes.h"

namespace ll::llctl {
namespace {

class Completion final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "completion",
            .summary = "Print a script that lets a shell complete llctl's commands, flags and names",
            .when =
                "Names of resources come from the server that the settings name; nothing is completed when it does "
                "not answer quickly.",
            .examples = {{"completion bash > /etc/bash_completion.d/llctl", "For all users of bash"},
                         {"completion zsh > ~/.zfunc/_llctl", "For zsh, with ~/.zfunc in fpath"},
                         {"completion fish > ~/.config/fish/completions/llctl.fish", "For fish"}}};
  }

  void Parse(CLI::App& app) override { app.add_option("SHELL", shell_, "bash, zsh or fish")->required(); }

  absl::Status Validate(Session&) override {
    return CompletionScript(shell_).empty()
               ? UsageError("there is no completion for " + shell_, "There is for bash, zsh and fish.")
               : absl::OkStatus();
  }

  absl::Status Run(Session& session) override {
    session.io().out << CompletionScript(shell_);
    return absl::OkStatus();
  }

  bool needs_server() const override { return false; }

 private:
  std::string shell_;
};

// Called by the scripts, one candidate a line.
class Complete final : public Command {
 public:
  explicit Complete(const CommandTree& tree) : tree_(tree) {}

  CommandHelp help() const override {
    return {.noun = "__complete",
            .summary = "Print what may follow; for completion scripts",
            .when = "",
            .examples = {{"__complete -- model g", "What begins with g after `llctl model`"}}};
  }

  void Parse(CLI::App& app) override { app.add_option("WORDS", words_, "The words typed so far"); }

  absl::Status Run(Session& session) override {
    const auto lookup = [&](ResourceKind kind) { return LookUpNames(session.client(), kind); };
    for (const std::string& candidate : CompleteWords(tree_, words_, lookup)) session.io().out << candidate << "\n";
    return absl::OkStatus();
  }

 private:
  const CommandTree& tree_;
  std::vector<std::string> words_;
};

}  // namespace

std::unique_ptr<Command> NewCompletion() { return std::make_unique<Completion>(); }
std::unique_ptr<Command> NewComplete(const CommandTree& tree) { return std::make_unique<Complete>(tree); }

}  // namespace ll::llctl
