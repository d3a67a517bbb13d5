// How long a server takes from its start until it serves and every endpoint is settled, by the size of its catalogue.
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "benchmark/benchmark.h"
#include "registry/blob_store.h"
#include "registry/sqlite_registry.h"
#include "services/llserver/platform.h"
#include "tests/testing/sample_artifact.h"
#include "tests/testing/temp_dir.h"

namespace ll::llserver {
namespace {

// As many models with one version each; some of them behind endpoints. Ten artifacts are enough: each is loaded anew.
void Fill(const std::string& directory, int models, int endpoints) {
  const auto registry =
      *registry::OpenSqliteRegistry({.path = JoinPath(directory, "registry.db"), .clock = &Clock::Real()});
  const auto blobs = *registry::BlobStore::Open(Env::Posix(), JoinPath(directory, "blobs"));
  std::vector<registry::PinnedBlob> artifacts;
  for (int i = 0; i < 10; ++i) artifacts.push_back(*blobs->Put(testing::SampleArtifact(784, i + 1)));
  const absl::Status filled = registry->Write({}, [&](registry::Transaction& tx) -> absl::Status {
    for (int i = 0; i < models; ++i) {
      const std::string id = absl::StrCat("m", i);
      const registry::PinnedBlob& artifact = artifacts[static_cast<size_t>(i) % artifacts.size()];
      const registry::VersionRecord version{.model_id = id,
                                            .artifact_sha256 = artifact.sha256(),
                                            .artifact_bytes = artifact.size_bytes(),
                                            .schema = {.predictor_type = "binary_classifier",
                                                       .loss = "logistic",
                                                       .score_kind = "PROBABILITY",
                                                       .feature_dim = 784,
                                                       .outputs = 1}};
      LL_RETURN_IF_ERROR(tx.models().Insert({.id = id}).status());
      LL_RETURN_IF_ERROR(tx.models().InsertVersion(version).status());
      if (i >= endpoints) continue;
      const registry::VariantSpec variant{.name = "default", .version = {.model_id = id, .number = 1}};
      LL_RETURN_IF_ERROR(tx.endpoints().Insert({.id = id, .variants = {variant}}).status());
    }
    return absl::OkStatus();
  });
  if (!filled.ok()) abort();
}

void BM_Start(benchmark::State& state) {
  const testing::TempDir dir;
  Config config;
  config.listen.port = 0;
  config.data_dir = dir.path();
  config.log_level = LogLevel::kError;
  SetLogLevel(config.log_level);
  Fill(dir.path(), static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  for (auto _ : state) {
    absl::StatusOr<std::unique_ptr<Platform>> platform = Platform::Start(config, {});
    if (!platform.ok()) abort();
    state.PauseTiming();
    platform->reset();
    state.ResumeTiming();
  }
}
BENCHMARK(BM_Start)->ArgNames({"models", "endpoints"})->Args({0, 0})->Args({1000, 100})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ll::llserver
