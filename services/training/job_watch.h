// A training job as it changes, and its log as it grows. Both are pulled: Next() says what is new, and a listener given
// to LiveJobs::Listen() says when to ask again.
#ifndef LL_SERVICES_TRAINING_JOB_WATCH_H_
#define LL_SERVICES_TRAINING_JOB_WATCH_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "registry/records.h"
#include "registry/registry.h"
#include "services/training/job_log.h"
#include "services/training/live_jobs.h"

namespace ll::training {

// Not thread-safe.
class JobWatch {
 public:
  // `wake` as in LiveJobs::Listen().
  JobWatch(registry::Registry& registry, LiveJobs& live, std::string job_id, std::function<void()> wake);

  // The job now, with the newest progress, if that differs from what was returned last. States in between may be
  // missed, the last one never. NOT_FOUND when there is no such job any more.
  absl::StatusOr<std::optional<registry::JobRecord>> Next();

 private:
  registry::Registry& registry_;
  LiveJobs& live_;
  const std::string job_id_;
  const std::unique_ptr<LiveJobs::Listening> listening_;
  std::optional<registry::JobRecord> last_;
};

struct LogPart {
  std::vector<std::string> lines;
  bool end = false;  // nothing will follow
};

// Not thread-safe.
class JobLogReader {
 public:
  struct Options {
    int64_t tail_lines = 0;  // begin with the last so many lines of what is there now; 0: with the first
    bool follow = false;     // go on until the job has ended; else to the end of what is there
  };

  JobLogReader(registry::Registry& registry, LiveJobs& live, std::string job_id, LogLines lines, const Options& options,
               std::function<void()> wake);

  // Without lines and `end`: nothing now. NOT_FOUND when there is no such job any more.
  absl::StatusOr<LogPart> Next();

 private:
  registry::Registry& registry_;
  const std::string job_id_;
  const Options options_;
  LogLines lines_;
  bool skipped_ = false;  // to the tail
  const std::unique_ptr<LiveJobs::Listening> listening_;
};

// One job's row. NOT_FOUND.
absl::StatusOr<registry::JobRecord> ReadJob(registry::Registry& registry, const std::string& job_id);

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_JOB_WATCH_H_
