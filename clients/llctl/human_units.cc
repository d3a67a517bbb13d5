#include "clients/llctl/human_units.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ll::llctl {
namespace {

// Three significant digits, as many as fit before the unit changes: 9.87, 98.7, 987.
std::string ThreeDigits(double value) {
  if (value < 9.995) return absl::StrFormat("%.2f", value);
  if (value < 99.95) return absl::StrFormat("%.1f", value);
  return absl::StrFormat("%.0f", value);
}

}  // namespace

std::string HumanAge(absl::Duration age) {
  const int64_t seconds = std::max<int64_t>(absl::ToInt64Seconds(age), 0);
  if (seconds < 60) return absl::StrCat(seconds, "s");
  if (seconds < 3600) return absl::StrCat(seconds / 60, "m");
  if (seconds < 48 * 3600) return absl::StrCat(seconds / 3600, "h");
  const int64_t days = seconds / 86400;
  return days < 730 ? absl::StrCat(days, "d") : absl::StrCat(days / 365, "y");
}

std::string HumanDuration(absl::Duration duration) {
  const double exact = std::max(absl::ToDoubleSeconds(duration), 0.0);
  if (exact < 9.95) return absl::StrFormat("%.1fs", exact);
  const int64_t seconds = std::llround(exact);
  if (seconds < 60) return absl::StrCat(seconds, "s");
  if (seconds < 3600) return absl::StrFormat("%dm%02ds", seconds / 60, seconds % 60);
  return absl::StrFormat("%dh%02dm", seconds / 3600, seconds / 60 % 60);
}

std::string HumanBytes(int64_t bytes, absl::string_view separator) {
  if (bytes < 1024) return absl::StrCat(bytes, separator, "B");
  double value = static_cast<double>(bytes);
  const char* unit = "";
  for (const char* next : {"KiB", "MiB", "GiB", "TiB"}) {
    if (value < 1023.5) break;
    value /= 1024;
    unit = next;
  }
  return absl::StrCat(value < 9.95 ? absl::StrFormat("%.1f", value) : absl::StrFormat("%.0f", value), separator, unit);
}

std::string HumanCount(double count) {
  if (count < 999.5) return absl::StrFormat("%.0f", count);
  const char* unit = "";
  for (const char* next : {"k", "M", "G"}) {
    if (count < 999.5) break;
    count /= 1000;
    unit = next;
  }
  return ThreeDigits(count) + unit;
}

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

std::string UtcText(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", ToTime(time), absl::UTCTimeZone());
}

}  // namespace ll::llctl
