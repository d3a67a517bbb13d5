// Prepared statements: parameters in, rows out.
//
//   LL_ASSIGN_OR_RETURN(Statement select, connection.Prepare("SELECT id, create_time FROM models WHERE id > ?"));
//   select.Bind("a");
//   while (true) {
//     LL_ASSIGN_OR_RETURN(const bool is_row, select.Step());
//     if (!is_row) break;
//     Row row(select);
//     std::string id = row.Text();
//     absl::Time created = row.Time();
//     LL_RETURN_IF_ERROR(row.status());
//   }
//
// Times are stored as nanoseconds since 1970, nested parts as JSON (record_json.h).
#ifndef LL_REGISTRY_STATEMENT_H_
#define LL_REGISTRY_STATEMENT_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "registry/record_json.h"

struct sqlite3;
struct sqlite3_stmt;

namespace ll::registry {

class Connection;

using SqlValue = std::variant<int64_t, std::string>;

// Leased from a Connection, which must outlive it. Not thread-safe.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Binds the next parameters, from the first one on: integers, bools, texts, times, optionals of these and SqlValues.
  template <typename... Values>
  Statement& Bind(const Values&... values) {
    (BindNext(values), ...);
    return *this;
  }
  Statement& BindAll(const std::vector<SqlValue>& values);

  // Moves to the next row; false: there is none.
  absl::StatusOr<bool> Step();
  // For statements that give no rows.
  absl::Status Run();

 private:
  friend class Connection;
  friend class Row;
  // `lease` is cleared at the end; null: `statement` is ours to finalise.
  Statement(Connection* connection, sqlite3_stmt* statement, bool* lease)
      : connection_(connection), statement_(statement), lease_(lease) {}

  void BindInteger(int64_t value);
  void BindText(absl::string_view value);
  void BindNull();

  template <std::integral Integer>
  void BindNext(Integer value) {
    BindInteger(static_cast<int64_t>(value));
  }
  void BindNext(absl::string_view value) { BindText(value); }
  void BindNext(const std::string& value) { BindText(value); }
  void BindNext(const char* value) { BindText(value); }
  void BindNext(absl::Time value) { BindInteger(absl::ToUnixNanos(value)); }
  void BindNext(const SqlValue& value);
  template <typename T>
  void BindNext(const std::optional<T>& value) {
    if (value.has_value()) {
      BindNext(*value);
    } else {
      BindNull();
    }
  }

  Connection* connection_;
  sqlite3_stmt* statement_;
  bool* lease_;
  int next_parameter_ = 1;
  int bind_result_ = 0;  // the first one that is not SQLITE_OK
};

// The columns of the row that a statement stands on, from left to right. What does not parse is remembered in status().
class Row {
 public:
  explicit Row(Statement& statement) : statement_(statement.statement_) {}

  int64_t Integer();
  bool Bool() { return Integer() != 0; }
  std::string Text();
  absl::Time Time() { return absl::FromUnixNanos(Integer()); }
  std::optional<absl::Time> OptionalTime();
  template <typename T>
  void Json(T* value) {
    const absl::string_view json = TextView();
    if (json == "{}" || json == "[]" || json == "null") return;  // the default: most labels, aliases and errors
    absl::StatusOr<T> read = FromJson<T>(json);
    if (read.ok()) {
      *value = *std::move(read);
    } else {
      Fail(read.status());
    }
  }
  template <typename Enum>
  void State(Enum* value) {
    const std::optional<Enum> state = ParseState<Enum>(TextView());
    if (state.has_value()) {
      *value = *state;
    } else {
      Fail(absl::DataLossError("there is no such state"));
    }
  }

  // DATA_LOSS / STORAGE_FAILED when a column did not hold what its name promises.
  const absl::Status& status() const { return status_; }

 private:
  // Valid until the statement moves on.
  absl::string_view TextView();
  void Fail(const absl::Status& why);

  sqlite3_stmt* const statement_;
  int next_column_ = 0;
  absl::Status status_;
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_STATEMENT_H_
