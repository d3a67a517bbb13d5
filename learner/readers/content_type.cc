#include "learner/readers/content_type.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/readers/recordio_frame.h"

namespace ll::learner {
namespace {

struct FormatName {
  const char* name;
  DataFormat format;
};

// The first of each format is its proper name.
constexpr FormatName kFormatNames[] = {
    {"application/x-recordio-protobuf", DataFormat::kRecordIo},
    {"application/x-labeled-vector-protobuf", DataFormat::kRecordIo},
    {"application/x-recordio", DataFormat::kRecordIo},
    {"protobuf", DataFormat::kRecordIo},
    {"recordio", DataFormat::kRecordIo},
    {"text/csv", DataFormat::kCsv},
    {"application/csv", DataFormat::kCsv},
    {"csv", DataFormat::kCsv},
    {"text/libsvm", DataFormat::kLibsvm},
    {"text/x-libsvm", DataFormat::kLibsvm},
    {"text/svmlight", DataFormat::kLibsvm},
    {"libsvm", DataFormat::kLibsvm},
    {"svmlight", DataFormat::kLibsvm},
    {"application/jsonlines", DataFormat::kJsonLines},
    {"application/x-jsonlines", DataFormat::kJsonLines},
    {"application/jsonl", DataFormat::kJsonLines},
    {"application/x-ndjson", DataFormat::kJsonLines},
    {"jsonlines", DataFormat::kJsonLines},
    {"jsonl", DataFormat::kJsonLines},
    {"application/json", DataFormat::kJson},
    {"json", DataFormat::kJson},
};

constexpr FormatName kFileEndings[] = {
    {".csv", DataFormat::kCsv},          {".libsvm", DataFormat::kLibsvm},   {".svm", DataFormat::kLibsvm},
    {".svmlight", DataFormat::kLibsvm},  {".jsonl", DataFormat::kJsonLines}, {".jsonlines", DataFormat::kJsonLines},
    {".ndjson", DataFormat::kJsonLines}, {".json", DataFormat::kJson},       {".pbr", DataFormat::kRecordIo},
    {".pb", DataFormat::kRecordIo},      {".rec", DataFormat::kRecordIo},    {".recordio", DataFormat::kRecordIo},
};

absl::Status Refuse(absl::string_view text, std::string why) {
  return MakeError(
      absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
      {.what = absl::StrCat("cannot read content type \"", text, "\""),
       .why = std::move(why),
       .remedy = absl::StrCat("Accepted are ", absl::StrJoin(AcceptedContentTypes(), ", "),
                              "; parameters are label_size=0|1 and header=present|absent for CSV, index_base=0|1 for "
                              "libsvm, and missing=zero|mean|error, as in \"text/csv; label_size=1\".")});
}

template <typename T>
struct Choice {
  absl::string_view word;
  T value;
};

template <typename T, typename To>
absl::Status Choose(absl::string_view text, absl::string_view name, absl::string_view value,
                    std::initializer_list<Choice<T>> choices, To* to) {
  for (const Choice<T>& choice : choices) {
    if (!absl::EqualsIgnoreCase(value, choice.word)) continue;
    *to = choice.value;
    return absl::OkStatus();
  }
  const std::string words = absl::StrJoin(
      choices, ", ", [](std::string* out, const Choice<T>& choice) { absl::StrAppend(out, choice.word); });
  return Refuse(text, absl::StrCat(name, " is \"", value, "\", and it is one of ", words));
}

absl::Status ApplyParameter(absl::string_view text, absl::string_view parameter, ContentType& type) {
  const std::vector<absl::string_view> parts = absl::StrSplit(parameter, absl::MaxSplits('=', 1));
  const std::string name = absl::AsciiStrToLower(absl::StripAsciiWhitespace(parts[0]));
  absl::string_view value = parts.size() == 2 ? absl::StripAsciiWhitespace(parts[1]) : "";
  if (absl::ConsumePrefix(&value, "\"")) absl::ConsumeSuffix(&value, "\"");
  if (name == "label_size" && type.format == DataFormat::kCsv) {
    return Choose<int>(text, name, value, {{"0", 0}, {"1", 1}}, &type.label_columns);
  }
  if (name == "header" && type.format == DataFormat::kCsv) {
    return Choose<bool>(text, name, value, {{"present", true}, {"absent", false}}, &type.header);
  }
  if (name == "index_base" && type.format == DataFormat::kLibsvm) {
    return Choose<int>(text, name, value, {{"0", 0}, {"1", 1}}, &type.index_base);
  }
  if (name == "missing") {
    return Choose<Imputation>(text, name, value,
                              {{"zero", Imputation::kZero}, {"mean", Imputation::kMean}, {"error", Imputation::kNone}},
                              &type.missing);
  }
  if (name == "charset" && (absl::EqualsIgnoreCase(value, "utf-8") || absl::EqualsIgnoreCase(value, "us-ascii"))) {
    return absl::OkStatus();
  }
  return Refuse(text, absl::StrCat("its parameter \"", parameter, "\" is not known"));
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "12:": an index of a sparse row.
bool BeginsWithIndex(absl::string_view word) {
  const size_t digits = static_cast<size_t>(std::find_if_not(word.begin(), word.end(), IsDigit) - word.begin());
  return digits > 0 && digits < word.size() && word[digits] == ':';
}

// A line whose second word, or only word, is an index with a value.
bool LooksLikeLibsvm(absl::string_view line) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(line.substr(0, 4096), absl::ByAnyChar(" \t"), absl::SkipEmpty());
  return !words.empty() && !absl::StrContains(words[0], ',') && BeginsWithIndex(words[words.size() > 1 ? 1 : 0]);
}

bool LooksLikeCsv(absl::string_view line) {
  const bool printable =
      std::all_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) >= ' ' || c == '\t'; });
  const bool number = !line.empty() && (IsDigit(line[0]) || absl::StrContains("+-.\"", line.substr(0, 1)));
  return printable && (number || absl::StrContains(line, ','));
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

