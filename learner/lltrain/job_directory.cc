#include "learner/lltrain/job_directory.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/error_reason.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "learner/checkpoint.h"
#include "learner/lltrain/job_report.h"
#include "learner/readers/row_files.h"

namespace ll::lltrain {
namespace {

constexpr char kDataFolder[] = "input/data";
constexpr char kTrain[] = "train";
constexpr char kValidation[] = "validation";
constexpr char kTest[] = "test";

absl::Status UnknownChannel(const std::string& name) {
  const std::string nearest = NearestName(name.substr(0, name.find('_')), {kTrain, kValidation, kTest, kModelChannel});
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
                   {.what = absl::StrCat("cannot use data channel '", name, "'"),
                    .why = "there is no such channel",
                    .remedy = nearest.empty() ? "Channels are train, validation, test and model."
                                              : absl::StrCat("Did you mean ", nearest, "?")},
                   {.metadata = {{"channel", name}}});
}

absl::Status Unreadable(const std::string& name, const absl::Status& status) {
  return Annotate(status, absl::StrCat("Unable to read data channel '", name, "'"));
}

// "train_0": the name of a FIFO, one for each epoch.
bool IsPipeOf(absl::string_view name, absl::string_view channel) {
  if (!absl::ConsumePrefix(&name, channel) || !absl::ConsumePrefix(&name, "_")) return false;
  return !name.empty() && std::all_of(name.begin(), name.end(), absl::ascii_isdigit);
}

absl::StatusOr<std::vector<std::string>> ListChannel(Env& env, const std::string& path, const ChannelConfig& config) {
  if (!config.pipe) return learner::ListDataFiles(env, path);
  LL_RETURN_IF_ERROR(env.Stat(path).status());
  return std::vector<std::string>{path};
}

absl::StatusOr<Channel> OpenChannel(Env& env, const std::string& name, const std::string& folder,
                                    const ChannelConfig& config) {
  // Rows are kept, in memory or in spool_path(), so that the FIFO of the first epoch is the only one that is read.
  const std::string path = JoinPath(folder, config.pipe ? absl::StrCat(name, "_0") : name);
  absl::StatusOr<std::vector<std::string>> files = ListChannel(env, path, config);
  if (absl::IsNotFound(files.status())) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
                     {.what = absl::StrCat("Unable to read data channel '", name, "'"),
                      .why = absl::StrCat("there is nothing at ", path),
                      .remedy = config.pipe ? "In Pipe mode the platform makes a FIFO there before it starts the job."
                                            : "Put the channel's data there, as a file or a folder of files."},
                     {.metadata = {{"channel", name}}});
  }
  if (!files.ok()) return Unreadable(name, files.status());
  return Channel{.name = name, .path = path, .files = *std::move(files), .config = config};
}

}  // namespace

absl::Status JobDirectory::Prepare() {
  LL_RETURN_IF_ERROR(env_.CreateDirectories(DirectoryOf(model_path())));
  LL_RETURN_IF_ERROR(env_.CreateDirectories(DirectoryOf(failure_path())));
  LL_RETURN_IF_ERROR(RemoveIfThere(model_path()));
  LL_RETURN_IF_ERROR(RemoveReports());
  for (const char* const channel : {kTrain, kValidation, kTest}) LL_RETURN_IF_ERROR(RemoveIfThere(spool_path(channel)));
  return RemoveIfThere(failure_path());
}

absl::Status JobDirectory::RemoveIfThere(const std::string& path) {
  const absl::Status removed = env_.RemoveFile(path);
  return absl::IsNotFound(removed) ? absl::OkStatus() : removed;
}

absl::StatusOr<std::optional<std::string>> JobDirectory::ReadOptional(const std::string& name) {
  absl::StatusOr<std::string> text = env_.ReadFile(Path(name));
  if (text.ok()) return *std::move(text);
  if (absl::IsNotFound(text.status())) return std::nullopt;
  return text.status();
}

