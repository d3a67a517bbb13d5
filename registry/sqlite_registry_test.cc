// What only the registry on SQLite does: files, locks, connections. What every registry does is in tests/contract.
#include "registry/sqlite_registry.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/env.h"
#include "base/error_reason.h"
#include "base/mutex.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry/migrations.h"
#include "registry/sqlite_connection.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/sample_records.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::registry {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SqliteRegistryTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Registry>> Open(SqliteOptions options = {}) {
    options.path = path_;
    options.clock = &clock_;
    return OpenSqliteRegistry(options);
  }
  // A database with a few hundred rows, closed.
  void MakeDatabase() {
    LL_ASSERT_OK_AND_ASSIGN(const auto registry, Open());
    LL_ASSERT_OK(registry->Write({}, [](Transaction& tx) -> absl::Status {
      for (int i = 0; i < 200; ++i) {
        ModelRecord model{.id = absl::StrCat("m", i), .description = std::string(300, 'd')};
        model.header.labels = {{"n", absl::StrCat(i)}};
        LL_RETURN_IF_ERROR(tx.models().Insert(model).status());
      }
      return absl::OkStatus();
    }));
  }
  std::string Bytes() { return Env::Posix().ReadFile(path_).value(); }
  void SetBytes(const std::string& bytes) { std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes; }

  const testing::TempDir directory_;
  const std::string path_ = directory_.File("registry.db");
  testing::FakeClock clock_;
};

TEST_F(SqliteRegistryTest, EverythingIsThereAfterOpeningAgain) {
  // Each step in a process of its own, so to say.
  std::vector<std::function<absl::Status(Transaction&)>> steps = {
      [](Transaction& tx) {
        ModelRecord model = testing::SampleModel();
        model.aliases.clear();
        return tx.models().Insert(model).status();
      },
      [](Transaction& tx) { return tx.models().InsertVersion(testing::SampleVersion()).status(); },
      [](Transaction& tx) { return tx.models().InsertVersion(testing::SampleVersion()).status(); },
      [](Transaction& tx) {
        return tx.models().Update({.id = "churn", .aliases = {{"champion", 2}}}).status();
      },
      [](Transaction& tx) { return tx.jobs().Insert(testing::SampleJob()).status(); },
      [](Transaction& tx) {
        EndpointRecord endpoint = testing::SampleEndpoint();
        endpoint.variants[1].version.number = 1;
        endpoint.observed[0].version = 2;
        return tx.endpoints().Insert(endpoint).status();
      },
      [](Transaction& tx) { return tx.objects().InsertBucket(testing::SampleBucket()).status(); },
      [](Transaction& tx) { return tx.objects().Put(testing::SampleObject()).status(); },
      [](Transaction& tx) { return tx.RememberAnswer("r", {.fingerprint = "f", .json = "{}"}); },
  };
  std::vector<std::string> before;
  const auto dump = [](const View& view) {
    std::vector<std::string> texts;
    const auto add = [&](const auto& page) {
      for (const auto& record : page->records) texts.push_back(ToJson(record));
    };
    const ListQuery all{.page_size = 100};
    add(view.models().List(all));
    add(view.models().ListVersions("-", all));
    add(view.jobs().List(all));
    add(view.endpoints().List(all));
    const auto buckets = view.objects().ListBuckets(all);
    add(buckets);
    for (const BucketRecord& bucket : buckets->records) add(view.objects().List(bucket.id, "", all));
    const std::vector<EventRecord> events = view.events().After(0, 100).value();
    for (const EventRecord& event : events) texts.push_back(event.after_json);
    return texts;
  };
  for (const auto& step : steps) {
    LL_ASSERT_OK_AND_ASSIGN(const auto registry, Open());
    LL_ASSERT_OK(registry->Read([&](const View& view) {
      EXPECT_EQ(dump(view), before);
      return absl::OkStatus();
    }));
    LL_ASSERT_OK(registry->Write({}, step));
    LL_ASSERT_OK(registry->Read([&](const View& view) {
      before = dump(view);
      return absl::OkStatus();
    }));
  }
  EXPECT_EQ(before.size(), 7u + 8u);
  LL_ASSERT_OK_AND_ASSIGN(const auto registry, Open());
  LL_ASSERT_OK(registry->Write({}, [](Transaction& tx) { return tx.FindAnswer("r").status(); }));
  LL_ASSERT_OK_AND_ASSIGN(const auto version, registry->Mutate<VersionRecord>({}, [](Transaction& tx) {
    return tx.models().InsertVersion({.model_id = "churn"});
  }));
  EXPECT_EQ(version.number, 3);
}

