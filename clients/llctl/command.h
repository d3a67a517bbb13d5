// A command of llctl, such as `model create`: one object, one file in commands/.
//
//   class ModelGet final : public Command {
//    public:
//     CommandHelp help() const override { return {.noun = "model", .verb = "get", ...}; }
//     void Parse(CLI::App& app) override { app.add_option("NAME", name_, "...")->required(); }
//     absl::Status Run(Session& session) override { ... }
//    private:
//     std::string name_;
//   };
//
// Its fields are its options. llctl calls Parse() to declare them, lets CLI11 fill them in, then Validate(), then
// Run().
#ifndef LL_CLIENTS_LLCTL_COMMAND_H_
#define LL_CLIENTS_LLCTL_COMMAND_H_

#include <string>
#include <vector>

#include "CLI/App.hpp"
#include "absl/status/status.h"
#include "clients/llctl/session.h"

namespace ll::llctl {

struct Example {
  std::string command;  // without "llctl "
  std::string comment;  // what it does
};

struct CommandHelp {
  std::string noun;
  std::string verb = "";  // empty for commands such as `predict`
  std::string summary;    // one line, shown in lists
  std::string when;       // when to use it, and what to know
  std::vector<Example> examples;
};

class Command {
 public:
  virtual ~Command() = default;

  virtual CommandHelp help() const = 0;

  // Declares arguments and flags, bound to this object's fields.
  virtual void Parse(CLI::App& app) = 0;

  // What is wrong with the arguments taken together, before anything is done: a UsageError.
  virtual absl::Status Validate(Session&) { return absl::OkStatus(); }

  // Does it. What the error means for the exit code, exit_codes.h says.
  virtual absl::Status Run(Session& session) = 0;

  // Whether it talks to the server.
  virtual bool needs_server() const { return true; }
};

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_COMMAND_H_
