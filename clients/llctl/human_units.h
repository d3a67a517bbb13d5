// Numbers as people read them: "5m", "149 MiB", "1.23M". Pure.
#ifndef LL_CLIENTS_LLCTL_HUMAN_UNITS_H_
#define LL_CLIENTS_LLCTL_HUMAN_UNITS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace ll::llctl {

// The largest whole unit: "0s", "59s", "5m", "47h", "12d", "3y". Negative durations are "0s".
std::string HumanAge(absl::Duration age);

// For what is being waited for: "0.3s", "12s", "2m05s", "1h10m".
std::string HumanDuration(absl::Duration duration);

// Binary units with up to three digits: "0 B", "9.8 KiB", "149 MiB". `separator` stands before the unit: tables have
// no spaces in values.
std::string HumanBytes(int64_t bytes, absl::string_view separator = " ");

// Decimal units with up to three digits: "999", "22.7k", "1.23M".
std::string HumanCount(double count);

// "2026-11-24T13:05:11Z"; empty for an absent time.
std::string UtcText(const google::protobuf::Timestamp& time);
absl::Time ToTime(const google::protobuf::Timestamp& time);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_HUMAN_UNITS_H_
