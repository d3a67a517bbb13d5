#include "clients/llctl/help_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "clients/llctl/help_topics.h"

namespace ll::llctl {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;  // what stands left and right

std::vector<const CLI::App*> ShownChildren(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* child) { return !child->get_group().empty(); });
}

// "  left    right" with the right side aligned and wrapped.
std::string TwoColumns(const Lines& lines) {
  size_t width = 0;
  for (const auto& [left, right] : lines) width = std::max(width, left.size());
  std::string text;
  for (const auto& [left, right] : lines) {
    absl::StrAppend(&text, "  ", left, std::string(width - left.size() + 2, ' '), Wrap(right, width + 4), "\n");
  }
  return text;
}

// "-o, --format FORMAT", "    --wait".
std::string FlagText(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  const std::string type = option.get_expected_max() == 0 ? "" : absl::StrCat(" ", option.get_type_name());
  return absl::StrCat(option.get_snames().empty() ? "    " : "", absl::StrJoin(names, ", "), type);
}

// Without --help, but for the root: it is a flag of every command.
std::string FlagsOf(const CLI::App& app) {
  Lines lines;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->nonpositional() || (app.get_parent() != nullptr && option->check_lname("help"))) continue;
    lines.emplace_back(FlagText(*option), option->get_description());
  }
  return TwoColumns(lines);
}

std::string UsageOf(const CommandHelp& help, const CLI::App& app) {
  std::string usage = absl::StrCat("  llctl ", help.noun, help.verb.empty() ? "" : " ", help.verb);
  for (const CLI::Option* option : app.get_options()) {
    if (option->nonpositional()) continue;
    absl::StrAppend(&usage, option->get_required() ? " " : " [", option->get_name(), option->get_required() ? "" : "]");
  }
  return usage + " [flags]\n";
}

std::string ArgumentsOf(const CLI::App& app) {
  Lines lines;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->nonpositional()) lines.emplace_back(option->get_name(), option->get_description());
  }
  return TwoColumns(lines);
}

std::string ExamplesOf(const std::vector<Example>& examples) {
  std::string text;
  for (const Example& example : examples) {
    absl::StrAppend(&text, "  # ", example.comment, "\n  llctl ", example.command, "\n");
  }
  return text;
}

}  // namespace

std::string Wrap(const std::string& text, size_t indent, size_t width) {
  std::string wrapped;
  size_t column = indent;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (column > indent && column + 1 + word.size() > width) {
      absl::StrAppend(&wrapped, "\n", std::string(indent, ' '));
      column = indent;
    } else if (column > indent) {
      wrapped.push_back(' ');
      ++column;
    }
    absl::StrAppend(&wrapped, word);
    column += word.size();
  }
  return wrapped;
}

std::string RootHelpText(const CLI::App& root) {
  Lines nouns;
  Lines commands;
  for (const CLI::App* child : ShownChildren(root)) {
    std::vector<std::string> verbs;
    for (const CLI::App* verb : ShownChildren(*child)) verbs.push_back(verb->get_name());
    if (verbs.empty()) {
      commands.emplace_back(child->get_name(), child->get_description());
    } else {
      nouns.emplace_back(child->get_name(), absl::StrJoin(verbs, " "));
    }
  }
  return absl::StrCat(
      "llctl trains, deploys and queries linear models on an llserver.\n\n"
      "Examples:\n",
      ExamplesOf({{"training-job create digits --train train.pbr --model digits --wait \\\n"
                   "      --hyperparameter predictor_type=binary_classifier",
                   "Train on a local file; the best model is registered as a version"},
                  {"endpoint create digits --model-version models/digits@latest --wait", "Serve it"},
                  {"predict digits --input test.csv > predictions.csv", "Ask it"},
                  {"endpoint delete digits --yes --wait", "Stop serving it"}}),
      "\nUsage:\n  llctl NOUN VERB [NAME] [flags]\n\nNouns and their verbs:\n", TwoColumns(nouns), "\nCommands:\n",
      TwoColumns(commands), "\nFlags of every command:\n", FlagsOf(root),
      "\n`llctl NOUN VERB --help` explains one command, `llctl help TOPIC` one of\n", absl::StrJoin(HelpTopics(), ", "),
      ".\n");
}

std::string NounHelpText(const CLI::App& noun) {
  Lines verbs;
  for (const CLI::App* verb : ShownChildren(noun)) verbs.emplace_back(verb->get_name(), verb->get_description());
  return absl::StrCat(noun.get_name(), ": ", noun.get_description(), ".\n\nUsage:\n  llctl ", noun.get_name(),
                      " VERB [NAME] [flags]\n\nVerbs:\n", TwoColumns(verbs), "\n`llctl ", noun.get_name(),
                      " VERB --help` explains one.\n");
}

std::string CommandHelpText(const Command& command, const CLI::App& app) {
  const CommandHelp help = command.help();
  std::string text = absl::StrCat(help.summary, ".\n");
  if (!help.when.empty()) absl::StrAppend(&text, "\n", Wrap(help.when, 0), "\n");
  absl::StrAppend(&text, "\nExamples:\n", ExamplesOf(help.examples));
  absl::StrAppend(&text, "\nUsage:\n", UsageOf(help, app));
  if (const std::string arguments = ArgumentsOf(app); !arguments.empty()) {
    absl::StrAppend(&text, "\nArguments:\n", arguments);
  }
  if (const std::string flags = FlagsOf(app); !flags.empty()) absl::StrAppend(&text, "\nFlags:\n", flags);
  return absl::StrCat(text,
                      "\n`llctl --help` shows the flags of every command, such as --address, -o and --timeout.\n");
}

}  // namespace ll::llctl
