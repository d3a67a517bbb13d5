// The rows of the catalogue as plain structs. No protos, no SQL: doors convert to and from these, engines work on them,
// stores keep them.
//
// Every record carries labels (short, filterable), annotations (free text, bounded by the doors), times and an etag.
// Times and numbers marked "set by the store" are ignored on the way in; an etag on the way in is the one that the
// caller read (empty: do not compare).
#ifndef LL_REGISTRY_RECORDS_H_
#define LL_REGISTRY_RECORDS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ll::registry {

using StringMap = std::map<std::string, std::string>;

// Common to every resource.
struct RecordHeader {
  StringMap labels = {};
  StringMap annotations = {};
  absl::Time create_time = {};  // set by the store
  absl::Time update_time = {};  // set by the store
  std::string etag = {};        // set by the store: changes with every change of the record, never used twice
  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
};

// models/{id}
struct ModelRecord {
  std::string id = {};
  RecordHeader header = {};
  std::string description = {};
  std::map<std::string, int64_t> aliases = {};  // alias -> version number
  int64_t latest_version = 0;                   // newest READY version, 0: none; set by the store, not part of the etag
  friend bool operator==(const ModelRecord&, const ModelRecord&) = default;
};

enum class VersionState { kReady, kCorrupt, kDeleting };

// What a version takes and gives, in the words of the API ("binary_classifier", "PROBABILITY", ...).
struct FeatureSchema {
  std::string predictor_type = {};
  std::string loss = {};
  std::string score_kind = {};
  int64_t feature_dim = 0;
  int64_t outputs = 0;
  friend bool operator==(const FeatureSchema&, const FeatureSchema&) = default;
};

// An input that a version was made from: which bytes, under which name.
struct LineageInput {
  std::string channel = {};
  std::string object = {};  // buckets/b/objects/k
  std::string sha256 = {};
  friend bool operator==(const LineageInput&, const LineageInput&) = default;
};

// models/{model_id}/versions/{number}
struct VersionRecord {
  std::string model_id = {};
  int64_t number = 0;  // set by the store: one more than the highest ever given in this model
  RecordHeader header = {};
  VersionState state = VersionState::kReady;
  std::string state_reason = {};  // why it is CORRUPT
  std::string description = {};
  std::string artifact_sha256 = {};
  int64_t artifact_bytes = 0;
  std::string algorithm = {};
  StringMap hyperparameters = {};
  FeatureSchema schema = {};
  std::map<std::string, double> metrics = {};
  std::string training_job = {};  // id of the job that made it; empty: imported
  std::vector<LineageInput> lineage = {};
  friend bool operator==(const VersionRecord&, const VersionRecord&) = default;
};

// Names one version: by number, or by an alias that is resolved when it is used.
struct VersionRef {
  std::string model_id = {};
  int64_t number = 0;      // 0: see alias
  std::string alias = {};  // empty: see number
  friend bool operator==(const VersionRef&, const VersionRef&) = default;
};

enum class JobState { kQueued, kPreparing, kTraining, kUploading, kSucceeded, kFailed, kCancelling, kCancelled };
bool IsTerminal(JobState state);

struct ChannelSpec {
  std::string name = {};                      // "train", "validation", "test"
  std::string uri = {};                       // s3://bucket/key-or-prefix of the platform's own store
  std::string content_type = {};              // empty: by the file's name
  std::optional<uint64_t> shuffle_seed = {};  // absent: rows stay in their order
  friend bool operator==(const ChannelSpec&, const ChannelSpec&) = default;
};

// What the user asked for.
struct JobSpec {
  std::string algorithm = {};  // "linear-learner"
  StringMap hyperparameters = {};
  std::vector<ChannelSpec> channels = {};
  std::string model_id = {};                       // output model; created when missing
  std::optional<uint64_t> seed = {};               // absent: the trainer's documented default
  int64_t threads = 0;                             // 0: all cores
  std::optional<absl::Duration> max_runtime = {};  // stopping condition; absent: none
  std::optional<VersionRef> warm_start = {};       // the version to begin with; by its number once the job is created
  std::vector<std::string> feature_names = {};     // for people; empty: not given
  std::vector<std::string> class_names = {};
  friend bool operator==(const JobSpec&, const JobSpec&) = default;
};

// Training as it goes; written at most once a second, without an event.
struct JobProgress {
  int64_t epoch = 0;   // complete ones
  int64_t epochs = 0;  // planned
  double best_loss = 0;
  int64_t best_candidate = 0;
  double rows_per_second = 0;
  friend bool operator==(const JobProgress&, const JobProgress&) = default;
};

// One model of the grid, for the job's table.
struct CandidateRecord {
  int64_t index = 0;
  StringMap hyperparameters = {};
  double train_loss = 0;
  std::optional<double> validation_loss = {};
  bool diverged = false;
  friend bool operator==(const CandidateRecord&, const CandidateRecord&) = default;
};

