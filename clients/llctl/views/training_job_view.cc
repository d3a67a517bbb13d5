#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "clients/llctl/human_units.h"
#include "clients/llctl/resource_names.h"
#include "clients/llctl/views/resource_view.h"

namespace ll::llctl {
namespace {

using v1::TrainingJob;

// "7/15"; empty before training began.
std::string EpochOf(const TrainingJob& job) {
  const TrainingJob::Progress& progress = job.progress();
  return progress.epochs() == 0 ? "" : absl::StrCat(progress.epoch(), "/", progress.epochs());
}

std::string BestLossOf(const TrainingJob& job) {
  return job.progress().epoch() == 0 ? "" : absl::StrFormat("%.4g", job.progress().best_loss());
}

// From leaving the queue to the end, or to now.
std::string DurationOf(const TrainingJob& job, absl::Time now) {
  if (!job.has_start_time()) return "";
  return HumanDuration((job.has_end_time() ? ToTime(job.end_time()) : now) - ToTime(job.start_time()));
}

std::string RateOf(const TrainingJob& job) {
  return job.progress().rows_per_second() > 0 ? HumanCount(job.progress().rows_per_second()) : "";
}

// By loss, the best one first; diverged ones last.
Table CandidateTable(const TrainingJob& job, int limit) {
  std::vector<TrainingJob::Candidate> candidates(job.candidates().begin(), job.candidates().end());
  const auto key = [](const TrainingJob::Candidate& candidate) {
    const double loss = candidate.has_validation_loss() ? candidate.validation_loss() : candidate.train_loss();
    return std::tuple(candidate.diverged(), loss, candidate.index());
  };
  std::sort(candidates.begin(), candidates.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  Table table({"CANDIDATE", "TRAIN-LOSS", "VALIDATION-LOSS", "HYPERPARAMETERS"});
  for (const TrainingJob::Candidate& candidate : candidates) {
    if (limit-- == 0) break;
    table.AddRow({{absl::StrCat(candidate.index())},
                  {candidate.diverged() ? "diverged" : absl::StrFormat("%.6g", candidate.train_loss())},
                  {candidate.has_validation_loss() && !candidate.diverged()
                       ? absl::StrFormat("%.6g", candidate.validation_loss())
                       : ""},
                  {JoinEntries(Sorted(candidate.hyperparameters()))}});
  }
  return table;
}

void FillSpec(const TrainingJob& job, Details& details) {
  const TrainingJob::Spec& spec = job.spec();
  details.Field("Output model", spec.output_model());
  details.Field("Warm start", spec.warm_start());
  if (spec.has_seed()) details.Field("Seed", absl::StrCat(spec.seed()));
  if (spec.resources().threads() > 0) details.Field("Threads", absl::StrCat(spec.resources().threads()));
  if (spec.stopping_condition().has_max_runtime()) {
    const auto& limit = spec.stopping_condition().max_runtime();
    details.Field("Max runtime", HumanDuration(absl::Seconds(limit.seconds()) + absl::Nanoseconds(limit.nanos())));
  }
}

void FillJob(const TrainingJob& job, absl::Time now, bool wide, Details& details) {
  details.Field("Name", job.name());
  const Cell state = StateCell(TrainingJob::State_Name(job.state()));
  details.Field("State", state.text, state.style);
  if (job.has_error()) details.Field("Error", job.error().message(), Style::kBad);
  details.Field("Model version", job.model_version());
  FillSpec(job, details);
  details.Field("Epoch", EpochOf(job));
  details.Field("Best loss", BestLossOf(job));
  const std::string rate = RateOf(job);
  if (!rate.empty()) details.Field("Throughput", absl::StrCat(rate, " rows/s"));
  details.Field("Created", TimeAndAge(job.create_time(), now));
  details.Field("Duration", DurationOf(job, now));
  if (wide) details.Field("Etag", job.etag());
  details.Lines("Warnings", {job.warnings().begin(), job.warnings().end()});
  std::map<std::string, std::string> metrics;
  for (const auto& [name, value] : job.metrics()) metrics[name] = absl::StrCat(value);
  details.Block("Metrics", metrics);
  details.Field("Class names", absl::StrJoin(job.spec().class_names(), ", "));
  Table channels({"CHANNEL", "DATA", "CONTENT-TYPE"});
  for (const TrainingJob::Channel& channel : job.spec().channels()) {
    const std::string order =
        channel.has_shuffle_seed() ? absl::StrCat(" (shuffled with seed ", channel.shuffle_seed(), ")") : "";
    channels.AddRow({{channel.name()}, {absl::StrCat(channel.uri(), order)}, {channel.content_type()}});
  }
  details.Add("Channels", channels);
  details.Block("Hyperparameters", Sorted(job.spec().hyperparameters()));
  details.Block("Labels", Sorted(job.labels()));
  details.Block("Annotations", Sorted(job.annotations()));
  constexpr int kShown = 5;
  const bool all = wide || job.candidates_size() <= kShown;
  details.Add(all ? "Candidates" : absl::StrCat("Candidates (the best ", kShown, " of ", job.candidates_size(), ")"),
              CandidateTable(job, all ? -1 : kShown));
}

}  // namespace

template <>
ResourceView<TrainingJob> ViewOf() {
  return {"training-job",
          "training jobs",
          {{"NAME", false, [](const TrainingJob& job, absl::Time) { return Cell{ShortName(job.name())}; }},
           {"STATE", false,
            [](const TrainingJob& job, absl::Time) { return StateCell(TrainingJob::State_Name(job.state())); }, 10},
           {"EPOCH", false, [](const TrainingJob& job, absl::Time) { return Cell{EpochOf(job)}; }, 6},
           {"BEST-LOSS", false, [](const TrainingJob& job, absl::Time) { return Cell{BestLossOf(job)}; }, 9},
           {"ROWS/S", true, [](const TrainingJob& job, absl::Time) { return Cell{RateOf(job)}; }, 6},
           {"DURATION", true, [](const TrainingJob& job, absl::Time now) { return Cell{DurationOf(job, now)}; }},
           {"LABELS", true, [](const TrainingJob& job, absl::Time) { return Cell{JoinEntries(Sorted(job.labels()))}; }},
           {"MODEL-VERSION", false,
            [](const TrainingJob& job, absl::Time) { return Cell{ShortName(job.model_version())}; }, 24},
           {"AGE", false, [](const TrainingJob& job, absl::Time now) { return Cell{AgeOf(job.create_time(), now)}; }}},
          FillJob};
}

}  // namespace ll::llctl
