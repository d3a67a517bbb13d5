#include "services/llserver/housekeeping.h"

#include <memory>
#include <string>

#include "base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/registry/registry_reads.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/memory_registry.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::llserver {
namespace {

using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;

class HousekeepingTest : public ::testing::Test {
 protected:
  HousekeepingTest() { blobs_ = *registry::BlobStore::Open(Env::Posix(), dir_.path()); }

  void PutObject(const std::string& key, const std::string& sha256) {
    ASSERT_THAT(registry_.Write({},
                                [&](registry::Transaction& tx) -> absl::Status {
                                  if (!tx.objects().GetBucket("data").ok()) {
                                    LL_RETURN_IF_ERROR(tx.objects().InsertBucket({.id = "data"}).status());
                                  }
                                  return tx.objects().Put({.bucket_id = "data", .key = key, .sha256 = sha256}).status();
                                }),
                IsOk());
  }
  size_t Events() {
    return catalog::ReadFrom(registry_, [](const registry::View& view) { return view.events().List({}); })
        ->records.size();
  }

  testing::TempDir dir_;
  testing::FakeClock clock_;
  testing::MemoryRegistry registry_{clock_};
  std::unique_ptr<registry::BlobStore> blobs_;
};

TEST_F(HousekeepingTest, BlobsThatNothingNamesGoAtTheStartAndEveryHour) {
  const std::string named = blobs_->Put("named")->sha256();
  const std::string orphan = blobs_->Put("orphan")->sha256();
  PutObject("named", named);
  const Housekeeping housekeeping(registry_, *blobs_, clock_, absl::Hours(24));
  clock_.AwaitWaiters(1);
  EXPECT_THAT(blobs_->ReadVerified(named), IsOk());
  EXPECT_THAT(blobs_->ReadVerified(orphan), StatusIs(absl::StatusCode::kNotFound));

  const std::string later = blobs_->Put("later")->sha256();
  clock_.Advance(Housekeeping::kInterval - absl::Seconds(1));
  EXPECT_THAT(blobs_->ReadVerified(later), IsOk());
  clock_.Advance(absl::Seconds(1));
  clock_.AwaitWaiters(1);
  EXPECT_THAT(blobs_->ReadVerified(later), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(HousekeepingTest, EventsGoWhenTheirTimeIsOver) {
  PutObject("old", "digest");
  clock_.Advance(absl::Hours(2));
  PutObject("new", "digest");
  EXPECT_EQ(Events(), 3u);
  const Housekeeping housekeeping(registry_, *blobs_, clock_, absl::Hours(1));
  clock_.AwaitWaiters(1);
  EXPECT_EQ(Events(), 1u);
}

TEST_F(HousekeepingTest, AFailureIsTriedAgain) {
  PutObject("old", "digest");
  clock_.Advance(absl::Hours(2));
  PutObject("new", "digest");
  registry_.FailWrites(absl::ResourceExhaustedError("disk full"));
  const Housekeeping housekeeping(registry_, *blobs_, clock_, absl::Hours(1));
  clock_.AwaitWaiters(1);
  EXPECT_EQ(Events(), 3u);
  registry_.FailWrites(absl::OkStatus());
  clock_.Advance(Housekeeping::kInterval);
  clock_.AwaitWaiters(1);
  EXPECT_EQ(Events(), 1u);
}

}  // namespace
}  // namespace ll::llserver
