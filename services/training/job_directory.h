// Where a job's files are: the container contract's folders, and the log beside them.
//
//   {jobs}/{id}/input/config/{hyperparameters,inputdataconfig,resourceconfig}.json
//   {jobs}/{id}/input/data/{channel}/...     hard links to the objects' bytes
//   {jobs}/{id}/model/model.tar.gz           written by the trainer
//   {jobs}/{id}/output/failure               written by the trainer when it fails
//   {jobs}/{id}/logs/job.log                 what the trainer printed; the only part that outlives the run
#ifndef LL_SERVICES_TRAINING_JOB_DIRECTORY_H_
#define LL_SERVICES_TRAINING_JOB_DIRECTORY_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/env.h"

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
  std::string log() const { return JoinPath(root_, "logs/job.log"); }

  // The error in terms of the job's channels, for people who do not know this machine's folders: the path of
  // {root}/input/data/train/a.csv becomes train/a.csv, in the message and in the details.
  absl::Status WithoutFolders(const absl::Status& error) const;

  // Empty folders for a new run; what an earlier one left is removed.
  absl::Status Create(Env& env) const;
  // Removes everything but the log.
  absl::Status RemoveWorkFiles(Env& env) const;

 private:
  std::string root_;
};

// For a server that starts, when no job runs: removes the folders of jobs that are gone, and the work files of the
// others. Goes on after an error and returns the first.
absl::Status CleanJobDirectories(Env& env, const std::string& jobs,
                                 absl::FunctionRef<absl::StatusOr<bool>(const std::string& job_id)> exists);

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_JOB_DIRECTORY_H_
