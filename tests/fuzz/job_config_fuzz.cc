// Any bytes as each of the three configuration files of a training job.
#include "learner/lltrain/job_config.h"

#include "base/error_reason.h"
#include "learner/hyperparameters.h"
#include "tests/fuzz/require.h"

using ll::testing::Require;

namespace {

void RequireViolations(const absl::Status& status) {
  Require(ll::HasReason(status, ll::ErrorReason::kInvalidHyperparameter), "errors of hyperparameters say so");
  Require(!status.message().empty(), "errors have a message");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto values = ll::lltrain::ParseHyperparametersJson(text);
  if (!values.ok()) {
    RequireViolations(values.status());
  } else if (const auto parsed = ll::learner::ParseHyperparameters(*values); !parsed.ok()) {
    RequireViolations(parsed.status());
    Require(!ll::GetErrorDetails(parsed.status())->field_violations.empty(), "each problem is a violation");
  } else {
    Require(parsed->epochs >= 1 && parsed->mini_batch_size.value_or(1) >= 1, "counts are positive");
    Require(parsed->learning_rate.value_or(1) > 0 && parsed->wd.value_or(0) >= 0, "numbers are in range");
  }
  ll::lltrain::ParseInputDataConfigJson(text).status().IgnoreError();
  ll::lltrain::ParseResourceConfigJson(text).status().IgnoreError();
  return 0;
}
