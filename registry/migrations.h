// The numbered steps that make the database's schema what this release expects.
//
// registry/schema/NNNN_*.sql are compiled in. Each is applied once, in its own transaction, which also sets the
// database's user_version to its number and keeps its checksum in table schema_migrations: a released migration never
// changes, the next one changes the schema.
#ifndef LL_REGISTRY_MIGRATIONS_H_
#define LL_REGISTRY_MIGRATIONS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "registry/sqlite_connection.h"

namespace ll::registry {

struct Migration {
  int number;  // from 1, without gaps
  absl::string_view name;
  absl::string_view sql;
};

// Those of this release.
absl::Span<const Migration> SchemaMigrations();

// Looks only, before anything is written: a database of ours (or an empty one) that a newer release has not changed.
// DATA_LOSS / STORAGE_FAILED; FAILED_PRECONDITION / SCHEMA_TOO_NEW.
absl::Status CheckBeforeMigrations(Connection& connection, absl::Span<const Migration> migrations);

// Applies what is missing. FAILED_PRECONDITION / STORAGE_FAILED when a migration that was applied is not the one that
// is compiled in. Anything that fails leaves the database at the last migration that succeeded.
absl::Status ApplyMigrations(Connection& connection, absl::Span<const Migration> migrations, absl::Time now);

// DATA_LOSS / STORAGE_FAILED unless pages, indexes and foreign keys agree. Reads the whole file.
absl::Status VerifyIntegrity(Connection& connection);

}  // namespace ll::registry

#endif  // LL_REGISTRY_MIGRATIONS_H_
