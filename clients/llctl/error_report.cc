#include "clients/llctl/error_report.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/error_reason.h"
#include "clients/llctl/message_text.h"

namespace ll::llctl {
namespace {

// An error with several violations reads better with each on a line of its own. Its message usually holds them already,
// one after the other: "HEAD: FIELD: DESCRIPTION; FIELD: DESCRIPTION. REMEDY".
struct Body {
  std::string head;
  std::vector<std::string> lines;
  std::string remedy;
};

std::string LineOf(const FieldViolation& violation) {
  return violation.field.empty() ? violation.description : absl::StrCat(violation.field, ": ", violation.description);
}

Body SplitViolations(const std::string& message, const std::vector<FieldViolation>& violations) {
  Body body{.head = message, .lines = {}, .remedy = ""};
  if (violations.size() < 2) return body;
  size_t begin = std::string::npos;  // of the first description
  size_t end = 0;                    // of the last one
  bool all = true;
  for (const FieldViolation& violation : violations) {
    const size_t at = message.find(violation.description, end);
    all = all && at != std::string::npos;
    if (!all) {
      // The server shortens long messages: what this one lost is told after it.
      if (!absl::StrContains(message, violation.description)) body.lines.push_back(LineOf(violation));
      continue;
    }
    begin = std::min(begin, at);
    end = at + violation.description.size();
  }
  if (!all) return body;
  const std::string before(absl::StripSuffix(message.substr(0, begin), ": "));  // "HEAD: FIELD"
  const size_t colon = before.rfind(": ");
  if (colon == std::string::npos) return body;
  body.head = absl::StrCat(before.substr(0, colon), ":");
  body.remedy = std::string(absl::StripPrefix(message.substr(end), ". "));
  for (const FieldViolation& violation : violations) body.lines.push_back(LineOf(violation));
  return body;
}

void ReportText(const absl::Status& status, const ErrorDetails& details, const ReportOptions& options, IoStreams& io) {
  const bool colored = io.color && io.err_is_terminal;
  const Body body = SplitViolations(std::string(status.message()), details.field_violations);
  io.err << Styled(Style::kBad, "error:", colored) << " " << body.head;
  if (!details.reason.empty() && ExitCodeOf(status) != kUsage) {
    io.err << " " << Styled(Style::kDim, absl::StrCat("[", details.reason, "]"), colored);
  }
  io.err << "\n";
  for (const std::string& line : body.lines) io.err << "  - " << line << "\n";
  for (const PreconditionViolation& violation : details.precondition_violations) {
    if (!absl::StrContains(status.message(), violation.subject)) {
      io.err << "  - " << violation.subject << ": " << violation.description << "\n";
    }
  }
  if (!body.remedy.empty()) io.err << "  " << body.remedy << "\n";
  for (const std::string& hint : options.hints) io.err << "  " << hint << "\n";
  if (!options.verbose) return;
  io.err << "  code: " << absl::StatusCodeToString(status.code()) << "\n";
  for (const auto& [key, value] : details.metadata) io.err << "  " << key << ": " << value << "\n";
}

void ReportJson(const absl::Status& status, const ErrorDetails& details, const ReportOptions& options, IoStreams& io) {
  Json error = {{"code", absl::StatusCodeToString(status.code())},
                {"reason", details.reason},
                {"message", std::string(status.message())},
                {"metadata", Json::object()},
                {"fieldViolations", Json::array()},
                {"preconditionViolations", Json::array()},
                {"hints", options.hints},
                {"exitCode", static_cast<int>(ExitCodeOf(status))}};
  for (const auto& [key, value] : details.metadata) error["metadata"][key] = value;
  for (const FieldViolation& violation : details.field_violations) {
    error["fieldViolations"].push_back({{"field", violation.field}, {"description", violation.description}});
  }
  for (const PreconditionViolation& violation : details.precondition_violations) {
    error["preconditionViolations"].push_back(
        {{"type", violation.type}, {"subject", violation.subject}, {"description", violation.description}});
  }
  // Texts that are not UTF-8 (a path, a piece of a data file) are shown as far as it goes.
  io.err << Json{{"error", error}}.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace

void ReportError(const absl::Status& status, const ReportOptions& options, IoStreams& io) {
  const ErrorDetails details = GetErrorDetails(status).value_or(ErrorDetails{});
  if (options.json) {
    ReportJson(status, details, options, io);
  } else {
    ReportText(status, details, options, io);
  }
}

void ReportWarning(const std::string& text, bool quiet, IoStreams& io) {
  if (quiet) return;
  io.err << Styled(Style::kChanging, "warning:", io.color && io.err_is_terminal) << " " << text << "\n";
}

}  // namespace ll::llctl
