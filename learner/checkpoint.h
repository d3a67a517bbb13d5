// Checkpoints: a training between two epochs, as a file, so that it can go on after whatever ended it, and give the
// same bits as if nothing had.
//
//   8 bytes      "LLCHECKP"
//   4 bytes      format version, little endian
//   text         the release that wrote it
//   ...          the members of Checkpoint, in the order of checkpoint.cc: numbers little endian, lists and texts
//                preceded by their count as 8 bytes
//   64 bytes     SHA-256 of everything before, hexadecimal
//
//   LL_RETURN_IF_ERROR(SaveCheckpoint(checkpoint, env, "checkpoints/training.checkpoint"));
//   LL_ASSIGN_OR_RETURN(Checkpoint checkpoint, LoadCheckpoint(env, "checkpoints/training.checkpoint"));
//   LL_RETURN_IF_ERROR(CheckSameTraining(checkpoint.training, training));
//   hooks.resume_from = &checkpoint.state;
#ifndef LL_LEARNER_CHECKPOINT_H_
#define LL_LEARNER_CHECKPOINT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"
#include "learner/trainer.h"
#include "learner/training_state.h"

namespace ll::learner {

inline constexpr char kCheckpointFileName[] = "training.checkpoint";
inline constexpr uint32_t kCheckpointFormatVersion = 1;

// What a training is asked to do, beside its data: trainings that differ here give different bits.
struct TrainingIdentity {
  std::map<std::string, std::string> hyperparameters;  // as the user gave them
  uint64_t seed = 0;
  std::string warm_start;  // digest of the model it began with; empty: none
};

struct Checkpoint {
  TrainingIdentity training;
  TrainingState state;
  std::vector<EpochReport> history;  // of all epochs so far
};

std::string SerializeCheckpoint(const Checkpoint& checkpoint);

// INVALID_ARGUMENT with reason INVALID_CHECKPOINT: not a checkpoint, cut short, bytes changed, a newer format (says
// which release wrote it).
absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view bytes);

// FAILED_PRECONDITION with reason INVALID_CHECKPOINT, naming what differs. Two ways to write the same value, such as
// 0.1 and 1e-1, do not. (Train() itself compares the data.)
absl::Status CheckSameTraining(const TrainingIdentity& then, const TrainingIdentity& now);

// Through the file system. Save is atomic: whatever fails, the file is the old one or the new one, and what earlier
// saves that were cut off left beside it is removed. Errors of Load name the path; NOT_FOUND when there is none.
absl::Status SaveCheckpoint(const Checkpoint& checkpoint, Env& env, const std::string& path);
absl::StatusOr<Checkpoint> LoadCheckpoint(Env& env, const std::string& path);
absl::Status RemoveCheckpoint(Env& env, const std::string& path);

// The digest at the file's end, by which two checkpoints can be told apart without reading them. It is not verified.
absl::StatusOr<std::string> CheckpointDigest(Env& env, const std::string& path);

}  // namespace ll::learner

#endif  // LL_LEARNER_CHECKPOINT_H_
