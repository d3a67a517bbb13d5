#include "clients/llctl/command_tree.h"

#include <algorithm>
#include <utility>

#include "CLI/CLI.hpp"  // all of it, once: App.hpp alone leaves its formatters undefined
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/nearest_name.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/help_text.h"
#include "clients/llctl/help_topics.h"

namespace ll::llctl {
namespace {

struct Noun {
  const char* name;
  const char* plural;  // accepted too
  const char* summary;
};

// In the order in which help shows them.
constexpr Noun kNouns[] = {{"model", "models", "named lines of versions, with aliases"},
                           {"model-version", "model-versions", "trained or imported artifacts"},
                           {"training-job", "training-jobs", "runs of the learner"},
                           {"endpoint", "endpoints", "names under which versions are served"},
                           {"bucket", "buckets", "containers of objects"},
                           {"object", "objects", "datasets and other files"},
                           {"event", "events", "the log of every change"}};

// "llctl model create".
std::string PathOf(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : absl::StrCat(PathOf(*parent), " ", app.get_name());
}

std::string SeeHelp(const CLI::App& app) { return absl::StrCat("See `", PathOf(app), " --help`."); }

std::vector<const CLI::App*> Children(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* child) { return !child->get_group().empty(); });
}

// The child that `word` names, by its name or an alias.
const CLI::App* ChildOf(const CLI::App& app, const std::string& word) {
  for (const CLI::App* child : app.get_subcommands(nullptr)) {
    if (child->check_name(word)) return child;
  }
  return nullptr;
}

// The long names of all flags that may be given at `app`.
std::vector<std::string> FlagsAt(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

// CLI11 speaks of "NAME: ..." or "--limit: ..."; what it says after that is kept.
std::string FirstSentence(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

CommandTree::CommandTree(GlobalFlags& flags) : root_("", "llctl") {
  root_.set_help_flag("-h,--help", "Show help for a command");
  root_.require_subcommand(0, 1);
  root_.add_option("--address", flags.settings.address, "Where the server is; default 127.0.0.1:7070")
      ->type_name("HOST:PORT");
  root_.add_option("-o,--format", flags.settings.output, "table, wide, json, yaml or name")->type_name("FORMAT");
  AddDuration(root_, "--timeout", flags.timeout, "Give up after this long");
  root_.add_flag("-q,--quiet", flags.quiet, "Print only what was asked for, and errors");
  root_.add_flag("-v,--verbose", flags.verbose, "Tell all that is known about an error");
  root_.add_flag("--no-color", flags.no_color, "Do not color, also on a terminal");
  for (const Noun& noun : kNouns) {
    CLI::App* app = root_.add_subcommand(noun.name, noun.summary);
    app->alias(noun.plural)->require_subcommand(0, 1)->fallthrough();
  }
}

void CommandTree::Add(std::unique_ptr<Command> command) {
  const CommandHelp help = command->help();
  CLI::App& parent = help.verb.empty() ? root_ : *root_.get_subcommand(help.noun);
  CLI::App* app = parent.add_subcommand(help.verb.empty() ? help.noun : help.verb, help.summary);
  app->fallthrough();
  if (help.verb == "list") app->alias("ls");
  if (help.verb == "delete") app->alias("rm");
  if (absl::StartsWith(help.noun, "__")) app->group("");  // for programs, not shown
  command->Parse(*app);
  commands_[app] = std::move(command);
}

absl::StatusOr<ParsedCommand> CommandTree::Parse(std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    root_.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return ParsedCommand{nullptr, HelpOf(DeepestParsed())};
  } catch (const CLI::ParseError& error) {
    return Explain(error);
  }
  const CLI::App& app = DeepestParsed();
  if (&app == &root_) return ParsedCommand{nullptr, HelpOf(root_)};
  const auto command = commands_.find(&app);
  if (command == commands_.end()) return MissingVerb(app);
  return ParsedCommand{command->second.get(), ""};
}

absl::Status CommandTree::Explain(const CLI::ParseError& error) const {
  const CLI::App& app = DeepestParsed();
  const std::vector<std::string> rest = root_.remaining(/*recurse=*/true);
  const auto flag = std::find_if(rest.begin(), rest.end(), [](const std::string& word) { return word[0] == '-'; });
  if (flag != rest.end()) {
    const std::string name = flag->substr(0, flag->find('='));
    const std::string nearest = NearestName(name, FlagsAt(app));
    return UsageError(absl::StrCat("`", PathOf(app), "` has no flag ", name),
                      nearest.empty() ? SeeHelp(app) : absl::StrCat("Did you mean `", nearest, "`?"));
  }
  if (!rest.empty()) return UnknownWord(app, rest.front());
  return UsageError(absl::StrCat("`", PathOf(app), "`: ", FirstSentence(error.what())), SeeHelp(app));
}

absl::Status CommandTree::UnknownWord(const CLI::App& app, const std::string& word) const {
  if (commands_.count(&app) > 0) {
    return UsageError(absl::StrCat("`", PathOf(app), "` does not take the argument \"", word, "\""), SeeHelp(app));
  }
  std::vector<std::string> known;
  for (const CLI::App* child : Children(app)) {
    known.push_back(child->get_name());
    for (const std::string& alias : child->get_aliases()) known.push_back(alias);
  }
  const std::string nearest = NearestName(word, known);
  return UsageError(absl::StrCat("`", PathOf(app), " ", word, "` is not a command"),
                    nearest.empty() ? SeeHelp(app) : absl::StrCat("Did you mean `", PathOf(app), " ", nearest, "`?"));
}

absl::Status CommandTree::MissingVerb(const CLI::App& noun) const {
  std::vector<std::string> verbs;
  for (const CLI::App* child : Children(noun)) verbs.push_back(child->get_name());
  return UsageError(absl::StrCat("`", PathOf(noun), "` needs a verb: ", absl::StrJoin(verbs, ", ")), SeeHelp(noun));
}

const CLI::App& CommandTree::DeepestParsed() const {
  const CLI::App* app = &root_;
  // With no filter, CLI11 returns the subcommands that the command line named.
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return *app;
}

const CLI::App& CommandTree::AppAt(const std::vector<std::string>& words) const {
  const CLI::App* app = &root_;
  for (const std::string& word : words) {
    if (const CLI::App* child = ChildOf(*app, word)) app = child;
  }
  return *app;
}

const Command* CommandTree::CommandAt(const CLI::App& app) const {
  const auto command = commands_.find(&app);
  return command == commands_.end() ? nullptr : command->second.get();
}

std::string CommandTree::HelpOf(const CLI::App& app) const {
  if (const Command* command = CommandAt(app)) return CommandHelpText(*command, app);
  if (&app != &root_) return NounHelpText(app);
  return RootHelpText(root_);
}

absl::StatusOr<std::string> CommandTree::Help(const std::vector<std::string>& words) const {
  if (words.size() == 1) {
    if (const std::string topic = HelpTopic(words[0]); !topic.empty()) return topic;
  }
  const CLI::App* app = &root_;
  for (const std::string& word : words) {
    const CLI::App* child = ChildOf(*app, word);
    if (child == nullptr) return UnknownWord(*app, word);
    app = child;
  }
  return HelpOf(*app);
}

}  // namespace ll::llctl
