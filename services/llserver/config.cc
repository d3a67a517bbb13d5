#include "services/llserver/config.h"

#include <algorithm>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/env.h"
#include "base/error_reason.h"
#include "base/nearest_name.h"
#include "services/llserver/setting_table.h"
#include "yaml-cpp/yaml.h"

namespace ll::llserver {
namespace {

using Values = std::map<std::string, std::string>;  // by the setting's name

constexpr char kConfig[] = "config";
constexpr absl::string_view kVariablePrefix = "LL_SERVER_";

std::string VariableOf(absl::string_view name) {
  return absl::StrCat(kVariablePrefix, absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"-", "_"}})));
}

// The flags, as the library that reads them and writes the help text wants them.
struct FlagParser {
  CLI::App app{
      "The Linear Learner platform in one process: models, training, endpoints and predictions over gRPC and HTTP.",
      "llserver"};
  Values values;  // of every option, given or not
  bool version = false;

  FlagParser() {
    for (const SettingInfo& setting : SettingTable()) {
      const std::string flag = absl::StrCat("--", setting.name);
      std::string& value = values[setting.name];
      if (setting.form[0] == '\0') {
        app.add_flag(flag, value, setting.description);
      } else {
        app.add_option(flag, value, setting.description)->type_name(setting.form)->default_str(setting.default_value);
      }
    }
    app.add_option(absl::StrCat("--", kConfig), values[kConfig], "a YAML file of these settings, `name: value`")
        ->type_name("FILE");
    app.add_flag("--version", version, "print the release and exit");
    app.allow_extras();
    app.footer(absl::StrCat("Each setting can also come from the environment (", VariableOf("drain-timeout"),
                            "=10s) or the file (drain-timeout: 10s); a flag wins over both, the environment over the "
                            "file."));
  }

  bool given(const std::string& name) const { return app.count(absl::StrCat("--", name)) > 0; }
};

class ConfigParser {
 public:
  absl::StatusOr<Config> Parse(const std::vector<std::string>& args, const Values& environment,
                               absl::FunctionRef<absl::StatusOr<std::string>(const std::string&)> read_file) {
    ReadFlags(args);
    if (config_.command != Config::Command::kServe) return config_;
    config_.http_listen = *ParseListenAddress(kDefaultHttpListen);
    ReadVariables(environment);
    std::string path;
    for (const Values* source : {&variables_, &flags_}) {
      if (const auto found = source->find(kConfig); found != source->end()) path = found->second;
    }
    if (!path.empty()) ReadFile(path, read_file(path));
    for (const SettingInfo& setting : SettingTable()) Choose(setting, path);
    if (config_.data_dir.empty()) SetDefaultDataDir(environment);
    if (const absl::Status allowed = CheckListenAddress(config_.listen, config_.insecure); !allowed.ok()) {
      Add("listen", absl::StrCat("is not allowed: ", std::string(allowed.message())));
    }
    if (config_.http_listen.has_value()) {
      const absl::Status allowed = CheckListenAddress(*config_.http_listen, config_.insecure);
      if (!allowed.ok()) Add("http-listen", absl::StrCat("is not allowed: ", std::string(allowed.message())));
    }
    if (violations_.empty()) return std::move(config_);
    return Error();
  }

 private:
  void Add(const std::string& field, std::string description) {
    violations_.push_back({field, std::move(description)});
  }

  void AddUnknown(const std::string& field, const std::string& name, const std::vector<std::string>& known) {
    const std::string nearest = NearestName(name, known);
    Add(field, nearest.empty() ? "is not known; see llserver --help"
                               : absl::StrCat("is not known; did you mean ", nearest, "?"));
  }

  // What the settings are called in one source.
  template <typename Spelling>
  std::vector<std::string> KnownNames(Spelling spelling) {
    std::vector<std::string> names = {spelling(kConfig)};
    for (const SettingInfo& setting : SettingTable()) names.push_back(spelling(setting.name));
    return names;
  }

  void ReadFlags(std::vector<std::string> args) {
    FlagParser parser;
    std::reverse(args.begin(), args.end());  // the library takes them from the end
    try {
      parser.app.parse(std::move(args));
    } catch (const CLI::CallForHelp&) {
      config_.command = Config::Command::kHelp;
      return;
    } catch (const CLI::ParseError& error) {
      Add("flags", error.what());
      return;
    }
    if (parser.version) config_.command = Config::Command::kVersion;
    for (const auto& [name, value] : parser.values) {
      if (parser.given(name)) flags_[name] = value;
    }
    bool after_unknown_flag = false;  // then this may be its value
    for (const std::string& extra : parser.app.remaining()) {
      const std::string name = extra.substr(0, extra.find('='));
      const bool is_flag = absl::StartsWith(name, "-");
      if (is_flag || !after_unknown_flag) {
        AddUnknown(name, name, KnownNames([](absl::string_view known) { return absl::StrCat("--", known); }));
      }
      after_unknown_flag = is_flag && name == extra;
    }
  }

