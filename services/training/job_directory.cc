#include "services/training/job_directory.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/error_reason.h"
#include "base/status_macros.h"

namespace ll::training {
namespace {

constexpr const char* kWorkFolders[] = {"input", "model", "output"};
constexpr int kStartsPerCheckpoint = 2;

// The digest of the checkpoint that is there, or a word for none.
absl::StatusOr<std::string> CheckpointNow(Env& env, const JobDirectory& directory) {
  absl::StatusOr<std::string> digest = learner::CheckpointDigest(env, directory.checkpoint());
  if (absl::IsNotFound(digest.status())) return "beginning";
  return digest;
}

absl::StatusOr<std::vector<std::string>> Starts(Env& env, const JobDirectory& directory) {
  const absl::StatusOr<std::string> text = env.ReadFile(directory.starts());
  if (absl::IsNotFound(text.status())) return std::vector<std::string>{};
  if (!text.ok()) return text.status();
  return std::vector<std::string>(absl::StrSplit(*text, '\n', absl::SkipEmpty()));
}

}  // namespace

absl::Status JobDirectory::WithoutFolders(const absl::Status& error) const {
  if (error.ok()) return error;
  const std::string data = channel("");
  const std::string all = JoinPath(root_, "");
  const auto shortened = [&](absl::string_view text) { return absl::StrReplaceAll(text, {{data, ""}, {all, ""}}); };
  const absl::Status status(error.code(), shortened(error.message()));
  std::optional<ErrorDetails> details = GetErrorDetails(error);
  if (!details.has_value()) return status;
  for (auto& [key, value] : details->metadata) value = shortened(value);
  return WithErrorDetails(status, *details);
}

absl::Status JobDirectory::Create(Env& env) const {
  LL_RETURN_IF_ERROR(RemoveWorkFiles(env));
  for (const std::string& folder : {config(""), JoinPath(root_, "input/data"), JoinPath(root_, "model"),
                                    JoinPath(root_, "output"), JoinPath(root_, "logs"), DirectoryOf(checkpoint())}) {
    LL_RETURN_IF_ERROR(env.CreateDirectories(folder));
  }
  return absl::OkStatus();
}

absl::Status JobDirectory::NoteStart(Env& env) const {
  LL_ASSIGN_OR_RETURN(std::vector<std::string> lines, Starts(env, *this));
  LL_ASSIGN_OR_RETURN(const std::string now, CheckpointNow(env, *this));
  lines.push_back(now);
  return env.WriteFileAtomically(starts(), absl::StrCat(absl::StrJoin(lines, "\n"), "\n"));
}

absl::StatusOr<bool> JobDirectory::MayGoOn(Env& env) const {
  LL_ASSIGN_OR_RETURN(const std::vector<std::string> lines, Starts(env, *this));
  LL_ASSIGN_OR_RETURN(const std::string now, CheckpointNow(env, *this));
  return std::count(lines.begin(), lines.end(), now) < kStartsPerCheckpoint;
}

absl::Status JobDirectory::RemoveCheckpoint(Env& env) const {
  LL_RETURN_IF_ERROR(env.RemoveTree(DirectoryOf(checkpoint())));
  const absl::Status removed = env.RemoveFile(starts());
  return absl::IsNotFound(removed) ? absl::OkStatus() : removed;
}

absl::Status JobDirectory::RemoveWorkFiles(Env& env) const {
  for (const char* folder : kWorkFolders) LL_RETURN_IF_ERROR(env.RemoveTree(JoinPath(root_, folder)));
  return absl::OkStatus();
}

absl::Status CleanJobDirectories(Env& env, const std::string& jobs,
                                 absl::FunctionRef<absl::StatusOr<WantedFiles>(const std::string& job_id)> wanted) {
  LL_ASSIGN_OR_RETURN(const std::vector<std::string> ids, env.List(jobs));
  absl::Status first_error;
  for (const std::string& id : ids) {
    const JobDirectory directory(jobs, id);
    const absl::StatusOr<WantedFiles> files = wanted(id);
    if (!files.ok()) {
      first_error.Update(files.status());
      continue;
    }
    if (*files == WantedFiles::kNone) {
      first_error.Update(env.RemoveTree(directory.root()));
      continue;
    }
    first_error.Update(directory.RemoveWorkFiles(env));
    if (*files == WantedFiles::kLog) first_error.Update(directory.RemoveCheckpoint(env));
  }
  return first_error;
}

}  // namespace ll::training
