#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace ll {
namespace {

spdlog::logger& Logger() {
  // Leaked, so that threads may log while static objects are being destroyed.
  static spdlog::logger& logger = *[] {  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
    auto* created = new spdlog::logger("ll", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    created->set_pattern("%Y-%m-%dT%H:%M:%S.%fZ %v", spdlog::pattern_time_type::utc);
    created->set_level(spdlog::level::info);
    created->flush_on(spdlog::level::trace);
    return created;
  }();
  return logger;
}

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: return spdlog::level::err;
  }
  return spdlog::level::err;
}

absl::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "DEBUG";
    case LogLevel::kInfo: return "INFO";
    case LogLevel::kWarning: return "WARNING";
    case LogLevel::kError: return "ERROR";
  }
  return "ERROR";
}

bool NeedsQuotes(absl::string_view value) {
  return value.empty() || std::any_of(value.begin(), value.end(), [](char c) {
           return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f;
         });
}

}  // namespace

void Log(LogLevel level, absl::string_view event, LogFields fields) {
  spdlog::logger& logger = Logger();
  if (!logger.should_log(SpdlogLevel(level))) return;
  std::string line = absl::StrCat(LevelName(level), " ", event);
  if (fields.size() > 0) absl::StrAppend(&line, " ", FormatLogFields(fields));
  logger.log(SpdlogLevel(level), spdlog::string_view_t(line.data(), line.size()));
}

void SetLogLevel(LogLevel level) { Logger().set_level(SpdlogLevel(level)); }

std::string FormatLogFields(LogFields fields) {
  std::string text;
  for (const LogField& field : fields) {
    if (!text.empty()) text.push_back(' ');
    if (NeedsQuotes(field.value)) {
      absl::StrAppend(&text, field.key, "=\"", absl::Utf8SafeCEscape(field.value), "\"");
    } else {
      absl::StrAppend(&text, field.key, "=", field.value);
    }
  }
  return text;
}

}  // namespace ll
