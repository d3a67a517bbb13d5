// What llctl shows while something takes its time, on stderr: one line that changes in place on a terminal; elsewhere a
// plain line now and then.
#ifndef LL_CLIENTS_LLCTL_PROGRESS_H_
#define LL_CLIENTS_LLCTL_PROGRESS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "clients/llctl/io_streams.h"
#include "clients/llctl/session.h"

namespace ll::llctl {

// Not thread-safe. The destructor removes the line from a terminal.
class LiveLine {
 public:
  explicit LiveLine(Session& session);
  ~LiveLine();
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  // Shows `text`. On a terminal at most ten times a second; elsewhere at most every five seconds. A milestone (a change
  // of state) is always shown.
  void Update(const std::string& text, bool milestone = false);

 private:
  bool IsDue() const;

  IoStreams& io_;
  Clock& clock_;
  const bool quiet_;
  bool shown_ = false;
  absl::Time last_;
};

// "[=====>    ]": `fraction` of `width` characters between the brackets.
std::string Bar(double fraction, int width);

// "uploading train.pbr [=====>    ]  45%  67 MiB of 149 MiB  310 MiB/s". `total` < 0: unknown. Not thread-safe.
class TransferProgress {
 public:
  // `what`: e.g. "uploading train.pbr".
  TransferProgress(Session& session, std::string what, int64_t total);

  void Update(int64_t done);

 private:
  Session& session_;
  const std::string what_;
  const int64_t total_;
  const absl::Time begin_;
  LiveLine line_;
};

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_PROGRESS_H_
