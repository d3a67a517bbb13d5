#include "services/training/job_watch.h"

#include <utility>

#include "base/status_macros.h"
#include "services/registry/registry_reads.h"

namespace ll::training {

absl::StatusOr<registry::JobRecord> ReadJob(registry::Registry& registry, const std::string& job_id) {
  return catalog::ReadFrom(registry, [&](const registry::View& view) { return view.jobs().Get(job_id); });
}

JobWatch::JobWatch(registry::Registry& registry, LiveJobs& live, std::string job_id, std::function<void()> wake)
    : registry_(registry), live_(live), job_id_(std::move(job_id)), listening_(live.Listen(job_id_, std::move(wake))) {}

absl::StatusOr<std::optional<registry::JobRecord>> JobWatch::Next() {
  LL_ASSIGN_OR_RETURN(registry::JobRecord job, ReadJob(registry_, job_id_));
  live_.Overlay(&job);
  if (job == last_) return std::optional<registry::JobRecord>();
  last_ = job;
  return last_;
}

JobLogReader::JobLogReader(registry::Registry& registry, LiveJobs& live, std::string job_id, LogLines lines,
                           const Options& options, std::function<void()> wake)
    : registry_(registry),
      job_id_(std::move(job_id)),
      options_(options),
      lines_(std::move(lines)),
      listening_(live.Listen(job_id_, std::move(wake))) {}

absl::StatusOr<LogPart> JobLogReader::Next() {
  // The state first: a log that is read after its job was seen to have ended is complete.
  LL_ASSIGN_OR_RETURN(const registry::JobRecord job, ReadJob(registry_, job_id_));
  const bool complete = registry::IsTerminal(job.state);
  if (!skipped_ && options_.tail_lines > 0) LL_RETURN_IF_ERROR(lines_.SkipToLast(options_.tail_lines));
  skipped_ = true;
  LL_ASSIGN_OR_RETURN(std::vector<std::string> lines, lines_.Next(complete));
  const bool end = lines.empty() && (complete || !options_.follow);
  return LogPart{std::move(lines), end};
}

}  // namespace ll::training