TEST_F(SqliteRegistryTest, ClosingLeavesOneFile) {
  MakeDatabase();
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(path_ + "-shm"));
}

TEST_F(SqliteRegistryTest, TheLogDoesNotGrowWithoutEnd) {
  LL_ASSERT_OK_AND_ASSIGN(const auto registry, Open({.checkpoint_pages = 10}));
  for (int i = 0; i < 200; ++i) {
    LL_ASSERT_OK(registry->Write(
        {}, [&](Transaction& tx) { return tx.objects().InsertBucket({.id = absl::StrCat("b", i)}).status(); }));
  }
  EXPECT_LT(std::filesystem::file_size(path_ + "-wal"), 60u * 4096);
}

TEST_F(SqliteRegistryTest, OneAtATime) {
  LL_ASSERT_OK_AND_ASSIGN(auto first, Open());
  const auto second = Open();
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(path_)));
  EXPECT_THAT(second, HasReason(ErrorReason::kDataDirectoryInUse));
  first.reset();
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(SqliteRegistryTest, TheDirectoryMustExist) {
  const auto registry = OpenSqliteRegistry({.path = directory_.File("missing/registry.db"), .clock = &clock_});
  EXPECT_THAT(registry, StatusIs(absl::StatusCode::kNotFound, HasSubstr("missing")));
  EXPECT_THAT(registry, HasReason(ErrorReason::kStorageFailed));
}

TEST_F(SqliteRegistryTest, AFileThatIsNoDatabaseIsRefusedAndKept) {
  const std::string text(10'000, 'x');
  SetBytes(text);
  EXPECT_THAT(Open(),
              AllOf(StatusIs(absl::StatusCode::kDataLoss, HasSubstr(path_)), HasReason(ErrorReason::kStorageFailed)));
  EXPECT_EQ(Bytes(), text);
}

TEST_F(SqliteRegistryTest, ADatabaseOfANewerReleaseIsRefusedAndKept) {
  MakeDatabase();
  LL_ASSERT_OK(Connection::Open({.path = path_}).value()->Execute("PRAGMA user_version = 99"));
  const std::string before = Bytes();
  EXPECT_THAT(Open(), AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("newer release")),
                            HasReason(ErrorReason::kSchemaTooNew)));
  EXPECT_EQ(Bytes(), before);
}

