#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class BucketDelete final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "bucket",
            .verb = "delete",
            .summary = "Delete an empty bucket",
            .when = "A bucket that holds objects is refused; delete them first.",
            .examples = {{"bucket delete datasets --yes", "Without a question"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The bucket")->required();
    app.add_option("--etag", etag_, "Only if it has not changed since this etag was read")->type_name("ETAG");
    confirm_.Parse(app);
    AddDryRun(app, dry_run_);
  }

  absl::Status Run(Session& session) override {
    const std::string name = FullName(ResourceKind::kBucket, name_);
    if (!dry_run_) LL_RETURN_IF_ERROR(confirm_.Ask(session, absl::StrCat("Delete ", name, "?")));
    v1::DeleteBucketRequest request;
    request.set_name(name);
    request.set_etag(etag_);
    request.set_validate_only(dry_run_);
    LL_RETURN_IF_ERROR(session.client().objects().DeleteBucket(request, session.call()));
    PrintDeleted<v1::Bucket>(session, name, dry_run_);
    return absl::OkStatus();
  }

 private:
  std::string name_;
  std::string etag_;
  ConfirmFlags confirm_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewBucketDelete() { return std::make_unique<BucketDelete>(); }

}  // namespace ll::llctl
