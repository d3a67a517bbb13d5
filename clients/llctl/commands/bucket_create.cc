#include <string>
#include <vector>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class BucketCreate final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "bucket",
            .verb = "create",
            .summary = "Create a bucket, a container of objects",
            .when = "A bucket's id has 3 to 63 lower-case letters, digits, dots and hyphens.",
            .examples = {{"bucket create datasets", "An empty bucket"},
                         {"bucket create datasets --label team=vision", "With a label"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("NAME", name_, "The bucket's id")->required();
    metadata_.ParseForCreate(app, /*with_description=*/false);
    AddDryRun(app, dry_run_);
  }

  absl::Status Validate(Session&) override { return metadata_.Validate(); }

  absl::Status Run(Session& session) override {
    v1::CreateBucketRequest request;
    request.set_bucket_id(IdOf(ResourceKind::kBucket, name_));
    std::vector<std::string> changed;
    metadata_.Apply(*request.mutable_bucket(), changed);
    request.set_validate_only(dry_run_);
    LL_ASSIGN_OR_RETURN(const v1::Bucket bucket, session.client().objects().CreateBucket(request, session.call()));
    PrintChanged(session, bucket, "created", dry_run_);
    return absl::OkStatus();
  }

 private:
  std::string name_;
  MetadataFlags metadata_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewBucketCreate() { return std::make_unique<BucketCreate>(); }

}  // namespace ll::llctl
