// Any bytes as a data file of unknown format, and as a manifest: sniffing, unpacking and whichever reader that leads
// to.
#include "learner/readers/manifest.h"
#include "learner/readers/row_files.h"
#include "tests/fuzz/reader_outcome.h"
#include "tests/testing/temp_dir.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using ll::testing::Require;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  static const ll::testing::TempDir* const dir = new ll::testing::TempDir;
  const std::string path = dir->Write("fuzz", bytes);
  // A width keeps a made-up index from asking for a gigabyte.
  const ll::learner::RowRules rules{.feature_dim = 2, .feature_dim_source = "feature_dim"};
  const auto source = ll::learner::OpenRowFiles(ll::Env::Posix(), {path}, std::nullopt, rules).value();
  const absl::StatusOr<ll::learner::CollectedRows> rows = ll::learner::CollectRows(*source);
  if (rows.ok()) {
    ll::testing::RequireValidRows(*rows, rules);
  } else {
    Require(ll::HasReason(rows.status(), ll::ErrorReason::kInvalidData) ||
                ll::HasReason(rows.status(), ll::ErrorReason::kInvalidChannel),
            "errors of data say so");
  }
  const auto manifest = ll::learner::ParseManifest(bytes, "fuzz.manifest");
  if (manifest.ok()) {
    for (const std::string& file : *manifest)
      Require(!file.empty() && file[0] != '/', "a manifest stays in its folder");
  }
  return 0;
}
