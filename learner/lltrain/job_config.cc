#include "learner/lltrain/job_config.h"

#include <algorithm>

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "base/error_reason.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "nlohmann/json.hpp"

namespace ll::lltrain {
namespace {

using Json = nlohmann::json;

// Not an object: discarded.
Json ParseObject(absl::string_view text) {
  Json json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  return json.is_object() ? json : Json(Json::value_t::discarded);
}

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

absl::Status InvalidChannel(absl::string_view channel, std::string why, std::string remedy) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
                   {.what = absl::StrCat("cannot use data channel '", channel, "'"),
                    .why = std::move(why),
                    .remedy = std::move(remedy)},
                   {.metadata = {{"channel", std::string(channel)}}});
}

// The settings of a channel that are one of a few words, or empty. The first is the default.
struct ChannelSetting {
  const char* name;
  absl::Span<const char* const> words;
};

constexpr const char* kInputModes[] = {"File", "FastFile", "Pipe"};
constexpr const char* kDistributions[] = {"FullyReplicated", "ShardedByS3Key"};
constexpr const char* kWrappers[] = {"None", "RecordIO"};
constexpr const char* kCompressions[] = {"None", "Gzip"};
constexpr ChannelSetting kSettings[] = {
    {"TrainingInputMode", kInputModes},
    {"S3DistributionType", kDistributions},
    {"RecordWrapperType", kWrappers},
    {"CompressionType", kCompressions},
};

constexpr char kModelContentType[] = "application/x-sagemaker-model";

// One channel's object, read member by member.
class ChannelParser {
 public:
  explicit ChannelParser(const std::string& channel) : channel_(channel) {}

  absl::StatusOr<ChannelConfig> Parse(const Json& object) {
    if (!object.is_object()) {
      return InvalidChannel(channel_, "its configuration is not an object",
                            "Write {\"ContentType\": \"text/csv\"}, say.");
    }
    for (const auto& [name, value] : object.items()) {
      if (!value.is_null()) LL_RETURN_IF_ERROR(Take(name, value));
    }
    LL_RETURN_IF_ERROR(CheckWrapper());
    return config_;
  }

 private:
  absl::Status Take(const std::string& name, const Json& value) {
    if (name == "ShuffleConfig") return TakeShuffle(value);
    if (!value.is_string())
      return InvalidChannel(channel_, absl::StrCat(name, " is not a text"), "Settings are texts.");
    const std::string text = value.get<std::string>();
    if (name == "ContentType") return TakeContentType(text);
    LL_ASSIGN_OR_RETURN(const std::string word, Word(name, text));
    if (name == "TrainingInputMode") config_.pipe = word == "Pipe";
    if (name == "RecordWrapperType") wrapped_ = word == "RecordIO";
    return absl::OkStatus();
  }

  absl::Status TakeContentType(const std::string& text) {
    if (text.empty()) return absl::OkStatus();
    if (channel_ == kModelChannel) {
      if (text == kModelContentType) return absl::OkStatus();
      return InvalidChannel(channel_, absl::StrCat("ContentType is \"", text, "\", and the channel holds a model"),
                            absl::StrCat("Use ", kModelContentType, ", or none."));
    }
    const absl::StatusOr<learner::ContentType> type = learner::ParseContentType(text);
    if (!type.ok()) return Annotate(type.status(), absl::StrCat("data channel '", channel_, "'"));
    config_.content_type = *type;
    return absl::OkStatus();
  }

  absl::Status TakeShuffle(const Json& value) {
    const auto seed = value.is_object() ? value.find("Seed") : value.end();
    if (!value.is_object() || value.size() != 1 || seed == value.end() || !seed->is_number_unsigned()) {
      return InvalidChannel(channel_, "its ShuffleConfig is not an object with a whole number called Seed",
                            "Write {\"ShuffleConfig\": {\"Seed\": 7}}, say.");
    }
    config_.shuffle_seed = seed->get<uint64_t>();
    return absl::OkStatus();
  }

  // The word of the setting, in its proper spelling.
  absl::StatusOr<std::string> Word(const std::string& name, const std::string& text) const {
    std::vector<std::string> names = {"ContentType", "ShuffleConfig"};
    for (const ChannelSetting& setting : kSettings) {
      names.emplace_back(setting.name);
      if (name != setting.name) continue;
      if (text.empty()) return setting.words[0];
      for (const char* word : setting.words) {
        if (absl::EqualsIgnoreCase(text, word)) return word;
      }
      return InvalidChannel(channel_, absl::StrCat(name, " is \"", text, "\", and there is no such one"),
                            absl::StrCat("Use ", absl::StrJoin(setting.words, " or "), "."));
    }
    const std::string nearest = NearestName(name, names);
    return InvalidChannel(channel_, absl::StrCat("there is no setting ", name),
                          nearest.empty() ? absl::StrCat("Settings are ", absl::StrJoin(names, ", "), ".")
                                          : absl::StrCat("Did you mean ", nearest, "?"));
  }

