// Resources from files: YAML (or JSON, which is YAML) of an API message, as `-f FILE` takes it.
//
//   spec:
//     outputModel: models/churn          # field names as in proto JSON or as in the .proto
//     hyperparameters:
//       feature_dim: 784                 # a text field takes any scalar as it is written
//
// Everything that does not fit is named with file and line.
#ifndef LL_CLIENTS_LLCTL_MANIFEST_H_
#define LL_CLIENTS_LLCTL_MANIFEST_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/env.h"
#include "clients/llctl/io_streams.h"
#include "google/protobuf/message.h"

namespace ll::llctl {

// Reads `path` (`-`: standard input) into `message`. Usage error when the text is not YAML or does not fit the message.
absl::Status ReadManifest(const std::string& path, Env& env, IoStreams& io, google::protobuf::Message* message);

// `source` names the text in errors.
absl::Status ParseManifest(const std::string& text, absl::string_view source, google::protobuf::Message* message);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_MANIFEST_H_
