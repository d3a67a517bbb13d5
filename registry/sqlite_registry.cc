#include "registry/sqlite_registry.h"

#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "base/env.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/status_macros.h"
#include "registry/commit_listeners.h"
#include "registry/migrations.h"
#include "registry/sqlite_transaction.h"

namespace ll::registry {
namespace {

class SqliteRegistry final : public Registry {
 public:
  SqliteRegistry(std::unique_ptr<FileLock> lock, Clock& clock, std::unique_ptr<SqliteTransaction> writer,
                 std::vector<std::unique_ptr<SqliteTransaction>> readers)
      : lock_(std::move(lock)), clock_(clock), writer_(std::move(writer)), idle_readers_(std::move(readers)) {}
  ~SqliteRegistry() override;

  absl::Status Read(absl::FunctionRef<absl::Status(const View&)> body) override;
  absl::Status Write(const WriteOptions& options, absl::FunctionRef<absl::Status(Transaction&)> body) override;
  std::unique_ptr<Subscription> OnCommit(std::function<void(int64_t newest_sequence)> listener) override {
    return listeners_.Add(std::move(listener));
  }

 private:
  std::unique_ptr<SqliteTransaction> TakeReader();
  void ReturnReader(std::unique_ptr<SqliteTransaction> reader);

  const std::unique_ptr<FileLock> lock_;  // released last
  Clock& clock_;
  CommitListeners listeners_;
  Mutex writer_mutex_;
  std::unique_ptr<SqliteTransaction> writer_ ABSL_GUARDED_BY(writer_mutex_);
  Mutex readers_mutex_;
  std::vector<std::unique_ptr<SqliteTransaction>> idle_readers_ ABSL_GUARDED_BY(readers_mutex_);
};

SqliteRegistry::~SqliteRegistry() {
  {
    MutexLock lock(&readers_mutex_);
    idle_readers_.clear();
  }
  // The writer closes last: it alone may move the log into the database, and it leaves one file behind.
  MutexLock lock(&writer_mutex_);
  const absl::Status status = writer_->connection().Execute("PRAGMA wal_checkpoint(TRUNCATE)");
  if (!status.ok()) {
    LogWarning("registry log not folded into the database; the next start does it",
               {{"error", std::string(status.message())}});
  }
}

std::unique_ptr<SqliteTransaction> SqliteRegistry::TakeReader() {
  MutexLock lock(&readers_mutex_);
  readers_mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(readers_mutex_) { return !idle_readers_.empty(); });
  std::unique_ptr<SqliteTransaction> reader = std::move(idle_readers_.back());
  idle_readers_.pop_back();
  return reader;
}

void SqliteRegistry::ReturnReader(std::unique_ptr<SqliteTransaction> reader) {
  MutexLock lock(&readers_mutex_);
  idle_readers_.push_back(std::move(reader));
}

absl::Status SqliteRegistry::Read(absl::FunctionRef<absl::Status(const View&)> body) {
  std::unique_ptr<SqliteTransaction> reader = TakeReader();
  const absl::Status status = [&]() -> absl::Status {
    // The snapshot is taken by the first statement and holds until the end.
    LL_RETURN_IF_ERROR(reader->connection().Begin("DEFERRED"));
    const absl::Status result = body(*reader);
    // Nothing to commit, but it ends the snapshot with a statement that is prepared already.
    const absl::Status ended = reader->connection().Commit();
    return result.ok() ? ended : result;
  }();
  ReturnReader(std::move(reader));
  return status;
}

// The newest sequence when events were committed, else 0.
absl::StatusOr<int64_t> RunTransaction(SqliteTransaction& transaction, const WriteOptions& options, absl::Time now,
                                       absl::FunctionRef<absl::Status(Transaction&)> body) {
  Connection& connection = transaction.connection();
  LL_RETURN_IF_ERROR(connection.Begin("IMMEDIATE"));
  const absl::Status status = [&]() -> absl::Status {
    LL_RETURN_IF_ERROR(transaction.events().BeginWrite(options, now));
    return body(transaction);
  }();
  if (!status.ok() || options.validate_only) {
    connection.Rollback();
    if (!status.ok()) return status;
    return 0;
  }
  LL_RETURN_IF_ERROR(connection.Commit());
  return transaction.events().has_appended() ? transaction.events().newest() : 0;
}

absl::Status SqliteRegistry::Write(const WriteOptions& options, absl::FunctionRef<absl::Status(Transaction&)> body) {
  absl::StatusOr<int64_t> newest = 0;
  {
    MutexLock lock(&writer_mutex_);
    newest = RunTransaction(*writer_, options, clock_.Now(), body);
  }
  LL_RETURN_IF_ERROR(newest.status());
  if (*newest != 0) listeners_.Notify(*newest);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<FileLock>> LockDatabase(const std::string& path) {
  absl::StatusOr<std::unique_ptr<FileLock>> lock = Env::Posix().Lock(absl::StrCat(path, ".lock"));
  if (!absl::IsFailedPrecondition(lock.status())) return lock;
  return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kDataDirectoryInUse,
                   {.what = absl::StrCat("cannot open ", path),
                    .why = "another server has it open",
                    .remedy = "Stop that server, or name another data directory."});
}

absl::StatusOr<std::unique_ptr<Connection>> OpenWriter(const SqliteOptions& options) {
  LL_ASSIGN_OR_RETURN(auto connection, Connection::Open({.path = options.path, .vfs = options.vfs}));
  LL_RETURN_IF_ERROR(CheckBeforeMigrations(*connection, SchemaMigrations()));
  {
    LL_ASSIGN_OR_RETURN(Statement set, connection->Prepare("PRAGMA journal_mode = WAL"));
    LL_ASSIGN_OR_RETURN(const bool is_row, set.Step());
    const std::string mode = is_row ? Row(set).Text() : "";
    if (mode != "wal") {
      return MakeError(absl::StatusCode::kInternal, ErrorReason::kStorageFailed,
                       {.what = absl::StrCat("cannot use ", options.path),
                        .why = absl::StrCat("its file system gives no write-ahead log (journal mode ", mode, ")"),
                        .remedy = "Put the data directory on a local disk."});
    }
  }
  LL_RETURN_IF_ERROR(connection->Execute("PRAGMA synchronous = FULL"));
  LL_RETURN_IF_ERROR(connection->Execute(absl::StrCat("PRAGMA wal_autocheckpoint = ", options.checkpoint_pages)));
  LL_RETURN_IF_ERROR(ApplyMigrations(*connection, SchemaMigrations(), options.clock->Now()));
  LL_RETURN_IF_ERROR(VerifyIntegrity(*connection));
  return connection;
}

absl::StatusOr<std::unique_ptr<Connection>> OpenReader(const SqliteOptions& options) {
  LL_ASSIGN_OR_RETURN(auto connection, Connection::Open({.path = options.path, .read_only = true, .vfs = options.vfs}));
  LL_RETURN_IF_ERROR(connection->Execute("PRAGMA query_only = ON"));
  // 16 MB, taken as needed. Mapping the file would be faster still, but a failing disk would then kill the process.
  LL_RETURN_IF_ERROR(connection->Execute("PRAGMA cache_size = -16000"));
  return connection;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Registry>> OpenSqliteRegistry(const SqliteOptions& options) {
  LL_ASSIGN_OR_RETURN(auto lock, LockDatabase(options.path));
  LL_ASSIGN_OR_RETURN(auto writer, OpenWriter(options));
  std::vector<std::unique_ptr<SqliteTransaction>> readers;
  for (int i = 0; i < options.readers; ++i) {
    LL_ASSIGN_OR_RETURN(auto reader, OpenReader(options));
    readers.push_back(std::make_unique<SqliteTransaction>(std::move(reader)));
  }
  return std::make_unique<SqliteRegistry>(std::move(lock), *options.clock,
                                          std::make_unique<SqliteTransaction>(std::move(writer)), std::move(readers));
}

}  // namespace ll::registry
