// One connection to a SQLite database, with the statements that were prepared on it.
//
//   LL_ASSIGN_OR_RETURN(auto connection, Connection::Open({.path = path}));
//   LL_ASSIGN_OR_RETURN(Statement select, connection->Prepare("SELECT id FROM models WHERE id = ?"));
//   select.Bind(id);
//   LL_ASSIGN_OR_RETURN(const bool found, select.Step());
//
// Errors, of statements too: RESOURCE_EXHAUSTED / STORAGE_FULL when the disk is full; DATA_LOSS / STORAGE_FAILED when
// the file is damaged or no database; PERMISSION_DENIED / STORAGE_FAILED; UNAVAILABLE / STORAGE_FAILED when another
// program keeps it locked; INTERNAL / STORAGE_FAILED for other failures of the disk, INTERNAL / INTERNAL for defects of
// ours.
#ifndef LL_REGISTRY_SQLITE_CONNECTION_H_
#define LL_REGISTRY_SQLITE_CONNECTION_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "registry/statement.h"

namespace ll::registry {

// Not thread-safe: one user at a time. Must outlive its statements.
class Connection {
 public:
  struct Options {
    std::string path = {};
    bool read_only = false;  // else the file is created when missing
    std::string vfs = {};    // empty: the default
  };
  // Opens the file and sets what every connection of ours sets: no untrusted schema, foreign keys, patience with locks.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Options& options);

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Leases a prepared statement; it goes back when the Statement is destroyed, and the next Prepare of the same text
  // finds it compiled.
  absl::StatusOr<Statement> Prepare(absl::string_view sql);
  // Runs statements without parameters or results, separated by semicolons.
  absl::Status Execute(const std::string& sql);

  // Transactions. After Begin every Prepare fails once SQLite has rolled back by itself (a full disk makes it do so):
  // what follows must not run outside of the transaction that it was meant for.
  absl::Status Begin(absl::string_view kind);  // "DEFERRED" or "IMMEDIATE"
  // Rolls back when it fails.
  absl::Status Commit();
  void Rollback();

  // Rows that the last INSERT, UPDATE or DELETE changed.
  int64_t changes() const;
  // `result_code` is what a call on this connection just returned.
  absl::Status Error(int result_code) const;

 private:
  friend class Statement;
  struct Prepared {
    sqlite3_stmt* statement = nullptr;
    bool is_leased = false;
  };

  Connection(sqlite3* database, Options options) : database_(database), options_(std::move(options)) {}
  bool IsInTransaction() const;
  void DropIdleStatements();

  sqlite3* const database_;
  const Options options_;
  bool has_begun_ = false;
  absl::flat_hash_map<std::string, std::unique_ptr<Prepared>> statements_;
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_SQLITE_CONNECTION_H_
