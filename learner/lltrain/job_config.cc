#include "learner/lltrain/job_config.h"

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

// The settings of a channel beside its content type: what each may be, besides empty.
struct ChannelSetting {
  const char* name;
  absl::Span<const char* const> served;
};

constexpr const char* kInputModes[] = {"File", "FastFile"};
constexpr const char* kDistributions[] = {"FullyReplicated", "ShardedByS3Key"};
constexpr const char* kNone[] = {"None"};
constexpr ChannelSetting kSettings[] = {
    {"TrainingInputMode", kInputModes},
    {"S3DistributionType", kDistributions},
    {"RecordWrapperType", kNone},
    {"CompressionType", kNone},
};

absl::Status CheckSetting(const std::string& channel, const std::string& name, const std::string& value) {
  std::vector<std::string> names = {"ContentType"};
  for (const ChannelSetting& setting : kSettings) {
    names.emplace_back(setting.name);
    if (name != setting.name) continue;
    for (const char* served : setting.served) {
      if (value.empty() || absl::EqualsIgnoreCase(value, served)) return absl::OkStatus();
    }
    return InvalidChannel(channel, absl::StrCat(name, " is \"", value, "\", which this release does not serve"),
                          absl::StrCat("Use ", absl::StrJoin(setting.served, " or "), "."));
  }
  const std::string nearest = NearestName(name, names);
  return InvalidChannel(channel, absl::StrCat("there is no setting ", name),
                        nearest.empty() ? absl::StrCat("Settings are ", absl::StrJoin(names, ", "), ".")
                                        : absl::StrCat("Did you mean ", nearest, "?"));
}

absl::StatusOr<ChannelConfig> ParseChannel(const std::string& name, const Json& object) {
  if (!object.is_object()) {
    return InvalidChannel(name, "its configuration is not an object", "Write {\"ContentType\": \"text/csv\"}, say.");
  }
  ChannelConfig config;
  for (const auto& [key, value] : object.items()) {
    if (value.is_null()) continue;
    if (!value.is_string()) return InvalidChannel(name, absl::StrCat(key, " is not a text"), "Settings are texts.");
    const std::string text = value.get<std::string>();
    if (key != "ContentType") {
      LL_RETURN_IF_ERROR(CheckSetting(name, key, text));
    } else if (!text.empty()) {
      const absl::StatusOr<learner::ContentType> type = learner::ParseContentType(text);
      if (!type.ok()) return Annotate(type.status(), absl::StrCat("data channel '", name, "'"));
      config.content_type = *type;
    }
  }
  return config;
}

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
    LL_ASSIGN_OR_RETURN(channels[name], ParseChannel(name, object));
  }
  return channels;
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
