#include "registry/migrations.h"

#include "base/env.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::registry {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Migration kFirst = {1, "0001_first", "CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (1);"};
constexpr Migration kSecond = {2, "0002_second", "ALTER TABLE t ADD COLUMN b TEXT NOT NULL DEFAULT 'new';"};
constexpr Migration kBroken = {2, "0002_broken", "INSERT INTO t VALUES (2); CREATE TABLE oops ("};

class MigrationsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Connection> Open() { return Connection::Open({.path = directory_.File("test.db")}).value(); }
  absl::Status Migrate(std::vector<Migration> migrations) {
    const auto connection = Open();
    LL_RETURN_IF_ERROR(CheckBeforeMigrations(*connection, migrations));
    return ApplyMigrations(*connection, migrations, absl::UnixEpoch());
  }
  std::vector<std::string> Column(const std::string& sql) {
    const auto connection = Open();
    Statement select = connection->Prepare(sql).value();
    std::vector<std::string> texts;
    while (select.Step().value()) texts.push_back(Row(select).Text());
    return texts;
  }

  const testing::TempDir directory_;
};

TEST_F(MigrationsTest, EachIsAppliedOnceInOrder) {
  LL_ASSERT_OK(Migrate({kFirst, kSecond}));
  LL_ASSERT_OK(Migrate({kFirst, kSecond}));
  EXPECT_THAT(Column("SELECT a FROM t"), ElementsAre("1"));
  EXPECT_THAT(Column("SELECT name FROM schema_migrations ORDER BY number"), ElementsAre("0001_first", "0002_second"));
  EXPECT_THAT(Column("PRAGMA user_version"), ElementsAre("2"));
}

TEST_F(MigrationsTest, AnOlderDatabaseIsBroughtUpWithItsRows) {
  LL_ASSERT_OK(Migrate({kFirst}));
  LL_ASSERT_OK(Migrate({kFirst, kSecond}));
  EXPECT_THAT(Column("SELECT b FROM t"), ElementsAre("new"));
}

TEST_F(MigrationsTest, OneThatFailsLeavesTheDatabaseAtTheOneBefore) {
  EXPECT_THAT(Migrate({kFirst, kBroken}), StatusIs(absl::StatusCode::kInternal, HasSubstr("0002_broken")));
  EXPECT_THAT(Column("PRAGMA user_version"), ElementsAre("1"));
  EXPECT_THAT(Column("SELECT a FROM t"), ElementsAre("1"));
  LL_ASSERT_OK(Migrate({kFirst, kSecond}));
  EXPECT_THAT(Column("SELECT a || b FROM t"), ElementsAre("1new"));
}

TEST_F(MigrationsTest, AReleasedMigrationDoesNotChange) {
  LL_ASSERT_OK(Migrate({kFirst}));
  Migration changed = kFirst;
  changed.sql = "CREATE TABLE t (a TEXT) STRICT;";
  EXPECT_THAT(Migrate({changed, kSecond}), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("0001_first")));
  EXPECT_THAT(Column("PRAGMA user_version"), ElementsAre("1"));
}

TEST_F(MigrationsTest, ADatabaseOfANewerReleaseIsRefused) {
  LL_ASSERT_OK(Migrate({kFirst, kSecond}));
  const absl::Status status = Migrate({kFirst});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("newer release")));
  EXPECT_THAT(status, HasReason(ErrorReason::kSchemaTooNew));
}

TEST_F(MigrationsTest, ADatabaseOfAnotherProgramIsRefused) {
  LL_ASSERT_OK(Open()->Execute("CREATE TABLE bookmarks (url TEXT)"));
  EXPECT_THAT(Migrate({kFirst}), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("another program")));
  EXPECT_THAT(Column("SELECT name FROM sqlite_schema"), ElementsAre("bookmarks"));
}

TEST_F(MigrationsTest, OurSchemaIsStrictAndNumbered) {
  LL_ASSERT_OK(Migrate({SchemaMigrations().begin(), SchemaMigrations().end()}));
  int number = 0;
  for (const Migration& migration : SchemaMigrations()) EXPECT_EQ(migration.number, ++number);
  EXPECT_THAT(
      Column("SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'"),
      ::testing::IsEmpty());
  LL_EXPECT_OK(VerifyIntegrity(*Open()));
}

TEST_F(MigrationsTest, VerificationFindsRowsThatNameNothing) {
  const auto connection = Open();
  LL_ASSERT_OK(
      connection->Execute("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p (id));"
                          "PRAGMA foreign_keys = OFF; INSERT INTO c VALUES (7);"));
  const absl::Status status = VerifyIntegrity(*connection);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss, HasSubstr("table c")));
  EXPECT_THAT(status, HasReason(ErrorReason::kStorageFailed));
}

}  // namespace
}  // namespace ll::registry
