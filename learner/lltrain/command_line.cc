#include "learner/lltrain/command_line.h"

#include <CLI/CLI.hpp>

#include "absl/strings/str_format.h"
#include "base/version.h"
#include "learner/hyperparameters.h"

namespace ll::lltrain {
namespace {

constexpr char kExamples[] = R"(
Examples:
  lltrain train                                  # the standard folder, /opt/ml, as in a container
  lltrain train --job-dir job --seed 7 --threads 2
  lltrain hyperparameters                        # what hyperparameters.json may hold

A job folder holds
  input/config/hyperparameters.json    {"predictor_type": "binary_classifier", ...}
  input/config/inputdataconfig.json    optional: {"train": {"ContentType": "text/csv"}, ...}
  input/data/train                     a file or folder of files; validation and test likewise, if wanted
and gets
  model/model.tar.gz                   on success
  output/failure                       on failure: why

Exit codes: 0 success, 1 training failed, 2 hyperparameters, data or usage are wrong, 3 the machine failed or the job
was stopped. SIGTERM and SIGINT stop within a mini-batch; once an epoch is complete, the best model so far is written.
)";

void PrintHyperparameters(std::ostream& out) {
  for (const learner::HyperparameterInfo& info : learner::DescribeHyperparameters()) {
    if (info.name[0] == '_') continue;
    const std::string default_value = info.default_value.empty() ? "required" : "default " + info.default_value;
    out << absl::StrFormat("%s  (%s: %s; %s)\n", info.name, info.type, info.range, default_value);
    out << "    " << info.description << "\n";
    if (info.applies_to != "all") out << "    Counts for " << info.applies_to << ".\n";
  }
}

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv, int cores, uint64_t memory_bytes, std::ostream& out,
                             std::ostream& err) {
  TrainCommand command;
  command.threads = cores;
  command.job.max_data_bytes = memory_bytes / 10 * 9;

  CLI::App app("Trains linear models: one job, from a folder with data and hyperparameters to a model.", "lltrain");
  app.require_subcommand(1);
  app.footer(kExamples);
  CLI::App* const train = app.add_subcommand("train", "Run the job in a folder");
  train->footer(kExamples);
  train->add_option("--job-dir", command.job.job_directory, "The job's folder")->capture_default_str();
  train->add_option("--seed", command.job.seed, "Makes the run repeatable; so does the default")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  train->add_option("--threads", command.threads, "Threads that train; the model does not depend on it")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  train
      ->add_option("--max-data-bytes", command.job.max_data_bytes,
                   "Most memory for the rows of one channel, 0 for no bound (default: nine tenths of the machine's)")
      ->check(CLI::NonNegativeNumber);
  train
      ->add_option("--progress-fd", command.progress_fd,
                   "Write progress events to this descriptor, a JSON object a line")
      ->check(CLI::NonNegativeNumber);
  train->add_option("--lifeline-fd", command.lifeline_fd, "End when this descriptor, a pipe, is closed by the parent")
      ->check(CLI::NonNegativeNumber);
  CLI::App* const version = app.add_subcommand("version", "Print the release");
  CLI::App* const hyperparameters = app.add_subcommand("hyperparameters", "Print all hyperparameters");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked_for_help = error.get_exit_code() == 0;
    app.exit(error, out, err);
    return {.train = std::nullopt, .exit_code = asked_for_help ? 0 : 2};
  }
  if (*version) out << "lltrain " << ReleaseVersion() << "\n";
  if (*hyperparameters) PrintHyperparameters(out);
  if (*train) return {.train = command};
  return {};
}

}  // namespace ll::lltrain
