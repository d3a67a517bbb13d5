#include "clients/llctl/input/row_source.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "clients/llctl/input/csv_rows.h"
#include "clients/llctl/input/recordio_rows.h"

namespace ll::llctl {
namespace {

// Longer texts of a bad file are cut.
constexpr size_t kShownText = 40;

enum class Format { kCsv, kRecordIo };

absl::StatusOr<Format> FormatOf(const std::string& name, absl::string_view content_type, ByteReader& reader) {
  const absl::string_view type = absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';')));
  if (type == "text/csv") return Format::kCsv;
  if (type == "application/x-recordio-protobuf") return Format::kRecordIo;
  if (!type.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                     {.what = absl::StrCat("cannot read ", name),
                      .why = absl::StrCat("there is no reader for the content type \"", type, "\""),
                      .remedy = "Use text/csv or application/x-recordio-protobuf."});
  }
  if (absl::EndsWithIgnoreCase(name, ".csv")) return Format::kCsv;
  if (absl::EndsWithIgnoreCase(name, ".pbr")) return Format::kRecordIo;
  LL_ASSIGN_OR_RETURN(const absl::string_view first, reader.Peek(4));
  return first == absl::string_view(kRecordIoMagic, 4) ? Format::kRecordIo : Format::kCsv;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RowSource>> OpenRows(std::unique_ptr<SequentialFile> file, const std::string& name,
                                                    const std::string& content_type) {
  ByteReader reader(std::move(file));
  LL_ASSIGN_OR_RETURN(const Format format, FormatOf(name, content_type, reader));
  if (format == Format::kCsv) return std::make_unique<CsvRows>(std::move(reader), name);
  return std::make_unique<RecordIoRows>(std::move(reader), name);
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
