#include <string>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class BucketGet final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "bucket",
            .verb = "get",
            .summary = "Show one bucket",
            .when = "Its objects are listed by `llctl object list s3://NAME`.",
            .examples = {{"bucket get datasets", "Its labels and age"}}};
  }

  void Parse(CLI::App& app) override { app.add_option("NAME", name_, "The bucket")->required(); }

  absl::Status Run(Session& session) override {
    LL_ASSIGN_OR_RETURN(const v1::Bucket bucket,
                        session.client().objects().GetBucket(FullName(ResourceKind::kBucket, name_), session.call()));
    PrintResource(session, bucket);
    return absl::OkStatus();
  }

 private:
  std::string name_;
};

}  // namespace

std::unique_ptr<Command> NewBucketGet() { return std::make_unique<BucketGet>(); }

}  // namespace ll::llctl
