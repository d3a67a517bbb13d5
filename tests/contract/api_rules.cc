#include "tests/contract/api_rules.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "google/api/field_behavior.pb.h"

namespace ll::testing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using Violations = std::vector<std::string>;

// What a method does, by its first word; the rank is the place of standard methods in their service (AIP-131 to 136).
struct Verb {
  absl::string_view name;
  bool mutates;
  int rank;
};
constexpr Verb kVerbs[] = {
    {"Create", true, 0},    {"Write", true, 0},  {"Get", false, 1},     {"Read", false, 1},         {"List", false, 2},
    {"Update", true, 3},    {"Delete", true, 4}, {"Cancel", true, 3},   {"Set", true, 0},           {"Import", true, 9},
    {"Download", false, 9}, {"Watch", false, 9}, {"Predict", false, 9}, {"StreamPredict", false, 9}};

// A seed is 64 bits, not a quantity.
constexpr absl::string_view kUnsignedFields[] = {"ll.v1.TrainingJob.Spec.seed",
                                                 "ll.v1.TrainingJob.Channel.shuffle_seed"};

const Verb* VerbOf(const MethodDescriptor& method) {
  const Verb* found = nullptr;
  for (const Verb& verb : kVerbs) {
    const bool fits = absl::StartsWith(method.name(), verb.name);
    if (fits && (found == nullptr || verb.name.size() > found->name.size())) found = &verb;
  }
  return found;
}

// "ModelVersion" of ListModelVersions.
std::string NounOf(const MethodDescriptor& method, const Verb& verb) {
  absl::string_view noun = absl::string_view(method.name()).substr(verb.name.size());
  if (verb.name == "List") noun = absl::StripSuffix(noun, "s");
  return std::string(noun);
}

std::string SnakeCase(absl::string_view name) {
  std::string snake;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      if (!snake.empty()) snake.push_back('_');
      snake.push_back(static_cast<char>(c - 'A' + 'a'));
    } else {
      snake.push_back(c);
    }
  }
  return snake;
}

