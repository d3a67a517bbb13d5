#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class ObjectDelete final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "object",
            .verb = "delete",
            .summary = "Delete an object",
            .when = "",
            .examples = {{"object delete s3://datasets/train.csv --yes", "Without a question"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("OBJECT", object_, "s3://BUCKET/KEY")->required();
    app.add_option("--etag", etag_, "Only if it has not changed since this etag was read")->type_name("ETAG");
    confirm_.Parse(app);
    AddDryRun(app, dry_run_);
  }

  absl::Status Validate(Session&) override {
    LL_ASSIGN_OR_RETURN(location_, ParseS3Location(object_));
    return location_.key.empty() ? UsageError(object_ + " names a bucket, not an object") : absl::OkStatus();
  }

  absl::Status Run(Session& session) override {
    const std::string name = location_.ObjectName();
    if (!dry_run_) LL_RETURN_IF_ERROR(confirm_.Ask(session, absl::StrCat("Delete ", ShortName(name), "?")));
    v1::DeleteObjectRequest request;
    request.set_name(name);
    request.set_etag(etag_);
    request.set_validate_only(dry_run_);
    LL_RETURN_IF_ERROR(session.client().objects().DeleteObject(request, session.call()));
    PrintDeleted<v1::Object>(session, name, dry_run_);
    return absl::OkStatus();
  }

 private:
  std::string object_;
  S3Location location_;
  std::string etag_;
  ConfirmFlags confirm_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewObjectDelete() { return std::make_unique<ObjectDelete>(); }

}  // namespace ll::llctl
