// How an error reaches the user, on stderr: one line with what failed, why and what to do, its stable reason, then what
// helps further; or, with -o json, one JSON object.
//
//   error: cannot get models/chur: there is no such model. List the models with `llctl model list`. [MODEL_NOT_FOUND]
//     Did you mean `models/churn`?
#ifndef LL_CLIENTS_LLCTL_ERROR_REPORT_H_
#define LL_CLIENTS_LLCTL_ERROR_REPORT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/io_streams.h"

namespace ll::llctl {

struct ReportOptions {
  bool json = false;
  bool verbose = false;
  std::vector<std::string> hints;  // sentences, each on a line of its own
};

void ReportError(const absl::Status& status, const ReportOptions& options, IoStreams& io);

// A warning or note for people; nothing when `quiet`.
void ReportWarning(const std::string& text, bool quiet, IoStreams& io);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_ERROR_REPORT_H_
