#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class TrainingJobDelete final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "training-job",
            .verb = "delete",
            .summary = "Delete an ended training job and its logs",
            .when = "The version it made stays. A job that runs is cancelled first with `llctl training-job cancel`.",
            .examples = {{"training-job delete digits --yes", "Without a question"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The training job")->required();
    app.add_option("--etag", etag_, "Only if it has not changed since this etag was read")->type_name("ETAG");
    confirm_.Parse(app);
    AddDryRun(app, dry_run_);
  }

  absl::Status Run(Session& session) override {
    const std::string name = FullName(ResourceKind::kTrainingJob, name_);
    if (!dry_run_) LL_RETURN_IF_ERROR(confirm_.Ask(session, absl::StrCat("Delete ", name, " and its logs?")));
    v1::DeleteTrainingJobRequest request;
    request.set_name(name);
    request.set_etag(etag_);
    request.set_validate_only(dry_run_);
    LL_RETURN_IF_ERROR(session.client().training().DeleteTrainingJob(request, session.call()));
    PrintDeleted<v1::TrainingJob>(session, name, dry_run_);
    return absl::OkStatus();
  }

 private:
  std::string name_;
  std::string etag_;
  ConfirmFlags confirm_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewTrainingJobDelete() { return std::make_unique<TrainingJobDelete>(); }

}  // namespace ll::llctl
