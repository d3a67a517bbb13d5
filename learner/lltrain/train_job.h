// One training job, from a job directory to a model or a failure.
#ifndef LL_LEARNER_LLTRAIN_TRAIN_JOB_H_
#define LL_LEARNER_LLTRAIN_TRAIN_JOB_H_

#include <cstdint>
#include <functional>
#include <string>

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
  uint64_t max_data_bytes = 0;  // of the rows of one channel in memory; 0: no bound
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
ExitCode RunTrainJob(const TrainJobOptions& options, const TrainJobContext& context);

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_TRAIN_JOB_H_
