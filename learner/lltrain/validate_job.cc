#include "learner/lltrain/validate_job.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/artifact/model_formats.h"
#include "learner/hyperparameters.h"
#include "learner/lltrain/failure.h"
#include "learner/lltrain/job_directory.h"
#include "learner/lltrain/label_rules.h"
#include "learner/readers/row_files.h"
#include "learner/warm_start.h"

namespace ll::lltrain {
namespace {

class Validator {
 public:
  Validator(const ValidateOptions& options, Env& env, std::ostream& out, std::ostream& err)
      : options_(options), directory_(env, options.job_directory), env_(env), out_(out), err_(err) {}

  absl::Status Run() {
    Note(directory_.ReadCurrentHost().status());
    const bool configured = CheckHyperparameters();
    const absl::StatusOr<Channels> channels = directory_.ReadChannels();
    Note(channels.status());
    // What labels may be is not known without hyperparameters.
    if (configured && channels.ok()) {
      if (!channels->model.empty()) CheckStart(channels->model);
      CheckChannel(channels->train);
      if (channels->validation.has_value()) CheckChannel(*channels->validation);
      if (channels->test.has_value()) CheckChannel(*channels->test);
    }
    if (first_error_.ok()) out_ << "The job is valid.\n";
    return first_error_;
  }

 private:
  void Note(const absl::Status& status) {
    if (status.ok()) return;
    err_ << FailureText(status) << "\n";
    first_error_.Update(status);
  }

  bool CheckHyperparameters() {
    const absl::StatusOr<std::map<std::string, std::string>> given = directory_.ReadHyperparameters();
    Note(given.status());
    if (!given.ok()) return false;
    std::vector<std::string> warnings;
    const absl::StatusOr<learner::Hyperparameters> parsed = learner::ParseHyperparameters(*given, &warnings);
    Note(parsed.status());
    if (!parsed.ok()) return false;
    hyperparameters_ = *parsed;
    out_ << "Hyperparameters: " << given->size() << " given, " << learner::EffectiveNumModels(hyperparameters_)
         << " models of predictor_type " << std::string(Name(hyperparameters_.predictor_type)) << " with loss "
         << std::string(Name(learner::EffectiveLoss(hyperparameters_))) << ".\n";
    for (const std::string& warning : warnings) out_ << "Warning: " << warning << "\n";
    return true;
  }

  void CheckStart(const std::string& path) {
    const absl::StatusOr<learner::Model> model = learner::LoadAnyModel(env_, path);
    if (!model.ok()) return Note(model.status());
    const learner::ModelSchema& schema = model->schema();
    absl::Status fits = learner::CheckWarmStart(schema, hyperparameters_.feature_dim.value_or(0), hyperparameters_);
    if (!fits.ok()) return Note(Annotate(fits, path));
    out_ << "Channel model: a " << std::string(Name(schema.predictor_type)) << " of " << schema.feature_dim
         << " features, which training will begin with.\n";
    start_features_ = schema.feature_dim;
  }

  void CheckChannel(const Channel& channel) {
    if (channel.config.pipe) {
      out_ << "Channel " << channel.name << ": a FIFO, which only training may read.\n";
      return;
    }
    const absl::Status status = SampleChannel(channel);
    if (!status.ok()) Note(Annotate(status, absl::StrCat("Unable to read data channel '", channel.name, "'")));
  }

  absl::Status SampleChannel(const Channel& channel) {
    learner::RowRules rules{.num_classes = LabelClasses(hyperparameters_),
                            .feature_dim = hyperparameters_.feature_dim.value_or(columns_),
                            .feature_dim_source = columns_ > 0 ? "channel train" : "the hyperparameter feature_dim"};
    if (rules.feature_dim == 0 && start_features_ > 0) {
      rules.feature_dim = start_features_;
      rules.feature_dim_source = "the model to begin with";
    }
    LL_ASSIGN_OR_RETURN(const std::unique_ptr<learner::RowSource> rows,
                        learner::OpenRowFiles(env_, channel.files, channel.config.content_type, rules));
    int64_t seen = 0;
    bool ended = false;
    Labels labels;
    while (options_.rows == 0 || seen < options_.rows) {
      LL_ASSIGN_OR_RETURN(const learner::RowBlock block, rows->Next());
      ended = block.rows == 0;
      if (ended) break;
      const int64_t wanted = options_.rows == 0 ? block.rows : std::min(block.rows, options_.rows - seen);
      for (int64_t i = 0; i < wanted; ++i) labels.Add(block.labels[i]);
      seen += wanted;
      columns_ = block.columns;
    }
    out_ << "Channel " << channel.name << ": " << channel.files.size()
         << (channel.files.size() == 1 ? " file" : " files") << ", " << columns_ << " features; "
         << (ended ? "all " : "the first ") << seen << " rows are well-formed, labels "
         << labels.Describe(LabelClasses(hyperparameters_) > 0) << ".\n";
    return absl::OkStatus();
  }

  // What labels a channel has.
  class Labels {
   public:
    void Add(float label) {
      low_ = std::min(low_.value_or(label), label);
      high_ = std::max(high_.value_or(label), label);
      if (counts_.size() < kMostClasses || counts_.count(label) > 0) ++counts_[label];
    }
    std::string Describe(bool classes) const {
      if (!classes || counts_.size() == kMostClasses) return absl::StrCat("from ", *low_, " to ", *high_);
      return absl::StrJoin(counts_, ", ", [](std::string* out, const auto& entry) {
        absl::StrAppend(out, entry.first, " (", entry.second, "x)");
      });
    }

   private:
    static constexpr size_t kMostClasses = 12;
    std::map<float, int64_t> counts_;
    std::optional<float> low_, high_;
  };

  const ValidateOptions& options_;
  JobDirectory directory_;
  Env& env_;
  std::ostream& out_;
  std::ostream& err_;
  learner::Hyperparameters hyperparameters_;
  int columns_ = 0;         // 0: no channel has been read
  int start_features_ = 0;  // of the model to begin with; 0: there is none
  absl::Status first_error_;
};

}  // namespace

absl::Status ValidateJob(const ValidateOptions& options, Env& env, std::ostream& out, std::ostream& err) {
  return Validator(options, env, out, err).Run();
}

}  // namespace ll::lltrain
