#include "services/prediction/admission.h"

#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::prediction {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(AdmissionTest, AdmitsUpToTheBudget) {
  Admission admission(100);
  LL_ASSERT_OK_AND_ASSIGN(std::optional<Admission::Ticket> first, admission.Admit(60));
  LL_ASSERT_OK_AND_ASSIGN(const Admission::Ticket second, admission.Admit(40));
  EXPECT_EQ(admission.in_flight_bytes(), 100);

  const absl::Status refused = admission.Admit(1).status();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted, AllOf(HasSubstr("1 bytes"), HasSubstr("100"))));
  EXPECT_THAT(refused, HasReason(ErrorReason::kOverloaded));
  EXPECT_GT(*GetErrorDetails(refused)->retry_delay, absl::ZeroDuration());
  EXPECT_EQ(admission.in_flight_bytes(), 100) << "what was refused takes nothing";

  first.reset();
  EXPECT_EQ(admission.in_flight_bytes(), 40);
  LL_EXPECT_OK(admission.Admit(60));
}

TEST(AdmissionTest, ARequestThatIsAloneIsAdmittedHoweverLarge) {
  Admission admission(100);
  {
    LL_ASSERT_OK_AND_ASSIGN(const Admission::Ticket ticket, admission.Admit(1000));
    EXPECT_THAT(admission.Admit(1), HasReason(ErrorReason::kOverloaded));
  }
  EXPECT_EQ(admission.in_flight_bytes(), 0);
}

TEST(AdmissionTest, AMovedTicketGivesBackOnce) {
  Admission admission(100);
  LL_ASSERT_OK_AND_ASSIGN(Admission::Ticket first, admission.Admit(10));
  LL_ASSERT_OK_AND_ASSIGN(std::optional<Admission::Ticket> second, admission.Admit(20));
  first = *std::move(second);
  EXPECT_EQ(admission.in_flight_bytes(), 20);
  second.reset();
  EXPECT_EQ(admission.in_flight_bytes(), 20);
}

TEST(AdmissionTest, ThreadsNeverExceedTheBudgetTogether) {
  Admission admission(3);
  std::atomic<int> admitted_now{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 5000; ++n) {
        const absl::StatusOr<Admission::Ticket> ticket = admission.Admit(1);
        if (!ticket.ok()) continue;
        const int now = ++admitted_now;
        int seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        --admitted_now;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(most, 1);
  EXPECT_LE(most, 3);
  EXPECT_EQ(admission.in_flight_bytes(), 0);
}

TEST(DefaultInFlightBytesTest, IsAPartOfThisMachinesMemory) {
  const int64_t bytes = DefaultInFlightBytes(Env::Posix());
  EXPECT_GT(bytes, int64_t{16} << 20);
  EXPECT_LT(bytes, int64_t{1} << 50);
}

}  // namespace
}  // namespace ll::prediction
