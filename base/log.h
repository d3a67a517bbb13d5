// Structured log lines on stderr, one per event:
//
//   LogInfo("training job started", {{"job", "trainingJobs/mnist"}, {"pid", "4711"}});
//   -> 2026-11-24T13:17:05.123456Z INFO training job started job=trainingJobs/mnist pid=4711
//
// Levels: ERROR a person must act; WARNING something was lost or refused that a person may want to know; INFO a
// resource changed state, at most a few lines per request that changes something and none per prediction; DEBUG
// for developers, off by default. Values that hold spaces, quotes or control characters are quoted and escaped.
// Never log payloads or secrets. Thread-safe.
#ifndef LL_BASE_LOG_H_
#define LL_BASE_LOG_H_

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"

namespace ll {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct LogField {
  absl::string_view key;
  std::string value;
};

using LogFields = std::initializer_list<LogField>;

void Log(LogLevel level, absl::string_view event, LogFields fields = {});
inline void LogDebug(absl::string_view event, LogFields fields = {}) { Log(LogLevel::kDebug, event, fields); }
inline void LogInfo(absl::string_view event, LogFields fields = {}) { Log(LogLevel::kInfo, event, fields); }
inline void LogWarning(absl::string_view event, LogFields fields = {}) { Log(LogLevel::kWarning, event, fields); }
inline void LogError(absl::string_view event, LogFields fields = {}) { Log(LogLevel::kError, event, fields); }

// Lines below `level` are dropped. Default kInfo.
void SetLogLevel(LogLevel level);

// "key=value key2=\"quoted value\"". Exposed for tests.
std::string FormatLogFields(LogFields fields);

}  // namespace ll

#endif  // LL_BASE_LOG_H_
