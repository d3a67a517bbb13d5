// Any text as a filter and as an order. What parses must say the same when it is written again, and must select the
// same rows in SQLite as in the fake, which knows nothing of SQL.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "registry/list_query.h"
#include "registry/sqlite_registry.h"
#include "tests/fuzz/require.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/memory_registry.h"
#include "tests/testing/temp_dir.h"

namespace ll::registry {
namespace {

using testing::Require;

std::string Written(const std::vector<Condition>& conditions) {
  std::string text;
  for (const Condition& condition : conditions) {
    absl::StrAppend(&text, text.empty() ? "" : " AND ", condition.field);
    if (condition.field == "labels") absl::StrAppend(&text, ".", condition.key);
    absl::StrAppend(&text, ComparisonText(condition.comparison));
    if (IsTimeField(condition.field)) {
      absl::StrAppend(&text, "\"", absl::FormatTime(absl::RFC3339_full, condition.time, absl::UTCTimeZone()), "\"");
    } else {
      absl::StrAppend(&text, "\"", absl::StrReplaceAll(condition.text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
    }
  }
  return text;
}

// Jobs with every state and with labels, in two registries.
struct Rows {
  Rows() {
    SetLogLevel(LogLevel::kError);
    sqlite = OpenSqliteRegistry({.path = directory.File("registry.db"), .clock = &clock, .readers = 1}).value();
    int number = 0;
    for (const absl::string_view state : StateNames<JobState>()) {
      JobRecord job{.id = absl::StrCat("j", number++), .state = *ParseState<JobState>(state)};
      job.spec.model_id = number % 2 == 0 ? "m" : "n";
      job.header.labels = {{"k", absl::StrCat(number % 3)}, {"team", "fraud"}};
      for (Registry* registry : {static_cast<Registry*>(&memory), sqlite.get()}) {
        const absl::Status written =
            registry->Write({}, [&](Transaction& tx) { return tx.jobs().Insert(job).status(); });
        Require(written.ok(), "the rows can be written");
      }
      clock.Advance(absl::Hours(1));
    }
  }

  const testing::TempDir directory;
  testing::FakeClock clock;
  testing::MemoryRegistry memory{clock};
  std::unique_ptr<Registry> sqlite;
};

std::vector<std::string> Select(Registry& registry, const ListQuery& query) {
  std::vector<std::string> ids;
  const absl::Status read = registry.Read([&](const View& view) -> absl::Status {
    const absl::StatusOr<Page<JobRecord>> page = view.jobs().List(query);
    if (!page.ok()) {
      ids = {absl::StrCat(page.status().code())};
      return absl::OkStatus();
    }
    for (const JobRecord& job : page->records) ids.push_back(job.id);
    return absl::OkStatus();
  });
  Require(read.ok(), "the listing can be read");
  return ids;
}

}  // namespace
}  // namespace ll::registry

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ll::registry;  // NOLINT: a function of its own
  static Rows& rows = *new Rows;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);

  ListQuery query;
  const absl::Status ordered = ParseOrderBy(text, &query);
  Require(ordered.ok() || ll::HasReason(ordered, ll::ErrorReason::kInvalidFilter), "errors of orders say so");

  const auto conditions = ParseFilter(text, JobStore::kFilterFields);
  if (!conditions.ok()) {
    Require(ll::HasReason(conditions.status(), ll::ErrorReason::kInvalidFilter), "errors of filters say so");
    return 0;
  }
  const auto again = ParseFilter(Written(*conditions), JobStore::kFilterFields);
  Require(again.ok() && *again == *conditions, "a filter that is written again is the same");
  query.conditions = *conditions;
  Require(Select(rows.memory, query) == Select(*rows.sqlite, query), "SQLite selects what the fake selects");
  return 0;
}