  // A platform that wraps puts each object into a RecordIO frame on its way into the FIFO. That makes a RecordIO file
  // of objects that are records; of anything else it makes something that has no reader.
  absl::Status CheckWrapper() const {
    const bool records =
        !config_.content_type.has_value() || config_.content_type->format == learner::DataFormat::kRecordIo;
    if (!wrapped_ || (config_.pipe && records)) return absl::OkStatus();
    return InvalidChannel(channel_, "RecordWrapperType is \"RecordIO\", which is for protobuf records in Pipe mode",
                          "Use None.");
  }

  const std::string& channel_;
  ChannelConfig config_;
  bool wrapped_ = false;
};

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> ParseHyperparametersJson(absl::string_view text) {
  const Json json = ParseObject(text);
  if (json.is_discarded()) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidHyperparameter,
                     {.what = "cannot read the hyperparameters",
                      .why = "they are not a JSON object",
                      .remedy = "Write {\"predictor_type\": \"binary_classifier\"}, say."});
  }
  std::map<std::string, std::string> values;
  ErrorDetails details;
  std::vector<std::string> problems;
  for (const auto& [name, value] : json.items()) {
    if (value.is_string()) {
      values[name] = value.get<std::string>();
    } else if (value.is_number() || value.is_boolean()) {
      values[name] = Dump(value);
    } else {
      const std::string description =
          absl::StrCat("is ", value.type_name(), ", and values are texts, numbers or booleans");
      details.field_violations.push_back({name, description});
      problems.push_back(absl::StrCat("Hyperparameter ", name, " ", description));
    }
  }
  if (problems.empty()) return values;
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidHyperparameter,
                   {.what = "cannot read the hyperparameters",
                    .why = absl::StrJoin(problems, "; "),
                    .remedy = "Write each value as a text."},
                   std::move(details));
}

absl::StatusOr<std::map<std::string, ChannelConfig>> ParseInputDataConfigJson(absl::string_view text) {
  const Json json = ParseObject(text);
  if (json.is_discarded()) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
                     {.what = "cannot read the configuration of the data channels",
                      .why = "it is not a JSON object",
                      .remedy = "Write {\"train\": {\"ContentType\": \"text/csv\"}}, say."});
  }
  std::map<std::string, ChannelConfig> channels;
  for (const auto& [name, object] : json.items()) {
    LL_ASSIGN_OR_RETURN(channels[name], ChannelParser(name).Parse(object));
  }
  return channels;
}

absl::StatusOr<ModelNames> ParseNamesJson(absl::string_view text) {
  const auto refuse = [](std::string why) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kConfigInvalid,
                     {.what = "cannot use the names of features and classes",
                      .why = std::move(why),
                      .remedy = "Write {\"features\": [\"age\", ...], \"classes\": [\"stays\", \"goes\"]}, say."});
  };
  const Json json = ParseObject(text);
  if (json.is_discarded()) return refuse("names.json is not a JSON object");
  ModelNames names;
  for (const auto& [key, list] : json.items()) {
    if (key != "features" && key != "classes") return refuse(absl::StrCat("there is no setting ", key));
    const bool texts =
        list.is_array() && std::all_of(list.begin(), list.end(), [](const Json& name) { return name.is_string(); });
    if (!texts) return refuse(absl::StrCat(key, " is not a list of texts"));
    (key == "features" ? names.features : names.classes) = list.get<std::vector<std::string>>();
  }
  return names;
}

absl::StatusOr<std::string> ParseResourceConfigJson(absl::string_view text) {
  const auto refuse = [](std::string why, std::string remedy) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, ErrorReason::kConfigInvalid,
        {.what = "cannot use the resource configuration", .why = std::move(why), .remedy = std::move(remedy)});
  };
  const Json json = ParseObject(text);
  if (json.is_discarded()) return refuse("it is not a JSON object", "Leave the file out to train on this host.");
  const auto hosts = json.find("hosts");
  if (hosts != json.end() && !hosts->is_array()) return refuse("hosts is not a list", "List the hosts' names.");
  if (hosts != json.end() && hosts->size() > 1) {
    return refuse(absl::StrCat("the job is spread over ", hosts->size(), " hosts, and this release trains on one"),
                  "Ask for one instance; it uses all of its cores.");
  }
  const auto host = json.find("current_host");
  if (host == json.end()) return "algo-1";
  if (!host->is_string()) return refuse("current_host is not a text", "Give the host's name.");
  return host->get<std::string>();
}

}  // namespace ll::lltrain
