#include "clients/llctl/completion.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/llctl/help_topics.h"

namespace ll::llctl {
namespace {

constexpr absl::Duration kLookupTimeout = absl::Milliseconds(500);
constexpr size_t kMaxNames = 200;

constexpr char kBash[] = R"(# bash: source <(llctl completion bash)
_llctl() {
  local IFS=$'\n'
  COMPREPLY=($(llctl __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _llctl llctl
)";

constexpr char kZsh[] = R"(#compdef llctl
# zsh: source <(llctl completion zsh)
_llctl() {
  local -a candidates
  candidates=("${(@f)$(llctl __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${candidates[1]}" ]]; then compadd -a candidates; else _files; fi
}
compdef _llctl llctl
)";

constexpr char kFish[] = R"(# fish: llctl completion fish | source
complete -c llctl -a '(llctl __complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
)";

// What the argument of a command names; none where it names something new, or nothing on the server.
std::optional<ResourceKind> ArgumentKind(const CommandHelp& help) {
  if (help.verb == "create" || help.verb == "put") return std::nullopt;
  if (help.noun == "model") return ResourceKind::kModel;
  if (help.noun == "model-version") {
    const bool of_model = help.verb == "list" || help.verb == "import";
    return of_model ? ResourceKind::kModel : ResourceKind::kModelVersion;
  }
  if (help.noun == "training-job") return ResourceKind::kTrainingJob;
  if (help.noun == "endpoint" || help.noun == "predict") return ResourceKind::kEndpoint;
  if (help.noun == "bucket") return ResourceKind::kBucket;
  return std::nullopt;
}

std::vector<std::string> ArgumentCandidates(const Command& command, const CommandTree& tree, const NameLookup& lookup) {
  const CommandHelp help = command.help();
  if (help.noun == "completion") return {"bash", "fish", "zsh"};
  if (help.noun == "config") return {"view"};
  if (help.noun == "help") {
    std::vector<std::string> words = HelpTopics();
    for (const CLI::App* child : tree.root().get_subcommands(nullptr)) {
      if (!child->get_group().empty()) words.push_back(child->get_name());
    }
    return words;
  }
  const std::optional<ResourceKind> kind = ArgumentKind(help);
  if (help.verb == "list" && help.noun != "model-version") return {};
  return kind.has_value() ? lookup(*kind) : std::vector<std::string>();
}

// The option of `app` or of the apps above it that `word` names and that takes a value.
const CLI::Option* ValueOption(const CLI::App& app, const std::string& word) {
  if (word.size() < 2 || word[0] != '-') return nullptr;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    if (const CLI::Option* option = at->get_option_no_throw(word)) {
      return option->get_expected_max() > 0 ? option : nullptr;
    }
  }
  return nullptr;
}

std::vector<std::string> ValueCandidates(const CLI::Option& option, const NameLookup& lookup) {
  const std::string type = option.get_type_name();
  if (type == "FORMAT") return {"json", "name", "table", "wide", "yaml"};
  if (type == "MODEL") return lookup(ResourceKind::kModel);
  if (type == "VERSION") return lookup(ResourceKind::kModelVersion);
  return {};
}

std::vector<std::string> FlagCandidates(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
    }
  }
  return flags;
}

std::vector<std::string> Candidates(const CommandTree& tree, const std::vector<std::string>& before,
                                    const std::string& current, const NameLookup& lookup) {
  const CLI::App& app = tree.AppAt(before);
  if (!before.empty()) {
    if (const CLI::Option* option = ValueOption(app, before.back())) return ValueCandidates(*option, lookup);
  }
  if (absl::StartsWith(current, "-")) return FlagCandidates(app);
  if (const Command* command = tree.CommandAt(app)) return ArgumentCandidates(*command, tree, lookup);
  std::vector<std::string> names;
  for (const CLI::App* child : app.get_subcommands(nullptr)) {
    if (!child->get_group().empty()) names.push_back(child->get_name());
  }
  return names;
}

template <typename Range>
std::vector<std::string> TakeNames(Range range) {
  std::vector<std::string> names;
  for (auto& resource : range) {
    if (!resource.ok() || names.size() == kMaxNames) break;
    names.push_back(ShortName(resource->name()));
  }
  return names;
}

}  // namespace

std::vector<std::string> CompleteWords(const CommandTree& tree, const std::vector<std::string>& words,
                                       const NameLookup& lookup) {
  if (words.empty()) return {};
  const std::string& current = words.back();
  std::vector<std::string> candidates = Candidates(tree, {words.begin(), words.end() - 1}, current, lookup);
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(),
                                  [&](const std::string& word) { return !absl::StartsWith(word, current); }),
                   candidates.end());
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  return candidates;
}

std::vector<std::string> LookUpNames(const client::Client& client, ResourceKind kind) {
  const client::CallOptions options{.timeout = kLookupTimeout};
  switch (kind) {
    case ResourceKind::kModel: return TakeNames(client.models().ListModels({}, options));
    case ResourceKind::kTrainingJob: return TakeNames(client.training().ListTrainingJobs({}, options));
    case ResourceKind::kEndpoint: return TakeNames(client.endpoints().ListEndpoints({}, options));
    case ResourceKind::kBucket: return TakeNames(client.objects().ListBuckets({}, options));
    case ResourceKind::kModelVersion: {
      v1::ListModelVersionsRequest request;
      request.set_parent("models/-");
      return TakeNames(client.models().ListModelVersions(request, options));
    }
    default: return {};
  }
}

std::string CompletionScript(const std::string& shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return "";
}

}  // namespace ll::llctl
