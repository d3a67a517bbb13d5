// What a failing disk, a kill and a power loss leave of the registry: after opening again it is whole, and holds
// exactly the writes that were acknowledged - and at most the one that was being committed, whole.
#include <filesystem>
#include <functional>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry/sqlite_registry.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/sqlite_fault_vfs.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::registry {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::SqliteFaultVfs;
using ::ll::testing::StatusIs;
using Fault = SqliteFaultVfs::Fault;
using Surviving = SqliteFaultVfs::Surviving;

constexpr int kWrites = 6;

class SqliteCrashTest : public ::testing::Test {
 protected:
  // A checkpoint after every second or third write.
  absl::StatusOr<std::unique_ptr<Registry>> Open(const std::string& path, const SqliteFaultVfs& disk) {
    return OpenSqliteRegistry(
        {.path = path, .clock = &clock_, .readers = 1, .vfs = disk.name(), .checkpoint_pages = 70});
  }

  // Write number `i` touches three tables, their indexes and labels, and leaves four events.
  static absl::Status WriteStep(Registry& registry, int i) {
    const std::string id = absl::StrCat("step", i);
    return registry.Write({.actor = id}, [&](Transaction& tx) -> absl::Status {
      ModelRecord model{.id = id, .description = std::string(1500, 'm')};
      model.header.labels = {{"step", absl::StrCat(i)}};
      LL_RETURN_IF_ERROR(tx.models().Insert(model).status());
      LL_RETURN_IF_ERROR(tx.models().InsertVersion({.model_id = id}).status());
      LL_RETURN_IF_ERROR(tx.jobs().Insert({.id = id}).status());
      return tx.models().Update({.id = id, .aliases = {{"champion", 1}}}).status();
    });
  }

  // How many of the steps are there; they must be the first ones, each whole, with the events of exactly these.
  static int CountSteps(Registry& registry) {
    int count = 0;
    const absl::Status read = registry.Read([&](const View& view) -> absl::Status {
      bool has_ended = false;
      for (int i = 0; i < kWrites; ++i) {
        const std::string id = absl::StrCat("step", i);
        const absl::StatusOr<ModelRecord> model = view.models().Get(id);
        const bool is_there = model.ok();
        EXPECT_EQ(view.jobs().Get(id).ok(), is_there) << id << " is there in part";
        EXPECT_EQ(view.models().GetVersion(id, 1).ok(), is_there) << id << " is there in part";
        if (is_there) {
          EXPECT_EQ(model->aliases.size(), 1u) << id << " is there in part";
          EXPECT_EQ(model->description.size(), 0u);
          EXPECT_FALSE(has_ended) << id << " is there and one before it is not";
          ++count;
        }
        has_ended = has_ended || !is_there;
      }
      LL_ASSIGN_OR_RETURN(const auto events, view.events().After(0, 1000));
      EXPECT_EQ(events.size(), static_cast<size_t>(4 * count));
      return absl::OkStatus();
    });
    EXPECT_THAT(read, IsOk());
    return count;
  }

  // Runs the steps on a disk that fails after `operations`, takes the power away, and looks at what is left. Returns
  // whether all steps came through.
  bool CrashAt(int64_t operations, Fault fault, std::optional<Surviving> power_loss) {
    const testing::TempDir directory;
    const std::string path = directory.File("registry.db");
    int acknowledged = 0;
    SqliteFaultVfs disk;
    disk.FailAfter(operations, fault);
    {
      const auto registry = Open(path, disk);
      while (registry.ok() && acknowledged < kWrites && WriteStep(**registry, acknowledged).ok()) ++acknowledged;
    }
    if (power_loss.has_value()) disk.LosePower(*power_loss, static_cast<uint64_t>(operations));
    disk.Heal();
    const auto registry = Open(path, disk);
    EXPECT_THAT(registry, IsOk()) << "after a failure at operation " << operations;
    if (!registry.ok()) return true;
    const int found = CountSteps(**registry);
    EXPECT_GE(found, acknowledged) << "a committed write was lost at operation " << operations;
    EXPECT_LE(found, acknowledged + 1) << "at operation " << operations;
    // It works on.
    if (found < kWrites) {
      EXPECT_THAT(WriteStep(**registry, found), IsOk());
    }
    return acknowledged == kWrites;
  }

