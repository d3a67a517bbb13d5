#include <string>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class TrainingJobCancel final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "training-job",
            .verb = "cancel",
            .summary = "Ask a training job to end",
            .when =
                "It ends within a mini-batch. With --keep-model the best model so far is registered, if at least one "
                "epoch is complete.",
            .examples = {{"training-job cancel digits", "Throw away what it learned"},
                         {"training-job cancel digits --keep-model", "Keep the best model so far"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The training job")->required();
    app.add_flag("--keep-model", keep_model_, "Register the best model so far");
    app.add_flag("-y,--yes", yes_, "Accepted for scripts: cancelling never asks");
    AddDryRun(app, dry_run_);
  }

  absl::Status Run(Session& session) override {
    v1::CancelTrainingJobRequest request;
    request.set_name(FullName(ResourceKind::kTrainingJob, name_));
    request.set_keep_model(keep_model_);
    request.set_validate_only(dry_run_);
    LL_ASSIGN_OR_RETURN(const v1::TrainingJob job,
                        session.client().training().CancelTrainingJob(request, session.call()));
    PrintChanged(session, job, "cancelled", dry_run_);
    return absl::OkStatus();
  }

 private:
  std::string name_;
  bool keep_model_ = false;
  bool yes_ = false;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewTrainingJobCancel() { return std::make_unique<TrainingJobCancel>(); }

}  // namespace ll::llctl
