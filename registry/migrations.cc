#include "registry/migrations.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "base/status_macros.h"

namespace ll::registry {
namespace {

// "LLRG": says whose database it is.
constexpr int64_t kApplicationId = 0x4c4c5247;

constexpr char kCreateMigrationTable[] =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, apply_time INTEGER NOT NULL) STRICT";

absl::StatusOr<int64_t> SelectInteger(Connection& connection, absl::string_view sql) {
  LL_ASSIGN_OR_RETURN(Statement select, connection.Prepare(sql));
  LL_ASSIGN_OR_RETURN(const bool is_row, select.Step());
  return is_row ? Row(select).Integer() : 0;
}

absl::Status Unusable(absl::StatusCode code, std::string why, std::string remedy) {
  return MakeError(code, ErrorReason::kStorageFailed,
                   {.what = "cannot use the registry's database", .why = std::move(why), .remedy = std::move(remedy)});
}

absl::Status CheckApplied(Connection& connection, const Migration& migration) {
  LL_ASSIGN_OR_RETURN(Statement select, connection.Prepare("SELECT sha256 FROM schema_migrations WHERE number = ?"));
  LL_ASSIGN_OR_RETURN(const bool is_row, select.Bind(migration.number).Step());
  if (is_row && Row(select).Text() == Sha256Hex(migration.sql)) return absl::OkStatus();
  return Unusable(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("migration ", migration.name, " was applied to it in another form than this release has"),
      "Use the release that made the database.");
}

absl::Status ApplyOne(Connection& connection, const Migration& migration, absl::Time now) {
  LL_RETURN_IF_ERROR(connection.Begin("IMMEDIATE"));
  const absl::Status applied = [&]() -> absl::Status {
    LL_RETURN_IF_ERROR(connection.Execute(kCreateMigrationTable));
    LL_RETURN_IF_ERROR(connection.Execute(std::string(migration.sql)));
    {
      LL_ASSIGN_OR_RETURN(Statement insert,
                          connection.Prepare("INSERT INTO schema_migrations (number, name, sha256, apply_time) "
                                             "VALUES (?, ?, ?, ?)"));
      LL_RETURN_IF_ERROR(insert.Bind(migration.number, migration.name, Sha256Hex(migration.sql), now).Run());
    }
    // Pragmas take no parameters.
    LL_RETURN_IF_ERROR(connection.Execute(absl::StrCat("PRAGMA application_id = ", kApplicationId)));
    LL_RETURN_IF_ERROR(connection.Execute(absl::StrCat("PRAGMA user_version = ", migration.number)));
    return connection.Commit();
  }();
  if (!applied.ok()) connection.Rollback();
  return Annotate(applied, absl::StrCat("migration ", migration.name));
}

}  // namespace

absl::Status CheckBeforeMigrations(Connection& connection, absl::Span<const Migration> migrations) {
  LL_ASSIGN_OR_RETURN(const int64_t application_id, SelectInteger(connection, "PRAGMA application_id"));
  LL_ASSIGN_OR_RETURN(const int64_t tables, SelectInteger(connection, "SELECT count(*) FROM sqlite_schema"));
  if (application_id != kApplicationId && (application_id != 0 || tables != 0)) {
    return Unusable(absl::StatusCode::kDataLoss, "it is the SQLite database of another program",
                    "Name another data directory, or move that file away.");
  }
  LL_ASSIGN_OR_RETURN(const int64_t version, SelectInteger(connection, "PRAGMA user_version"));
  if (version > static_cast<int64_t>(migrations.size())) {
    return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kSchemaTooNew,
                     {.what = "cannot use the registry's database",
                      .why = absl::StrCat("a newer release has written it (schema ", version, ", this release knows ",
                                          migrations.size(), ")"),
                      .remedy = "Start that release, or restore a backup from before the upgrade."});
  }
  return absl::OkStatus();
}

absl::Status ApplyMigrations(Connection& connection, absl::Span<const Migration> migrations, absl::Time now) {
  LL_ASSIGN_OR_RETURN(const int64_t version, SelectInteger(connection, "PRAGMA user_version"));
  for (const Migration& migration : migrations) {
    if (migration.number <= version) {
      LL_RETURN_IF_ERROR(CheckApplied(connection, migration));
      continue;
    }
    LL_RETURN_IF_ERROR(ApplyOne(connection, migration, now));
    LogInfo("registry schema migrated", {{"migration", std::string(migration.name)}});
  }
  return absl::OkStatus();
}

absl::Status VerifyIntegrity(Connection& connection) {
  constexpr char kRemedy[] = "Stop the server and restore that file from a backup.";
  {
    LL_ASSIGN_OR_RETURN(Statement check, connection.Prepare("PRAGMA quick_check(1)"));
    LL_ASSIGN_OR_RETURN(const bool is_row, check.Step());
    const std::string result = is_row ? Row(check).Text() : "no answer";
    if (result != "ok") return Unusable(absl::StatusCode::kDataLoss, absl::StrCat("it is damaged: ", result), kRemedy);
  }
  LL_ASSIGN_OR_RETURN(Statement check, connection.Prepare("PRAGMA foreign_key_check"));
  LL_ASSIGN_OR_RETURN(const bool is_row, check.Step());
  if (!is_row) return absl::OkStatus();
  return Unusable(absl::StatusCode::kDataLoss,
                  absl::StrCat("a row of table ", Row(check).Text(), " names what is not there"), kRemedy);
}

}  // namespace ll::registry
