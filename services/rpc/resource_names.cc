#include "services/rpc/resource_names.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "services/rpc/field_checks.h"

namespace ll::rpc {
namespace {

constexpr size_t kMaxIdBytes = 63;
constexpr size_t kMinBucketBytes = 3;
constexpr size_t kMaxKeyBytes = 1024;
constexpr char kIdRule[] = "use 1 to 63 letters, digits and hyphens, beginning and ending with a letter or digit";
constexpr char kBucketRule[] =
    "use 3 to 63 lower-case letters, digits, dots and hyphens, beginning and ending with a letter or digit, without "
    "two "
    "dots in a row and not formed like an IP address";
constexpr char kVersionForms[] = "models/{model}/versions/{number}, models/{model}@{alias} or models/{model}@latest";

// `what` is "an id", "the name of a model", ...; `rule` is what would be right.
absl::Status Invalid(absl::string_view text, absl::string_view field, absl::string_view what, absl::string_view rule) {
  const std::string problem = text.empty() ? absl::StrCat("is empty, and ", what, " is required")
                                           : absl::StrCat(Quoted(text), " is not ", what);
  return InvalidField(field, absl::StrCat(problem, "; ", rule), ErrorReason::kInvalidName);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsAlphanumeric(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

bool AllDigits(absl::string_view text) { return std::all_of(text.begin(), text.end(), IsDigit); }

bool IsId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxIdBytes && IsAlphanumeric(id.front()) && IsAlphanumeric(id.back()) &&
         std::all_of(id.begin(), id.end(), [](char c) { return IsAlphanumeric(c) || c == '-'; });
}

bool IsAlias(absl::string_view alias) { return IsId(alias) && !AllDigits(alias) && alias != "latest"; }

bool LooksLikeIpAddress(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(),
                                          [](absl::string_view part) { return !part.empty() && AllDigits(part); });
}

bool IsBucketId(absl::string_view id) {
  const auto is_end = [](char c) { return IsLower(c) || IsDigit(c); };
  return id.size() >= kMinBucketBytes && id.size() <= kMaxIdBytes && is_end(id.front()) && is_end(id.back()) &&
         std::all_of(id.begin(), id.end(), [&](char c) { return is_end(c) || c == '-' || c == '.'; }) &&
         !absl::StrContains(id, "..") && !LooksLikeIpAddress(id);
}

bool IsObjectKey(absl::string_view key) {
  return !key.empty() && key.size() <= kMaxKeyBytes && IsUtf8(key) &&
         !absl::StrContains(key, absl::string_view("\0", 1));
}

// A number as names write it: from 1, without sign or leading zeros.
bool ParseNumber(absl::string_view text, int64_t* number) {
  return !text.empty() && AllDigits(text) && text.front() != '0' && absl::SimpleAtoi(text, number);
}

// Takes "collection/" off the front.
bool ConsumeCollection(absl::string_view* name, absl::string_view collection) {
  return absl::ConsumePrefix(name, collection) && absl::ConsumePrefix(name, "/");
}

absl::StatusOr<std::string> ParseName(absl::string_view name, absl::string_view field, absl::string_view collection,
                                      absl::string_view what, bool (*is_id)(absl::string_view),
                                      absl::string_view id_rule) {
  absl::string_view id = name;
  if (ConsumeCollection(&id, collection) && is_id(id)) return std::string(id);
  return Invalid(name, field, what, absl::StrCat("use ", collection, "/{id}; for the id ", id_rule));
}

}  // namespace

absl::StatusOr<std::string> ParseId(absl::string_view id, absl::string_view field) {
  if (!IsId(id)) return Invalid(id, field, "an id", kIdRule);
  return std::string(id);
}

absl::StatusOr<std::string> ParseAlias(absl::string_view alias, absl::string_view field) {
  if (!IsAlias(alias)) {
    return Invalid(alias, field, "an alias", absl::StrCat(kIdRule, ", not all digits and not `latest`"));
  }
  return std::string(alias);
}

absl::StatusOr<std::string> ParseBucketId(absl::string_view id, absl::string_view field) {
  if (!IsBucketId(id)) return Invalid(id, field, "the id of a bucket", kBucketRule);
  return std::string(id);
}

absl::StatusOr<std::string> ParseObjectKey(absl::string_view key, absl::string_view field) {
  if (!IsObjectKey(key)) return Invalid(key, field, "the key of an object", "use 1 to 1024 bytes of UTF-8 without NUL");
  return std::string(key);
}

absl::StatusOr<std::string> ParseModelName(absl::string_view name, absl::string_view field) {
  return ParseName(name, field, "models", "the name of a model", IsId, kIdRule);
}

absl::StatusOr<std::string> ParseTrainingJobName(absl::string_view name, absl::string_view field) {
  return ParseName(name, field, "trainingJobs", "the name of a training job", IsId, kIdRule);
}

absl::StatusOr<std::string> ParseEndpointName(absl::string_view name, absl::string_view field) {
  return ParseName(name, field, "endpoints", "the name of an endpoint", IsId, kIdRule);
}

absl::StatusOr<std::string> ParseBucketName(absl::string_view name, absl::string_view field) {
  return ParseName(name, field, "buckets", "the name of a bucket", IsBucketId, kBucketRule);
}

absl::StatusOr<int64_t> ParseEventName(absl::string_view name, absl::string_view field) {
  absl::string_view text = name;
  int64_t number = 0;
  if (ConsumeCollection(&text, "events") && ParseNumber(text, &number)) return number;
  return Invalid(name, field, "the name of an event", "use events/{n} with n counted from 1");
}

absl::StatusOr<std::string> ParseModelParent(absl::string_view name, absl::string_view field) {
  if (name == "models/-") return std::string("-");
  return ParseName(name, field, "models", "the name of a model", IsId,
                   absl::StrCat(kIdRule, ", or `-` for all models"));
}

absl::StatusOr<registry::VersionRef> ParseVersionName(absl::string_view name, absl::string_view field) {
  absl::string_view rest = name;
  registry::VersionRef ref;
  if (ConsumeCollection(&rest, "models")) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(rest, absl::MaxSplits('/', 1));
    absl::string_view number = parts.second;
    if (IsId(parts.first) && ConsumeCollection(&number, "versions") && ParseNumber(number, &ref.number)) {
      ref.model_id = std::string(parts.first);
      return ref;
    }
  }
  return Invalid(name, field, "the name of a model version",
                 "use models/{model}/versions/{number} with numbers counted from 1");
}

