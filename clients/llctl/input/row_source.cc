#include "clients/llctl/input/row_source.h"

#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "clients/llctl/input/csv_rows.h"
#include "clients/llctl/input/libsvm_rows.h"
#include "clients/llctl/input/recordio_rows.h"

namespace ll::llctl {
namespace {

// Longer texts of a bad file are cut.
constexpr size_t kShownText = 40;

enum class Format { kCsv, kRecordIo, kLibsvm };

absl::StatusOr<Format> FormatOf(const std::string& name, absl::string_view content_type, ByteReader& reader) {
  const absl::string_view type = absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';')));
  if (type == "text/csv") return Format::kCsv;
  if (type == "application/x-recordio-protobuf") return Format::kRecordIo;
  if (type == "text/libsvm") return Format::kLibsvm;
  if (!type.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                     {.what = absl::StrCat("cannot read ", name),
                      .why = absl::StrCat("there is no reader for the content type \"", type, "\""),
                      .remedy = "Use text/csv, application/x-recordio-protobuf or text/libsvm."});
  }
  if (absl::EndsWithIgnoreCase(name, ".csv")) return Format::kCsv;
  if (absl::EndsWithIgnoreCase(name, ".pbr")) return Format::kRecordIo;
  for (const char* extension : {".libsvm", ".svm", ".svmlight"}) {
    if (absl::EndsWithIgnoreCase(name, extension)) return Format::kLibsvm;
  }
  LL_ASSIGN_OR_RETURN(const absl::string_view first, reader.Peek(4));
  return first == absl::string_view(kRecordIoMagic, 4) ? Format::kRecordIo : Format::kCsv;
}

bool CountsFromZero(absl::string_view content_type) {
  return absl::StrContains(absl::StrReplaceAll(content_type, {{" ", ""}}), ";index_base=0");
}

}  // namespace

absl::StatusOr<std::unique_ptr<RowSource>> OpenRows(std::unique_ptr<SequentialFile> file, const std::string& name,
                                                    const std::string& content_type) {
  ByteReader reader(std::move(file));
  LL_ASSIGN_OR_RETURN(const Format format, FormatOf(name, content_type, reader));
  switch (format) {
    case Format::kCsv: return std::make_unique<CsvRows>(std::move(reader), name);
    case Format::kRecordIo: return std::make_unique<RecordIoRows>(std::move(reader), name);
    case Format::kLibsvm: break;
  }
  return std::make_unique<LibsvmRows>(std::move(reader), name, CountsFromZero(content_type) ? 0 : 1);
}

bool ParseFloat(absl::string_view text, float& value) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') ++begin;
  std::from_chars_result result = std::from_chars(begin, end, value);
  if (result.ec == std::errc::result_out_of_range) {
    // Too large for a float, which is an error, or so small that it is zero or a denormal.
    double wide = 0;
    result = std::from_chars(begin, end, wide);
    if (result.ec != std::errc()) return false;
    value = static_cast<float>(wide);
  }
  return result.ec == std::errc() && result.ptr == end && std::isfinite(value);
}

absl::Status DataError(const std::string& name, int64_t row, int64_t column, absl::string_view text,
                       const std::string& why, const std::string& remedy) {
  std::string what = absl::StrCat(name, ", row ", row);
  if (column > 0) absl::StrAppend(&what, ", column ", column);
  if (!text.empty()) {
    absl::StrAppend(&what, " (\"", text.substr(0, kShownText), text.size() > kShownText ? "..." : "", "\")");
  }
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidData,
                   {.what = what, .why = why, .remedy = remedy},
                   {.metadata = {{"file", name}, {"row", absl::StrCat(row)}, {"column", absl::StrCat(column)}}});
}

}  // namespace ll::llctl
