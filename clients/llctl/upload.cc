#include "clients/llctl/upload.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/digest.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "clients/llctl/progress.h"
#include "clients/llctl/resource_names.h"

namespace ll::llctl {
namespace {

constexpr char kUploadBucket[] = "llctl-uploads";
constexpr absl::string_view kContentTypeOption = ",content-type=";

using ObjectsByName = std::map<std::string, v1::Object>;

absl::StatusOr<std::string> DigestOfFile(Env& env, const std::string& path) {
  LL_ASSIGN_OR_RETURN(const std::unique_ptr<SequentialFile> file, env.NewSequentialFile(path));
  Digest sha256(Digest::kSha256);
  std::vector<char> buffer(size_t{1} << 20);
  while (true) {
    LL_ASSIGN_OR_RETURN(const size_t size, file->Read(absl::MakeSpan(buffer)));
    if (size == 0) return sha256.FinishHex();
    sha256.Update({buffer.data(), size});
  }
}

// The files below `folder`, by their path in it.
absl::Status CollectFiles(Env& env, const std::string& folder, const std::string& prefix,
                          std::map<std::string, std::string>& files) {
  LL_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.List(folder));
  for (const std::string& name : names) {
    if (name[0] == '.') continue;
    const std::string path = JoinPath(folder, name);
    LL_ASSIGN_OR_RETURN(const FileInfo info, env.Stat(path));
    if (info.type == FileInfo::Type::kDirectory) {
      LL_RETURN_IF_ERROR(CollectFiles(env, path, absl::StrCat(prefix, name, "/"), files));
    } else {
      files[prefix + name] = path;
    }
  }
  return absl::OkStatus();
}

class ChannelUpload {
 public:
  ChannelUpload(Session& session, std::string key_prefix, bool dry_run)
      : session_(session), prefix_{.bucket = kUploadBucket, .key = std::move(key_prefix)}, dry_run_(dry_run) {}

  // `files`: local paths by what follows the prefix in the key.
  absl::Status Run(const std::map<std::string, std::string>& files) {
    LL_ASSIGN_OR_RETURN(std::optional<ObjectsByName> listed, ListStored());
    if (!listed.has_value() && !dry_run_) LL_RETURN_IF_ERROR(CreateUploadBucket());
    ObjectsByName stored = std::move(listed).value_or(ObjectsByName{});
    for (const auto& [key, path] : files) {
      const S3Location target{.bucket = prefix_.bucket, .key = prefix_.key + key};
      LL_ASSIGN_OR_RETURN(const bool there, IsThere(stored, target.ObjectName(), path));
      stored.erase(target.ObjectName());
      if (there) continue;
      if (dry_run_) return NotThere(path);
      v1::WriteObjectRequest::Header header;
      header.mutable_object()->set_name(target.ObjectName());
      header.mutable_object()->set_content_type(ContentTypeOfFile(path));
      LL_RETURN_IF_ERROR(UploadFile(session_, header, path).status());
    }
    return dry_run_ ? absl::OkStatus() : DeleteAll(stored);
  }

 private:
  // Somebody else may be faster.
  absl::Status CreateUploadBucket() {
    v1::CreateBucketRequest request;
    request.set_bucket_id(kUploadBucket);
    const absl::Status status = session_.client().objects().CreateBucket(request, session_.call()).status();
    return absl::IsAlreadyExists(status) ? absl::OkStatus() : status;
  }

  // nullopt: there is no bucket, because nothing was ever uploaded.
  absl::StatusOr<std::optional<ObjectsByName>> ListStored() {
    v1::ListObjectsRequest request;
    request.set_parent(prefix_.BucketName());
    request.set_prefix(prefix_.key);
    ObjectsByName stored;
    for (absl::StatusOr<v1::Object>& object : session_.client().objects().ListObjects(request, session_.call())) {
      if (absl::IsNotFound(object.status())) return std::nullopt;
      if (!object.ok()) return object.status();
      const std::string name = object->name();
      stored[name] = *std::move(object);
    }
    return stored;
  }

  absl::StatusOr<bool> IsThere(const ObjectsByName& stored, const std::string& name, const std::string& path) {
    const auto object = stored.find(name);
    if (object == stored.end()) return false;
    LL_ASSIGN_OR_RETURN(const FileInfo info, session_.env().Stat(path));
    if (object->second.size_bytes() != static_cast<int64_t>(info.size_bytes)) return false;
    LL_ASSIGN_OR_RETURN(const std::string sha256, DigestOfFile(session_.env(), path));
    return object->second.sha256() == sha256;
  }

  absl::Status DeleteAll(const ObjectsByName& objects) {
    for (const auto& [name, object] : objects) {
      v1::DeleteObjectRequest request;
      request.set_name(name);
      LL_RETURN_IF_ERROR(session_.client().objects().DeleteObject(request, session_.call()));
    }
    return absl::OkStatus();
  }

  static absl::Status NotThere(const std::string& path) {
    return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kInvalidChannel,
                     {.what = "cannot check the job without its data",
                      .why = absl::StrCat(path, " is not in the object store, and a dry run uploads nothing"),
                      .remedy = "Upload it with `llctl object put` and name it as s3://BUCKET/KEY."});
  }

  Session& session_;
  const S3Location prefix_;
  const bool dry_run_;
};

}  // namespace

std::string ContentTypeOfFile(absl::string_view path) {
  if (absl::EndsWithIgnoreCase(path, ".csv")) return "text/csv";
  if (absl::EndsWithIgnoreCase(path, ".pbr")) return "application/x-recordio-protobuf";
  return "";
}

absl::StatusOr<v1::Object> UploadFile(Session& session, const v1::WriteObjectRequest::Header& header,
                                      const std::string& path) {
  LL_ASSIGN_OR_RETURN(const FileInfo info, session.env().Stat(path));
  TransferProgress progress(session, absl::StrCat("uploading ", FileNameOf(path)),
                            static_cast<int64_t>(info.size_bytes));
  client::TransferOptions options{.call = session.call(), .clock = &session.clock()};
  options.on_progress = [&](int64_t bytes) { progress.Update(bytes); };
  return session.client().objects().WriteObjectFile(header, session.env(), path, options);
}

ChannelSource ParseChannelSource(absl::string_view value) {
  const size_t option = value.rfind(kContentTypeOption);
  if (option == absl::string_view::npos) return {std::string(value), ""};
  return {std::string(value.substr(0, option)), std::string(value.substr(option + kContentTypeOption.size()))};
}

absl::StatusOr<LocalChannel> FindLocalChannel(Env& env, const std::string& job_id, const std::string& channel,
                                              const std::string& path) {
  LocalChannel local{.key_prefix = absl::StrCat(job_id, "/", channel, "/")};
  LL_ASSIGN_OR_RETURN(const FileInfo info, env.Stat(path));
  const bool folder = info.type == FileInfo::Type::kDirectory;
  if (folder) {
    LL_RETURN_IF_ERROR(CollectFiles(env, path, "", local.files));
  } else {
    local.files[FileNameOf(path)] = path;
  }
  if (local.files.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
                     {.what = absl::StrCat("cannot use ", path, " as the channel ", channel),
                      .why = "the folder holds no files",
                      .remedy = "Give a file, or a folder of files."});
  }
  local.uri = absl::StrCat("s3://", kUploadBucket, "/", local.key_prefix, folder ? "" : local.files.begin()->first);
  return local;
}

absl::Status UploadChannel(Session& session, const LocalChannel& channel, bool dry_run) {
  return ChannelUpload(session, channel.key_prefix, dry_run).Run(channel.files);
}

}  // namespace ll::llctl
