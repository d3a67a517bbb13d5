// Channels: what a job names, `s3://bucket/key-or-prefix` of the platform's own store, and the objects behind it.
//
//   s3://data/mnist/train.pbr    the object with this key, if there is one
//   s3://data/mnist/             otherwise every object whose key begins with the text, in the bytewise order of keys;
//                                always so when the text ends with a slash
//
// Left out of a prefix are objects that by convention describe data and are none: names that begin with "." or "_",
// names that end in ".manifest", and the empty "folder/" markers that some tools create.
#ifndef LL_SERVICES_TRAINING_INPUT_CHANNELS_H_
#define LL_SERVICES_TRAINING_INPUT_CHANNELS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "registry/blob_store.h"
#include "registry/records.h"
#include "registry/registry.h"

namespace ll::training {

struct S3Location {
  std::string bucket = {};
  std::string prefix = {};  // empty: the whole bucket
  friend bool operator==(const S3Location&, const S3Location&) = default;
};

// INVALID_ARGUMENT / INVALID_CHANNEL.
absl::StatusOr<S3Location> ParseS3Uri(absl::string_view uri);

struct InputObject {
  std::string name = {};  // buckets/b/objects/k
  std::string key = {};
  std::string sha256 = {};
  int64_t size_bytes = 0;
};

// A channel's name, or "model": the version that training begins with, as one object.
struct InputChannel {
  std::string name = {};
  // The one asked for, or what all objects agree on; empty: the job looks at their bytes.
  std::string content_type = {};
  std::vector<InputObject> objects = {};
  std::optional<uint64_t> shuffle_seed = {};
};

// The objects of every channel of `spec` as they are now, and last the version that it begins with. Without a content
// type in the channel, an object's own counts if the learner reads it, else its name's extension. NOT_FOUND /
// BUCKET_NOT_FOUND or OBJECT_NOT_FOUND when channels name nothing; INVALID_ARGUMENT / INVALID_CHANNEL when the objects
// of one do not agree. Both carry a violation of "spec.channels[i].uri" for each such channel.
absl::StatusOr<std::vector<InputChannel>> ResolveChannels(const registry::View& view, const registry::JobSpec& spec);

// Channels whose objects' bytes stay in the blob store as long as this lives.
struct PinnedInputs {
  std::vector<InputChannel> channels = {};
  std::vector<registry::PinnedBlob> pins = {};
};

// ResolveChannels() with everything pinned. An object that is replaced meanwhile is resolved again.
absl::StatusOr<PinnedInputs> PinInputs(registry::Registry& registry, registry::BlobStore& blobs,
                                       const registry::JobSpec& spec);

// What a version remembers of its inputs.
std::vector<registry::LineageInput> LineageOf(const std::vector<InputChannel>& channels);

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_INPUT_CHANNELS_H_
