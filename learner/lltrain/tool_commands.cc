#include "learner/lltrain/tool_commands.h"

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "learner/artifact.h"
#include "learner/lltrain/inspect_model.h"

namespace ll::lltrain {
namespace {

absl::Status Inspect(const InspectOptions& options, const ToolContext& context) {
  LL_ASSIGN_OR_RETURN(const learner::Model model, learner::LoadAnyModel(context.env, options.model));
  context.write(DescribeModel(model, options.top));
  return absl::OkStatus();
}

absl::Status Export(const ExportOptions& options, const ToolContext& context) {
  LL_ASSIGN_OR_RETURN(const learner::Model model, learner::LoadAnyModel(context.env, options.model));
  LL_ASSIGN_OR_RETURN(const std::string bytes, learner::ExportModel(model, options.format));
  if (!options.output.empty()) return context.env.WriteFileAtomically(options.output, bytes);
  context.write(bytes);
  return absl::OkStatus();
}

absl::Status Import(const ImportOptions& options, const ToolContext& context) {
  LL_ASSIGN_OR_RETURN(const learner::Model model, learner::LoadAnyModel(context.env, options.model, options.defaults));
  LL_RETURN_IF_ERROR(learner::SaveModel(model, context.env, options.output));
  const learner::ModelSchema& schema = model.schema();
  context.out << options.output << ": a " << std::string(Name(schema.predictor_type)) << " with loss "
              << std::string(Name(schema.loss)) << " of " << schema.feature_dim << " features\n";
  return absl::OkStatus();
}

struct Runner {
  const ToolContext& context;

  // It writes its errors itself.
  ExitCode operator()(const ValidateOptions& options) const {
    return ExitCodeOf(ValidateJob(options, context.env, context.out, context.err));
  }
  ExitCode operator()(const ScoreOptions& options) const {
    return Report(ScoreFile(options, context.env, context.write));
  }
  ExitCode operator()(const InspectOptions& options) const { return Report(Inspect(options, context)); }
  ExitCode operator()(const ExportOptions& options) const { return Report(Export(options, context)); }
  ExitCode operator()(const ImportOptions& options) const { return Report(Import(options, context)); }

  ExitCode Report(const absl::Status& status) const {
    if (!status.ok()) context.err << FailureText(status) << "\n";
    return ExitCodeOf(status);
  }
};

}  // namespace

ExitCode RunTool(const ToolCommand& command, const ToolContext& context) {
  return std::visit(Runner{context}, command);
}

}  // namespace ll::lltrain
