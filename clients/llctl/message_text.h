// Messages of the API as text: proto JSON, and the same as YAML. Both are complete and stable: every scalar field is
// there, also when it has its default value, except fields whose absence means something.
#ifndef LL_CLIENTS_LLCTL_MESSAGE_TEXT_H_
#define LL_CLIENTS_LLCTL_MESSAGE_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "nlohmann/json.hpp"

namespace ll::llctl {

// Keeps the order of the fields.
using Json = nlohmann::ordered_json;

// Indented by two spaces, no final newline.
std::string ToJsonText(const google::protobuf::Message& message);
// On one line.
std::string ToJsonLine(const google::protobuf::Message& message);

Json ToJson(const google::protobuf::Message& message);

// A document without the `---` line; ends with a newline. Texts that YAML would read as something else are quoted.
std::string ToYamlText(const Json& json);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_MESSAGE_TEXT_H_
