// The registry in one SQLite file.
//
// One process opens it. ONE connection writes, checkpoints and closes last; a small pool of read-only connections
// reads. WAL, synchronous=FULL, foreign keys on, STRICT tables, prepared statements with bound parameters only. The
// schema is numbered SQL files (registry/schema/0001_*.sql, ...), compiled in; opening applies what is missing, each
// migration in one transaction, and verifies the result.
#ifndef LL_REGISTRY_SQLITE_REGISTRY_H_
#define LL_REGISTRY_SQLITE_REGISTRY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "registry/registry.h"

namespace ll::registry {

struct SqliteOptions {
  std::string path = {};            // of the database file; its directory must exist
  Clock* clock = nullptr;           // required; not owned
  int readers = 4;                  // read-only connections
  std::string vfs = {};             // SQLite VFS name; empty: the default (tests inject faults here)
  int64_t checkpoint_pages = 4000;  // of 4 KiB in the log before it is folded into the database
};

// Creates the file when it is missing. Holds a lock on `path`.lock while open.
// FAILED_PRECONDITION / DATA_DIRECTORY_IN_USE when another registry, here or in another process, has the file open;
// FAILED_PRECONDITION / SCHEMA_TOO_NEW when a newer release wrote it; DATA_LOSS / STORAGE_FAILED when it is not a
// database of ours or fails its integrity check; PERMISSION_DENIED, INTERNAL or RESOURCE_EXHAUSTED as in
// Registry::Write when it cannot be read or written.
absl::StatusOr<std::unique_ptr<Registry>> OpenSqliteRegistry(const SqliteOptions& options);

}  // namespace ll::registry

#endif  // LL_REGISTRY_SQLITE_REGISTRY_H_
