// The folder that a training job lives in: what a platform puts there, and what the job leaves.
//
//   input/config/hyperparameters.json      flat map of texts
//   input/config/inputdataconfig.json      optional: channel -> {"ContentType": ...}
//   input/config/resourceconfig.json       optional: {"current_host": ..., "hosts": [...]}
//   input/config/names.json                optional: {"features": [...], "classes": [...]}, names for people
//   input/data/<channel>                   a file or a folder of files; train, and if wanted validation and test
//   input/data/model                       a model to begin with, if wanted: a folder with a model.tar.gz in it
//   input/data/<channel>_0                 instead, in Pipe mode: the FIFO of the first epoch
//   model/model.tar.gz                     written on success
//   model/metrics.json, model/*.svg        beside it: what happened, for people (job_report.h)
//   output/failure                         written on failure: why, in words
//   checkpoints/training.checkpoint        if checkpoints/ is there: what a stopped job goes on from
//
// Each output appears whole or not at all.
#ifndef LL_LEARNER_LLTRAIN_JOB_DIRECTORY_H_
#define LL_LEARNER_LLTRAIN_JOB_DIRECTORY_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/env.h"
#include "learner/lltrain/job_config.h"

namespace ll::lltrain {

struct Channel {
  std::string name;
  std::string path;
  std::vector<std::string> files;
  ChannelConfig config;
};

struct Channels {
  Channel train;
  std::optional<Channel> validation;
  std::optional<Channel> test;
  std::string model;  // path of the model to begin with; empty: none
};

// Thread-safe.
class JobDirectory final {
 public:
  JobDirectory(Env& env, std::string root) : env_(env), root_(std::move(root)) {}

  // Creates model/ and output/ and removes what an earlier run left in them, so that afterwards each of the files
  // is this run's or is not there.
  absl::Status Prepare();

  std::string hyperparameters_path() const { return Path("input/config/hyperparameters.json"); }
  std::string model_path() const { return Path("model/model.tar.gz"); }
  std::string failure_path() const { return Path("output/failure"); }
  // Where what comes through a FIFO may be kept while the job runs.
  std::string spool_path(absl::string_view channel) const { return Path(absl::StrCat("output/", channel, ".spool")); }

  // The checkpoint's file: in `folder`, which is created, or, where that is empty, in checkpoints/ if it is there.
  // nullopt: no checkpoints are kept.
  absl::StatusOr<std::optional<std::string>> CheckpointPath(const std::string& folder);

  absl::StatusOr<std::map<std::string, std::string>> ReadHyperparameters();
  // The name of this host.
  absl::StatusOr<std::string> ReadCurrentHost();
  // None when there is no file.
  absl::StatusOr<ModelNames> ReadNames();
  // Every channel that the configuration names or that has data. INVALID_ARGUMENT with reason INVALID_CHANNEL: no
  // train channel, a name that is no channel, a channel without data.
  absl::StatusOr<Channels> ReadChannels();

  // The model comes last: once it is there, so are the files of `reports` (name -> contents), and nothing is left when
  // one of them cannot be written.
  absl::Status WriteModel(absl::string_view artifact, const std::map<std::string, std::string>& reports);
  absl::Status WriteFailure(absl::string_view text);

 private:
  std::string Path(absl::string_view name) const { return JoinPath(root_, name); }
  // nullopt: there is no such file.
  absl::StatusOr<std::optional<std::string>> ReadOptional(const std::string& name);
  absl::Status RemoveReports();
  absl::Status RemoveIfThere(const std::string& path);

  Env& env_;
  const std::string root_;
};

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_JOB_DIRECTORY_H_
