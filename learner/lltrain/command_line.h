// lltrain's arguments.
#ifndef LL_LEARNER_LLTRAIN_COMMAND_LINE_H_
#define LL_LEARNER_LLTRAIN_COMMAND_LINE_H_

#include <optional>
#include <ostream>

#include "learner/lltrain/tool_commands.h"
#include "learner/lltrain/train_job.h"

namespace ll::lltrain {

struct TrainCommand {
  TrainJobOptions job;
  int threads = 1;
  int progress_fd = -1;  // -1: nobody listens
  int lifeline_fd = -1;  // -1: there is no parent to outlive
};

// At most one of the two commands; without any, all is said and done.
struct CommandLine {
  std::optional<TrainCommand> train = {};
  std::optional<ToolCommand> tool = {};
  int exit_code = 0;  // where all is said and done; 2 for a wrong command line
};

// Without a command it is train. Answers --help, version, hyperparameters and wrong usage itself, on `out` and `err`.
// `cores` and `memory_bytes` are the machine's, for defaults.
CommandLine ParseCommandLine(int argc, const char* const* argv, int cores, uint64_t memory_bytes, std::ostream& out,
                             std::ostream& err);

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_COMMAND_LINE_H_
