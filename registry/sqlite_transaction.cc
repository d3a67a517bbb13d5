#include "registry/sqlite_transaction.h"

#include "base/status_macros.h"
#include "registry/store_errors.h"

namespace ll::registry {

absl::StatusOr<bool> SqliteTransaction::IsBlobNamed(const std::string& sha256) const {
  LL_ASSIGN_OR_RETURN(Statement select,
                      connection_->Prepare("SELECT 1 FROM versions WHERE artifact_sha256 = ?1 "
                                           "UNION ALL SELECT 1 FROM objects WHERE sha256 = ?1 LIMIT 1"));
  return select.Bind(sha256).Step();
}

absl::StatusOr<RememberedAnswer> SqliteTransaction::FindAnswer(const std::string& request_id) const {
  LL_ASSIGN_OR_RETURN(Statement select,
                      connection_->Prepare("SELECT fingerprint, json FROM answers WHERE request_id = ? AND time > ?"));
  LL_ASSIGN_OR_RETURN(const bool is_row, select.Bind(request_id, events_.now() - kRequestIdRetention).Step());
  if (!is_row) return AnswerNotFound(request_id);
  Row row(select);
  RememberedAnswer answer;
  answer.fingerprint = row.Text();
  answer.json = row.Text();
  return answer;
}

absl::Status SqliteTransaction::RememberAnswer(const std::string& request_id, const RememberedAnswer& answer) {
  // Each new answer takes up to a few old ones with it, so the table shrinks as fast as it grew and no write is slow.
  LL_ASSIGN_OR_RETURN(Statement purge,
                      connection_->Prepare("DELETE FROM answers WHERE request_id IN "
                                           "(SELECT request_id FROM answers WHERE time <= ? ORDER BY time LIMIT 8)"));
  LL_RETURN_IF_ERROR(purge.Bind(events_.now() - kRequestIdRetention).Run());
  LL_ASSIGN_OR_RETURN(
      Statement insert,
      connection_->Prepare("INSERT OR REPLACE INTO answers (request_id, time, fingerprint, json) VALUES (?, ?, ?, ?)"));
  return insert.Bind(request_id, events_.now(), answer.fingerprint, answer.json).Run();
}

}  // namespace ll::registry
