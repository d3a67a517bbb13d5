#include "clients/llctl/manifest.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/message_text.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "yaml-cpp/yaml.h"

namespace ll::llctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// Turns YAML into the JSON that proto JSON expects of a message type: YAML does not tell texts from numbers, the type
// does.
class Converter {
 public:
  explicit Converter(absl::string_view source) : source_(source) {}

  absl::StatusOr<Json> Message(const YAML::Node& node, const Descriptor& type) const {
    switch (type.well_known_type()) {
      case Descriptor::WELLKNOWNTYPE_UNSPECIFIED: break;
      default: return Scalar(node, nullptr);  // times and durations are texts in JSON
    }
    if (!node.IsMap()) return Wrong(node, absl::StrCat("`", type.name(), "` is a list of `field: value` lines"));
    Json json = Json::object();
    for (const auto& entry : node) {
      const std::string key = entry.first.Scalar();
      const FieldDescriptor* field = FindField(type, key);
      if (field == nullptr) return UnknownField(entry.first, key, type);
      LL_ASSIGN_OR_RETURN(json[field->json_name()], Value(entry.second, *field));
    }
    return json;
  }

 private:
  static const FieldDescriptor* FindField(const Descriptor& type, const std::string& key) {
    const FieldDescriptor* field = type.FindFieldByName(key);
    return field != nullptr ? field : type.FindFieldByCamelcaseName(key);
  }

  absl::StatusOr<Json> Value(const YAML::Node& node, const FieldDescriptor& field) const {
    if (field.is_map()) return Map(node, field);
    if (!field.is_repeated()) return Single(node, field);
    if (!node.IsSequence()) return Wrong(node, absl::StrCat("`", field.json_name(), "` is a list of `- value` lines"));
    Json json = Json::array();
    for (const YAML::Node& element : node) {
      LL_ASSIGN_OR_RETURN(json.emplace_back(), Single(element, field));
    }
    return json;
  }

  absl::StatusOr<Json> Map(const YAML::Node& node, const FieldDescriptor& field) const {
    if (!node.IsMap()) return Wrong(node, absl::StrCat("`", field.json_name(), "` is a list of `key: value` lines"));
    Json json = Json::object();
    for (const auto& entry : node) {
      LL_ASSIGN_OR_RETURN(json[entry.first.Scalar()], Single(entry.second, *field.message_type()->map_value()));
    }
    return json;
  }

  absl::StatusOr<Json> Single(const YAML::Node& node, const FieldDescriptor& field) const {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return Message(node, *field.message_type());
    return Scalar(node, &field);
  }

  // Proto JSON takes numbers and enum values as texts too; only booleans must be bare.
  absl::StatusOr<Json> Scalar(const YAML::Node& node, const FieldDescriptor* field) const {
    if (!node.IsScalar()) return Wrong(node, "a single value belongs here");
    if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_BOOL) return Json(node.Scalar());
    if (node.Scalar() == "true" || node.Scalar() == "false") return Json(node.Scalar() == "true");
    return Wrong(node, absl::StrCat("`", field->json_name(), "` is true or false"));
  }

  absl::Status Wrong(const YAML::Node& node, absl::string_view what) const {
    // An empty document has no place of its own.
    return UsageError(absl::StrCat(source_, ":", std::max(node.Mark().line, 0) + 1, ": ", what));
  }

  absl::Status UnknownField(const YAML::Node& node, const std::string& key, const Descriptor& type) const {
    std::vector<std::string> known;
    for (int i = 0; i < type.field_count(); ++i) known.push_back(type.field(i)->json_name());
    const std::string nearest = NearestName(key, known);
    return UsageError(absl::StrCat(source_, ":", node.Mark().line + 1, ": `", key, "` is not a field of ", type.name()),
                      nearest.empty() ? "" : absl::StrCat("Did you mean `", nearest, "`?"));
  }

  const absl::string_view source_;
};

absl::StatusOr<std::string> ReadAll(SequentialFile& file) {
  std::string text;
  char buffer[4096];
  while (true) {
    LL_ASSIGN_OR_RETURN(const size_t size, file.Read(absl::MakeSpan(buffer)));
    if (size == 0) return text;
    text.append(buffer, size);
  }
}

}  // namespace

absl::Status ReadManifest(const std::string& path, Env& env, IoStreams& io, google::protobuf::Message* message) {
  if (path == "-") {
    LL_ASSIGN_OR_RETURN(const std::string text, ReadAll(io.in));
    return ParseManifest(text, "standard input", message);
  }
  LL_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(path));
  return ParseManifest(text, path, message);
}

absl::Status ParseManifest(const std::string& text, absl::string_view source, google::protobuf::Message* message) {
  YAML::Node root;
  try {
    root = YAML::Load(text);
  } catch (const YAML::Exception& error) {
    return UsageError(absl::StrCat(source, ":", error.mark.line + 1, ": not YAML: ", error.msg));
  }
  LL_ASSIGN_OR_RETURN(const Json json, Converter(source).Message(root, *message->GetDescriptor()));
  const auto status = google::protobuf::util::JsonStringToMessage(json.dump(), message);
  if (status.ok()) return absl::OkStatus();
  return UsageError(absl::StrCat(source, ": ", std::string(status.message())));
}

}  // namespace ll::llctl