TEST_F(SqliteRegistryTest, AnEmptyFileIsANewDatabase) {
  SetBytes("");
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(SqliteRegistryTest, ACutFileIsRefused) {
  MakeDatabase();
  const std::string bytes = Bytes();
  SetBytes(bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(Open(), AllOf(StatusIs(absl::StatusCode::kDataLoss), HasReason(ErrorReason::kStorageFailed)));
}

// Any page may go bad. What is opened nevertheless (the damage hit free space or a value) must answer without crashing.
TEST_F(SqliteRegistryTest, DamagedPagesAreFoundOrHarmless) {
  MakeDatabase();
  const std::string bytes = Bytes();
  constexpr size_t kPage = 4096;
  int refused = 0;
  for (size_t page = 0; page < bytes.size() / kPage; ++page) {
    std::string damaged = bytes;
    // The beginning of a page says what is where in it.
    damaged.replace(page * kPage, 64, std::string(64, '\x5a'));
    SetBytes(damaged);
    const auto registry = Open();
    if (!registry.ok()) {
      EXPECT_THAT(registry, StatusIs(absl::StatusCode::kDataLoss)) << "page " << page;
      EXPECT_THAT(registry, HasReason(ErrorReason::kStorageFailed)) << "page " << page;
      ++refused;
    }
  }
  EXPECT_GE(refused, static_cast<int>(bytes.size() / kPage * 9 / 10));
}

TEST_F(SqliteRegistryTest, ARowThatDoesNotParseIsReportedAndTheOthersAreRead) {
  MakeDatabase();
  LL_ASSERT_OK(
      Connection::Open({.path = path_})
          .value()
          ->Execute("DROP TRIGGER model_labels_update; UPDATE models SET labels = '{\"n\":7' WHERE id = 'm5'"));
  LL_ASSERT_OK_AND_ASSIGN(const auto registry, Open());
  LL_ASSERT_OK(registry->Read([](const View& view) {
    EXPECT_THAT(view.models().Get("m5"), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("labels")));
    EXPECT_THAT(view.models().Get("m6"), IsOk());
    return absl::OkStatus();
  }));
}

TEST_F(SqliteRegistryTest, AWriteLargerThanTheCacheIsOneTransaction) {
  LL_ASSERT_OK_AND_ASSIGN(const auto registry, Open());
  const auto insert_many = [](Transaction& tx) -> absl::Status {
    for (int i = 0; i < 4000; ++i) {
      ModelRecord model{.id = absl::StrCat("m", i), .description = std::string(1000, 'd')};
      LL_RETURN_IF_ERROR(tx.models().Insert(model).status());
    }
    return absl::OkStatus();
  };
  const auto count = [&] {
    int64_t events = 0;
    LL_EXPECT_OK(registry->Read([&](const View& view) -> absl::Status {
      LL_ASSIGN_OR_RETURN(events, view.events().Newest());
      return absl::OkStatus();
    }));
    return events;
  };
  EXPECT_THAT(registry->Write({},
                              [&](Transaction& tx) -> absl::Status {
                                LL_RETURN_IF_ERROR(insert_many(tx));
                                return absl::CancelledError("no");
                              }),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(count(), 0);
  LL_ASSERT_OK(registry->Write({}, insert_many));
  EXPECT_EQ(count(), 4000);
}

TEST_F(SqliteRegistryTest, MoreReadersThanConnectionsTakeTurns) {
  LL_ASSERT_OK_AND_ASSIGN(const auto registry, Open({.readers = 2}));
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        LL_EXPECT_OK(registry->Read([&](const View& view) {
          const int now = ++inside;
          for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
          }
          const absl::Status status = view.events().Newest().status();
          --inside;
          return status;
        }));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 2);
  EXPECT_GE(most, 1);
}

