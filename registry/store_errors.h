// The errors of the stores, in one place, so that every implementation of the registry says the same words.
#ifndef LL_REGISTRY_STORE_ERRORS_H_
#define LL_REGISTRY_STORE_ERRORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "registry/records.h"

namespace ll::registry {

// NOT_FOUND.
absl::Status ModelNotFound(const std::string& model_id);
absl::Status VersionNotFound(const std::string& model_id, int64_t number);
absl::Status AliasNotFound(const VersionRef& ref);
absl::Status NoReadyVersion(const std::string& model_id);
absl::Status JobNotFound(const std::string& job_id);
absl::Status EndpointNotFound(const std::string& endpoint_id);
absl::Status BucketNotFound(const std::string& bucket_id);
absl::Status ObjectNotFound(const std::string& bucket_id, const std::string& key);
absl::Status EventNotFound(int64_t sequence);
absl::Status AnswerNotFound(const std::string& request_id);

// `name` is the full resource name.
absl::Status AlreadyExists(const std::string& name);  // ALREADY_EXISTS
absl::Status EtagMismatch(const std::string& name);   // ABORTED

// FAILED_PRECONDITION. `users` are full resource names; each becomes a precondition violation.
absl::Status InUse(const std::string& name, const std::vector<std::string>& users);
absl::Status ModelNotEmpty(const std::string& model_id);
absl::Status BucketNotEmpty(const std::string& bucket_id);
absl::Status JobAlreadyEnded(const std::string& job_id, JobState state);

// OUT_OF_RANGE.
absl::Status EventsExpired(int64_t after, int64_t oldest);

// INVALID_ARGUMENT.
absl::Status EventsHaveOneOrder();
absl::Status InvalidVersionRef(const VersionRef& ref);
absl::Status InvalidCursor(absl::string_view cursor);

}  // namespace ll::registry

#endif  // LL_REGISTRY_STORE_ERRORS_H_
