#include <string>

#include "clients/llctl/commands/commands.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class Config final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "config",
            .summary = "Show the settings of llctl and where each comes from",
            .when =
                "A setting comes from its flag, else from its environment variable, else from the configuration "
                "file, else it has its default; see `llctl help environment`.",
            .examples = {{"config view", "What holds now"},
                         {"config view --address 10.0.0.7:7070 -o json", "What would hold, for programs"}}};
  }

  void Parse(CLI::App& app) override { app.add_option("VERB", verb_, "view")->required(); }

  absl::Status Validate(Session&) override {
    return verb_ == "view"
               ? absl::OkStatus()
               : UsageError("`llctl config " + verb_ + "` is not a command", "There is `llctl config view`.");
  }

  absl::Status Run(Session& session) override {
    const Settings& settings = session.settings();
    const auto entry = [](const Setting& setting) {
      return Json{{"value", setting.value}, {"origin", setting.origin}};
    };
    if (PrintAsData(session, {{"address", entry(settings.address)},
                              {"output", entry(settings.output)},
                              {"configFile", settings.config_file}})) {
      return absl::OkStatus();
    }
    Table table({"NAME", "VALUE", "ORIGIN"});
    table.AddRow({{"address"}, {settings.address.value}, {settings.address.origin}});
    table.AddRow({{"output"}, {settings.output.value}, {settings.output.origin}});
    table.Print(session.io().out, session.io().color && session.io().out_is_terminal);
    const bool there = session.env().Exists(settings.config_file);
    if (!session.flags().quiet) {
      session.io().err << (there ? "Configuration file: " : "No configuration file at ") << settings.config_file
                       << "\n";
    }
    return absl::OkStatus();
  }

  bool needs_server() const override { return false; }

 private:
  std::string verb_;
};

}  // namespace

std::unique_ptr<Command> NewConfig() { return std::make_unique<Config>(); }

}  // namespace ll::llctl
