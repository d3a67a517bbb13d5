// Local data on its way into the object store: what `object put` and the channels of `training-job create` share.
#ifndef LL_CLIENTS_LLCTL_UPLOAD_H_
#define LL_CLIENTS_LLCTL_UPLOAD_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"
#include "clients/llctl/session.h"
#include "ll/v1/object_service.pb.h"

namespace ll::llctl {

// By the file's name: text/csv for .csv, application/x-recordio-protobuf for .pbr; empty for others.
std::string ContentTypeOfFile(absl::string_view path);

// Uploads the file at `path` with a progress line. `header` names the object.
absl::StatusOr<v1::Object> UploadFile(Session& session, const v1::WriteObjectRequest::Header& header,
                                      const std::string& path);

// One `--train`, `--validation` or `--test` value: a local file or folder, or s3://bucket/key-or-prefix, with an
// optional
// ",content-type=TYPE" after it.
struct ChannelSource {
  std::string path;  // local path or s3 URI
  std::string content_type;
};
ChannelSource ParseChannelSource(absl::string_view value);

// The data of a local channel, and where in the store it belongs: s3://llctl-uploads/JOB/CHANNEL/FILE for a file,
// s3://llctl-uploads/JOB/CHANNEL/ for a folder, whose files go up with their paths below it (those that begin with a
// dot do not).
struct LocalChannel {
  std::string uri = {};
  std::string key_prefix = {};
  std::map<std::string, std::string> files = {};  // local paths by what follows the prefix in the key
};
// Looks at names only. The file system's errors, and INVALID_ARGUMENT / INVALID_CHANNEL for a folder without files.
absl::StatusOr<LocalChannel> FindLocalChannel(Env& env, const std::string& job_id, const std::string& channel,
                                              const std::string& path);

// Makes sure that the data is in the store. What is there already with the same SHA-256 stays; what is there and is not
// in the folder goes. With `dry_run` nothing is uploaded, and data that is not there yet is a FAILED_PRECONDITION
// error.
absl::Status UploadChannel(Session& session, const LocalChannel& channel, bool dry_run);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_UPLOAD_H_
