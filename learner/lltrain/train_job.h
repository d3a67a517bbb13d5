// One training job, from a job directory to a model or a failure.
#ifndef LL_LEARNER_LLTRAIN_TRAIN_JOB_H_
#define LL_LEARNER_LLTRAIN_TRAIN_JOB_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/env.h"
#include "base/executor.h"
#include "learner/lltrain/failure.h"
#include "learner/lltrain/progress_events.h"
#include "learner/lltrain/train_log.h"
#include "learner/trainer.h"

namespace ll::lltrain {

struct TrainJobOptions {
  std::string job_directory = "/opt/ml";
  uint64_t seed = learner::kDefaultSeed;
  // Of the rows of all channels in memory; channels that do not fit are streamed. 0: no bound.
  uint64_t memory_limit = 0;
  // Where checkpoints are kept. Empty: in the job's folder checkpoints/, if it is there, else nowhere.
  std::string checkpoint_directory = {};
  // At least so long between two checkpoints; one that is overdue when the job is stopped is written then.
  absl::Duration checkpoint_interval = absl::Seconds(10);
  std::string warm_start = {};  // a model to begin with, as LoadAnyModel() takes it; empty: channel model, or none
  bool resume = false;          // there must be a checkpoint to go on from
};

// What the job works with; not owned.
struct TrainJobContext {
  Env& env;
  Clock& clock;
  Executor& executor;
  TrainLog& log;
  ProgressEvents& events;
  // Asked often, from one thread. True stops the job: within a mini-batch while it trains, within a block of rows
  // while it reads.
  std::function<bool()> stop_requested;
};

// Runs the job to its end and reports it everywhere: log, events, model/model.tar.gz or output/failure, exit code.
// A job that is told to stop once an epoch is complete succeeds with the best model so far, and its done event says
// interrupted; before, it fails with reason INTERRUPTED.
//
// Where checkpoints are kept, a job that finds one goes on from it, and gives what it would have given without a stop;
// one of another training is refused with reason INVALID_CHECKPOINT. A checkpoint that cannot be written is a warning.
// The last one is kept, until the job is through.
ExitCode RunTrainJob(const TrainJobOptions& options, const TrainJobContext& context);

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_TRAIN_JOB_H_
