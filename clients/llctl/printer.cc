#include "clients/llctl/printer.h"

#include "absl/strings/str_replace.h"

namespace ll::llctl {

bool IsTable(const Session& session) {
  return session.format() == OutputFormat::kTable || session.format() == OutputFormat::kWide;
}

bool PrintAsData(Session& session, const Json& json) {
  if (session.format() == OutputFormat::kJson) {
    session.io().out << json.dump(2) << "\n";
  } else if (session.format() == OutputFormat::kYaml) {
    session.io().out << ToYamlText(json);
  } else {
    return false;
  }
  return true;
}

void ListWriter::Add(const google::protobuf::Message& resource, const std::string& name) {
  std::ostream& out = session_.io().out;
  if (session_.format() == OutputFormat::kName) {
    out << name << "\n";
  } else if (session_.format() == OutputFormat::kYaml) {
    out << ToYamlText(Json::array({ToJson(resource)}));
  } else {
    out << (empty_ ? "[\n  " : ",\n  ") << absl::StrReplaceAll(ToJsonText(resource), {{"\n", "\n  "}});
  }
  empty_ = false;
}

void ListWriter::Finish() {
  if (session_.format() == OutputFormat::kJson) session_.io().out << (empty_ ? "[]\n" : "\n]\n");
  if (session_.format() == OutputFormat::kYaml && empty_) session_.io().out << "[]\n";
}

void PrintChange(Session& session, const std::string& noun, const std::string& name, const std::string& done) {
  if (session.flags().quiet) return;
  // An object is known by its URI.
  session.io().out << (IsS3Uri(name) ? name : absl::StrCat(noun, "/", name)) << " " << done << "\n";
}

}  // namespace ll::llctl
