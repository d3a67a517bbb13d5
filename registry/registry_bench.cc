// What the registry costs beside what the disk costs: durable writes against a bare append with fdatasync in the same
// run, point reads, pages out of many rows, and opening.
//
//   ll_registry_bench --benchmark_filter=Write      rates are items_per_second; p50_us and p99_us are of single calls
//
// Every write changes a value: SQLite writes nothing for an update that changes nothing.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/env.h"
#include "base/log.h"
#include "base/random.h"
#include "benchmark/benchmark.h"
#include "registry/sqlite_registry.h"

namespace ll::registry {
namespace {

bool IsSmoke() { return std::getenv("LL_BENCH_SMOKE") != nullptr; }
int ManyRows() { return IsSmoke() ? 1'000 : 100'000; }

void Require(const absl::Status& status) {
  if (status.ok()) return;
  Log(LogLevel::kError, "benchmark failed", {{"error", std::string(status.message())}});
  std::abort();
}

// A folder beside nothing else, removed at the end. On the disk of the system's temporary folder: set TMPDIR to measure
// another one.
class Scratch {
 public:
  Scratch() : path_((std::filesystem::temp_directory_path() / ("ll_bench_" + RandomHex(6))).string()) {
    Require(Env::Posix().CreateDirectories(path_));
  }
  ~Scratch() { Env::Posix().RemoveTree(path_).IgnoreError(); }
  std::string File(const std::string& name) const { return JoinPath(path_, name); }

