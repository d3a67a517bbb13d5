#include "learner/lltrain/command_line.h"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/version.h"
#include "learner/hyperparameters.h"

namespace ll::lltrain {
namespace {

constexpr char kExamples[] = R"(
Examples:
  lltrain                                        # the standard folder, /opt/ml, as in a container
  lltrain --job-dir job --seed 7 --threads 2     # "train" may be left out
  lltrain resume --job-dir job                   # go on from its last checkpoint
  lltrain validate --job-dir job                 # would it train?
  lltrain score --model job --input test.csv --accept text/csv > predictions.csv
  lltrain inspect --model job
  lltrain export --model job --format onnx --output model.onnx
  lltrain import --model model.onnx --output model.tar.gz
  lltrain hyperparameters                        # what hyperparameters.json may hold

A model is a model.tar.gz (ours, or SageMaker's own), a job folder, or an ONNX, JSON or CSV file.

Exit codes: 0 success, 1 training failed, 2 hyperparameters, data or usage are wrong, 3 the machine failed or the job
was stopped.
)";

constexpr char kTrainExamples[] = R"(
Examples:
  lltrain train                                  # the standard folder, /opt/ml, as in a container
  lltrain train --job-dir job --seed 7 --threads 2
  lltrain train --job-dir today --warm-start yesterday    # begin with the model of another job

A job folder holds
  input/config/hyperparameters.json    {"predictor_type": "binary_classifier", ...}
  input/config/inputdataconfig.json    optional: {"train": {"ContentType": "text/csv"}, ...}
  input/data/train                     a file or folder of files; validation and test likewise, if wanted
  input/data/model/model.tar.gz        optional: a model to begin with, as --warm-start names one
and gets
  model/model.tar.gz                   on success
  output/failure                       on failure: why

SIGTERM and SIGINT stop within a mini-batch; once an epoch is complete, the best model so far is written.

Where there is a folder checkpoints in the job's folder, or another with --checkpoint-dir, the job keeps its last
checkpoint there until it is through, and a run that finds one goes on from it: the model is the same, bit for bit, as
if nothing had stopped it.
)";

constexpr char kResumeExamples[] = R"(
Examples:
  lltrain resume --job-dir job                   # from job/checkpoints
  lltrain resume --job-dir job --checkpoint-dir /mnt/checkpoints

Like train, but an error where there is no checkpoint. Data, hyperparameters and seed must be those that the job began
with; the number of threads may be another one.
)";

constexpr char kValidateExamples[] = R"(
Examples:
  lltrain validate --job-dir job                 # the configuration, and the first 1000 rows of each channel
  lltrain validate --job-dir job --rows 0        # every row

Reports every error it finds, and writes nothing. Exit code 0: the job is valid; 2: it is not.
)";

constexpr char kScoreExamples[] = R"(
Examples:
  lltrain score --model job --input test.csv --accept text/csv > predictions.csv
  lltrain score --model model.tar.gz --input rows --content-type text/libsvm --accept application/jsonlines
  generate-rows | lltrain score --model model.onnx --input - --content-type text/csv | head

Rows have no label; "text/csv; label_size=1" passes over one. Replies are what an endpoint answers to the same rows, in
constant memory: application/json (the default), application/jsonlines, text/csv ("; header=present" for a line of
names) or application/x-recordio-protobuf. A bad row ends the work, after the predictions for the rows before it.
)";

constexpr char kInspectExamples[] = R"(
Examples:
  lltrain inspect --model job                    # what it is, its metrics, its largest weights
  lltrain inspect --model model.tar.gz --top 0   # every weight, in the order of the features
)";

constexpr char kExportExamples[] = R"(
Examples:
  lltrain export --model job --format json       # everything, as text
  lltrain export --model job --format csv        # feature,weight
  lltrain export --model job --format onnx --output model.onnx
  lltrain export --model job --format sagemaker --output model.tar.gz    # as SageMaker's own container writes it
)";

constexpr char kImportExamples[] = R"(
Examples:
  lltrain import --model sagemaker/model.tar.gz --output model.tar.gz
  lltrain import --model model.onnx
  lltrain import --model weights.csv --predictor-type binary_classifier --threshold 0.4

