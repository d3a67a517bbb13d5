#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class BucketList final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "bucket",
            .verb = "list",
            .summary = "List buckets",
            .when = "",
            .examples = {{"bucket list", "All of them"}}};
  }

  void Parse(CLI::App& app) override { list_.Parse(app); }

  absl::Status Validate(Session&) override { return list_.Validate(); }

  absl::Status Run(Session& session) override {
    v1::ListBucketsRequest request;
    list_.Apply(request);
    return PrintList(session, session.client().objects().ListBuckets(request, session.call()), list_.limit);
  }

 private:
  ListFlags list_;
};

}  // namespace

std::unique_ptr<Command> NewBucketList() { return std::make_unique<BucketList>(); }

}  // namespace ll::llctl
