// Where a job's files are: the container contract's folders, and the log beside them.
//
//   {jobs}/{id}/input/config/{hyperparameters,inputdataconfig,resourceconfig,names}.json
//   {jobs}/{id}/input/data/{channel}/...     hard links to the objects' bytes
//   {jobs}/{id}/model/model.tar.gz           written by the trainer
//   {jobs}/{id}/output/failure               written by the trainer when it fails
//   {jobs}/{id}/checkpoints/                 where the trainer keeps its checkpoint, for the next run of the job
//   {jobs}/{id}/starts                       the checkpoint that each run of the job began with, a line each
//   {jobs}/{id}/logs/job.log                 what the trainer printed; the only part that outlives the job
#ifndef LL_SERVICES_TRAINING_JOB_DIRECTORY_H_
#define LL_SERVICES_TRAINING_JOB_DIRECTORY_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/env.h"
#include "learner/checkpoint.h"

namespace ll::training {

// Names only; nothing is touched. `jobs` is the folder of all jobs' folders.
class JobDirectory {
 public:
  JobDirectory(const std::string& jobs, const std::string& job_id) : root_(JoinPath(jobs, job_id)) {}

  const std::string& root() const { return root_; }
  std::string config(const std::string& file) const { return JoinPath(JoinPath(root_, "input/config"), file); }
  std::string channel(const std::string& name) const { return JoinPath(JoinPath(root_, "input/data"), name); }
  std::string artifact() const { return JoinPath(root_, "model/model.tar.gz"); }
  std::string failure() const { return JoinPath(root_, "output/failure"); }
  std::string checkpoint() const { return JoinPath(JoinPath(root_, "checkpoints"), learner::kCheckpointFileName); }
  std::string starts() const { return JoinPath(root_, "starts"); }
  std::string log() const { return JoinPath(root_, "logs/job.log"); }

  // The error in terms of the job's channels, for people who do not know this machine's folders: the path of
  // {root}/input/data/train/a.csv becomes train/a.csv, in the message and in the details.
  absl::Status WithoutFolders(const absl::Status& error) const;

  // Empty folders for a run; what an earlier one of the job left is removed, but for its log and checkpoint.
  absl::Status Create(Env& env) const;
  // Notes that a run begins, and with which checkpoint.
  absl::Status NoteStart(Env& env) const;
  // Whether a run that was cut off is to be followed by another one: unless several have begun with the checkpoint that
  // is there, and none got as far as the next. A job that takes its server down with it must not do so for ever.
  absl::StatusOr<bool> MayGoOn(Env& env) const;

  // Removes everything but the log and what the next run goes on from; and that.
  absl::Status RemoveWorkFiles(Env& env) const;
  absl::Status RemoveCheckpoint(Env& env) const;

 private:
  std::string root_;
};

// What is still needed of a job's folder while it does not run.
enum class WantedFiles { kNone, kLog, kLogAndCheckpoint };

// For a server that starts, when no job runs: removes what is not wanted. Goes on after an error and returns the first.
absl::Status CleanJobDirectories(Env& env, const std::string& jobs,
                                 absl::FunctionRef<absl::StatusOr<WantedFiles>(const std::string& job_id)> wanted);

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_JOB_DIRECTORY_H_
