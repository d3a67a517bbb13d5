// Puts into a job's directory what the trainer reads: its configuration and its data, as the container contract has
// them.
//
//   input/config/hyperparameters.json     the job's own, as given
//   input/config/inputdataconfig.json     content type of each channel
//   input/config/resourceconfig.json      one host
//   input/config/names.json               names of features and classes, if the job has them
//   input/data/model/model.tar.gz         hard link to the artifact that training begins with, if there is one
//   input/data/train/0-a.csv, 1-b.csv     hard links to the objects' bytes; their order is the order of the keys, and
//                                         each keeps the last part of its key, so that errors name it
#ifndef LL_SERVICES_TRAINING_LAUNCHERS_JOB_LAYOUT_H_
#define LL_SERVICES_TRAINING_LAUNCHERS_JOB_LAYOUT_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "base/env.h"
#include "registry/blob_store.h"
#include "services/training/job_launcher.h"

namespace ll::training {

// `launch.directory` must be fresh from Create(). STORAGE_FULL or STORAGE_FAILED when the disk refuses.
absl::Status LayOutJob(const JobLaunch& launch, registry::BlobStore& blobs, Env& env);

// The file of the `index`-th of `count` objects of a channel.
std::string DataFileName(size_t index, size_t count, const std::string& key);

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_LAUNCHERS_JOB_LAYOUT_H_
