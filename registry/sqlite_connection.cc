#include "registry/sqlite_connection.h"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"

namespace ll::registry {
namespace {

// Other programs (a shell, a backup) may hold the file's locks for a moment.
constexpr int kLockPatienceMs = 5000;

// Texts of statements differ only by which filters a listing has; an adversary must not grow the cache without end.
constexpr size_t kMaxStatements = 256;

struct Failure {
  absl::StatusCode code;
  ErrorReason reason;
  const char* remedy;
};

Failure Classify(int result_code, int system_error) {
  if ((result_code & 0xff) == SQLITE_FULL || system_error == ENOSPC || system_error == EDQUOT) {
    return {absl::StatusCode::kResourceExhausted, ErrorReason::kStorageFull,
            "Free some space on its disk and try again."};
  }
  const bool is_forbidden = system_error == EACCES || system_error == EPERM || system_error == EROFS;
  switch (result_code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {absl::StatusCode::kDataLoss, ErrorReason::kStorageFailed,
              "Stop the server and restore that file from a backup."};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {absl::StatusCode::kUnavailable, ErrorReason::kStorageFailed,
              "Stop the other program that has that file open."};
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return {absl::StatusCode::kPermissionDenied, ErrorReason::kStorageFailed,
              "Check the owner and mode of that file and of its directory."};
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      if (is_forbidden) {
        return {absl::StatusCode::kPermissionDenied, ErrorReason::kStorageFailed,
                "Check the owner and mode of that file and of its directory."};
      }
      return {absl::StatusCode::kInternal, ErrorReason::kStorageFailed,
              "Check its disk and the system's log, then try again."};
    default: return {absl::StatusCode::kInternal, ErrorReason::kInternal, "This is a defect; please report it."};
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Options& options) {
  const int flags = options.read_only ? SQLITE_OPEN_READONLY : (SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  sqlite3* database = nullptr;
  const int result = sqlite3_open_v2(options.path.c_str(), &database, flags | SQLITE_OPEN_NOMUTEX,
                                     options.vfs.empty() ? nullptr : options.vfs.c_str());
  // The handle exists even when opening fails: it knows why.
  auto connection = std::unique_ptr<Connection>(new Connection(database, options));
  if (result != SQLITE_OK) return connection->Error(result);
  sqlite3_extended_result_codes(database, 1);
  sqlite3_busy_timeout(database, kLockPatienceMs);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, prepared] : statements_) sqlite3_finalize(prepared->statement);
  sqlite3_close(database_);
}

absl::StatusOr<Statement> Connection::Prepare(absl::string_view sql) {
  if (has_begun_ && !IsInTransaction()) {
    return MakeError(absl::StatusCode::kInternal, ErrorReason::kStorageFailed,
                     {.what = absl::StrCat("cannot go on with a transaction in ", options_.path),
                      .why = "an earlier failure has rolled it back",
                      .remedy = "See the error before this one."});
  }
  const auto found = statements_.find(sql);
  if (found != statements_.end() && !found->second->is_leased) {
    found->second->is_leased = true;
    return Statement(this, found->second->statement, &found->second->is_leased);
  }
  sqlite3_stmt* statement = nullptr;
  const bool is_cached = found == statements_.end();
  const int result = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                        is_cached ? SQLITE_PREPARE_PERSISTENT : 0, &statement, nullptr);
  if (result != SQLITE_OK) return Error(result);
  if (!is_cached) return Statement(this, statement, nullptr);
  if (statements_.size() >= kMaxStatements) DropIdleStatements();
  Prepared& prepared = *(statements_[sql] = std::make_unique<Prepared>());
  prepared = {.statement = statement, .is_leased = true};
  return Statement(this, statement, &prepared.is_leased);
}

void Connection::DropIdleStatements() {
  absl::erase_if(statements_, [](const auto& entry) {
    if (entry.second->is_leased) return false;
    sqlite3_finalize(entry.second->statement);
    return true;
  });
}

absl::Status Connection::Execute(const std::string& sql) {
  const int result = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : Error(result);
}

absl::Status Connection::Begin(absl::string_view kind) {
  LL_ASSIGN_OR_RETURN(Statement begin, Prepare(kind == "IMMEDIATE" ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED"));
  LL_RETURN_IF_ERROR(begin.Run());
  has_begun_ = true;
  return absl::OkStatus();
}

absl::Status Connection::Commit() {
  const absl::Status committed = [&]() -> absl::Status {
    LL_ASSIGN_OR_RETURN(Statement commit, Prepare("COMMIT"));
    return commit.Run();
  }();
  if (committed.ok()) {
    has_begun_ = false;
  } else {
    Rollback();
  }
  return committed;
}

void Connection::Rollback() {
  has_begun_ = false;
  // Nothing can be done about a failure, and nothing need be: what is not committed is not there.
  if (IsInTransaction()) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
}

bool Connection::IsInTransaction() const { return sqlite3_get_autocommit(database_) == 0; }

int64_t Connection::changes() const { return sqlite3_changes64(database_); }

absl::Status Connection::Error(int result_code) const {
  // SQLite keeps the last errno also when a later failure has nothing to do with it.
  const int primary = result_code & 0xff;
  const bool is_of_the_system = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN || primary == SQLITE_FULL;
  const int system_error = is_of_the_system && database_ != nullptr ? sqlite3_system_errno(database_) : 0;
  const Failure failure = Classify(result_code, system_error);
  std::string why = database_ != nullptr ? sqlite3_errmsg(database_) : sqlite3_errstr(result_code);
  absl::StrAppend(&why, " (SQLite code ", result_code, ")");
  return MakeError(failure.code, failure.reason,
                   {.what = absl::StrCat("cannot ", options_.read_only ? "read " : "use ", options_.path),
                    .why = std::move(why),
                    .remedy = failure.remedy});
}

}  // namespace ll::registry