Reads SageMaker's own model.tar.gz, ONNX with one LinearClassifier or LinearRegressor, {"weights": [...], "bias": ...}
as JSON, and feature,weight as CSV, and writes the artifact that endpoints serve.
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

// A command with its options, which are parsed into `options`.
template <typename Options>
struct Subcommand {
  CLI::App* app = nullptr;
  Options options;

  Subcommand(CLI::App& parent, const char* name, const char* description, const char* examples)
      : app(parent.add_subcommand(name, description)) {
    app->footer(examples);
  }
  bool chosen() const { return app->parsed(); }
};

constexpr char kModelHelp[] = "A model.tar.gz, a job folder, or an ONNX, JSON or CSV file";

// Every option of the command line that begins without a command belongs to train.
std::vector<std::string> WithCommand(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool help = !arguments.empty() && (arguments[0] == "-h" || arguments[0] == "--help");
  if (arguments.empty() || (arguments[0][0] == '-' && !help)) arguments.insert(arguments.begin(), "train");
  return {arguments.rbegin(), arguments.rend()};  // as CLI::App::parse wants them
}

class Parser {
 public:
  Parser(int cores, uint64_t memory_bytes) {
    app_.require_subcommand(1);
    app_.footer(kExamples);
    AddTrain(cores, memory_bytes, train_);
    train_.app->add_flag("--resume", train_.options.job.resume, "Fail if there is no checkpoint to go on from");
    AddTrain(cores, memory_bytes, resume_);
    resume_.options.job.resume = true;
    AddValidate();
    AddScore();
    AddInspect();
    AddExport();
    AddImport();
  }

  CommandLine Parse(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
    try {
      app_.parse(WithCommand(argc, argv));
    } catch (const CLI::ParseError& error) {
      const bool asked_for_help = error.get_exit_code() == 0;
      app_.exit(error, out, err);
      return {.exit_code = asked_for_help ? 0 : 2};
    }
    if (version_->parsed()) out << "lltrain " << ReleaseVersion() << "\n";
    if (hyperparameters_->parsed()) PrintHyperparameters(out);
    if (train_.chosen()) return {.train = train_.options};
    if (resume_.chosen()) return {.train = resume_.options};
    if (validate_.chosen()) return {.tool = validate_.options};
    if (score_.chosen()) return {.tool = score_.options};
    if (inspect_.chosen()) return {.tool = inspect_.options};
    if (export_.chosen()) return {.tool = Exported()};
    if (import_.chosen()) return {.tool = Imported()};
    return {};
  }

 private:
  static void AddTrain(int cores, uint64_t memory_bytes, Subcommand<TrainCommand>& subcommand) {
    TrainCommand& command = subcommand.options;
    command.threads = cores;
    command.job.memory_limit = memory_bytes / 4 * 3;
    CLI::App* const train = subcommand.app;
    train->add_option("--job-dir", command.job.job_directory, "The job's folder")->capture_default_str();
    train->add_option("--seed", command.job.seed, "Makes the run repeatable; so does the default")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    train->add_option("--threads", command.threads, "Threads that train; the model does not depend on it")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    train
        ->add_option("--memory-limit", command.job.memory_limit,
                     "Memory for rows, as 512MiB, 0 for no bound (default: three quarters of the machine's); a channel "
                     "that does not fit is read from disk in every epoch")
        ->transform(CLI::AsSizeValue(/*kb_is_1000=*/false));
    train->add_option("--warm-start", command.job.warm_start,
                      "Begin with this model: a model.tar.gz, a job folder, or an ONNX, JSON or CSV file");
    train->add_option("--checkpoint-dir", command.job.checkpoint_directory,
                      "Keep the last checkpoint here (default: in the job's folder checkpoints, if it is there)");
    train
        ->add_option_function<double>(
            "--checkpoint-interval",
            [&command](double seconds) { command.job.checkpoint_interval = absl::Seconds(seconds); },
            "At least so many seconds between two checkpoints (default: 10)")
        ->check(CLI::NonNegativeNumber);
    train
        ->add_option("--progress-fd", command.progress_fd,
                     "Write progress events to this descriptor, a JSON object a line")
        ->check(CLI::NonNegativeNumber);
    train->add_option("--lifeline-fd", command.lifeline_fd, "End when this descriptor, a pipe, is closed by the parent")
        ->check(CLI::NonNegativeNumber);
  }

