#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/human_units.h"
#include "clients/llctl/printer.h"
#include "clients/llctl/progress.h"
#include "clients/llctl/upload.h"

namespace ll::llctl {
namespace {

class ObjectPut final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "object",
            .verb = "put",
            .summary = "Upload a file as an object",
            .when =
                "An object of the same name is replaced, but only when the whole file has arrived. A key that ends "
                "with / gets the file's name after it.",
            .examples = {
                {"object put train.pbr s3://datasets/digits/train.pbr", "A file"},
                {"object put train.csv s3://datasets/digits/", "Keep the file's name"},
                {"object put - s3://datasets/rows.csv --content-type text/csv < rows.csv", "From standard input"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("FILE", file_, "The file; - for standard input")->required();
    app.add_option("OBJECT", object_, "s3://BUCKET/KEY")->required();
    app.add_option("--content-type", content_type_, "Its media type; by the name for .csv and .pbr")->type_name("TYPE");
    app.add_option("--content-encoding", content_encoding_, "Kept beside it, never applied; e.g. gzip")
        ->type_name("TEXT");
    AddRepeatable(app, "--metadata", user_metadata_, "Your own metadata; may be repeated")->type_name("KEY=VALUE");
    metadata_.ParseForCreate(app, /*with_description=*/false);
    AddDryRun(app, dry_run_);
  }

  absl::Status Validate(Session&) override {
    LL_ASSIGN_OR_RETURN(target_, ParseS3Location(object_));
    if (target_.key.empty() || absl::EndsWith(target_.key, "/")) {
      if (file_ == "-") return UsageError("standard input has no name to store it under", "Write a whole key.");
      target_.key += FileNameOf(file_);
    }
    for (const std::string& entry : user_metadata_) LL_RETURN_IF_ERROR(SplitEntry("--metadata", entry).status());
    return metadata_.Validate();
  }

  absl::Status Run(Session& session) override {
    v1::WriteObjectRequest::Header header;
    v1::Object& object = *header.mutable_object();
    object.set_name(target_.ObjectName());
    object.set_content_type(content_type_.empty() ? ContentTypeOfFile(file_) : content_type_);
    object.set_content_encoding(content_encoding_);
    for (const std::string& entry : user_metadata_) {
      LL_ASSIGN_OR_RETURN(const auto pair, SplitEntry("--metadata", entry));
      (*object.mutable_metadata())[pair.first] = pair.second;
    }
    std::vector<std::string> changed;
    metadata_.Apply(object, changed);
    header.set_validate_only(dry_run_);
    LL_ASSIGN_OR_RETURN(const v1::Object written,
                        file_ == "-" ? UploadInput(session, header) : UploadFile(session, header, file_));
    PrintChanged(session, written, absl::StrCat("uploaded (", HumanBytes(written.size_bytes()), ")"), dry_run_);
    return absl::OkStatus();
  }

 private:
  static absl::StatusOr<v1::Object> UploadInput(Session& session, const v1::WriteObjectRequest::Header& header) {
    TransferProgress progress(session, "uploading", -1);
    client::TransferOptions options{.call = session.call(), .clock = &session.clock()};
    options.on_progress = [&](int64_t bytes) { progress.Update(bytes); };
    return session.client().objects().WriteObject(header, session.io().in, options);
  }

  std::string file_;
  std::string object_;
  S3Location target_;
  std::string content_type_;
  std::string content_encoding_;
  std::vector<std::string> user_metadata_;
  MetadataFlags metadata_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> NewObjectPut() { return std::make_unique<ObjectPut>(); }

}  // namespace ll::llctl