bool Has(const FieldDescriptor& field, google::api::FieldBehavior behavior) {
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

bool IsTimestamp(const FieldDescriptor& field) {
  return field.message_type() != nullptr && field.message_type()->full_name() == "google.protobuf.Timestamp";
}

class Checker {
 public:
  explicit Checker(Violations* violations) : violations_(*violations) {}

  void CheckFile(const FileDescriptor& file) {
    for (int i = 0; i < file.service_count(); ++i) CheckService(*file.service(i));
    for (int i = 0; i < file.enum_type_count(); ++i) CheckEnum(*file.enum_type(i));
    for (int i = 0; i < file.message_type_count(); ++i) {
      const Descriptor& message = *file.message_type(i);
      CheckMessage(message, absl::EndsWith(message.name(), "Request") || IsResource(message));
    }
  }

 private:
  void Fail(int aip, const std::string& where, absl::string_view what) {
    violations_.push_back(absl::StrCat("AIP-", aip, ": ", where, " ", what));
  }

  static bool IsResource(const Descriptor& message) {
    const FieldDescriptor* name = message.FindFieldByName("name");
    return name != nullptr && Has(*name, google::api::IDENTIFIER);
  }

  // A field of this type and, unless 0, with this number.
  void Expect(int aip, const Descriptor& message, const std::string& name, FieldDescriptor::Type type, int number = 0) {
    const FieldDescriptor* field = message.FindFieldByName(name);
    if (field == nullptr || field->type() != type || (number != 0 && field->number() != number)) {
      Fail(aip, message.full_name(),
           absl::StrCat("needs ", FieldDescriptor::TypeName(type), " ", name, number == 0 ? "" : " as field ",
                        number == 0 ? "" : absl::StrCat(number)));
    }
  }
  void ExpectRequired(int aip, const Descriptor& message, const std::string& name) {
    const FieldDescriptor* field = message.FindFieldByName(name);
    if (field == nullptr || !Has(*field, google::api::REQUIRED)) {
      Fail(aip, message.full_name(), absl::StrCat("needs a REQUIRED field ", name));
    }
  }

  void CheckService(const ServiceDescriptor& service) {
    std::map<std::string, int> last_rank;
    int last_request = -1;
    for (int i = 0; i < service.method_count(); ++i) {
      const MethodDescriptor& method = *service.method(i);
      const Verb* verb = VerbOf(method);
      if (verb == nullptr) {
        Fail(136, method.full_name(), "begins with a verb that no other method has");
        continue;
      }
      CheckMethod(method, *verb);
      int& rank = last_rank[NounOf(method, *verb)];
      if (verb->rank < rank)
        Fail(191, method.full_name(), "stands after a method that comes later: standard ones first");
      rank = verb->rank;
      if (method.input_type()->index() < last_request) {
        Fail(191, method.input_type()->full_name(), "is not in the order of the methods");
      }
      last_request = method.input_type()->index();
    }
  }

  void CheckMethod(const MethodDescriptor& method, const Verb& verb) {
    const Descriptor& request = *method.input_type();
    if (request.name() != absl::StrCat(method.name(), "Request")) {
      Fail(136, method.full_name(), "needs a request of its own, named for it");
    }
    CheckMutation(method, verb);
    const std::string noun = NounOf(method, verb);
    if (verb.name == "List") {
      CheckList(method);
    } else if (verb.name == "Create") {
      Expect(133, request, SnakeCase(noun) + "_id", FieldDescriptor::TYPE_STRING, 1);
      ExpectRequired(133, request, SnakeCase(noun) + "_id");
      Expect(133, request, SnakeCase(noun), FieldDescriptor::TYPE_MESSAGE);
    } else if (verb.name == "Update") {
      ExpectRequired(134, request, SnakeCase(noun));
      const FieldDescriptor* mask = request.FindFieldByName("update_mask");
      if (mask == nullptr || mask->message_type() == nullptr ||
          mask->message_type()->full_name() != "google.protobuf.FieldMask") {
        Fail(134, request.full_name(), "needs google.protobuf.FieldMask update_mask");
      }
      Expect(154, *method.output_type(), "etag", FieldDescriptor::TYPE_STRING);
    } else if ((verb.name == "Get" && request.field_count() > 0) || verb.name == "Delete") {
      Expect(verb.name == "Get" ? 131 : 135, request, "name", FieldDescriptor::TYPE_STRING, 1);
      ExpectRequired(verb.name == "Get" ? 131 : 135, request, "name");
    }
    const bool returns_itself = verb.name == "Create" || verb.name == "Get" || verb.name == "Update";
    if (returns_itself && method.output_type()->name() != noun) {
      Fail(131, method.full_name(), absl::StrCat("must return the resource itself: ", noun));
    }
  }

  // A mutation can be repeated and tried out; of an upload the header says so.
  void CheckMutation(const MethodDescriptor& method, const Verb& verb) {
    const Descriptor* carrier = method.input_type();
    if (method.client_streaming()) {
      const Descriptor* header = carrier->FindNestedTypeByName("Header");
      if (header != nullptr) carrier = header;
    }
    if (verb.mutates) {
      Expect(155, *carrier, "request_id", FieldDescriptor::TYPE_STRING);
      Expect(163, *carrier, "validate_only", FieldDescriptor::TYPE_BOOL);
    } else if (carrier->FindFieldByName("request_id") != nullptr) {
      Fail(155, carrier->full_name(), "has a request_id, but its method changes nothing");
    }
  }

  void CheckList(const MethodDescriptor& method) {
    const Descriptor& request = *method.input_type();
    Expect(158, request, "page_size", FieldDescriptor::TYPE_INT32);
    Expect(158, request, "page_token", FieldDescriptor::TYPE_STRING);
    Expect(160, request, "filter", FieldDescriptor::TYPE_STRING);
    Expect(132, request, "order_by", FieldDescriptor::TYPE_STRING);
    const Descriptor& response = *method.output_type();
    Expect(158, response, "next_page_token", FieldDescriptor::TYPE_STRING);
    const FieldDescriptor* first = response.FindFieldByNumber(1);
    if (first == nullptr || !first->is_repeated()) Fail(132, response.full_name(), "needs the resources as field 1");
  }

  // `described`: every field must say what it is for.
  void CheckMessage(const Descriptor& message, bool described) {
    if (const FieldDescriptor* name = message.FindFieldByName("name");
        IsResource(message) && (name->number() != 1 || name->type() != FieldDescriptor::TYPE_STRING)) {
      Fail(122, message.full_name(), "needs string name as its first field");
    }
    for (int i = 0; i < message.field_count(); ++i) CheckField(*message.field(i), described);
    for (int i = 0; i < message.enum_type_count(); ++i) CheckEnum(*message.enum_type(i));
    for (int i = 0; i < message.nested_type_count(); ++i) {
      const Descriptor& nested = *message.nested_type(i);
      if (!nested.options().map_entry()) CheckMessage(nested, described);
    }
  }

  void CheckField(const FieldDescriptor& field, bool described) {
    const std::string& name = field.name();
    const bool in_oneof = field.real_containing_oneof() != nullptr;
    if (described && !in_oneof && field.options().ExtensionSize(google::api::field_behavior) == 0) {
      Fail(203, field.full_name(), "needs a field_behavior");
    }
    const bool is_unsigned =
        field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32 || field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64;
    if (is_unsigned && std::count(std::begin(kUnsignedFields), std::end(kUnsignedFields), field.full_name()) == 0) {
      Fail(141, field.full_name(), "is unsigned; use int32 or int64");
    }
    if (IsTimestamp(field) && name != "time" && !absl::EndsWith(name, "_time")) {
      Fail(142, field.full_name(), "is a time; call it so: *_time");
    }
    if (field.is_repeated() && !field.is_map() && !absl::EndsWith(name, "s")) {
      Fail(140, field.full_name(), "is repeated; use the plural");
    }
    if (name == "etag" && field.type() != FieldDescriptor::TYPE_STRING)
      Fail(154, field.full_name(), "must be a string");
  }

  void CheckEnum(const EnumDescriptor& type) {
    if (!absl::EndsWith(type.value(0)->name(), "_UNSPECIFIED") || type.value(0)->number() != 0) {
      Fail(126, type.full_name(), "needs *_UNSPECIFIED = 0");
    }
  }

  Violations& violations_;
};

}  // namespace

std::vector<std::string> ApiRuleViolations(const FileDescriptor& file) {
  Violations violations;
  Checker(&violations).CheckFile(file);
  return violations;
}

}  // namespace ll::testing