  void AddValidate() {
    validate_.app->add_option("--job-dir", validate_.options.job_directory, "The job's folder")->capture_default_str();
    validate_.app->add_option("--rows", validate_.options.rows, "Rows to look at in each channel, 0 for all")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
  }

  void AddScore() {
    score_.app->add_option("--model", score_.options.model, kModelHelp)->required();
    score_.app
        ->add_option("--input", score_.options.input, "A file of rows, a folder of such files, or - for standard input")
        ->required();
    score_.app->add_option("--content-type", score_.options.content_type,
                           "Of the input; by default each file is judged by its bytes and name");
    score_.app->add_option("--accept", score_.options.accept,
                           "Content type of the predictions (default: application/json)");
  }

  void AddInspect() {
    inspect_.app->add_option("--model", inspect_.options.model, kModelHelp)->required();
    inspect_.app->add_option("--top", inspect_.options.top, "Show so many of the largest weights, 0 for all")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
  }

  void AddExport() {
    export_.app->add_option("--model", export_.options.model, kModelHelp)->required();
    export_.app->add_option("--format", format_, "json, csv, onnx, sagemaker, or artifact for model.tar.gz")
        ->check(CLI::IsMember({"json", "csv", "onnx", "sagemaker", "artifact"}))
        ->required();
    export_.app->add_option("--output", export_.options.output, "The file to write (default: standard output)");
  }

  void AddImport() {
    import_.app->add_option("--model", import_.options.model, kModelHelp)->required();
    import_.app->add_option("--output", import_.options.output, "The artifact to write")->capture_default_str();
    import_.app->add_option("--predictor-type", predictor_type_, "What the model is, where JSON or CSV do not say it")
        ->check(CLI::IsMember({"binary_classifier", "multiclass_classifier", "regressor"}));
    import_.app->add_option("--loss", loss_, "Likewise (default: that of the predictor type)")
        ->check([](const std::string& word) {
          return learner::FromName<learner::Loss>(word).has_value() ? "" : word + " is no loss";
        });
    import_.app->add_option("--threshold", threshold_, "Likewise: the least score of label 1 (default: 0.5)");
  }

  ExportOptions Exported() {
    export_.options.format = *learner::ModelFormatFromName(format_);  // checked
    return export_.options;
  }

  ImportOptions Imported() {
    learner::ImportDefaults& defaults = import_.options.defaults;
    if (!predictor_type_.empty()) defaults.predictor_type = learner::FromName<learner::PredictorType>(predictor_type_);
    if (!loss_.empty()) defaults.loss = learner::FromName<learner::Loss>(loss_);
    defaults.threshold = threshold_;
    return import_.options;
  }

  CLI::App app_{"Trains linear models, and works with them: no server, no network.", "lltrain"};
  Subcommand<TrainCommand> train_{app_, "train", "Run the job in a folder (the default)", kTrainExamples};
  Subcommand<TrainCommand> resume_{app_, "resume", "Go on with a job that was stopped", kResumeExamples};
  Subcommand<ValidateOptions> validate_{app_, "validate", "Check a job without training", kValidateExamples};
  Subcommand<ScoreOptions> score_{app_, "score", "Predict for the rows of a file", kScoreExamples};
  Subcommand<InspectOptions> inspect_{app_, "inspect", "Show what a model is and what it weighs", kInspectExamples};
  Subcommand<ExportOptions> export_{app_, "export", "Write a model in another format", kExportExamples};
  Subcommand<ImportOptions> import_{app_, "import", "Make an artifact of a model in another format", kImportExamples};
  CLI::App* const hyperparameters_ = app_.add_subcommand("hyperparameters", "Print all hyperparameters");
  CLI::App* const version_ = app_.add_subcommand("version", "Print the release");
  std::string format_, predictor_type_, loss_;
  std::optional<float> threshold_;
};

}  // namespace

CommandLine ParseCommandLine(int argc, const char* const* argv, int cores, uint64_t memory_bytes, std::ostream& out,
                             std::ostream& err) {
  return Parser(cores, memory_bytes).Parse(argc, argv, out, err);
}

}  // namespace ll::lltrain
