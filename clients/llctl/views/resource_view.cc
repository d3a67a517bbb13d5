#include "clients/llctl/views/resource_view.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/llctl/human_units.h"

namespace ll::llctl {

std::string AgeOf(const google::protobuf::Timestamp& time, absl::Time now) {
  if (UtcText(time).empty()) return "";
  return HumanAge(now - ToTime(time));
}

std::string TimeAndAge(const google::protobuf::Timestamp& time, absl::Time now) {
  const std::string text = UtcText(time);
  return text.empty() ? "" : absl::StrCat(text, " (", AgeOf(time, now), " ago)");
}

std::string JoinEntries(const std::map<std::string, std::string>& entries) {
  return absl::StrJoin(entries, ",", absl::PairFormatter("="));
}

Cell StateCell(const std::string& state) {
  if (state == "READY" || state == "IN_SERVICE" || state == "SUCCEEDED") return {state, Style::kGood};
  if (state == "FAILED" || state == "CORRUPT") return {state, Style::kBad};
  if (state == "CANCELLED") return {state, Style::kDim};
  return {state, Style::kChanging};
}

}  // namespace ll::llctl
