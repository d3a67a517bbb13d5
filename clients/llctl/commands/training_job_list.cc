#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class TrainingJobList final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "training-job",
            .verb = "list",
            .summary = "List training jobs",
            .when = "",
            .examples = {{"training-job list --order-by 'create_time desc' --limit 10", "The ten newest"},
                         {"training-job list --filter 'state = FAILED AND model = digits'", "What went wrong"}}};
  }

  void Parse(CLI::App& app) override { list_.Parse(app); }

  absl::Status Validate(Session&) override { return list_.Validate(); }

  absl::Status Run(Session& session) override {
    v1::ListTrainingJobsRequest request;
    list_.Apply(request);
    return PrintList(session, session.client().training().ListTrainingJobs(request, session.call()), list_.limit);
  }

 private:
  ListFlags list_;
};

}  // namespace

std::unique_ptr<Command> NewTrainingJobList() { return std::make_unique<TrainingJobList>(); }

}  // namespace ll::llctl
