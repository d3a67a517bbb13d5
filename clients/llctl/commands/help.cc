#include <string>
#include <vector>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"

namespace ll::llctl {
namespace {

class Help final : public Command {
 public:
  explicit Help(const CommandTree& tree) : tree_(tree) {}

  CommandHelp help() const override {
    return {.noun = "help",
            .summary = "Explain a command or a topic",
            .when = "The topics are environment, exit-codes and filters.",
            .examples = {{"help training-job create", "A command"}, {"help exit-codes", "A topic"}}};
  }

  void Parse(CLI::App& app) override { app.add_option("WORDS", words_, "A noun, a noun and a verb, or a topic"); }

  absl::Status Run(Session& session) override {
    LL_ASSIGN_OR_RETURN(const std::string text, tree_.Help(words_));
    session.io().out << text;
    return absl::OkStatus();
  }

  bool needs_server() const override { return false; }

 private:
  const CommandTree& tree_;
  std::vector<std::string> words_;
};

}  // namespace

std::unique_ptr<Command> NewHelp(const CommandTree& tree) { return std::make_unique<Help>(tree); }

}  // namespace ll::llctl
