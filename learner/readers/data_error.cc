#include "learner/readers/data_error.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"

namespace ll::learner {
namespace {

constexpr size_t kShownCharacters = 40;

std::string Describe(const DataPlace& place) {
  std::string where;
  if (place.row > 0) absl::StrAppend(&where, "row ", place.row);
  if (place.column > 0) absl::StrAppend(&where, ", column ", place.column);
  if (place.byte_offset.has_value()) {
    absl::StrAppend(&where, where.empty() ? "" : " (", "byte ", *place.byte_offset, where.empty() ? "" : ")");
  }
  return where.empty() ? std::string(place.file) : absl::StrCat(where, " of ", place.file);
}

}  // namespace

absl::Status DataError(const DataPlace& place, const DataProblem& problem) {
  ErrorDetails details;
  const auto add = [&](const char* key, std::string value) {
    if (!value.empty()) details.metadata[key] = std::move(value);
  };
  add("file", std::string(place.file));
  if (place.row > 0) add("row", absl::StrCat(place.row));
  if (place.column > 0) add("column", absl::StrCat(place.column));
  if (place.byte_offset.has_value()) add("byte_offset", absl::StrCat(*place.byte_offset));
  add("text", problem.text);
  add("expected", problem.expected);
  add("got", problem.got);
  return MakeError(
      absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidData,
      {.what = absl::StrCat("cannot read ", Describe(place)), .why = problem.why, .remedy = problem.remedy},
      std::move(details));
}

std::string ShownText(absl::string_view text) {
  const bool cut = text.size() > kShownCharacters;
  return absl::StrCat(absl::Utf8SafeCEscape(text.substr(0, kShownCharacters)), cut ? "..." : "");
}

std::string SeemsToHold(absl::string_view first_bytes) {
  const std::pair<absl::string_view, const char*> signatures[] = {
      {"\x0a\x23\xd7\xce", "it holds RecordIO; its content type is application/x-recordio-protobuf"},
      {"\x1f\x8b", "it is compressed with gzip twice; decompress it once"},
      {"\x28\xb5\x2f\xfd", "it is compressed with zstd; decompress it first"},
      {"BZh", "it is compressed with bzip2; decompress it first"},
      {"PK\x03\x04", "it is a zip archive; unpack it first"},
      {"PAR1", "it is a Parquet file; convert it first"},
      {"\x93NUMPY", "it is a NumPy file; convert it first"},
      {"\xff\xfe", "it is UTF-16 text; save it as UTF-8"},
      {"\xfe\xff", "it is UTF-16 text; save it as UTF-8"},
      {"{", "it looks like JSON; its content type is application/jsonlines"},
  };
  for (const auto& [signature, meaning] : signatures) {
    if (absl::StartsWith(first_bytes, signature)) return meaning;
  }
  const absl::string_view head = first_bytes.substr(0, 64);
  const bool is_text = !head.empty() && std::all_of(head.begin(), head.end(), [](unsigned char c) {
    return absl::ascii_isprint(c) || absl::ascii_isspace(c);
  });
  return is_text ? "it looks like text; the content type of CSV is text/csv" : "";
}

}  // namespace ll::learner
