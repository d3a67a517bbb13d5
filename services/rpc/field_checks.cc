#include "services/rpc/field_checks.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/digest.h"
#include "base/utf8.h"

namespace ll::rpc {
namespace {

constexpr size_t kMaxEntries = 64;
constexpr size_t kMaxLabelKeyBytes = 63;
constexpr absl::string_view kWordPunctuation = "_-.:/@+";
constexpr size_t kMaxLabelValueBytes = 255;
constexpr size_t kMaxAnnotationBytes = 64 * 1024;
constexpr size_t kMaxDescriptionBytes = 4096;

std::optional<ErrorReason> ReasonNamed(absl::string_view name) {
  for (const ErrorReason reason : AllErrorReasons()) {
    if (ErrorReasonName(reason) == name) return reason;
  }
  return std::nullopt;
}

// What a filter can name as labels.KEY (registry/list_query.h).
bool IsFilterWord(absl::string_view key) {
  return std::all_of(key.begin(), key.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           absl::StrContains(kWordPunctuation, absl::string_view(&c, 1));
  });
}

void CheckEntries(const std::map<std::string, std::string>& map, absl::string_view field, FieldChecks* checks) {
  if (map.size() > kMaxEntries) {
    checks->Add(field, absl::StrCat("has ", map.size(), " entries; at most ", kMaxEntries, " are kept"));
  }
  if (map.count("") > 0) checks->Add(field, "has an empty key; give every entry a key");
}

}  // namespace

absl::Status InvalidField(absl::string_view field, absl::string_view description, ErrorReason reason) {
  FieldChecks checks;
  checks.Add(field, description, reason);
  return checks.status();
}

void FieldChecks::Add(absl::string_view field, absl::string_view description, ErrorReason reason) {
  if (violations_.empty()) {
    reason_ = reason;
  } else if (reason_ != reason) {
    reason_ = ErrorReason::kInvalidArgument;
  }
  violations_.push_back({std::string(field), std::string(description)});
}

void FieldChecks::Add(const absl::Status& status) {
  const ErrorDetails details = GetErrorDetails(status).value_or(ErrorDetails{});
  const ErrorReason reason = ReasonNamed(details.reason).value_or(ErrorReason::kInvalidArgument);
  for (const FieldViolation& violation : details.field_violations) Add(violation.field, violation.description, reason);
  if (!status.ok() && details.field_violations.empty()) Add("", status.message(), reason);
}

absl::Status FieldChecks::status() const {
  if (violations_.empty()) return absl::OkStatus();
  ErrorText text;
  if (violations_.size() == 1 && !violations_[0].field.empty()) {
    text.what = absl::StrCat("`", violations_[0].field, "` is not valid");
    text.why = violations_[0].description;
  } else {
    text.what = violations_.size() == 1 ? "the request is not valid"
                                        : absl::StrCat(violations_.size(), " fields are not valid");
    text.why = absl::StrJoin(violations_, "; ", [](std::string* out, const FieldViolation& violation) {
      absl::StrAppend(out, violation.field.empty() ? "" : absl::StrCat("`", violation.field, "`: "),
                      violation.description);
    });
  }
  return MakeError(absl::StatusCode::kInvalidArgument, reason_, text, {.field_violations = violations_});
}

void CheckLabels(const std::map<std::string, std::string>& labels, absl::string_view field, FieldChecks* checks) {
  CheckEntries(labels, field, checks);
  for (const auto& [key, value] : labels) {
    const std::string entry = absl::StrCat(field, "[", Quoted(key), "]");
    if (key.size() > kMaxLabelKeyBytes || !IsFilterWord(key)) {
      checks->Add(entry, absl::StrCat("is not a label; use keys of 1 to ", kMaxLabelKeyBytes,
                                      " letters, digits and characters of ", kWordPunctuation));
    }
    CheckLength(value, kMaxLabelValueBytes, entry, checks);
  }
}

void CheckAnnotations(const std::map<std::string, std::string>& annotations, absl::string_view field,
                      FieldChecks* checks) {
  CheckEntries(annotations, field, checks);
  CheckMapBytes(annotations, kMaxAnnotationBytes, field, checks);
}

void CheckDescription(absl::string_view description, absl::string_view field, FieldChecks* checks) {
  CheckLength(description, kMaxDescriptionBytes, field, checks);
}

void CheckMapBytes(const std::map<std::string, std::string>& map, size_t bytes, absl::string_view field,
                   FieldChecks* checks) {
  size_t total = 0;
  for (const auto& [key, value] : map) total += key.size() + value.size();
  if (total > bytes) {
    checks->Add(field, absl::StrCat("has ", total, " bytes of keys and values; use at most ", bytes));
  }
}

void CheckLength(absl::string_view text, size_t bytes, absl::string_view field, FieldChecks* checks) {
  if (text.size() > bytes) checks->Add(field, absl::StrCat("has ", text.size(), " bytes; use at most ", bytes));
}

absl::StatusOr<std::string> ParseSha256(absl::string_view hex, absl::string_view field) {
  std::string lower = absl::AsciiStrToLower(hex);
  if (IsSha256Hex(lower)) return lower;
  return InvalidField(field, absl::StrCat(Quoted(hex), " is not a SHA-256; use 64 hexadecimal digits"));
}

}  // namespace ll::rpc
