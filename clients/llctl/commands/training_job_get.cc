#include <string>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/printer.h"
#include "clients/llctl/watch_output.h"

namespace ll::llctl {
namespace {

class TrainingJobGet final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "training-job",
            .verb = "get",
            .summary = "Show one training job: its state, progress, metrics and models",
            .when =
                "With --watch, a line for every epoch and change of state until it has ended. `-o wide` shows every "
                "model that was trained.",
            .examples = {{"training-job get digits", "How it stands"},
                         {"training-job get digits -o wide", "With all models that were trained together"},
                         {"training-job get digits --watch -o json", "A JSON object for every change"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The training job")->required();
    app.add_flag("-w,--watch", watch_, "Go on with a line for every change");
  }

  absl::Status Run(Session& session) override {
    const client::TrainingClient& training = session.client().training();
    const std::string name = FullName(ResourceKind::kTrainingJob, name_);
    if (watch_) {
      WatchOutput<v1::TrainingJob> output(session);
      return training.WatchTrainingJob(
          name,
          [&](const v1::TrainingJob& job) {
            output.Add(job);
            return true;
          },
          session.wait());
    }
    LL_ASSIGN_OR_RETURN(const v1::TrainingJob job, training.GetTrainingJob(name, session.call()));
    PrintResource(session, job);
    return absl::OkStatus();
  }

 private:
  std::string name_;
  bool watch_ = false;
};

}  // namespace

std::unique_ptr<Command> NewTrainingJobGet() { return std::make_unique<TrainingJobGet>(); }

}  // namespace ll::llctl
