// What the engine adds to a prediction besides the model's own arithmetic: finding the model, looking at the rows.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "services/prediction/admission.h"
#include "services/prediction/batch.h"
#include "services/prediction/model_host.h"

namespace ll::prediction {
namespace {

constexpr int kFeatures = 784;

learner::Model MakeModel() {
  SeededRandom random(3);
  learner::Model::Parts parts;
  parts.schema = {.feature_dim = kFeatures, .outputs = 1};
  for (int i = 0; i < kFeatures; ++i) parts.weights.push_back(random.Normal());
  parts.bias = {0.0};
  return *learner::Model::Create(std::move(parts));
}

std::vector<float> MakeRows(int64_t rows) {
  SeededRandom random(4);
  std::vector<float> values;
  for (int64_t i = 0; i < rows * kFeatures; ++i) values.push_back(static_cast<float>(random.Unit()));
  return values;
}

// A host that serves `endpoints` endpoints.
class Host {
 public:
  explicit Host(int endpoints) {
    int ready = 0;
    Mutex mutex;
    host_.SetListener([&] {
      MutexLock lock(&mutex);
      ++ready;
    });
    HostingPlan plan;
    for (int i = 0; i < endpoints; ++i) {
      const HostedVersion version{.variant = "default", .model_id = "m", .number = i + 1};
      plan.push_back({.endpoint = absl::StrCat("endpoint-", i), .placements = {{.version = version}}});
    }
    host_.Apply(plan);
    {
      MutexLock lock(&mutex);
      mutex.Await([&] { return ready == endpoints; });
    }
    host_.SetListener(nullptr);
    for (EndpointPlan& endpoint : plan) endpoint.serving = endpoint.placements.front().version;
    host_.Apply(plan);
  }
  ModelHost& operator*() { return host_; }

 private:
  ModelHost host_{[](const HostedVersion& version) -> absl::StatusOr<std::unique_ptr<const Predictor>> {
                    return std::make_unique<LocalPredictor>(version.name(), MakeModel());
                  },
                  Clock::Real(),
                  {}};
};

void BM_Acquire(benchmark::State& state) {
  static auto* const host = new Host(100);  // shared by the benchmark's threads
  const std::string endpoint = "endpoint-42";
  for (auto _ : state) benchmark::DoNotOptimize((**host).Acquire(endpoint));
}
BENCHMARK(BM_Acquire)->ThreadRange(1, 2)->UseRealTime();

void BM_Admit(benchmark::State& state) {
  static auto* const admission = new Admission(1 << 20);  // shared by the benchmark's threads
  for (auto _ : state) benchmark::DoNotOptimize(admission->Admit(1));
}
BENCHMARK(BM_Admit)->ThreadRange(1, 2)->UseRealTime();

void BM_CheckRows(benchmark::State& state) {
  const std::vector<float> values = MakeRows(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(CheckRows(DenseRows{.values = values, .columns = kFeatures}, kFeatures));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_CheckRows)->ArgName("rows")->Arg(1)->Arg(100);

void BM_ScoreInSlices(benchmark::State& state) {
  const LocalPredictor predictor("models/m/versions/1", MakeModel());
  const std::vector<float> values = MakeRows(state.range(0));
  learner::Scores scratch;
  for (auto _ : state) {
    const absl::Status status = ScoreInSlices(
        predictor, DenseRows{.values = values, .columns = kFeatures}, [] { return false; }, &scratch,
        [](const learner::Scores& scores) { benchmark::DoNotOptimize(scores.values.data()); });
    if (!status.ok()) state.SkipWithError("scoring failed");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_ScoreInSlices)->ArgName("rows")->Arg(1)->Arg(100)->Arg(10'000);

}  // namespace
}  // namespace ll::prediction
