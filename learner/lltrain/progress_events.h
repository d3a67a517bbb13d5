// Machine-readable progress: one JSON object per line, each with a field "event". docs/formats.md lists their fields.
//
//   prepared   the data is read, training begins
//   warning    something the user should know
//   epoch      after each epoch: losses of every candidate
//   done       the model is written: metrics, the table of candidates
//   failed     code, reason, message, metadata and field violations of the error
//
// The last event is always done or failed, unless the process was killed.
#ifndef LL_LEARNER_LLTRAIN_PROGRESS_EVENTS_H_
#define LL_LEARNER_LLTRAIN_PROGRESS_EVENTS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "learner/model.h"
#include "learner/trainer.h"

namespace ll::lltrain {

struct PreparedEvent {
  uint64_t seed = 0;
  int threads = 0;
  int feature_dim = 0;
  int models = 0;
  int epochs = 0;
  int64_t train_rows = 0;
  std::optional<int64_t> validation_rows = {};
  std::optional<int64_t> test_rows = {};
};

struct DoneEvent {
  const learner::Model* model = nullptr;
  bool interrupted = false;
  bool stopped_early = false;
  std::string artifact_path;
  uint64_t artifact_bytes = 0;
  std::string artifact_sha256;
};

// Not thread-safe.
class ProgressEvents final {
 public:
  // `write` gets whole lines with their line ends; nullptr: nobody listens.
  explicit ProgressEvents(std::function<void(absl::string_view)> write) : write_(std::move(write)) {}

  void Prepared(const PreparedEvent& event);
  void Warning(absl::string_view message);
  void Epoch(const learner::EpochReport& report);
  void Done(const DoneEvent& event);
  void Failed(const absl::Status& status);

 private:
  const std::function<void(absl::string_view)> write_;
};

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_PROGRESS_EVENTS_H_
