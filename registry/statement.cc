#include "registry/statement.h"

#include <sqlite3.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "registry/sqlite_connection.h"

namespace ll::registry {

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      lease_(other.lease_),
      next_parameter_(other.next_parameter_),
      bind_result_(other.bind_result_) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  if (lease_ == nullptr) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  *lease_ = false;
}

void Statement::BindInteger(int64_t value) {
  const int result = sqlite3_bind_int64(statement_, next_parameter_++, value);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
}

void Statement::BindText(absl::string_view value) {
  // A null pointer would bind NULL, and an empty view may have one.
  const char* data = value.empty() ? "" : value.data();
  const int result =
      sqlite3_bind_text64(statement_, next_parameter_++, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
}

void Statement::BindNull() {
  const int result = sqlite3_bind_null(statement_, next_parameter_++);
  if (bind_result_ == SQLITE_OK) bind_result_ = result;
}

void Statement::BindNext(const SqlValue& value) {
  std::visit([this](const auto& held) { BindNext(held); }, value);
}

Statement& Statement::BindAll(const std::vector<SqlValue>& values) {
  for (const SqlValue& value : values) BindNext(value);
  return *this;
}

absl::StatusOr<bool> Statement::Step() {
  if (bind_result_ != SQLITE_OK) return connection_->Error(bind_result_);
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  absl::Status error = connection_->Error(result);
  sqlite3_reset(statement_);
  return error;
}

absl::Status Statement::Run() {
  LL_ASSIGN_OR_RETURN(const bool is_row, Step());
  if (!is_row) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, ErrorReason::kInternal,
                   {.what = "cannot run a statement", .why = absl::StrCat("it gave a row: ", sqlite3_sql(statement_))});
}

int64_t Row::Integer() { return sqlite3_column_int64(statement_, next_column_++); }

absl::string_view Row::TextView() {
  const int column = next_column_++;
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return "";
  return absl::string_view(reinterpret_cast<const char*>(text),
                           static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
}

std::string Row::Text() { return std::string(TextView()); }

std::optional<absl::Time> Row::OptionalTime() {
  if (sqlite3_column_type(statement_, next_column_) != SQLITE_NULL) return Time();
  ++next_column_;
  return std::nullopt;
}

void Row::Fail(const absl::Status& why) {
  if (!status_.ok()) return;
  status_ = MakeError(absl::StatusCode::kDataLoss, ErrorReason::kStorageFailed,
                      {.what = absl::StrCat("cannot read column ", sqlite3_column_name(statement_, next_column_ - 1),
                                            " of the registry's database"),
                       .why = std::string(why.message()),
                       .remedy = "Restore the database from a backup, or delete the resource."});
}

}  // namespace ll::registry