// Writers move money between two labels; whatever a reader sees adds up.
TEST_F(SqliteRegistryTest, ReadersSeeWholeTransactionsWhileWritersWork) {
  LL_ASSERT_OK_AND_ASSIGN(const auto registry, Open({.readers = 3, .checkpoint_pages = 20}));
  const auto set = [](Transaction& tx, const std::string& id, int64_t value) {
    ModelRecord model{.id = id};
    model.header.labels = {{"value", absl::StrCat(value)}};
    return tx.models().Update(model).status();
  };
  const auto get = [](const View& view, const std::string& id) -> absl::StatusOr<int64_t> {
    LL_ASSIGN_OR_RETURN(const ModelRecord model, view.models().Get(id));
    return std::stoi(model.header.labels.at("value"));
  };
  LL_ASSERT_OK(registry->Write({}, [&](Transaction& tx) -> absl::Status {
    for (const char* id : {"a", "b"}) {
      LL_RETURN_IF_ERROR(tx.models().Insert({.id = id}).status());
      LL_RETURN_IF_ERROR(set(tx, id, 500));
    }
    return absl::OkStatus();
  }));
  Notification done;
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&] {
      int64_t newest = 0;
      while (!done.HasBeenNotified()) {
        LL_EXPECT_OK(registry->Read([&](const View& view) -> absl::Status {
          LL_ASSIGN_OR_RETURN(const int64_t a, get(view, "a"));
          LL_ASSIGN_OR_RETURN(const int64_t now, view.events().Newest());
          LL_ASSIGN_OR_RETURN(const int64_t b, get(view, "b"));
          EXPECT_EQ(a + b, 1000);
          EXPECT_GE(now, newest) << "time runs forward";
          EXPECT_EQ(now % 2, 0) << "half a transaction";
          newest = now;
          return absl::OkStatus();
        }));
      }
    });
  }
  std::vector<std::thread> writers;
  for (int t = 0; t < 2; ++t) {
    writers.emplace_back([&, t] {
      SeededRandom random(static_cast<uint64_t>(t));
      for (int i = 0; i < 50; ++i) {
        const int64_t amount = static_cast<int64_t>(random.Below(100));
        LL_EXPECT_OK(registry->Write({}, [&](Transaction& tx) -> absl::Status {
          LL_ASSIGN_OR_RETURN(const int64_t a, get(tx, "a"));
          LL_ASSIGN_OR_RETURN(const int64_t b, get(tx, "b"));
          LL_RETURN_IF_ERROR(set(tx, "a", a - amount));
          return set(tx, "b", b + amount);
        }));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  done.Notify();
  for (std::thread& reader : readers) reader.join();
}

TEST_F(SqliteRegistryTest, OldAnswersAreForgottenInPassing) {
  LL_ASSERT_OK_AND_ASSIGN(auto registry, Open());
  const auto remember = [&](const std::string& id) {
    LL_EXPECT_OK(registry->Write({}, [&](Transaction& tx) { return tx.RememberAnswer(id, {}); }));
  };
  for (int i = 0; i < 20; ++i) remember(absl::StrCat("old", i));
  clock_.Advance(kRequestIdRetention);
  for (int i = 0; i < 3; ++i) remember(absl::StrCat("new", i));
  registry.reset();
  const auto connection = Connection::Open({.path = path_}).value();
  LL_ASSERT_OK_AND_ASSIGN(Statement select, connection->Prepare("SELECT count(*) FROM answers"));
  LL_ASSERT_OK(select.Step());
  EXPECT_EQ(Row(select).Integer(), 3);
}

// Foreign keys hold also against what does not come through the stores.
TEST_F(SqliteRegistryTest, TheDatabaseItselfKeepsWhatIsUsed) {
  {
    LL_ASSERT_OK_AND_ASSIGN(const auto registry, Open());
    LL_ASSERT_OK(registry->Write({}, [](Transaction& tx) -> absl::Status {
      LL_RETURN_IF_ERROR(tx.models().Insert({.id = "m"}).status());
      LL_RETURN_IF_ERROR(tx.models().InsertVersion({.model_id = "m"}).status());
      LL_RETURN_IF_ERROR(tx.models().Update({.id = "m", .aliases = {{"a", 1}}}).status());
      LL_RETURN_IF_ERROR(
          tx.endpoints()
              .Insert({.id = "e", .variants = {{.name = "v", .version = {.model_id = "m", .alias = "a"}}}})
              .status());
      LL_RETURN_IF_ERROR(tx.objects().InsertBucket({.id = "b"}).status());
      return tx.objects().Put({.bucket_id = "b", .key = "k"}).status();
    }));
  }
  const auto connection = Connection::Open({.path = path_}).value();
  for (const char* sql : {"DELETE FROM versions", "DELETE FROM models", "DELETE FROM model_aliases",
                          "DELETE FROM buckets", "UPDATE endpoint_variants SET alias = 'x'",
                          "UPDATE versions SET state = 'NEW'", "INSERT INTO model_numbers VALUES ('x', 0)"}) {
    EXPECT_THAT(connection->Execute(sql), StatusIs(absl::StatusCode::kInternal, HasSubstr("constraint failed"))) << sql;
  }
}

}  // namespace
}  // namespace ll::registry
