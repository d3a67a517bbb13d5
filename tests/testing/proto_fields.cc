#include "tests/testing/proto_fields.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"

namespace ll::testing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// From the outermost message to the field itself.
using Path = std::vector<const FieldDescriptor*>;

bool IsValue(const FieldDescriptor* field) {
  return field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map() ||
         absl::StartsWith(field->message_type()->full_name(), "google.");
}

void CollectPaths(const Descriptor& type, const Path& prefix, std::vector<Path>* paths) {
  for (int i = 0; i < type.field_count(); ++i) {
    Path path = prefix;
    path.push_back(type.field(i));
    if (IsValue(type.field(i))) {
      paths->push_back(path);
    } else {
      CollectPaths(*type.field(i)->message_type(), path, paths);
    }
  }
}

std::vector<Path> PathsOf(const Message& message) {
  std::vector<Path> paths;
  CollectPaths(*message.GetDescriptor(), {}, &paths);
  return paths;
}

std::string NameOf(const Path& path) {
  std::string name;
  for (const FieldDescriptor* field : path) absl::StrAppend(&name, name.empty() ? "" : ".", field->name());
  return name;
}

bool IsOutputOnly(const Path& path) {
  return std::any_of(path.begin(), path.end(), [](const FieldDescriptor* field) {
    const auto& options = field->options();
    for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
      if (options.GetExtension(google::api::field_behavior, i) == google::api::OUTPUT_ONLY) return true;
    }
    return false;
  });
}

bool IsOfEveryCall(const Path& path) {
  return path.back()->name() == "request_id" || path.back()->name() == "validate_only";
}

Message* Descend(Message* message, const FieldDescriptor* field) {
  const Reflection& reflection = *message->GetReflection();
  if (!field->is_repeated()) return reflection.MutableMessage(message, field);
  return reflection.FieldSize(*message, field) > 0 ? reflection.MutableRepeatedMessage(message, field, 0)
                                                   : reflection.AddMessage(message, field);
}

void ChangeEntry(Message* message, const FieldDescriptor* field);

// Something else than what is there.
void ChangeScalar(Message* message, const FieldDescriptor* field) {
  const Reflection& reflection = *message->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      reflection.SetString(message, field, reflection.GetString(*message, field) + "x");
      break;
    case FieldDescriptor::CPPTYPE_BOOL: reflection.SetBool(message, field, !reflection.GetBool(*message, field)); break;
    case FieldDescriptor::CPPTYPE_INT32:
      reflection.SetInt32(message, field, reflection.GetInt32(*message, field) + 1);
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      reflection.SetInt64(message, field, reflection.GetInt64(*message, field) + 1);
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      reflection.SetUInt64(message, field, reflection.GetUInt64(*message, field) + 1);
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
      reflection.SetUInt32(message, field, reflection.GetUInt32(*message, field) + 1);
      break;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      reflection.SetDouble(message, field, reflection.GetDouble(*message, field) + 1);
      break;
    case FieldDescriptor::CPPTYPE_FLOAT:
      reflection.SetFloat(message, field, reflection.GetFloat(*message, field) + 1);
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      reflection.SetEnumValue(message, field, reflection.GetEnumValue(*message, field) + 1);
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      // A value of google.protobuf: change its first field.
      Message* const value = reflection.MutableMessage(message, field);
      ChangeEntry(value, value->GetDescriptor()->field(0));
      break;
    }
  }
}

void AddElement(Message* message, const FieldDescriptor* field) {
  const Reflection& reflection = *message->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: reflection.AddString(message, field, "x"); break;
    case FieldDescriptor::CPPTYPE_INT32: reflection.AddInt32(message, field, 1); break;
    case FieldDescriptor::CPPTYPE_INT64: reflection.AddInt64(message, field, 1); break;
    case FieldDescriptor::CPPTYPE_FLOAT: reflection.AddFloat(message, field, 1); break;
    case FieldDescriptor::CPPTYPE_DOUBLE: reflection.AddDouble(message, field, 1); break;
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Message* const element = reflection.AddMessage(message, field);
      for (int i = 0; i < element->GetDescriptor()->field_count(); ++i) {
        if (element->GetDescriptor()->field(i)->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
          ChangeScalar(element, element->GetDescriptor()->field(i));
        }
      }
      break;
    }
    default: break;
  }
}

void ChangeEntry(Message* message, const FieldDescriptor* field) {
  if (field->is_repeated()) {
    AddElement(message, field);
  } else {
    ChangeScalar(message, field);
  }
}

std::unique_ptr<Message> WithChange(const Message& message, const Path& path) {
  std::unique_ptr<Message> changed(message.New());
  changed->CopyFrom(message);
  Message* owner = changed.get();
  for (size_t i = 0; i + 1 < path.size(); ++i) owner = Descend(owner, path[i]);
  ChangeEntry(owner, path.back());
  return changed;
}

void CollectUnset(const Message& message, const std::string& prefix, std::vector<std::string>* unset) {
  const Reflection& reflection = *message.GetReflection();
  const Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const std::string name = absl::StrCat(prefix, field->name());
    const auto* oneof = field->real_containing_oneof();
    if (oneof != nullptr && reflection.HasOneof(message, oneof) && !reflection.HasField(message, field)) continue;
    const bool is_set =
        field->is_repeated() ? reflection.FieldSize(message, field) > 0 : reflection.HasField(message, field);
    if (!is_set) {
      unset->push_back(name);
    } else if (!IsValue(field)) {
      const Message& child = field->is_repeated() ? reflection.GetRepeatedMessage(message, field, 0)
                                                  : reflection.GetMessage(message, field);
      CollectUnset(child, name + ".", unset);
    }
  }
}

}  // namespace

std::vector<std::string> UnsetFields(const Message& message) {
  std::vector<std::string> unset;
  CollectUnset(message, "", &unset);
  return unset;
}

std::vector<std::string> IgnoredFieldsOf(const Message& message,
                                         const std::function<std::string(const Message&)>& outcome) {
  const std::string expected = outcome(message);
  std::vector<std::string> ignored;
  for (const Path& path : PathsOf(message)) {
    if (IsOutputOnly(path) || IsOfEveryCall(path)) continue;
    if (outcome(*WithChange(message, path)) == expected) ignored.push_back(NameOf(path));
  }
  return ignored;
}

std::vector<std::string> HeededOutputFieldsOf(const Message& message,
                                              const std::function<std::string(const Message&)>& outcome) {
  const std::string expected = outcome(message);
  std::vector<std::string> heeded;
  for (const Path& path : PathsOf(message)) {
    if (!IsOutputOnly(path)) continue;
    if (outcome(*WithChange(message, path)) != expected) heeded.push_back(NameOf(path));
  }
  return heeded;
}

}  // namespace ll::testing
