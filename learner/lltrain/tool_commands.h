// What lltrain does beside training: one struct of options for each command, and the function that runs it.
#ifndef LL_LEARNER_LLTRAIN_TOOL_COMMANDS_H_
#define LL_LEARNER_LLTRAIN_TOOL_COMMANDS_H_

#include <functional>
#include <ostream>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "base/env.h"
#include "learner/artifact/model_formats.h"
#include "learner/lltrain/failure.h"
#include "learner/lltrain/score_file.h"
#include "learner/lltrain/validate_job.h"

namespace ll::lltrain {

struct InspectOptions {
  std::string model;
  int top = 20;  // weights of each output; 0: all
};

struct ExportOptions {
  std::string model;
  learner::ModelFormat format = learner::ModelFormat::kJson;
  std::string output = {};  // empty: standard output
};

struct ImportOptions {
  std::string model;
  learner::ImportDefaults defaults = {};
  std::string output = "model.tar.gz";
};

using ToolCommand = std::variant<ValidateOptions, ScoreOptions, InspectOptions, ExportOptions, ImportOptions>;

// Not owned.
struct ToolContext {
  Env& env;
  std::ostream& out;
  std::ostream& err;
  // Standard output as bytes; false when nobody listens any more.
  std::function<bool(absl::string_view)> write;
};

// An error is a line on `err`. Output files appear whole or not at all.
ExitCode RunTool(const ToolCommand& command, const ToolContext& context);

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_TOOL_COMMANDS_H_
