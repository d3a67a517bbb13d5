#include "learner/readers/content_type.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/error_reason.h"
#include "base/status_macros.h"

namespace ll::learner {
namespace {

struct FormatName {
  const char* name;
  DataFormat format;
};

constexpr FormatName kFormatNames[] = {
    {"application/x-recordio-protobuf", DataFormat::kRecordIo},
    {"application/x-labeled-vector-protobuf", DataFormat::kRecordIo},
    {"protobuf", DataFormat::kRecordIo},
    {"text/csv", DataFormat::kCsv},
    {"csv", DataFormat::kCsv},
};

absl::Status Refuse(absl::string_view text, std::string why) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
                   {.what = absl::StrCat("cannot read content type \"", text, "\""),
                    .why = std::move(why),
                    .remedy = absl::StrCat("Accepted are ", absl::StrJoin(AcceptedContentTypes(), ", "),
                                           "; CSV takes the parameter label_size, as in \"text/csv; label_size=1\".")});
}

absl::Status ApplyParameter(absl::string_view text, absl::string_view parameter, ContentType& type) {
  const std::vector<absl::string_view> parts = absl::StrSplit(parameter, absl::MaxSplits('=', 1));
  const std::string name = absl::AsciiStrToLower(absl::StripAsciiWhitespace(parts[0]));
  absl::string_view value = parts.size() == 2 ? absl::StripAsciiWhitespace(parts[1]) : "";
  if (absl::ConsumePrefix(&value, "\"")) absl::ConsumeSuffix(&value, "\"");
  if (name == "label_size" && type.format == DataFormat::kCsv) {
    int columns = 0;
    if (!absl::SimpleAtoi(value, &columns) || columns < 0 || columns > 1) {
      return Refuse(text, absl::StrCat("label_size is \"", value, "\", and a row has 0 or 1 labels"));
    }
    type.label_columns = columns;
    return absl::OkStatus();
  }
  if (name == "charset" && (absl::EqualsIgnoreCase(value, "utf-8") || absl::EqualsIgnoreCase(value, "us-ascii"))) {
    return absl::OkStatus();
  }
  return Refuse(text, absl::StrCat("its parameter \"", parameter, "\" is not known"));
}

}  // namespace

absl::StatusOr<ContentType> ParseContentType(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ';');
  const std::string name = absl::AsciiStrToLower(absl::StripAsciiWhitespace(parts[0]));
  for (const FormatName& known : kFormatNames) {
    if (name != known.name) continue;
    ContentType type{.format = known.format};
    for (size_t i = 1; i < parts.size(); ++i) {
      const absl::string_view parameter = absl::StripAsciiWhitespace(parts[i]);
      if (!parameter.empty()) LL_RETURN_IF_ERROR(ApplyParameter(text, parameter, type));
    }
    return type;
  }
  return Refuse(text, "there is no reader for it");
}

ContentType ContentTypeOfFile(absl::string_view path) {
  return {.format = absl::EndsWithIgnoreCase(path, ".csv") ? DataFormat::kCsv : DataFormat::kRecordIo};
}

std::vector<std::string> AcceptedContentTypes() {
  std::vector<std::string> names;
  for (const FormatName& known : kFormatNames) names.emplace_back(known.name);
  return names;
}

}  // namespace ll::learner