absl::StatusOr<std::optional<std::string>> JobDirectory::CheckpointPath(const std::string& folder) {
  if (!folder.empty()) {
    LL_RETURN_IF_ERROR(env_.CreateDirectories(folder));
    return JoinPath(folder, learner::kCheckpointFileName);
  }
  if (!env_.Exists(Path("checkpoints"))) return std::nullopt;
  return JoinPath(Path("checkpoints"), learner::kCheckpointFileName);
}

absl::StatusOr<std::map<std::string, std::string>> JobDirectory::ReadHyperparameters() {
  absl::StatusOr<std::string> text = env_.ReadFile(hyperparameters_path());
  if (absl::IsNotFound(text.status())) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidHyperparameter,
                     {.what = "cannot read the hyperparameters",
                      .why = absl::StrCat("there is no file ", hyperparameters_path()),
                      .remedy = "Write {\"predictor_type\": \"binary_classifier\"} there, say."});
  }
  if (!text.ok()) return text.status();
  return ParseHyperparametersJson(*text);
}

absl::StatusOr<std::string> JobDirectory::ReadCurrentHost() {
  LL_ASSIGN_OR_RETURN(const std::optional<std::string> text, ReadOptional("input/config/resourceconfig.json"));
  return ParseResourceConfigJson(text.value_or("{}"));
}

absl::StatusOr<ModelNames> JobDirectory::ReadNames() {
  LL_ASSIGN_OR_RETURN(const std::optional<std::string> text, ReadOptional("input/config/names.json"));
  return ParseNamesJson(text.value_or("{}"));
}

absl::StatusOr<Channels> JobDirectory::ReadChannels() {
  LL_ASSIGN_OR_RETURN(const std::optional<std::string> text, ReadOptional("input/config/inputdataconfig.json"));
  std::map<std::string, ChannelConfig> configs;
  if (text.has_value()) {
    LL_ASSIGN_OR_RETURN(configs, ParseInputDataConfigJson(*text));
  }
  if (env_.Exists(Path(kDataFolder))) {
    LL_ASSIGN_OR_RETURN(const std::vector<std::string> present, env_.List(Path(kDataFolder)));
    for (const std::string& name : present) {
      const bool is_pipe = std::any_of(configs.begin(), configs.end(), [&](const auto& channel) {
        return channel.second.pipe && IsPipeOf(name, channel.first);
      });
      if (!is_pipe && !absl::StartsWith(name, ".")) configs.try_emplace(name);
    }
  }
  configs.try_emplace(kTrain);
  Channels channels;
  if (configs.erase(kModelChannel) > 0) channels.model = JoinPath(Path(kDataFolder), kModelChannel);
  for (const auto& [name, config] : configs) {
    if (name != kTrain && name != kValidation && name != kTest) return UnknownChannel(name);
  }
  for (const auto& [name, config] : configs) {
    LL_ASSIGN_OR_RETURN(Channel channel, OpenChannel(env_, name, Path(kDataFolder), config));
    if (name == kTrain) {
      channels.train = std::move(channel);
    } else {
      (name == kValidation ? channels.validation : channels.test) = std::move(channel);
    }
  }
  return channels;
}

absl::Status JobDirectory::WriteModel(absl::string_view artifact, const std::map<std::string, std::string>& reports) {
  absl::Status written;
  for (const auto& [name, text] : reports) {
    if (written.ok()) written = env_.WriteFileAtomically(JoinPath(DirectoryOf(model_path()), name), text);
  }
  if (written.ok()) written = env_.WriteFileAtomically(model_path(), artifact);
  if (!written.ok()) {
    // It may already bear its name when the folder cannot be synced: a job that fails leaves no model.
    env_.RemoveFile(model_path()).IgnoreError();
    RemoveReports().IgnoreError();
  }
  return written;
}

absl::Status JobDirectory::RemoveReports() {
  for (const char* name : JobReport::FileNames()) {
    LL_RETURN_IF_ERROR(RemoveIfThere(JoinPath(DirectoryOf(model_path()), name)));
  }
  return absl::OkStatus();
}

absl::Status JobDirectory::WriteFailure(absl::string_view text) {
  LL_RETURN_IF_ERROR(env_.CreateDirectories(DirectoryOf(failure_path())));
  return env_.WriteFileAtomically(failure_path(), text);
}

}  // namespace ll::lltrain
