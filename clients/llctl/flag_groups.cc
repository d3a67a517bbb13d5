#include "clients/llctl/flag_groups.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "clients/llctl/exit_codes.h"

namespace ll::llctl {

CLI::Option* AddRepeatable(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                           const std::string& description) {
  // One value each time, so that an argument after it stays an argument.
  return app.add_option(name, values, description)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

CLI::Option* AddDuration(CLI::App& app, const std::string& name, absl::Duration& value,
                         const std::string& description) {
  return app
      .add_option_function<std::string>(
          name,
          [&value, name](const std::string& text) {
            if (!absl::ParseDuration(text, &value) || value <= absl::ZeroDuration()) {
              throw CLI::ValidationError(name,
                                         absl::StrCat("\"", text, "\" is not a duration such as 90s, 5m or 1h30m"));
            }
          },
          description)
      ->type_name("DURATION");
}

void ListFlags::Parse(CLI::App& app) {
  app.add_option("--filter", filter, "Only what matches; see `llctl help filters`")->type_name("FILTER");
  app.add_option("--order-by", order_by, "A field, with an optional \" desc\"")->type_name("FIELD");
  app.add_option("--limit", limit, "At most this many; 0: all")->type_name("N");
  app.add_option("--page-size", page_size, "How many one call fetches; 0: the server's choice")->type_name("N");
}

absl::Status ListFlags::Validate() const {
  if (limit < 0) return UsageError("--limit must not be negative");
  return absl::OkStatus();
}

int ListFlags::PageSize() const {
  if (page_size != 0 || limit == 0) return page_size;
  return static_cast<int>(std::min<int64_t>(limit, 1000));
}

void AddDryRun(CLI::App& app, bool& dry_run) {
  app.add_flag("--dry-run", dry_run, "Let the server check everything and change nothing");
}

void WaitFlags::Parse(CLI::App& app, const std::string& what) {
  CLI::Option* on = app.add_flag("--wait", wait, absl::StrCat("Wait until ", what, "; the default on a terminal"));
  app.add_flag("--no-wait", no_wait, "Return as soon as the server has taken the request")->excludes(on);
}

bool WaitFlags::IsOn(Session& session) const {
  if (wait || no_wait) return wait;
  return session.io().out_is_terminal;
}

void ConfirmFlags::Parse(CLI::App& app) { app.add_flag("-y,--yes", yes, "Do not ask; needed outside a terminal"); }

absl::Status ConfirmFlags::Ask(Session& session, const std::string& question) const {
  if (yes) return absl::OkStatus();
  if (!session.io().in_is_terminal) {
    return UsageError("nobody is there to confirm it", "Repeat the command with --yes.");
  }
  LL_ASSIGN_OR_RETURN(const bool confirmed, Confirm(session.io(), question));
  if (confirmed) return absl::OkStatus();
  return MakeError(absl::StatusCode::kCancelled, ErrorReason::kCancelled,
                   {.what = "nothing was changed", .why = "the answer was not yes"});
}

absl::StatusOr<std::pair<std::string, std::string>> SplitEntry(absl::string_view flag, absl::string_view entry) {
  const size_t equals = entry.find('=');
  if (equals == absl::string_view::npos || equals == 0) {
    return UsageError(absl::StrCat(flag, " ", entry, " is not KEY=VALUE"));
  }
  return std::pair(std::string(entry.substr(0, equals)), std::string(entry.substr(equals + 1)));
}

void MetadataFlags::ParseForCreate(CLI::App& app, bool with_description) {
  AddRepeatable(app, "--label", labels, "A label, for filters; may be repeated")->type_name("KEY=VALUE");
  AddRepeatable(app, "--annotation", annotations, "Free text; may be repeated")->type_name("KEY=VALUE");
  if (with_description) app.add_option("--description", description, "For people")->type_name("TEXT");
}

void MetadataFlags::ParseForUpdate(CLI::App& app, bool with_description) {
  AddRepeatable(app, "--label", labels, "Add or change a label; may be repeated")->type_name("KEY=VALUE");
  AddRepeatable(app, "--remove-label", removed_labels, "Remove a label; may be repeated")->type_name("KEY");
  AddRepeatable(app, "--annotation", annotations, "Add or change an annotation; may be repeated")
      ->type_name("KEY=VALUE");
  AddRepeatable(app, "--remove-annotation", removed_annotations, "Remove an annotation; may be repeated")
      ->type_name("KEY");
  if (with_description) app.add_option("--description", description, "Replace the description")->type_name("TEXT");
}

absl::Status MetadataFlags::Validate() const {
  for (const std::string& entry : labels) LL_RETURN_IF_ERROR(SplitEntry("--label", entry).status());
  for (const std::string& entry : annotations) LL_RETURN_IF_ERROR(SplitEntry("--annotation", entry).status());
  return absl::OkStatus();
}

bool MetadataFlags::empty() const {
  return labels.empty() && annotations.empty() && removed_labels.empty() && removed_annotations.empty() &&
         !description.has_value();
}

void MetadataFlags::ApplyTo(StringMap& map, const std::vector<std::string>& entries,
                            const std::vector<std::string>& removed, const char* path,
                            std::vector<std::string>& changed) {
  for (const std::string& key : removed) map.erase(key);
  for (const std::string& entry : entries) {
    // Validate() has seen them: they split.
    auto [key, value] = SplitEntry("", entry).value_or(std::pair<std::string, std::string>());
    map[key] = std::move(value);
  }
  if (!entries.empty() || !removed.empty()) changed.push_back(path);
}

}  // namespace ll::llctl
