#include <string>

#include "clients/llctl/commands/commands.h"
#include "clients/llctl/resource_names.h"
#include "clients/llctl/waiting.h"

namespace ll::llctl {
namespace {

class TrainingJobWait final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "training-job",
            .verb = "wait",
            .summary = "Wait until a training job has ended",
            .when =
                "Ends with exit code 1 and the job's error when it did not succeed, 5 when --timeout is over. Goes on "
                "over restarts of the server. Ctrl-C stops waiting, not the job.",
            .examples = {{"training-job wait digits", "As long as it takes"},
                         {"training-job wait digits --timeout 10m && echo done", "In a script"}}};
  }

  void Parse(CLI::App& app) override { app.add_option("NAME", name_, "The training job")->required(); }

  absl::Status Run(Session& session) override {
    return WaitForJob(session, FullName(ResourceKind::kTrainingJob, name_));
  }

 private:
  std::string name_;
};

}  // namespace

std::unique_ptr<Command> NewTrainingJobWait() { return std::make_unique<TrainingJobWait>(); }

}  // namespace ll::llctl
