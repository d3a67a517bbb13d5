// Training speed against the machine's own limit.
//
//   MiniBatchKernels   forward, residual and gradient of each mini-batch, without updates
//   TrainingEpoch      a whole pass: the same with Adam and bookkeeping
//   TrainDigits        a whole training on 50,000 digits, 15 epochs, as `lltrain` does it (needs .cache/mnist)
//
// The first argument is the number of models, the second the number of threads. `of_peak` is the share of what the same
// threads reach with fused multiply-adds on registers, measured right before and after: clocks and neighbours change.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/env.h"
#include "base/executor.h"
#include "benchmark/benchmark.h"
#include "deploy/demo/mnist.h"
#include "learner/kernels/forward.h"
#include "learner/kernels/gradient.h"
#include "learner/objective.h"
#include "learner/testing/fma_peak.h"
#include "learner/testing/synthetic_data.h"
#include "learner/trainer.h"
#include "learner/training_pass.h"

namespace ll::learner {
namespace {

constexpr int kColumns = 784;
constexpr int64_t kMiniBatch = 200;

bool Smoke() { return std::getenv("LL_BENCH_SMOKE") != nullptr; }

const Dataset& Rows() {
  static const Dataset* const rows =
      new Dataset(testing::MakeLogisticRows(Smoke() ? 400 : 50000, kColumns, /*seed=*/1).ToDataset());
  return *rows;
}

// Operations per second of all workers together.
double PeakOf(Executor& executor) {
  std::vector<double> peaks(static_cast<size_t>(executor.workers()));
  executor.RunOnAll([&](int worker) { peaks[static_cast<size_t>(worker)] = testing::MeasureFmaPeak(); });
  double total = 0;
  for (const double peak : peaks) total += peak;
  return total;
}

// A bank of fresh models for the rows.
std::unique_ptr<ModelBank> MakeBank(const Dataset& data, int models, Executor& executor) {
  Hyperparameters hyperparameters;
  hyperparameters.num_models = models;
  return std::make_unique<ModelBank>(BuildGrid(hyperparameters, {.base = {.largest_l1 = 0.1}}, 1), 1,
                                     ComputeScaler(data, 10200 < data.rows() ? 10200 : data.rows(), executor),
                                     hyperparameters, 1);
}

// Runs `epoch` until the benchmark has enough, with the peak measured around it.
template <class Epoch>
void Measure(benchmark::State& state, Executor& executor, const Epoch& epoch) {
  double peak = PeakOf(executor);
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) epoch();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  peak = std::max(peak, PeakOf(executor));
  const double operations = 4.0 * static_cast<double>(Rows().rows()) * kColumns * static_cast<double>(state.range(0));
  const double rate = operations * static_cast<double>(state.iterations()) / elapsed.count();
  state.counters["GFLOPS"] = rate / 1e9;
  state.counters["of_peak"] = rate / peak;
}

void MiniBatchKernels(benchmark::State& state) {
  ThreadPool pool(static_cast<int>(state.range(1)));
  const Dataset& data = Rows();
  const std::unique_ptr<Objective> objective = MakeObjective({});
  const std::unique_ptr<ModelBank> bank = MakeBank(data, static_cast<int>(state.range(0)), pool);
  const int tiles = bank->tiles() / pool.workers();
  Measure(state, pool, [&] {
    pool.RunOnAll([&](int worker) {
      const int first_tile = worker * tiles;
      TileStorage<float> margins(kMiniBatch, tiles);
      TileStorage<float> gradient(kColumns, tiles);
      TileStorage<float> intercepts(1, tiles);
      std::vector<double> losses(static_cast<size_t>(tiles) * kernels::kTileModels);
      for (int64_t row = 0; row < data.rows(); row += kMiniBatch) {
        const kernels::RowsView rows = {data.row(row), kColumns, std::min(kMiniBatch, data.rows() - row), kColumns};
        kernels::Forward(rows, std::as_const(*bank).weights(first_tile), tiles, margins.matrix());
        objective->Residuals(data.labels().data() + row, rows.rows,
                             bank->objective_lanes(first_tile, tiles, intercepts.lanes()), margins.matrix(),
                             losses.data());
        kernels::Gradient(rows, margins.matrix(), tiles, /*accumulate=*/false, gradient.matrix());
      }
      benchmark::DoNotOptimize(gradient.lanes());
    });
  });
}
BENCHMARK(MiniBatchKernels)->Args({16, 1})->Args({32, 1})->Args({64, 1})->Args({32, 2})->UseRealTime();

void TrainingEpoch(benchmark::State& state) {
  ThreadPool pool(static_cast<int>(state.range(1)));
  const std::unique_ptr<Objective> objective = MakeObjective({});
  const std::unique_ptr<ModelBank> bank = MakeBank(Rows(), static_cast<int>(state.range(0)), pool);
  TrainingPass pass(Rows(), Rows().labels(), *objective, kMiniBatch, pool, *bank);
  Measure(state, pool, [&] { benchmark::DoNotOptimize(pass.Run(nullptr)); });
}
BENCHMARK(TrainingEpoch)->Args({16, 1})->Args({32, 1})->Args({64, 1})->Args({32, 2})->Args({16, 2})->UseRealTime();

void TrainDigits(benchmark::State& state) {
  const char* const folder = std::getenv("LL_DATA_DIR");
  const auto mnist = demo::LoadMnist(Env::Posix(), JoinPath(folder != nullptr ? folder : ".cache", "mnist"));
  if (!mnist.ok()) {
    state.SkipWithError(std::string(mnist.status().message()).c_str());
    return;
  }
  const int64_t rows = Smoke() ? 400 : demo::kMnistTrainRows;
  std::vector<float> labels;
  for (int64_t i = 0; i < rows; ++i) labels.push_back(mnist->train.is_zero(i));
  Dataset train = Dataset::FromRows(
      absl::MakeConstSpan(mnist->train.pixels).subspan(0, static_cast<size_t>(rows) * kColumns), labels, kColumns);
  ThreadPool pool(static_cast<int>(state.range(1)));
  Hyperparameters hyperparameters;
  hyperparameters.mini_batch_size = kMiniBatch;
  hyperparameters.num_models = static_cast<int>(state.range(0));
  for (auto _ : state) {
    const auto result = Train(train, nullptr, hyperparameters, {.executor = &pool});
    if (!result.ok()) state.SkipWithError(std::string(result.status().message()).c_str());
  }
}
BENCHMARK(TrainDigits)->Args({32, 1})->Args({32, 2})->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace ll::learner
