#include "services/training/launchers/job_layout.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "nlohmann/json.hpp"

namespace ll::training {
namespace {

using Json = nlohmann::json;

constexpr char kHost[] = "algo-1";
// File systems allow 255; some bytes are for the number in front.
constexpr size_t kMaxNameBytes = 200;

Json InputDataConfig(const std::vector<InputChannel>& channels) {
  Json config = Json::object();
  for (const InputChannel& channel : channels) {
    config[channel.name] = {{"ContentType", channel.content_type},
                            {"TrainingInputMode", "File"},
                            {"S3DistributionType", "FullyReplicated"},
                            {"RecordWrapperType", "None"},
                            {"CompressionType", "None"}};
    if (channel.shuffle_seed.has_value()) config[channel.name]["ShuffleConfig"] = {{"Seed", *channel.shuffle_seed}};
  }
  return config;
}

absl::Status WriteJson(Env& env, const std::string& path, const Json& json) {
  // Nobody reads it after a crash, so it is not synced.
  LL_ASSIGN_OR_RETURN(const std::unique_ptr<WritableFile> file, env.NewWritableFile(path));
  LL_RETURN_IF_ERROR(file->Append(json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace)));
  return file->Close();
}

absl::Status LinkChannel(const InputChannel& channel, const std::string& directory, registry::BlobStore& blobs,
                         Env& env) {
  LL_RETURN_IF_ERROR(env.CreateDirectories(directory));
  for (size_t i = 0; i < channel.objects.size(); ++i) {
    const InputObject& object = channel.objects[i];
    const std::string name = DataFileName(i, channel.objects.size(), object.key);
    const absl::Status linked = blobs.LinkTo(object.sha256, JoinPath(directory, name));
    if (!linked.ok()) return Annotate(linked, absl::StrCat("cannot read ", object.name));
  }
  return absl::OkStatus();
}

}  // namespace

std::string DataFileName(size_t index, size_t count, const std::string& key) {
  std::string name = FileNameOf(key);
  size_t begin = name.size() - std::min(name.size(), kMaxNameBytes);                     // the end holds the extension
  while (begin > 0 && begin < name.size() && (name[begin] & '\xC0') == '\x80') ++begin;  // not within a character
  name.erase(0, begin);
  // The reader passes over names that begin with "." or "_".
  if (count == 1 && !name.empty() && name[0] != '.' && name[0] != '_') return name;
  const std::string number = absl::StrCat(index);
  const size_t width = absl::StrCat(count - 1).size();
  return absl::StrCat(std::string(width - number.size(), '0'), number, "-", name);
}

absl::Status LayOutJob(const JobLaunch& launch, registry::BlobStore& blobs, Env& env) {
  const JobDirectory& directory = launch.directory;
  LL_RETURN_IF_ERROR(WriteJson(env, directory.config("hyperparameters.json"), launch.spec.hyperparameters));
  LL_RETURN_IF_ERROR(WriteJson(env, directory.config("inputdataconfig.json"), InputDataConfig(launch.channels)));
  LL_RETURN_IF_ERROR(WriteJson(env, directory.config("resourceconfig.json"),
                               {{"current_host", kHost}, {"hosts", {kHost}}, {"network_interface_name", "lo"}}));
  Json names = Json::object();
  if (!launch.spec.feature_names.empty()) names["features"] = launch.spec.feature_names;
  if (!launch.spec.class_names.empty()) names["classes"] = launch.spec.class_names;
  if (!names.empty()) LL_RETURN_IF_ERROR(WriteJson(env, directory.config("names.json"), names));
  for (const InputChannel& channel : launch.channels) {
    LL_RETURN_IF_ERROR(LinkChannel(channel, directory.channel(channel.name), blobs, env));
  }
  return absl::OkStatus();
}

}  // namespace ll::training
