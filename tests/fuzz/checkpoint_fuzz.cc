// Any bytes as a checkpoint, and as the content of one whose digest is right.
#include "base/digest.h"
#include "base/error_reason.h"
#include "learner/checkpoint.h"
#include "tests/fuzz/require.h"

using ll::testing::Require;

namespace {

void Parse(absl::string_view bytes) {
  const absl::StatusOr<ll::learner::Checkpoint> checkpoint = ll::learner::ParseCheckpoint(bytes);
  if (!checkpoint.ok()) {
    Require(ll::HasReason(checkpoint.status(), ll::ErrorReason::kInvalidCheckpoint), "errors of checkpoints say so");
    return;
  }
  const std::string saved = ll::learner::SerializeCheckpoint(*checkpoint);
  Require(ll::learner::SerializeCheckpoint(ll::learner::ParseCheckpoint(saved).value()) == saved,
          "a checkpoint that was read is written and read again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  Parse(bytes);
  // A fuzzer does not guess digests.
  Parse(std::string(bytes) + ll::Sha256Hex(bytes));
  return 0;
}
