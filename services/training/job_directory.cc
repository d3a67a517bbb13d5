#include "services/training/job_directory.h"

#include <optional>
#include <vector>

#include "absl/strings/str_replace.h"
#include "base/error_reason.h"
#include "base/status_macros.h"

namespace ll::training {
namespace {

constexpr const char* kWorkFolders[] = {"input", "model", "output"};

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
  LL_RETURN_IF_ERROR(env.RemoveTree(root_));
  for (const std::string& folder : {config(""), JoinPath(root_, "input/data"), JoinPath(root_, "model"),
                                    JoinPath(root_, "output"), JoinPath(root_, "logs")}) {
    LL_RETURN_IF_ERROR(env.CreateDirectories(folder));
  }
  return absl::OkStatus();
}

absl::Status JobDirectory::RemoveWorkFiles(Env& env) const {
  for (const char* folder : kWorkFolders) LL_RETURN_IF_ERROR(env.RemoveTree(JoinPath(root_, folder)));
  return absl::OkStatus();
}

absl::Status CleanJobDirectories(Env& env, const std::string& jobs,
                                 absl::FunctionRef<absl::StatusOr<bool>(const std::string& job_id)> exists) {
  LL_ASSIGN_OR_RETURN(const std::vector<std::string> ids, env.List(jobs));
  absl::Status first_error;
  for (const std::string& id : ids) {
    const JobDirectory directory(jobs, id);
    const absl::StatusOr<bool> wanted = exists(id);
    if (!wanted.ok()) {
      first_error.Update(wanted.status());
    } else if (*wanted) {
      first_error.Update(directory.RemoveWorkFiles(env));
    } else {
      first_error.Update(env.RemoveTree(directory.root()));
    }
  }
  return first_error;
}

}  // namespace ll::training
