#include "clients/llctl/message_text.h"

#include <algorithm>
#include <cctype>
#include <memory>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver.h"
#include "google/protobuf/util/type_resolver_util.h"
#include "yaml-cpp/yaml.h"

namespace ll::llctl {
namespace {

// Whether YAML (1.1 or 1.2) would take the plain text for null, a boolean, a number or a time.
bool LooksLikeAnotherType(const std::string& text) {
  static constexpr const char* kWords[] = {"", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"};
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords)) return true;
  const char first = text[0];
  return first == '-' || first == '+' || first == '.' || (first >= '0' && first <= '9');
}

void Emit(const Json& json, YAML::Emitter& out) {
  if (json.is_object()) {
    if (json.empty()) out << YAML::Flow;
    out << YAML::BeginMap;
    for (const auto& [key, value] : json.items()) {
      out << YAML::Key << key << YAML::Value;
      Emit(value, out);
    }
    out << YAML::EndMap;
  } else if (json.is_array()) {
    if (json.empty()) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const Json& value : json) Emit(value, out);
    out << YAML::EndSeq;
  } else if (json.is_string()) {
    const std::string& text = json.get_ref<const std::string&>();
    if (LooksLikeAnotherType(text)) out << YAML::DoubleQuoted;
    out << text;
  } else {
    out << json.dump();
  }
}

// Entries of maps come in key order, whatever order they have in memory.
std::string SerializeInOrder(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

}  // namespace

std::string ToJsonLine(const google::protobuf::Message& message) {
  constexpr char kUrlPrefix[] = "type.googleapis.com";
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  const std::unique_ptr<google::protobuf::util::TypeResolver> types(
      google::protobuf::util::NewTypeResolverForDescriptorPool(kUrlPrefix, message.GetDescriptor()->file()->pool()));
  std::string text;
  const auto status = google::protobuf::util::BinaryToJsonString(
      types.get(), absl::StrCat(kUrlPrefix, "/", message.GetDescriptor()->full_name()), SerializeInOrder(message),
      &text, options);
  // It can fail only for an Any of a type that this release does not know; an empty object says so.
  return status.ok() ? text : "{}";
}

Json ToJson(const google::protobuf::Message& message) {
  Json json = Json::parse(ToJsonLine(message), nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? Json::object() : json;
}

std::string ToJsonText(const google::protobuf::Message& message) { return ToJson(message).dump(2); }

std::string ToYamlText(const Json& json) {
  YAML::Emitter out;
  Emit(json, out);
  return std::string(out.c_str()) + "\n";
}

}  // namespace ll::llctl
