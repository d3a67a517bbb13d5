#include "learner/lltrain/progress_events.h"

#include <cmath>
#include <string>
#include <vector>

#include "base/error_reason.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace ll::lltrain {
namespace {

using Json = nlohmann::json;

// Collects events as JSON, checking that each is one line.
class ProgressEventsTest : public ::testing::Test {
 protected:
  Json Last() { return lines_.empty() ? Json() : lines_.back(); }

  std::vector<Json> lines_;
  ProgressEvents events_{[this](absl::string_view line) {
    ASSERT_EQ(line.back(), '\n');
    ASSERT_EQ(line.find('\n'), line.size() - 1);
    lines_.push_back(Json::parse(std::string(line)));
  }};
};

TEST_F(ProgressEventsTest, Prepared) {
  events_.Prepared({.seed = UINT64_MAX,
                    .threads = 2,
                    .feature_dim = 784,
                    .models = 32,
                    .epochs = 15,
                    .train_rows = 50000,
                    .validation_rows = 10,
                    .test_rows = std::nullopt});
  EXPECT_EQ(Last(), (Json{{"event", "prepared"},
                          {"seed", UINT64_MAX},
                          {"threads", 2},
                          {"feature_dim", 784},
                          {"models", 32},
                          {"epochs", 15},
                          {"train_rows", 50000},
                          {"validation_rows", 10}}));
}

TEST_F(ProgressEventsTest, Epoch) {
  learner::EpochReport report;
  report.epoch = 3;
  report.epochs = 15;
  report.candidates = {{.train_loss = 0.5, .validation_loss = 0.25, .criterion = 0.75, .diverged = false},
                       {.train_loss = NAN, .validation_loss = INFINITY, .criterion = 0, .diverged = true}};
  report.best_candidate = 0;
  report.criterion_name = "sampled_accuracy";
  report.criterion_value = 0.75;
  report.improved = true;
  report.rows = 1000;
  report.duration = absl::Milliseconds(250);
  events_.Epoch(report);
  EXPECT_EQ(Last(), Json::parse(R"({"event": "epoch", "epoch": 3, "epochs": 15, "rows": 1000, "seconds": 0.25,
    "rows_per_second": 4000.0, "best_candidate": 0, "criterion": {"name": "sampled_accuracy", "value": 0.75},
    "improved": true, "candidates": [
      {"train_loss": 0.5, "validation_loss": 0.25, "criterion": 0.75, "diverged": false},
      {"train_loss": null, "validation_loss": null, "criterion": 0.0, "diverged": true}]})"));
}

TEST_F(ProgressEventsTest, AnEpochThatTookNoTimeHasNoRate) {
  learner::EpochReport report;
  report.candidates.resize(1);
  events_.Epoch(report);
  EXPECT_TRUE(Last()["rows_per_second"].is_null());
}

TEST_F(ProgressEventsTest, Done) {
  learner::Model::Parts parts;
  parts.schema.feature_dim = 1;
  parts.weights = {1};
  parts.bias = {0};
  parts.threshold = 0.25f;
  parts.training.metrics = {{"train:objective_loss", 0.125}};
  parts.training.best_candidate = 7;
  const learner::Model model = *learner::Model::Create(parts);
  events_.Done({.model = &model,
                .interrupted = true,
                .stopped_early = false,
                .artifact_path = "model/model.tar.gz",
                .artifact_bytes = 123,
                .artifact_sha256 = "abc"});
  const Json done = Last();
  EXPECT_EQ(done["event"], "done");
  EXPECT_EQ(done["interrupted"], true);
  EXPECT_EQ(done["stopped_early"], false);
  EXPECT_EQ(done["artifact"], (Json{{"path", "model/model.tar.gz"}, {"bytes", 123}, {"sha256", "abc"}}));
  EXPECT_EQ(done["threshold"], 0.25);
  EXPECT_EQ(done["training"]["metrics"]["train:objective_loss"], 0.125);
  EXPECT_EQ(done["training"]["best_candidate"], 7);
}

TEST_F(ProgressEventsTest, FailedCarriesTheWholeError) {
  events_.Failed(MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidHyperparameter,
                           {.what = "cannot train", .why = "two \"problems\"\nhere", .remedy = "Mend them."},
                           {.metadata = {{"file", "a"}}, .field_violations = {{"epochs", "too few"}, {"wd", "what"}}}));
  EXPECT_EQ(Last(), Json::parse(R"({"event": "failed", "exit_code": 2, "code": "INVALID_ARGUMENT",
    "reason": "INVALID_HYPERPARAMETER", "message": "cannot train: two \"problems\"\nhere. Mend them.",
    "metadata": {"file": "a"},
    "field_violations": [{"field": "epochs", "description": "too few"}, {"field": "wd", "description": "what"}]})"));
  events_.Failed(absl::UnknownError("no details \xff"));
  EXPECT_EQ(Last()["reason"], "INTERNAL");
  EXPECT_EQ(Last()["code"], "UNKNOWN");
  EXPECT_EQ(Last()["exit_code"], 1);
}

TEST_F(ProgressEventsTest, Warning) {
  events_.Warning("mini_batch_size was clamped");
  EXPECT_EQ(Last(), (Json{{"event", "warning"}, {"message", "mini_batch_size was clamped"}}));
}

TEST(ProgressEventsWithoutListenerTest, NothingIsWritten) {
  ProgressEvents events(nullptr);
  events.Warning("nobody reads this");
  events.Failed(absl::UnknownError("nor this"));
}

}  // namespace
}  // namespace ll::lltrain