absl::StatusOr<registry::VersionRef> ParseVersionReference(absl::string_view name, absl::string_view field) {
  absl::string_view rest = name;
  if (ConsumeCollection(&rest, "models") && absl::StrContains(rest, '@')) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(rest, absl::MaxSplits('@', 1));
    if (IsId(parts.first) && (IsAlias(parts.second) || parts.second == "latest")) {
      return registry::VersionRef{
          .model_id = std::string(parts.first), .number = 0, .alias = std::string(parts.second)};
    }
  } else if (absl::StatusOr<registry::VersionRef> by_number = ParseVersionName(name, field); by_number.ok()) {
    return by_number;
  }
  return Invalid(name, field, "a reference to a model version", absl::StrCat("use ", kVersionForms));
}

absl::StatusOr<ObjectId> ParseObjectName(absl::string_view name, absl::string_view field) {
  absl::string_view rest = name;
  if (ConsumeCollection(&rest, "buckets")) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(rest, absl::MaxSplits('/', 1));
    absl::string_view key = parts.second;
    if (IsBucketId(parts.first) && ConsumeCollection(&key, "objects") && IsObjectKey(key)) {
      return ObjectId{.bucket_id = std::string(parts.first), .key = std::string(key)};
    }
  }
  return Invalid(
      name, field, "the name of an object",
      absl::StrCat("use buckets/{bucket}/objects/{key} with a key of 1 to 1024 bytes; for the bucket ", kBucketRule));
}

}  // namespace ll::rpc
