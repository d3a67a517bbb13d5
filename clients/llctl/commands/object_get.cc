#include <string>

#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/download.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class ObjectGet final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "object",
            .verb = "get",
            .summary = "Show one object, or download it",
            .when =
                "Without --output it shows what is known of the object. Downloaded bytes are checked against their "
                "digest; a file appears only when it is whole.",
            .examples = {{"object get s3://datasets/train.csv", "Size, digest and labels"},
                         {"object get s3://datasets/train.csv --output train.csv", "Download it"},
                         {"object get s3://datasets/train.csv --output - | head", "To standard output"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("OBJECT", object_, "s3://BUCKET/KEY")->required();
    app.add_option("--output", output_, "Download to this file or folder; - for standard output")->type_name("FILE");
  }

  absl::Status Validate(Session&) override {
    LL_ASSIGN_OR_RETURN(location_, ParseS3Location(object_));
    return location_.key.empty() ? UsageError(object_ + " names a bucket, not an object") : absl::OkStatus();
  }

  absl::Status Run(Session& session) override {
    const client::ObjectClient& objects = session.client().objects();
    LL_ASSIGN_OR_RETURN(const v1::Object object, objects.GetObject(location_.ObjectName(), session.call()));
    if (output_.empty()) {
      PrintResource(session, object);
      return absl::OkStatus();
    }
    return RunDownload(session, {.name = object.name(),
                                 .size = object.size_bytes(),
                                 .noun = "object",
                                 .path = output_,
                                 .run = [&](client::ByteSink sink, const client::TransferOptions& options) {
                                   return objects.ReadObject(object.name(), sink, options).status();
                                 }});
  }

 private:
  std::string object_;
  S3Location location_;
  std::string output_;
};

}  // namespace

std::unique_ptr<Command> NewObjectGet() { return std::make_unique<ObjectGet>(); }

}  // namespace ll::llctl
