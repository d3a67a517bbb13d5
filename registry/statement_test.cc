#include "registry/statement.h"

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry/sqlite_connection.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::registry {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

class StatementTest : public ::testing::Test {
 protected:
  StatementTest() : connection_(Connection::Open({.path = directory_.File("test.db")}).value()) {
    LL_EXPECT_OK(connection_->Execute("CREATE TABLE t (a INTEGER, b TEXT) STRICT"));
  }
  absl::StatusOr<int64_t> Count() {
    LL_ASSIGN_OR_RETURN(Statement select, connection_->Prepare("SELECT count(*) FROM t"));
    LL_RETURN_IF_ERROR(select.Step().status());
    return Row(select).Integer();
  }

  const testing::TempDir directory_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(StatementTest, ValuesOfEveryTypeComeBack) {
  const absl::Time time = absl::FromUnixNanos(1'790'000'000'123'456'789);
  const std::string with_nul("a\0b", 3);
  const StringMap map = {{"k", "v"}};
  LL_ASSERT_OK_AND_ASSIGN(Statement select, connection_->Prepare("SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"));
  select.Bind(INT64_MIN, true, "text", with_nul, absl::string_view(), time, std::optional<absl::Time>(time),
              std::optional<absl::Time>(), ToJson(map));
  select.BindAll({int64_t{5}, std::string("six")});
  LL_ASSERT_OK_AND_ASSIGN(const bool is_row, select.Step());
  ASSERT_TRUE(is_row);
  Row row(select);
  EXPECT_EQ(row.Integer(), INT64_MIN);
  EXPECT_TRUE(row.Bool());
  EXPECT_EQ(row.Text(), "text");
  EXPECT_EQ(row.Text(), with_nul);
  EXPECT_EQ(row.Text(), "");
  EXPECT_EQ(row.Time(), time);
  EXPECT_EQ(row.OptionalTime(), time);
  EXPECT_EQ(row.OptionalTime(), std::nullopt);
  StringMap read;
  row.Json(&read);
  EXPECT_EQ(read, map);
  EXPECT_EQ(row.Integer(), 5);
  EXPECT_EQ(row.Text(), "six");
  EXPECT_THAT(row.status(), IsOk());
  EXPECT_FALSE(select.Step().value());
}

TEST_F(StatementTest, AnEmptyTextIsNotNull) {
  LL_ASSERT_OK_AND_ASSIGN(Statement select, connection_->Prepare("SELECT ? IS NULL"));
  LL_ASSERT_OK(select.Bind(absl::string_view()).Step());
  EXPECT_FALSE(Row(select).Bool());
}

TEST_F(StatementTest, AColumnThatHoldsSomethingElseIsDataLoss) {
  LL_ASSERT_OK_AND_ASSIGN(Statement select, connection_->Prepare("SELECT 'no json' AS labels, 'DONE' AS state"));
  LL_ASSERT_OK(select.Step());
  Row row(select);
  StringMap labels;
  row.Json(&labels);
  EXPECT_THAT(row.status(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("labels")));
  EXPECT_THAT(row.status(), HasReason(ErrorReason::kStorageFailed));
  JobState state = JobState::kFailed;
  row.State(&state);
  EXPECT_THAT(row.status(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("labels"))) << "the first one is kept";
  EXPECT_EQ(state, JobState::kFailed);
}

TEST_F(StatementTest, MistakesOfOursAreInternal) {
  EXPECT_THAT(connection_->Prepare("SELEC 1"), AllOf(StatusIs(absl::StatusCode::kInternal, HasSubstr("syntax error")),
                                                     HasReason(ErrorReason::kInternal)));
  LL_ASSERT_OK_AND_ASSIGN(Statement select, connection_->Prepare("SELECT ?"));
  EXPECT_THAT(select.Bind(1, 2).Step(), StatusIs(absl::StatusCode::kInternal));
  LL_ASSERT_OK_AND_ASSIGN(Statement gives_a_row, connection_->Prepare("SELECT 1"));
  EXPECT_THAT(gives_a_row.Run(), StatusIs(absl::StatusCode::kInternal, HasSubstr("SELECT 1")));
  // STRICT tables take no other type.
  LL_ASSERT_OK_AND_ASSIGN(Statement insert, connection_->Prepare("INSERT INTO t (a) VALUES (?)"));
  EXPECT_THAT(insert.Bind("text").Run(), StatusIs(absl::StatusCode::kInternal));
}

TEST_F(StatementTest, AStatementIsCleanWhenItIsLeasedAgain) {
  constexpr char kSql[] = "SELECT ?";
  {
    LL_ASSERT_OK_AND_ASSIGN(Statement first, connection_->Prepare(kSql));
    LL_ASSERT_OK(first.Bind("left over").Step());
  }
  LL_ASSERT_OK_AND_ASSIGN(Statement second, connection_->Prepare(kSql));
  LL_ASSERT_OK(second.Step());
  EXPECT_EQ(Row(second).OptionalTime(), std::nullopt);
}

TEST_F(StatementTest, OneTextMayBeInUseTwice) {
  constexpr char kSql[] = "SELECT column1 FROM (VALUES (1), (2)) WHERE column1 >= ?";
  LL_ASSERT_OK_AND_ASSIGN(Statement outer, connection_->Prepare(kSql));
  LL_ASSERT_OK(outer.Bind(1).Step());
  {
    LL_ASSERT_OK_AND_ASSIGN(Statement inner, connection_->Prepare(kSql));
    LL_ASSERT_OK(inner.Bind(2).Step());
    EXPECT_EQ(Row(inner).Integer(), 2);
  }
  EXPECT_EQ(Row(outer).Integer(), 1);
  LL_ASSERT_OK(outer.Step());
  EXPECT_EQ(Row(outer).Integer(), 2);
}

TEST_F(StatementTest, AnyNumberOfTextsMayBePrepared) {
  LL_ASSERT_OK_AND_ASSIGN(Statement kept, connection_->Prepare("SELECT 'kept'"));
  LL_ASSERT_OK(kept.Step());
  for (int i = 0; i < 1000; ++i) {
    LL_ASSERT_OK_AND_ASSIGN(Statement select, connection_->Prepare(absl::StrCat("SELECT ", i)));
    LL_ASSERT_OK(select.Step());
    EXPECT_EQ(Row(select).Integer(), i);
  }
  EXPECT_EQ(Row(kept).Text(), "kept");
}

TEST_F(StatementTest, TransactionsCommitAndRollBack) {
  LL_ASSERT_OK(connection_->Begin("IMMEDIATE"));
  LL_ASSERT_OK(connection_->Execute("INSERT INTO t VALUES (1, 'x')"));
  connection_->Rollback();
  EXPECT_EQ(Count().value(), 0);
  LL_ASSERT_OK(connection_->Begin("IMMEDIATE"));
  LL_ASSERT_OK(connection_->Execute("INSERT INTO t VALUES (1, 'x'), (2, 'y')"));
  EXPECT_EQ(connection_->changes(), 2);
  LL_ASSERT_OK(connection_->Commit());
  EXPECT_EQ(Count().value(), 2);
}

// SQLite rolls back by itself when the disk is full in the middle of a statement. What the body does next would
// otherwise be committed, each step for itself.
TEST_F(StatementTest, AfterARollbackOfSqlitesOwnNothingMoreIsDone) {
  LL_ASSERT_OK(connection_->Execute("PRAGMA max_page_count = 3"));
  LL_ASSERT_OK(connection_->Begin("IMMEDIATE"));
  LL_ASSERT_OK(connection_->Execute("INSERT INTO t VALUES (1, 'small')"));
  {
    LL_ASSERT_OK_AND_ASSIGN(Statement insert, connection_->Prepare("INSERT INTO t VALUES (?, ?)"));
    const absl::Status full = insert.Bind(2, std::string(100'000, 'x')).Run();
    EXPECT_THAT(full, StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("test.db")));
    EXPECT_THAT(full, HasReason(ErrorReason::kStorageFull));
  }
  EXPECT_THAT(connection_->Prepare("INSERT INTO t VALUES (3, 'x')"),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("rolled it back")));
  EXPECT_THAT(connection_->Commit(), StatusIs(absl::StatusCode::kInternal, HasSubstr("rolled it back")));
  // And the connection is free for the next.
  EXPECT_EQ(Count().value(), 0);
  LL_ASSERT_OK(connection_->Begin("IMMEDIATE"));
  LL_ASSERT_OK(connection_->Execute("INSERT INTO t VALUES (4, 'small')"));
  LL_ASSERT_OK(connection_->Commit());
  EXPECT_EQ(Count().value(), 1);
}

TEST_F(StatementTest, AReadOnlyConnectionDoesNotWrite) {
  LL_ASSERT_OK_AND_ASSIGN(const auto reader, Connection::Open({.path = directory_.File("test.db"), .read_only = true}));
  EXPECT_THAT(reader->Execute("INSERT INTO t VALUES (1, 'x')"),
              AllOf(StatusIs(absl::StatusCode::kPermissionDenied), HasReason(ErrorReason::kStorageFailed)));
}

TEST_F(StatementTest, AFileThatCannotBeOpenedIsNamed) {
  const std::string path = directory_.File("no/such/directory/test.db");
  const auto connection = Connection::Open({.path = path});
  EXPECT_THAT(connection, StatusIs(absl::StatusCode::kInternal, HasSubstr(path)));
  EXPECT_THAT(connection, HasReason(ErrorReason::kStorageFailed));
}

}  // namespace
}  // namespace ll::registry
