// All commands of llctl as a tree of CLI11 apps: llctl -> noun -> verb, or llctl -> command.
//
//   GlobalFlags flags;
//   CommandTree tree(flags);
//   for (auto& command : AllCommands()) tree.Add(std::move(command));
//   LL_ASSIGN_OR_RETURN(ParsedCommand parsed, tree.Parse({"model", "get", "churn", "-o", "json"}));
#ifndef LL_CLIENTS_LLCTL_COMMAND_TREE_H_
#define LL_CLIENTS_LLCTL_COMMAND_TREE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "CLI/App.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "clients/llctl/command.h"

namespace ll::llctl {

struct ParsedCommand {
  Command* command = nullptr;  // absent: help was asked for
  std::string help_text;       // then this is it
};

// Not thread-safe. Parses once.
class CommandTree {
 public:
  // `flags` is filled in by Parse() and must outlive the tree.
  explicit CommandTree(GlobalFlags& flags);

  void Add(std::unique_ptr<Command> command);

  // `arguments` without the program's name. A UsageError says what is wrong, with the nearest name where one is near.
  absl::StatusOr<ParsedCommand> Parse(std::vector<std::string> arguments);

  // The help of the command, noun or topic that `words` name; none: of llctl itself. Usage error when there is none.
  absl::StatusOr<std::string> Help(const std::vector<std::string>& words) const;

  // For completion: the app that `words` lead to, and the command at that place (null at a noun or the root).
  const CLI::App& AppAt(const std::vector<std::string>& words) const;
  const Command* CommandAt(const CLI::App& app) const;

  const CLI::App& root() const { return root_; }

 private:
  absl::Status Explain(const CLI::ParseError& error) const;
  absl::Status UnknownWord(const CLI::App& app, const std::string& word) const;
  absl::Status MissingVerb(const CLI::App& noun) const;
  const CLI::App& DeepestParsed() const;
  std::string HelpOf(const CLI::App& app) const;

  CLI::App root_;
  std::map<const CLI::App*, std::unique_ptr<Command>> commands_;
};

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_COMMAND_TREE_H_