// An error kept on a resource: the canonical code's number, the reason and the text users would have seen.
struct StoredError {
  int code = 0;
  std::string reason = {};
  std::string message = {};
  std::vector<std::pair<std::string, std::string>> field_violations = {};  // field, description
  friend bool operator==(const StoredError&, const StoredError&) = default;
};

// trainingJobs/{id}
struct JobRecord {
  std::string id = {};
  RecordHeader header = {};
  JobSpec spec = {};
  JobState state = JobState::kQueued;
  bool keep_model = false;  // while CANCELLING: register the best model so far
  JobProgress progress = {};
  std::vector<CandidateRecord> candidates = {};
  std::map<std::string, double> metrics = {};
  std::vector<std::string> warnings = {};  // what the trainer said users should know
  std::optional<StoredError> error = {};   // FAILED
  int64_t produced_version = 0;            // of spec.model_id; 0: none
  std::optional<absl::Time> start_time = {};
  std::optional<absl::Time> end_time = {};
  friend bool operator==(const JobRecord&, const JobRecord&) = default;
};

enum class EndpointState { kCreating, kInService, kUpdating, kRollingBack, kDeleting, kFailed };

struct VariantSpec {
  std::string name = {};
  VersionRef version = {};  // a number, or an alias that the variant follows
  friend bool operator==(const VariantSpec&, const VariantSpec&) = default;
};

// What serves right now.
struct ObservedVariant {
  std::string name = {};
  std::string model_id = {};
  int64_t version = 0;
  absl::Time ready_time = {};
  friend bool operator==(const ObservedVariant&, const ObservedVariant&) = default;
};

// endpoints/{id}. The desired part is written by requests, the observed part by the endpoint manager.
struct EndpointRecord {
  std::string id = {};
  RecordHeader header = {};
  // Desired.
  std::vector<VariantSpec> variants = {};
  int64_t generation = 1;  // grows with every change of the desired part; set by the engine
  bool deleted = false;    // asked to go; the row disappears when nothing serves any more
  // Observed.
  EndpointState state = EndpointState::kCreating;
  int64_t observed_generation = 0;  // the desired part that was last settled, well or badly
  std::vector<ObservedVariant> observed = {};
  std::optional<StoredError> error = {};  // why it is FAILED, or why the last update did not go through
  friend bool operator==(const EndpointRecord&, const EndpointRecord&) = default;
};

// buckets/{id}
struct BucketRecord {
  std::string id = {};
  RecordHeader header = {};
  friend bool operator==(const BucketRecord&, const BucketRecord&) = default;
};

// buckets/{bucket_id}/objects/{key}
struct ObjectRecord {
  std::string bucket_id = {};
  std::string key = {};
  RecordHeader header = {};
  std::string sha256 = {};
  std::string md5 = {};  // hexadecimal; the etag S3 clients expect
  int64_t size_bytes = 0;
  std::string content_type = {};
  std::string content_encoding = {};
  StringMap metadata = {};  // the user's own
  friend bool operator==(const ObjectRecord&, const ObjectRecord&) = default;
};

// events/{sequence}: one change of one resource.
struct EventRecord {
  int64_t sequence = 0;  // from 1, without gaps
  absl::Time time = {};
  std::string actor = {};     // "anonymous@ipv4:127.0.0.1:51324", "llserver"
  std::string verb = {};      // "create", "update", "delete", "set-alias", "state", ...
  std::string resource = {};  // full name
  std::string request_id = {};
  std::string before_json = {};  // the record before and after, as record_json.h writes it; empty: there was none
  std::string after_json = {};
  friend bool operator==(const EventRecord&, const EventRecord&) = default;
};

// The words of the API for states: "READY", "QUEUED", "IN_SERVICE", ...
absl::string_view StateName(VersionState state);
absl::string_view StateName(JobState state);
absl::string_view StateName(EndpointState state);
// nullopt: there is no such state. State is one of the three enums.
template <typename State>
std::optional<State> ParseState(absl::string_view name);
// All words, in the order of the enum.
template <typename State>
std::vector<absl::string_view> StateNames();

// Full resource names.
std::string ModelName(const std::string& model_id);
std::string VersionName(const std::string& model_id, int64_t number);
std::string JobName(const std::string& job_id);
std::string EndpointName(const std::string& endpoint_id);
std::string BucketName(const std::string& bucket_id);
std::string ObjectName(const std::string& bucket_id, const std::string& key);
// "models/m/versions/7" or "models/m@alias".
std::string VersionRefName(const VersionRef& ref);

}  // namespace ll::registry

#endif  // LL_REGISTRY_RECORDS_H_