  // Every kStride-th operation from `first` on; the sweeps together visit them all.
  static constexpr int64_t kStride = 4;
  void SweepCrashes(int64_t first, Fault fault, std::optional<Surviving> power_loss) {
    int64_t operations = first;
    while (!CrashAt(operations, fault, power_loss) && !HasFailure()) operations += kStride;
    EXPECT_GT(operations, 400) << "the sweep must visit opening, writing and checkpoints";
  }

  testing::FakeClock clock_;
};

TEST_F(SqliteCrashTest, KilledOnAFullDisk) { SweepCrashes(0, Fault::kFull, std::nullopt); }
TEST_F(SqliteCrashTest, KilledAfterAShortWrite) { SweepCrashes(1, Fault::kShortWrite, std::nullopt); }
TEST_F(SqliteCrashTest, PowerLossTakesAllThatWasNotSynced) { SweepCrashes(2, Fault::kBroken, Surviving::kNothing); }
TEST_F(SqliteCrashTest, PowerLossTakesSomeOfWhatWasNotSynced) { SweepCrashes(3, Fault::kShortWrite, Surviving::kSome); }

// A failure that passes: the write fails with a reason, nothing of it is there, and the same connections go on.
TEST_F(SqliteCrashTest, AFailureThatPassesCostsOneWrite) {
  for (const Fault fault : {Fault::kFull, Fault::kBroken, Fault::kShortWrite}) {
    for (int64_t operations = 0;; operations += 7) {
      const testing::TempDir directory;
      const std::string path = directory.File("registry.db");
      SqliteFaultVfs disk;
      auto opened = Open(path, disk);
      ASSERT_THAT(opened, IsOk());
      std::unique_ptr<Registry> registry = *std::move(opened);
      disk.FailAfter(operations, fault);
      int failures = 0;
      for (int i = 0; i < kWrites; ++i) {
        absl::Status written = WriteStep(*registry, i);
        if (!written.ok()) {
          ++failures;
          const bool is_full = fault == Fault::kFull;
          EXPECT_THAT(written, StatusIs(is_full ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kInternal,
                                        ::testing::HasSubstr(path)));
          EXPECT_THAT(written, HasReason(is_full ? ErrorReason::kStorageFull : ErrorReason::kStorageFailed));
          EXPECT_EQ(CountSteps(*registry), i) << "nothing has changed";
          disk.Heal();
          written = WriteStep(*registry, i);
        }
        ASSERT_THAT(written, IsOk()) << "operation " << operations;
      }
      EXPECT_EQ(CountSteps(*registry), kWrites);
      registry.reset();
      LL_ASSERT_OK_AND_ASSIGN(registry, Open(path, disk));
      EXPECT_EQ(CountSteps(*registry), kWrites);
      ASSERT_FALSE(HasFailure());
      if (failures == 0) {
        EXPECT_GT(operations, 200);
        break;
      }
    }
  }
}

// The files as another process would find them at that moment, when this one is killed without a chance to do anything.
TEST_F(SqliteCrashTest, ACopyOfTheFilesIsTheStateOfTheLastCommit) {
  const testing::TempDir directory;
  const std::string path = directory.File("registry.db");
  const SqliteFaultVfs disk;
  const auto copy = [&](const std::string& name) {
    const std::string target = directory.File(name);
    for (const char* suffix : {"", "-wal"}) {
      if (!std::filesystem::exists(path + suffix)) continue;
      std::filesystem::copy_file(path + suffix, target + suffix);
    }
    return target;
  };
  LL_ASSERT_OK_AND_ASSIGN(const auto registry, Open(path, disk));
  for (int i = 0; i < kWrites; ++i) {
    std::string in_the_middle;
    LL_ASSERT_OK(WriteStep(*registry, i));
    EXPECT_THAT(registry->Write({},
                                [&](Transaction& tx) -> absl::Status {
                                  LL_RETURN_IF_ERROR(tx.models().Insert({.id = "never committed"}).status());
                                  in_the_middle = copy(absl::StrCat("middle", i));
                                  return absl::CancelledError("the process dies here");
                                }),
                StatusIs(absl::StatusCode::kCancelled));
    LL_ASSERT_OK_AND_ASSIGN(const auto middle, Open(in_the_middle, disk));
    EXPECT_EQ(CountSteps(*middle), i + 1);
    LL_ASSERT_OK_AND_ASSIGN(const auto after, Open(copy(absl::StrCat("after", i)), disk));
    EXPECT_EQ(CountSteps(*after), i + 1);
  }
}

}  // namespace
}  // namespace ll::registry
