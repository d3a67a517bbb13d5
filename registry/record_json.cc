#include "registry/record_json.h"

#include <cmath>
#include <limits>
#include <tuple>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "nlohmann/json.hpp"

namespace ll::registry {
namespace {

// Keeps the order of the lists below, so that a person who reads the event log meets the name first.
using Json = nlohmann::ordered_json;

template <typename Record, typename T>
struct Field {
  const char* name;
  T Record::*member;
};
template <typename Record, typename T>
Field(const char*, T Record::*) -> Field<Record, T>;

// One list of fields per struct, used for writing and for reading. A member that is missing here fails
// record_json_test.cc.
constexpr auto Fields(const RecordHeader*) {
  using R = RecordHeader;
  return std::make_tuple(Field{"labels", &R::labels}, Field{"annotations", &R::annotations},
                         Field{"create_time", &R::create_time}, Field{"update_time", &R::update_time},
                         Field{"etag", &R::etag});
}

constexpr auto Fields(const ModelRecord*) {
  using R = ModelRecord;
  return std::make_tuple(Field{"id", &R::id}, Field{"header", &R::header}, Field{"description", &R::description},
                         Field{"aliases", &R::aliases}, Field{"latest_version", &R::latest_version});
}

constexpr auto Fields(const FeatureSchema*) {
  using R = FeatureSchema;
  return std::make_tuple(Field{"predictor_type", &R::predictor_type}, Field{"loss", &R::loss},
                         Field{"score_kind", &R::score_kind}, Field{"feature_dim", &R::feature_dim},
                         Field{"outputs", &R::outputs});
}

constexpr auto Fields(const LineageInput*) {
  using R = LineageInput;
  return std::make_tuple(Field{"channel", &R::channel}, Field{"object", &R::object}, Field{"sha256", &R::sha256});
}

constexpr auto Fields(const VersionRecord*) {
  using R = VersionRecord;
  return std::make_tuple(
      Field{"model_id", &R::model_id}, Field{"number", &R::number}, Field{"header", &R::header},
      Field{"state", &R::state}, Field{"state_reason", &R::state_reason}, Field{"description", &R::description},
      Field{"artifact_sha256", &R::artifact_sha256}, Field{"artifact_bytes", &R::artifact_bytes},
      Field{"algorithm", &R::algorithm}, Field{"hyperparameters", &R::hyperparameters}, Field{"schema", &R::schema},
      Field{"metrics", &R::metrics}, Field{"training_job", &R::training_job}, Field{"lineage", &R::lineage});
}

constexpr auto Fields(const VersionRef*) {
  using R = VersionRef;
  return std::make_tuple(Field{"model_id", &R::model_id}, Field{"number", &R::number}, Field{"alias", &R::alias});
}

constexpr auto Fields(const ChannelSpec*) {
  using R = ChannelSpec;
  return std::make_tuple(Field{"name", &R::name}, Field{"uri", &R::uri}, Field{"content_type", &R::content_type},
                         Field{"shuffle_seed", &R::shuffle_seed});
}

constexpr auto Fields(const JobSpec*) {
  using R = JobSpec;
  return std::make_tuple(Field{"algorithm", &R::algorithm}, Field{"hyperparameters", &R::hyperparameters},
                         Field{"channels", &R::channels}, Field{"model_id", &R::model_id}, Field{"seed", &R::seed},
                         Field{"threads", &R::threads}, Field{"max_runtime", &R::max_runtime},
                         Field{"warm_start", &R::warm_start}, Field{"feature_names", &R::feature_names},
                         Field{"class_names", &R::class_names});
}

constexpr auto Fields(const JobProgress*) {
  using R = JobProgress;
  return std::make_tuple(Field{"epoch", &R::epoch}, Field{"epochs", &R::epochs}, Field{"best_loss", &R::best_loss},
                         Field{"best_candidate", &R::best_candidate}, Field{"rows_per_second", &R::rows_per_second});
}

constexpr auto Fields(const CandidateRecord*) {
  using R = CandidateRecord;
  return std::make_tuple(Field{"index", &R::index}, Field{"hyperparameters", &R::hyperparameters},
                         Field{"train_loss", &R::train_loss}, Field{"validation_loss", &R::validation_loss},
                         Field{"diverged", &R::diverged});
}

constexpr auto Fields(const StoredError*) {
  using R = StoredError;
  return std::make_tuple(Field{"code", &R::code}, Field{"reason", &R::reason}, Field{"message", &R::message},
                         Field{"field_violations", &R::field_violations});
}

constexpr auto Fields(const JobRecord*) {
  using R = JobRecord;
  return std::make_tuple(Field{"id", &R::id}, Field{"header", &R::header}, Field{"spec", &R::spec},
                         Field{"state", &R::state}, Field{"keep_model", &R::keep_model},
                         Field{"progress", &R::progress}, Field{"candidates", &R::candidates},
                         Field{"metrics", &R::metrics}, Field{"warnings", &R::warnings}, Field{"error", &R::error},
                         Field{"produced_version", &R::produced_version}, Field{"start_time", &R::start_time},
                         Field{"end_time", &R::end_time});
}

constexpr auto Fields(const VariantSpec*) {
  using R = VariantSpec;
  return std::make_tuple(Field{"name", &R::name}, Field{"version", &R::version});
}

constexpr auto Fields(const ObservedVariant*) {
  using R = ObservedVariant;
  return std::make_tuple(Field{"name", &R::name}, Field{"model_id", &R::model_id}, Field{"version", &R::version},
                         Field{"ready_time", &R::ready_time});
}

constexpr auto Fields(const EndpointRecord*) {
  using R = EndpointRecord;
  return std::make_tuple(Field{"id", &R::id}, Field{"header", &R::header}, Field{"variants", &R::variants},
                         Field{"generation", &R::generation}, Field{"deleted", &R::deleted}, Field{"state", &R::state},
                         Field{"observed_generation", &R::observed_generation}, Field{"observed", &R::observed},
                         Field{"error", &R::error});
}

constexpr auto Fields(const BucketRecord*) {
  using R = BucketRecord;
  return std::make_tuple(Field{"id", &R::id}, Field{"header", &R::header});
}

constexpr auto Fields(const ObjectRecord*) {
  using R = ObjectRecord;
  return std::make_tuple(Field{"bucket_id", &R::bucket_id}, Field{"key", &R::key}, Field{"header", &R::header},
                         Field{"sha256", &R::sha256}, Field{"md5", &R::md5}, Field{"size_bytes", &R::size_bytes},
                         Field{"content_type", &R::content_type}, Field{"content_encoding", &R::content_encoding},
                         Field{"metadata", &R::metadata});
}

template <typename T>
concept Struct = requires {
  Fields(static_cast<const T*>(nullptr));
};

absl::Status Unexpected(absl::string_view expected) {
  return MakeError(absl::StatusCode::kInternal, ErrorReason::kInternal,
                   {.what = "cannot read a stored record", .why = absl::StrCat("expected ", expected), .remedy = ""});
}

// How values of each type are written and read.

Json Write(bool value) { return value; }
absl::Status Read(const Json& json, bool* value) {
  if (!json.is_boolean()) return Unexpected("true or false");
  *value = json.get<bool>();
  return absl::OkStatus();
}

template <std::integral Integer>
Json Write(Integer value) {
  return value;
}
template <std::integral Integer>
absl::Status Read(const Json& json, Integer* value) {
  if (!json.is_number_integer()) return Unexpected("an integer");
  const bool fits = json.is_number_unsigned() ? std::in_range<Integer>(json.get<uint64_t>())
                                              : std::in_range<Integer>(json.get<int64_t>());
  if (!fits) return Unexpected("a smaller integer");
  *value = json.get<Integer>();
  return absl::OkStatus();
}

Json Write(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}
absl::Status Read(const Json& json, double* value) {
  if (json.is_number()) {
    *value = json.get<double>();
  } else if (json == "NaN") {
    *value = std::numeric_limits<double>::quiet_NaN();
  } else if (json == "Infinity") {
    *value = std::numeric_limits<double>::infinity();
  } else if (json == "-Infinity") {
    *value = -std::numeric_limits<double>::infinity();
  } else {
    return Unexpected("a number");
  }
  return absl::OkStatus();
}

Json Write(const std::string& value) { return value; }
absl::Status Read(const Json& json, std::string* value) {
  if (!json.is_string()) return Unexpected("a text");
  *value = json.get_ref<const std::string&>();
  return absl::OkStatus();
}

Json Write(absl::Time value) { return absl::FormatTime(absl::RFC3339_full, value, absl::UTCTimeZone()); }
absl::Status Read(const Json& json, absl::Time* value) {
  if (!json.is_string() || !absl::ParseTime(absl::RFC3339_full, json.get_ref<const std::string&>(), value, nullptr)) {
    return Unexpected("a time");
  }
  return absl::OkStatus();
}

Json Write(absl::Duration value) { return absl::FormatDuration(value); }
absl::Status Read(const Json& json, absl::Duration* value) {
  if (!json.is_string() || !absl::ParseDuration(json.get_ref<const std::string&>(), value)) {
    return Unexpected("a duration");
  }
  return absl::OkStatus();
}

template <typename State>
requires std::is_enum_v<State> Json Write(State value) { return std::string(StateName(value)); }
template <typename State>
requires std::is_enum_v<State> absl::Status Read(const Json& json, State* value) {
  const auto state = json.is_string() ? ParseState<State>(json.get_ref<const std::string&>()) : std::nullopt;
  if (!state.has_value()) return Unexpected("a state");
  *value = *state;
  return absl::OkStatus();
}

// Containers hold one another: all are declared before any is defined.
template <typename T>
Json Write(const std::optional<T>& value);
template <typename T>
Json Write(const std::vector<T>& value);
template <typename T>
Json Write(const std::map<std::string, T>& value);
Json Write(const std::pair<std::string, std::string>& value);
template <Struct T>
Json Write(const T& value);
template <typename T>
absl::Status Read(const Json& json, std::optional<T>* value);
template <typename T>
absl::Status Read(const Json& json, std::vector<T>* value);
template <typename T>
absl::Status Read(const Json& json, std::map<std::string, T>* value);
absl::Status Read(const Json& json, std::pair<std::string, std::string>* value);
template <Struct T>
absl::Status Read(const Json& json, T* value);

template <typename T>
Json Write(const std::optional<T>& value) {
  return value.has_value() ? Write(*value) : Json(nullptr);
}
template <typename T>
absl::Status Read(const Json& json, std::optional<T>* value) {
  if (json.is_null()) {
    value->reset();
    return absl::OkStatus();
  }
  return Read(json, &value->emplace());
}

template <typename T>
Json Write(const std::vector<T>& value) {
  Json json = Json::array();
  for (const T& element : value) json.push_back(Write(element));
  return json;
}
template <typename T>
absl::Status Read(const Json& json, std::vector<T>* value) {
  if (!json.is_array()) return Unexpected("an array");
  value->clear();
  for (const Json& element : json) LL_RETURN_IF_ERROR(Read(element, &value->emplace_back()));
  return absl::OkStatus();
}

template <typename T>
Json Write(const std::map<std::string, T>& value) {
  Json json = Json::object();
  // The keys are different already: no need for the search that operator[] makes.
  for (const auto& [key, element] : value) json.get_ref<Json::object_t&>().emplace_back(key, Write(element));
  return json;
}
template <typename T>
absl::Status Read(const Json& json, std::map<std::string, T>* value) {
  if (!json.is_object()) return Unexpected("an object");
  value->clear();
  for (const auto& [key, element] : json.items()) LL_RETURN_IF_ERROR(Read(element, &(*value)[key]));
  return absl::OkStatus();
}

Json Write(const std::pair<std::string, std::string>& value) { return Json::array({value.first, value.second}); }
absl::Status Read(const Json& json, std::pair<std::string, std::string>* value) {
  if (!json.is_array() || json.size() != 2) return Unexpected("a pair");
  LL_RETURN_IF_ERROR(Read(json[0], &value->first));
  return Read(json[1], &value->second);
}

template <Struct T>
Json Write(const T& value) {
  Json json = Json::object();
  const auto write = [&](const auto& field) { json[field.name] = Write(value.*field.member); };
  std::apply([&](const auto&... field) { (write(field), ...); }, Fields(&value));
  return json;
}
template <Struct T>
absl::Status Read(const Json& json, T* value) {
  if (!json.is_object()) return Unexpected("an object");
  absl::Status status;
  const auto read = [&](const auto& field) {
    const auto found = json.find(field.name);
    if (!status.ok() || found == json.end()) return;
    status = Annotate(Read(*found, &(value->*field.member)), field.name);
  };
  std::apply([&](const auto&... field) { (read(field), ...); }, Fields(value));
  return status;
}

}  // namespace

template <typename T>
std::string ToJson(const T& value) {
  return Write(value).dump(/*indent=*/-1, /*indent_char=*/' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

template <typename T>
absl::StatusOr<T> FromJson(absl::string_view json) {
  const Json parsed = Json::parse(json.begin(), json.end(), /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return Unexpected("JSON");
  T value{};
  LL_RETURN_IF_ERROR(Read(parsed, &value));
  return value;
}

// Whole records.
template std::string ToJson(const ModelRecord&);
template std::string ToJson(const VersionRecord&);
template std::string ToJson(const JobRecord&);
template std::string ToJson(const EndpointRecord&);
template std::string ToJson(const BucketRecord&);
template std::string ToJson(const ObjectRecord&);
template absl::StatusOr<ModelRecord> FromJson(absl::string_view);
template absl::StatusOr<VersionRecord> FromJson(absl::string_view);
template absl::StatusOr<JobRecord> FromJson(absl::string_view);
template absl::StatusOr<EndpointRecord> FromJson(absl::string_view);
template absl::StatusOr<BucketRecord> FromJson(absl::string_view);
template absl::StatusOr<ObjectRecord> FromJson(absl::string_view);

// Parts that are columns.
template std::string ToJson(const StringMap&);
template std::string ToJson(const FeatureSchema&);
template std::string ToJson(const std::map<std::string, double>&);
template std::string ToJson(const std::vector<LineageInput>&);
template std::string ToJson(const JobSpec&);
template std::string ToJson(const JobProgress&);
template std::string ToJson(const std::vector<CandidateRecord>&);
template std::string ToJson(const std::vector<std::string>&);
template std::string ToJson(const std::optional<StoredError>&);
template absl::StatusOr<StringMap> FromJson(absl::string_view);
template absl::StatusOr<std::map<std::string, int64_t>> FromJson(absl::string_view);
template absl::StatusOr<FeatureSchema> FromJson(absl::string_view);
template absl::StatusOr<std::map<std::string, double>> FromJson(absl::string_view);
template absl::StatusOr<std::vector<LineageInput>> FromJson(absl::string_view);
template absl::StatusOr<JobSpec> FromJson(absl::string_view);
template absl::StatusOr<JobProgress> FromJson(absl::string_view);
template absl::StatusOr<std::vector<CandidateRecord>> FromJson(absl::string_view);
template absl::StatusOr<std::vector<std::string>> FromJson(absl::string_view);
template absl::StatusOr<std::optional<StoredError>> FromJson(absl::string_view);

}  // namespace ll::registry