std::optional<ContentType> ContentTypeOfFile(absl::string_view path) {
  if (absl::EndsWithIgnoreCase(path, ".gz")) path.remove_suffix(3);
  for (const FormatName& ending : kFileEndings) {
    if (absl::EndsWithIgnoreCase(path, ending.name)) return ContentType{.format = ending.format};
  }
  return std::nullopt;
}

std::optional<ContentType> ContentTypeOfBytes(absl::string_view first_bytes) {
  if (absl::StartsWith(first_bytes, recordio::kMagic)) return ContentType{.format = DataFormat::kRecordIo};
  absl::ConsumePrefix(&first_bytes, "\xef\xbb\xbf");
  const absl::string_view text = absl::StripLeadingAsciiWhitespace(first_bytes);
  if (text.empty()) return std::nullopt;
  if (text[0] == '{') {
    const absl::string_view key = absl::StripLeadingAsciiWhitespace(text.substr(1));
    return ContentType{.format = absl::StartsWith(key, "\"instances\"") ? DataFormat::kJson : DataFormat::kJsonLines};
  }
  if (text[0] == '[') return ContentType{.format = DataFormat::kJsonLines};
  const absl::string_view line = absl::StripTrailingAsciiWhitespace(text.substr(0, text.find('\n')));
  if (LooksLikeLibsvm(line)) return ContentType{.format = DataFormat::kLibsvm};
  if (LooksLikeCsv(line)) return ContentType{.format = DataFormat::kCsv};
  return std::nullopt;
}

std::string FormatContentType(const ContentType& type) {
  const auto proper = std::find_if(std::begin(kFormatNames), std::end(kFormatNames),
                                   [&](const FormatName& known) { return known.format == type.format; });
  std::string text = proper->name;
  if (type.label_columns.has_value()) absl::StrAppend(&text, "; label_size=", *type.label_columns);
  if (type.header) absl::StrAppend(&text, "; header=present");
  if (type.index_base == 0) absl::StrAppend(&text, "; index_base=0");
  if (type.missing == Imputation::kZero) absl::StrAppend(&text, "; missing=zero");
  if (type.missing == Imputation::kMean) absl::StrAppend(&text, "; missing=mean");
  return text;
}

std::vector<std::string> AcceptedContentTypes() {
  std::vector<std::string> names;
  for (const FormatName& known : kFormatNames) names.emplace_back(known.name);
  return names;
}

}  // namespace ll::learner
