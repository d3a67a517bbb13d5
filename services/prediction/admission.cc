#include "services/prediction/admission.h"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/error_reason.h"

namespace ll::prediction {
namespace {

// Long enough for a few large batches to be answered.
constexpr absl::Duration kRetryDelay = absl::Milliseconds(100);

}  // namespace

Admission::Ticket& Admission::Ticket::operator=(Ticket&& other) noexcept {
  if (this != &other) {
    GiveBack();
    owner_ = std::exchange(other.owner_, nullptr);
    bytes_ = other.bytes_;
  }
  return *this;
}

void Admission::Ticket::GiveBack() {
  if (owner_ != nullptr) std::exchange(owner_, nullptr)->in_flight_bytes_.fetch_sub(bytes_);
}

absl::StatusOr<Admission::Ticket> Admission::Admit(int64_t bytes) {
  const int64_t before = in_flight_bytes_.fetch_add(bytes);
  Ticket ticket(this, bytes);
  if (before == 0 || before + bytes <= budget_bytes_) return ticket;
  return MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kOverloaded,
                   {.what = absl::StrCat("cannot take a batch of ", bytes, " bytes"),
                    .why = absl::StrCat("requests of ", before,
                                        " bytes are being answered, and together they may have ", budget_bytes_),
                    .remedy = "Try again after the time given, send smaller batches, or raise the in-flight budget."},
                   {.metadata = {{"budget_bytes", absl::StrCat(budget_bytes_)}}, .retry_delay = kRetryDelay});
}

int64_t DefaultInFlightBytes(Env& env) {
  int64_t memory = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  int64_t limit = 0;  // "max" and a missing file are not numbers
  const absl::StatusOr<std::string> group = env.ReadFile("/sys/fs/cgroup/memory.max");
  if (group.ok() && absl::SimpleAtoi(*group, &limit)) memory = std::min(memory, limit);
  return memory / 4;
}

}  // namespace ll::prediction
