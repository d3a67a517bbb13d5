#include <string>

#include "clients/llctl/commands/commands.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/resource_names.h"

namespace ll::llctl {
namespace {

class TrainingJobLogs final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "training-job",
            .verb = "logs",
            .summary = "Show what a training job printed",
            .when = "",
            .examples = {{"training-job logs digits", "All of it"},
                         {"training-job logs digits --tail-lines 20 --follow", "The end, and what is still to come"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The training job")->required();
    app.add_flag("--follow", follow_, "Go on until the job has ended");
    app.add_option("--tail-lines", tail_lines_, "Only the last so many lines of what is there; 0: all")->type_name("N");
  }

  absl::Status Validate(Session&) override {
    return tail_lines_ < 0 ? UsageError("--tail-lines must not be negative") : absl::OkStatus();
  }

  absl::Status Run(Session& session) override {
    v1::ReadTrainingJobLogsRequest request;
    request.set_name(FullName(ResourceKind::kTrainingJob, name_));
    request.set_follow(follow_);
    request.set_tail_lines(tail_lines_);
    return session.client().training().ReadTrainingJobLogs(
        request,
        [&](absl::string_view line) {
          session.io().out << line << "\n";
          if (follow_) session.io().out << std::flush;
        },
        session.call());
  }

 private:
  std::string name_;
  bool follow_ = false;
  int tail_lines_ = 0;
};

}  // namespace

std::unique_ptr<Command> NewTrainingJobLogs() { return std::make_unique<TrainingJobLogs>(); }

}  // namespace ll::llctl
