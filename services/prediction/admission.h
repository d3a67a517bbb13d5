// A bound on the memory of all requests being worked on: large messages must not add up to more than the server has.
//
//   Admission admission(DefaultInFlightBytes(Env::Posix()));
//   LL_ASSIGN_OR_RETURN(const Admission::Ticket ticket, admission.Admit(bytes));   // given back when destroyed
#ifndef LL_SERVICES_PREDICTION_ADMISSION_H_
#define LL_SERVICES_PREDICTION_ADMISSION_H_

#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "base/env.h"

namespace ll::prediction {

// Thread-safe and lock-free. Must outlive its tickets.
class Admission final {
 public:
  // Movable.
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), bytes_(other.bytes_) {}
    Ticket& operator=(Ticket&& other) noexcept;
    ~Ticket() { GiveBack(); }

   private:
    friend class Admission;
    Ticket(Admission* owner, int64_t bytes) : owner_(owner), bytes_(bytes) {}
    void GiveBack();

    Admission* owner_;  // nullptr: moved from
    int64_t bytes_;
  };

  explicit Admission(int64_t budget_bytes) : budget_bytes_(budget_bytes) {}
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  // RESOURCE_EXHAUSTED / OVERLOADED, with the time to wait before trying again, when `bytes` do not fit beside what is
  // in flight. A request that is alone is always admitted, however large.
  absl::StatusOr<Ticket> Admit(int64_t bytes);

  int64_t budget_bytes() const { return budget_bytes_; }
  int64_t in_flight_bytes() const { return in_flight_bytes_; }

 private:
  const int64_t budget_bytes_;
  std::atomic<int64_t> in_flight_bytes_{0};
};

// A quarter of the memory that this process may use: of the machine's, or of its control group's when that is less.
int64_t DefaultInFlightBytes(Env& env);

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_ADMISSION_H_
