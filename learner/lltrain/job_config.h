// The three configuration files of a training job, as the container contract lays them down (docs/formats.md):
// hyperparameters.json, inputdataconfig.json and resourceconfig.json.
#ifndef LL_LEARNER_LLTRAIN_JOB_CONFIG_H_
#define LL_LEARNER_LLTRAIN_JOB_CONFIG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "learner/readers/content_type.h"

namespace ll::lltrain {

// A flat object of texts; numbers and booleans become the text they are written as. INVALID_ARGUMENT with reason
// INVALID_HYPERPARAMETER and one field violation per value of another kind.
absl::StatusOr<std::map<std::string, std::string>> ParseHyperparametersJson(absl::string_view text);

// The channel that holds no rows but a model to begin with.
inline constexpr char kModelChannel[] = "model";

struct ChannelConfig {
  std::optional<learner::ContentType> content_type = {};  // nullopt: by each file's bytes or name
  bool pipe = false;                                      // data arrive through a FIFO
  std::optional<uint64_t> shuffle_seed = {};              // nullopt: rows stay in the order of the files
};

// Channel name -> configuration: ContentType; TrainingInputMode File, FastFile or Pipe; S3DistributionType, which makes
// no difference on one host; CompressionType None or Gzip, which makes none either, for files are looked at;
// RecordWrapperType None, or RecordIO for records that a platform wraps on their way into a FIFO; ShuffleConfig with a
// Seed. INVALID_ARGUMENT with reason INVALID_CHANNEL for anything else.
absl::StatusOr<std::map<std::string, ChannelConfig>> ParseInputDataConfigJson(absl::string_view text);

// What people call the features and the classes; empty where they are not named.
struct ModelNames {
  std::vector<std::string> features = {};
  std::vector<std::string> classes = {};
};

// {"features": ["age", ...], "classes": ["stays", "goes"]}, both optional. INVALID_ARGUMENT with reason CONFIG_INVALID.
absl::StatusOr<ModelNames> ParseNamesJson(absl::string_view text);

// The name of this host. INVALID_ARGUMENT with reason CONFIG_INVALID when the job is spread over several.
absl::StatusOr<std::string> ParseResourceConfigJson(absl::string_view text);

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_JOB_CONFIG_H_
