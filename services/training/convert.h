// Training jobs between the API and the engine. FromProto validates, with every violation at once; ToProto cannot fail.
#ifndef LL_SERVICES_TRAINING_CONVERT_H_
#define LL_SERVICES_TRAINING_CONVERT_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ll/v1/training_job.pb.h"
#include "ll/v1/training_service.pb.h"
#include "registry/records.h"

namespace ll::training {

absl::StatusOr<registry::JobRecord> FromProto(const v1::CreateTrainingJobRequest& request);

v1::TrainingJob ToProto(const registry::JobRecord& record);

// An error of the engine, whose violations are paths from the job ("spec.channels"), as one of a request that holds the
// job in its field training_job.
absl::Status UnderTrainingJob(const absl::Status& status);

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_CONVERT_H_
