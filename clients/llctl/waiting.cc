#include "clients/llctl/waiting.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/error_reason.h"
#include "clients/llctl/error_report.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/human_units.h"
#include "clients/llctl/printer.h"
#include "clients/llctl/progress.h"
#include "clients/llctl/resource_names.h"

namespace ll::llctl {
namespace {

using v1::Endpoint;
using v1::TrainingJob;

constexpr int kBarWidth = 10;

// A wait that ended before what it waited for: says that it goes on, and how to see to it.
absl::Status ExplainEarlyEnd(Session& session, const absl::Status& status, const std::string& noun,
                             const std::string& name, const std::string& how_to_stop) {
  const bool early = session.interrupted() || absl::IsDeadlineExceeded(status);
  if (!early) return status;
  const std::string short_name = ShortName(name);
  std::string text =
      absl::StrCat(noun, "/", short_name, " goes on. Wait for it again with `llctl ", noun, " wait ", short_name, "`");
  absl::StrAppend(&text, how_to_stop.empty() ? "" : absl::StrCat(", or stop it with `", how_to_stop, "`"), ".");
  const absl::Status explained = MakeError(
      status.code(), session.interrupted() ? ErrorReason::kCancelled : ErrorReason::kDeadlineExceeded,
      {.what = session.interrupted() ? "interrupted" : "stopped waiting: the time allowed by --timeout is over",
       .why = "",
       .remedy = text});
  return session.interrupted() ? WithExitCode(explained, kInterrupted) : explained;
}

client::WaitOptions WaitOptionsOf(Session& session) {
  client::WaitOptions options = session.wait();
  options.on_reconnect = [&session](const absl::Status& error) {
    ReportWarning(absl::StrCat(std::string(error.message()), " Trying again."), session.flags().quiet, session.io());
  };
  return options;
}

std::string ServedVersion(const Endpoint& endpoint) {
  return endpoint.observed_variants().empty() ? "" : endpoint.observed_variants(0).model_version();
}

// Shows the endpoint's state as it changes.
class EndpointLine {
 public:
  explicit EndpointLine(Session& session) : clock_(session.clock()), begin_(clock_.Now()), line_(session) {}

  void operator()(const Endpoint& endpoint) {
    line_.Update(absl::StrCat(ShortName(endpoint.name()), "  ", Endpoint::State_Name(endpoint.state()), "  ",
                              HumanDuration(clock_.Now() - begin_)),
                 endpoint.state() != last_);
    last_ = endpoint.state();
  }

 private:
  Clock& clock_;
  const absl::Time begin_;
  LiveLine line_;
  Endpoint::State last_ = Endpoint::STATE_UNSPECIFIED;
};

void PrintEndedJob(Session& session, const TrainingJob& job) {
  std::string done = "succeeded";
  if (job.has_start_time() && job.has_end_time()) {
    absl::StrAppend(&done, " in ", HumanDuration(ToTime(job.end_time()) - ToTime(job.start_time())));
  }
  absl::StrAppend(&done, ": ", job.model_version());
  if (job.progress().epoch() > 0) absl::StrAppendFormat(&done, ", best loss %.4g", job.progress().best_loss());
  PrintChanged(session, job, done);
}

}  // namespace

std::string TrainingLine(const TrainingJob& job, absl::Duration elapsed) {
  const TrainingJob::Progress& progress = job.progress();
  std::string line = ShortName(job.name());
  if (job.state() == TrainingJob::TRAINING && progress.epochs() > 0) {
    absl::StrAppend(&line, "  epoch ", progress.epoch(), "/", progress.epochs(), " ",
                    Bar(static_cast<double>(progress.epoch()) / progress.epochs(), kBarWidth));
    if (progress.epoch() > 0) absl::StrAppendFormat(&line, "  best loss %.4g", progress.best_loss());
    if (progress.rows_per_second() > 0) absl::StrAppend(&line, "  ", HumanCount(progress.rows_per_second()), " rows/s");
  } else {
    absl::StrAppend(&line, "  ", TrainingJob::State_Name(job.state()));
  }
  return absl::StrCat(line, "  ", HumanDuration(elapsed));
}

absl::Status WaitForJob(Session& session, const std::string& name) {
  const absl::Time begin = session.clock().Now();
  absl::StatusOr<TrainingJob> job;
  {
    LiveLine line(session);
    TrainingJob::State last = TrainingJob::STATE_UNSPECIFIED;
    job = session.client().training().WaitForTrainingJob(
        name,
        [&](const TrainingJob& now) {
          const absl::Time since = now.has_start_time() ? ToTime(now.start_time()) : begin;
          if (!client::HasEnded(now))
            line.Update(TrainingLine(now, session.clock().Now() - since), now.state() != last);
          last = now.state();
        },
        WaitOptionsOf(session));
  }
  if (!job.ok()) {
    return ExplainEarlyEnd(session, job.status(), "training-job", name,
                           absl::StrCat("llctl training-job cancel ", ShortName(name)));
  }
  for (const std::string& warning : job->warnings()) ReportWarning(warning, session.flags().quiet, session.io());
  const absl::Status outcome = client::OutcomeOf(*job);
  if (outcome.ok()) {
    PrintEndedJob(session, *job);
    return absl::OkStatus();
  }
  if (!IsTable(session)) PrintResource(session, *job);
  const std::string what = job->state() == TrainingJob::CANCELLED ? "" : absl::StrCat(name, " failed");
  return WithExitCode(what.empty() ? outcome : Annotate(outcome, what), kFailed);
}

absl::Status WaitForEndpoint(Session& session, const std::string& name) {
  const absl::Time begin = session.clock().Now();
  absl::StatusOr<Endpoint> endpoint;
  {
    EndpointLine line(session);
    endpoint = session.client().endpoints().WaitForEndpoint(
        name,
        [&](const Endpoint& now) {
          if (!client::HasSettled(now)) line(now);
        },
        WaitOptionsOf(session));
  }
  if (!endpoint.ok()) return ExplainEarlyEnd(session, endpoint.status(), "endpoint", name, "");
  const absl::Status outcome = client::OutcomeOf(*endpoint);
  if (outcome.ok()) {
    PrintChanged(session, *endpoint,
                 absl::StrCat("in service after ", HumanDuration(session.clock().Now() - begin), ": ",
                              ServedVersion(*endpoint)));
    return absl::OkStatus();
  }
  if (!IsTable(session)) PrintResource(session, *endpoint);
  const std::string what = endpoint->state() == Endpoint::FAILED
                               ? absl::StrCat(name, " is not in service")
                               : absl::StrCat(name, " still serves ", ServedVersion(*endpoint));
  return WithExitCode(Annotate(outcome, what), kFailed);
}

absl::Status WaitForEndpointDeletion(Session& session, const std::string& name) {
  absl::Status status;
  {
    EndpointLine line(session);
    status = session.client().endpoints().WaitForEndpointDeletion(
        name, [&](const Endpoint& now) { line(now); }, WaitOptionsOf(session));
  }
  if (!status.ok()) return ExplainEarlyEnd(session, status, "endpoint", name, "");
  PrintDeleted<Endpoint>(session, name, /*dry_run=*/false);
  return absl::OkStatus();
}

}  // namespace ll::llctl