 private:
  const std::string path_;
};

std::unique_ptr<Registry> Open(const std::string& path) {
  SetLogLevel(LogLevel::kError);
  return OpenSqliteRegistry({.path = path, .clock = &Clock::Real()}).value();
}

std::string IdOf(int64_t number) { return absl::StrCat("model-", number); }

ModelRecord ModelWith(int64_t number) {
  ModelRecord model{.id = IdOf(number), .description = std::string(200, 'd')};
  model.header.labels = {{"team", absl::StrCat("team-", number % 3)}, {"number", absl::StrCat(number)}};
  return model;
}

void FillModels(Registry& registry, int count) {
  constexpr int kAtOnce = 1000;
  for (int first = 0; first < count; first += kAtOnce) {
    Require(registry.Write({}, [&](Transaction& tx) -> absl::Status {
      for (int i = first; i < std::min(first + kAtOnce, count); ++i) {
        Require(tx.models().Insert(ModelWith(i)).status());
        Require(tx.models().InsertVersion({.model_id = IdOf(i)}).status());
      }
      return absl::OkStatus();
    }));
  }
}

// Times single calls, for the quantiles that a mean hides.
class Latencies {
 public:
  template <typename Call>
  void Time(Call call) {
    const auto start = std::chrono::steady_clock::now();
    call();
    seconds_.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  void Report(benchmark::State& state) {
    std::sort(seconds_.begin(), seconds_.end());
    state.counters["p50_us"] = 1e6 * seconds_[seconds_.size() / 2];
    state.counters["p99_us"] = 1e6 * seconds_[seconds_.size() * 99 / 100];
    state.SetItemsProcessed(state.iterations());
  }

 private:
  std::vector<double> seconds_;
};

// The limit: what this disk gives one thread that appends a page and waits for it.
void BM_DiskAppendAndSync(benchmark::State& state) {
  const Scratch scratch;
  const int file = open(scratch.File("log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  const std::string page(4096, 'x');
  Latencies latencies;
  for (auto _ : state) {
    latencies.Time([&] {
      if (write(file, page.data(), page.size()) != static_cast<ssize_t>(page.size()) || fdatasync(file) != 0)
        std::abort();
    });
  }
  close(file);
  latencies.Report(state);
}

template <typename Body>
void RunWrites(benchmark::State& state, Body body, int models = 1) {
  const Scratch scratch;
  const std::unique_ptr<Registry> registry = Open(scratch.File("registry.db"));
  FillModels(*registry, models);
  Latencies latencies;
  int64_t number = models;
  for (auto _ : state) {
    latencies.Time([&] { Require(body(*registry, number)); });
    ++number;
  }
  latencies.Report(state);
}

// One row changes, without an event: what a running job does once a second.
void BM_WriteOneRow(benchmark::State& state) {
  const Scratch scratch;
  const std::unique_ptr<Registry> registry = Open(scratch.File("registry.db"));
  Require(registry->Write({}, [](Transaction& tx) { return tx.jobs().Insert({.id = "job"}).status(); }));
  Latencies latencies;
  int64_t epoch = 0;
  for (auto _ : state) {
    latencies.Time([&] {
      Require(registry->Write(
          {}, [&](Transaction& tx) { return tx.jobs().UpdateProgress("job", {.epoch = ++epoch}, {}); }));
    });
  }
  latencies.Report(state);
}

// A row with its indexes and its event.
void BM_WriteInsertBucket(benchmark::State& state) {
  RunWrites(state, [](Registry& registry, int64_t number) {
    return registry.Write({}, [&](Transaction& tx) {
      return tx.objects().InsertBucket({.id = absl::StrCat("bucket-", number)}).status();
    });
  });
}

void BM_WriteInsertModelWithLabels(benchmark::State& state) {
  RunWrites(state, [](Registry& registry, int64_t number) {
    return registry.Write({}, [&](Transaction& tx) { return tx.models().Insert(ModelWith(number)).status(); });
  });
}

void BM_WriteUpdateModel(benchmark::State& state) {
  RunWrites(state, [](Registry& registry, int64_t number) {
    return registry.Write({}, [&](Transaction& tx) {
      return tx.models().Update({.id = IdOf(0), .description = absl::StrCat(number)}).status();
    });
  });
}

// As a request comes in: with an id, whose answer is remembered.
void BM_WriteMutateWithRequestId(benchmark::State& state) {
  RunWrites(state, [](Registry& registry, int64_t number) {
    const WriteOptions options{.request_id = absl::StrCat("request-", number), .fingerprint = absl::StrCat(number)};
    return registry
        .Mutate<BucketRecord>(
            options,
            [&](Transaction& tx) { return tx.objects().InsertBucket({.id = absl::StrCat("bucket-", number)}); })
        .status();
  });
}

// One database with many rows for all reads.
struct ManyModels {
  ManyModels() : registry(Open(path)) { FillModels(*registry, ManyRows()); }
  static ManyModels& Get() {
    static ManyModels models;
    return models;
  }

  const Scratch scratch;
  const std::string path = scratch.File("registry.db");
  const std::unique_ptr<Registry> registry;
};

std::string RandomId(SeededRandom& random) {
  return IdOf(static_cast<int64_t>(random.Below(static_cast<uint64_t>(ManyRows()))));
}

// The limit: one prepared SELECT of the same row and columns on a connection of its own, nothing decoded.
void BM_SqliteReadModel(benchmark::State& state) {
  sqlite3* database = nullptr;
  sqlite3_stmt* select = nullptr;
  constexpr char kSql[] =
      "SELECT id, create_time, update_time, etag, labels, annotations, description FROM models WHERE id = ?";
  if (sqlite3_open_v2(ManyModels::Get().path.c_str(), &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr) !=
          SQLITE_OK ||
      sqlite3_prepare_v2(database, kSql, -1, &select, nullptr) != SQLITE_OK) {
    std::abort();
  }
  SeededRandom random(static_cast<uint64_t>(state.thread_index()));
  for (auto _ : state) {
    const std::string id = RandomId(random);
    sqlite3_bind_text(select, 1, id.data(), static_cast<int>(id.size()), SQLITE_STATIC);
    if (sqlite3_step(select) != SQLITE_ROW) std::abort();
    for (int i = 0; i < sqlite3_column_count(select); ++i) benchmark::DoNotOptimize(sqlite3_column_text(select, i));
    sqlite3_reset(select);
  }
  sqlite3_finalize(select);
  sqlite3_close(database);
  state.SetItemsProcessed(state.iterations());
}

void BM_ReadModel(benchmark::State& state) {
  Registry& registry = *ManyModels::Get().registry;
  SeededRandom random(static_cast<uint64_t>(state.thread_index()));
  for (auto _ : state) {
    const std::string id = RandomId(random);
    Require(registry.Read([&](const View& view) { return view.models().Get(id).status(); }));
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_ReadVersion(benchmark::State& state) {
  Registry& registry = *ManyModels::Get().registry;
  SeededRandom random(static_cast<uint64_t>(state.thread_index()));
  for (auto _ : state) {
    const std::string id = RandomId(random);
    Require(registry.Read([&](const View& view) { return view.models().GetVersion(id, 1).status(); }));
  }
  state.SetItemsProcessed(state.iterations());
}

// Reads that share a snapshot.
void BM_ReadHundredModelsInOneView(benchmark::State& state) {
  Registry& registry = *ManyModels::Get().registry;
  SeededRandom random(1);
  for (auto _ : state) {
    Require(registry.Read([&](const View& view) -> absl::Status {
      for (int i = 0; i < 100; ++i) {
        Require(view.models().Get(RandomId(random)).status());
      }
      return absl::OkStatus();
    }));
  }
  state.SetItemsProcessed(100 * state.iterations());
}

// A page of 50 from the middle.
void BM_ListModels(benchmark::State& state, const char* order_by, const char* filter) {
  Registry& registry = *ManyModels::Get().registry;
  ListQuery query;
  Require(ParseOrderBy(order_by, &query));
  query.conditions = ParseFilter(filter, ModelStore::kFilterFields).value();
  Require(registry.Read([&](const View& view) -> absl::Status {
    const ModelRecord middle = view.models().Get(IdOf(ManyRows() / 2)).value();
    query.after.name = middle.id;
    query.after.time = query.order == OrderField::kCreateTime ? middle.header.create_time : middle.header.update_time;
    return absl::OkStatus();
  }));
  for (auto _ : state) {
    Require(registry.Read([&](const View& view) { return view.models().List(query).status(); }));
  }
}

// What a server's start waits for: 1,000 models with a version each, 100 endpoints.
void BM_OpenThousandModels(benchmark::State& state) {
  const Scratch scratch;
  const std::string path = scratch.File("registry.db");
  {
    const std::unique_ptr<Registry> registry = Open(path);
    FillModels(*registry, 1000);
    Require(registry->Write({}, [](Transaction& tx) -> absl::Status {
      for (int i = 0; i < 100; ++i) {
        const VersionRef version{.model_id = IdOf(i), .number = 1};
        Require(tx.endpoints()
                    .Insert({.id = absl::StrCat("endpoint-", i), .variants = {{.name = "main", .version = version}}})
                    .status());
      }
      return absl::OkStatus();
    }));
  }
  for (auto _ : state) {
    std::unique_ptr<Registry> registry = Open(path);
    state.PauseTiming();
    registry.reset();
    state.ResumeTiming();
  }
}

BENCHMARK(BM_DiskAppendAndSync)->UseRealTime();
BENCHMARK(BM_WriteOneRow)->UseRealTime();
BENCHMARK(BM_WriteInsertBucket)->UseRealTime();
BENCHMARK(BM_WriteInsertModelWithLabels)->UseRealTime();
BENCHMARK(BM_WriteUpdateModel)->UseRealTime();
BENCHMARK(BM_WriteMutateWithRequestId)->UseRealTime();
BENCHMARK(BM_SqliteReadModel)->UseRealTime()->ThreadRange(1, 2);
BENCHMARK(BM_ReadModel)->UseRealTime()->ThreadRange(1, 2);
BENCHMARK(BM_ReadVersion)->UseRealTime()->ThreadRange(1, 2);
BENCHMARK(BM_ReadHundredModelsInOneView)->UseRealTime();
BENCHMARK_CAPTURE(BM_ListModels, by_name, "name", "")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_ListModels, newest_first, "create_time desc", "")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_ListModels, rare_label, "name", "labels.number = 99999")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_ListModels, common_label, "name", "labels.team = team-1")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_ListModels, common_label_newest_first, "create_time desc", "labels.team = team-1")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_OpenThousandModels)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ll::registry
