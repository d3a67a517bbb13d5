// Downloads to a file or standard output, with progress: what `object get` and `model-version export` share.
#ifndef LL_CLIENTS_LLCTL_DOWNLOAD_H_
#define LL_CLIENTS_LLCTL_DOWNLOAD_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "clients/cpp/byte_transfer.h"
#include "clients/llctl/session.h"

namespace ll::llctl {

struct Download {
  std::string name;  // full resource name
  int64_t size = 0;
  std::string noun;  // "object"
  std::string path;  // "-": standard output; a folder: a file in it, with the last part of the name
  std::function<absl::Status(client::ByteSink sink, const client::TransferOptions& options)> run;
};

// The file appears only when it is whole; what arrived on standard output is proven whole by exit code 0 only.
absl::Status RunDownload(Session& session, const Download& download);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_DOWNLOAD_H_