  void ReadVariables(const Values& environment) {
    std::map<std::string, std::string> names = {{VariableOf(kConfig), kConfig}};
    for (const SettingInfo& setting : SettingTable()) names[VariableOf(setting.name)] = setting.name;
    for (const auto& [variable, value] : environment) {
      if (!absl::StartsWith(variable, kVariablePrefix)) continue;
      if (const auto known = names.find(variable); known != names.end()) {
        variables_[known->second] = value;
      } else {
        AddUnknown(variable, variable, KnownNames(VariableOf));
      }
    }
  }

  void ReadFile(const std::string& path, const absl::StatusOr<std::string>& text) {
    if (!text.ok()) return Add(path, absl::StrCat("is not readable: ", std::string(text.status().message())));
    const std::vector<std::string> known = KnownNames([](absl::string_view name) { return std::string(name); });
    try {
      const YAML::Node root = YAML::Load(*text);
      if (root.IsNull()) return;
      if (!root.IsMap()) return Add(path, "is not a map of settings; write `name: value` lines");
      for (const auto& entry : root) {
        const std::string name = entry.first.as<std::string>();
        const std::string field = absl::StrCat(path, ":", entry.first.Mark().line + 1, ": ", name);
        if (name == kConfig || std::find(known.begin(), known.end(), name) == known.end()) {
          AddUnknown(field, name, known);
        } else if (!entry.second.IsScalar()) {
          Add(field, "has no single value");
        } else if (!file_.emplace(name, entry.second.as<std::string>()).second) {
          Add(field, "is there twice");
        }
      }
    } catch (const YAML::Exception& error) {
      Add(path, absl::StrCat("is not YAML: ", error.what()));
    }
  }

  // Takes the value of the strongest source.
  void Choose(const SettingInfo& setting, const std::string& path) {
    struct Source {
      const Values& values;
      std::string origin;
      std::string field;  // in errors
    };
    const std::string flag = absl::StrCat("--", setting.name);
    const std::string variable = VariableOf(setting.name);
    for (const Source& source : {Source{flags_, "flag", flag}, Source{variables_, variable, variable},
                                 Source{file_, path, absl::StrCat(path, ": ", setting.name)}}) {
      const auto found = source.values.find(setting.name);
      if (found == source.values.end()) continue;
      const std::string problem = setting.set(found->second, &config_);
      if (!problem.empty()) Add(source.field, absl::StrCat("is \"", found->second, "\": ", problem));
      config_.settings.push_back({setting.name, found->second, source.origin});
      return;
    }
    config_.settings.push_back({setting.name, setting.default_value, "default"});
  }

  void SetDefaultDataDir(const Values& environment) {
    const auto variable = [&](const char* name) {
      const auto found = environment.find(name);
      return found == environment.end() ? "" : found->second;
    };
    if (const std::string data_home = variable("XDG_DATA_HOME"); !data_home.empty()) {
      config_.data_dir = JoinPath(data_home, "linear-learner");
    } else if (const std::string home = variable("HOME"); !home.empty()) {
      config_.data_dir = JoinPath(home, ".local/share/linear-learner");
    } else {
      Add("--data-dir", "is not given, and there is no HOME to put it into");
    }
    for (Config::Setting& setting : config_.settings) {
      if (setting.name == "data-dir") setting.value = config_.data_dir;
    }
  }

  absl::Status Error() const {
    const std::string all = absl::StrJoin(violations_, "; ", [](std::string* out, const FieldViolation& each) {
      absl::StrAppend(out, each.field, " ", each.description);
    });
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kConfigInvalid,
                     {.what = "cannot start llserver", .why = all}, {.field_violations = violations_});
  }

  Config config_;
  Values flags_, variables_, file_;
  std::vector<FieldViolation> violations_;
};

}  // namespace

absl::StatusOr<Config> ParseConfig(const std::vector<std::string>& args, const Values& environment,
                                   absl::FunctionRef<absl::StatusOr<std::string>(const std::string& path)> read_file) {
  return ConfigParser().Parse(args, environment, read_file);
}

std::string HelpText() { return FlagParser().app.help(); }

}  // namespace ll::llserver
