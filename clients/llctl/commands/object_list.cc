#include <string>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class ObjectList final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "object",
            .verb = "list",
            .summary = "List the objects of a bucket",
            .when = "",
            .examples = {{"object list s3://datasets", "All of them"},
                         {"object list s3://datasets/digits/", "Those whose key begins with digits/"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("PLACE", place_, "s3://BUCKET or s3://BUCKET/PREFIX")->required();
    list_.Parse(app);
  }

  absl::Status Validate(Session&) override {
    // A bare word is a bucket here: nothing else can be listed.
    const bool bare = place_.find('/') == std::string::npos;
    LL_ASSIGN_OR_RETURN(location_, ParseS3Location(bare ? FullName(ResourceKind::kBucket, place_) : place_));
    return list_.Validate();
  }

  absl::Status Run(Session& session) override {
    v1::ListObjectsRequest request;
    list_.Apply(request);
    request.set_parent(location_.BucketName());
    request.set_prefix(location_.key);
    return PrintList(session, session.client().objects().ListObjects(request, session.call()), list_.limit);
  }

 private:
  std::string place_;
  S3Location location_;
  ListFlags list_;
};

}  // namespace

std::unique_ptr<Command> NewObjectList() { return std::make_unique<ObjectList>(); }

}  // namespace ll::llctl
