// Waiting for jobs and endpoints with a live line, for the commands that start them and for `wait`. What is waited for
// goes on without llctl: when a wait ends early, the user is told how to go on.
#ifndef LL_CLIENTS_LLCTL_WAITING_H_
#define LL_CLIENTS_LLCTL_WAITING_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clients/llctl/session.h"
#include "ll/v1/endpoint.pb.h"
#include "ll/v1/training_job.pb.h"

namespace ll::llctl {

// Waits until the job has ended and prints what became of it. An error when it did not succeed: its own, exit code 1.
absl::Status WaitForJob(Session& session, const std::string& name);

// Waits until the endpoint has settled and prints what it serves. An error when the last change did not go through: its
// own, exit code 1.
absl::Status WaitForEndpoint(Session& session, const std::string& name);

// Waits until the endpoint is gone and says so.
absl::Status WaitForEndpointDeletion(Session& session, const std::string& name);

// One line on how far training is, within 80 characters for names of ordinary length:
// "digits  epoch 7/15 [====>     ]  best loss 0.0215  1.23M rows/s  12s", "digits  QUEUED  3.0s".
std::string TrainingLine(const v1::TrainingJob& job, absl::Duration elapsed);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_WAITING_H_
