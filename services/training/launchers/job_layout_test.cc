#include "services/training/launchers/job_layout.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/fault_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::training {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;

TEST(DataFileNameTest, OneObjectKeepsItsName) {
  EXPECT_EQ(DataFileName(0, 1, "train.pbr"), "train.pbr");
  EXPECT_EQ(DataFileName(0, 1, "a/b/train.csv"), "train.csv");
}

TEST(DataFileNameTest, SeveralKeepTheirOrderAndTheirNames) {
  EXPECT_EQ(DataFileName(0, 2, "b/a.csv"), "0-a.csv");
  EXPECT_EQ(DataFileName(1, 2, "b/a.csv"), "1-a.csv");
  EXPECT_EQ(DataFileName(7, 1000, "x.csv"), "007-x.csv");
  EXPECT_EQ(DataFileName(999, 1000, "x.csv"), "999-x.csv");
}

TEST(DataFileNameTest, NamesThatTheReaderWouldPassOverAreRead) {
  EXPECT_EQ(DataFileName(0, 1, "a/_train"), "0-_train");
  EXPECT_EQ(DataFileName(0, 1, "a/.train"), "0-.train");
  EXPECT_EQ(DataFileName(0, 1, "a/"), "0-");
}

TEST(DataFileNameTest, ALongNameIsCutAtItsFrontBetweenCharacters) {
  std::string snow;
  for (int i = 0; i < 300; ++i) snow += "\xE2\x98\x83";
  const std::string name = DataFileName(0, 1, snow + ".csv");
  EXPECT_LE(name.size(), 200u);
  EXPECT_THAT(name, ::testing::StartsWith("\xE2\x98\x83"));
  EXPECT_THAT(name, ::testing::EndsWith("\xE2\x98\x83.csv"));
}

class JobLayoutTest : public ::testing::Test {
 protected:
  JobLayoutTest() : directory_(dir_.File("jobs"), "mnist") {
    blobs_ = *registry::BlobStore::Open(Env::Posix(), dir_.File("blobs"));
    EXPECT_THAT(directory_.Create(env_), IsOk());
  }

  InputObject Put(const std::string& key, const std::string& bytes) {
    pins_.push_back(*blobs_->Put(bytes));
    return {.name = absl::StrCat("buckets/data/objects/", key), .key = key, .sha256 = pins_.back().sha256()};
  }
  JobLaunch Launch() {
    return {.job_id = "mnist",
            .directory = directory_,
            .spec = {.hyperparameters = {{"epochs", "3"}, {"predictor_type", "binary_classifier"}}},
            .channels = {{.name = "train",
                          .content_type = "text/csv; label_size=1",
                          .objects = {Put("d/a.csv", "1,2\n"), Put("d/b.csv", "0,2\n")}},
                         {.name = "validation", .content_type = "text/csv", .objects = {Put("v.csv", "1,1\n")}}}};
  }
  Json ReadJson(const std::string& file) {
    return Json::parse(env_.ReadFile(directory_.config(file)).value_or("missing"), nullptr, false);
  }

  ::ll::testing::TempDir dir_;
  ::ll::testing::FaultEnv env_;
  JobDirectory directory_;
  std::unique_ptr<registry::BlobStore> blobs_;
  std::vector<registry::PinnedBlob> pins_;
};

TEST_F(JobLayoutTest, TheDirectoryIsThatOfTheContainerContract) {
  ASSERT_THAT(LayOutJob(Launch(), *blobs_, env_), IsOk());
  EXPECT_EQ(ReadJson("hyperparameters.json"), (Json{{"epochs", "3"}, {"predictor_type", "binary_classifier"}}));
  EXPECT_EQ(ReadJson("inputdataconfig.json")["train"]["ContentType"], "text/csv; label_size=1");
  EXPECT_EQ(ReadJson("inputdataconfig.json")["validation"]["TrainingInputMode"], "File");
  EXPECT_EQ(ReadJson("resourceconfig.json")["hosts"], Json({"algo-1"}));
  EXPECT_THAT(*env_.List(directory_.channel("train")), ElementsAre("0-a.csv", "1-b.csv"));
  EXPECT_EQ(*env_.ReadFile(JoinPath(directory_.channel("train"), "1-b.csv")), "0,2\n");
  EXPECT_THAT(*env_.List(directory_.channel("validation")), ElementsAre("v.csv"));
}

TEST_F(JobLayoutTest, WhatOnlySomeJobsHave) {
  JobLaunch launch = Launch();
  ASSERT_THAT(LayOutJob(launch, *blobs_, env_), IsOk());
  EXPECT_FALSE(env_.Exists(directory_.config("names.json")));
  EXPECT_FALSE(ReadJson("inputdataconfig.json")["train"].contains("ShuffleConfig"));
  launch.spec.feature_names = {"age"};
  launch.spec.class_names = {"stays", "goes"};
  launch.channels[0].shuffle_seed = 7;
  launch.channels.push_back({.name = "model", .objects = {Put("model.tar.gz", "an artifact")}});
  ASSERT_THAT(directory_.Create(env_), IsOk());
  ASSERT_THAT(LayOutJob(launch, *blobs_, env_), IsOk());
  EXPECT_EQ(ReadJson("names.json"), (Json{{"features", {"age"}}, {"classes", {"stays", "goes"}}}));
  EXPECT_EQ(ReadJson("inputdataconfig.json")["train"]["ShuffleConfig"], (Json{{"Seed", 7}}));
  EXPECT_EQ(*env_.ReadFile(JoinPath(directory_.channel("model"), "model.tar.gz")), "an artifact");
}

TEST_F(JobLayoutTest, AMissingBlobIsNamed) {
  JobLaunch launch = Launch();
  launch.channels[0].objects[1].sha256 = std::string(64, 'a');
  const absl::Status laid_out = LayOutJob(launch, *blobs_, env_);
  EXPECT_THAT(laid_out, HasReason(ErrorReason::kCorruptBlob));
  EXPECT_THAT(laid_out, StatusIs(absl::StatusCode::kNotFound, HasSubstr("buckets/data/objects/d/b.csv")));
}

TEST_F(JobLayoutTest, AFullDiskIsReported) {
  const JobLaunch launch = Launch();
  for (int64_t allowed = 0;; ++allowed) {
    ASSERT_THAT(directory_.Create(env_), IsOk());
    env_.FailAfter(allowed, ErrnoError(ENOSPC, "cannot write"));
    const absl::Status laid_out = LayOutJob(launch, *blobs_, env_);
    env_.Heal();
    if (laid_out.ok()) break;
    ASSERT_THAT(laid_out, HasReason(ErrorReason::kStorageFull)) << allowed;
  }
}

}  // namespace
}  // namespace ll::training
