// What `lltrain` says while it runs (docs/formats.md, "Progress events"): one JSON object a line, turned into calls of
// a JobObserver, and at the end into what the run came to.
//
//   TrainerEvents events(observer);
//   events.Append(bytes);                                    // as they come from the pipe
//   observer.OnExit(events.Finish(child->Wait(), ...));
#ifndef LL_SERVICES_TRAINING_LAUNCHERS_TRAINER_EVENTS_H_
#define LL_SERVICES_TRAINING_LAUNCHERS_TRAINER_EVENTS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/training/job_launcher.h"

namespace ll::training {

// Not thread-safe.
class TrainerEvents {
 public:
  explicit TrainerEvents(JobObserver& observer) : observer_(observer) {}

  // Any part of the stream. Lines that are not events, and events of kinds that are not known, are passed over: a newer
  // trainer may say more.
  void Append(absl::string_view bytes);

  // How the trainer said that it ended; nothing when it did not come to say it.
  const std::optional<JobExit>& end() const { return end_; }

 private:
  void Line(absl::string_view line);

  JobObserver& observer_;
  std::string partial_;  // line
  std::optional<JobExit> end_;
};

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_LAUNCHERS_TRAINER_EVENTS_H_
