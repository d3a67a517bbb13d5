#include "learner/early_stopping.h"

#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ll::learner {
namespace {

using ::testing::ElementsAre;

struct Trace {
  std::vector<int> improvements;  // epochs
  int last_epoch = -1;            // the last one that was run
};

Trace Follow(EarlyStopping stopping, const std::vector<double>& values) {
  Trace trace;
  for (const double value : values) {
    ++trace.last_epoch;
    if (stopping.Improves(value)) trace.improvements.push_back(trace.last_epoch);
    if (stopping.should_stop()) break;
  }
  return trace;
}

// The reference's job: best in epoch 4, patience 3, and epoch 8 is the last.
TEST(EarlyStoppingTest, StopsWhenMoreThanPatienceEpochsWereStale) {
  const Trace trace =
      Follow(EarlyStopping(Better::kLower, 3, 0.001), {0.5, 0.4, 0.3, 0.2, 0.17756, 0.2, 0.2, 0.2, 0.2, 0.1});
  EXPECT_THAT(trace.improvements, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(trace.last_epoch, 8);
}

// The reference's other job, tolerance 0.01: epoch 7 is 0.29 % better than epoch 3, which does not prolong training.
// It is kept all the same: the reference would have gone back to epoch 3.
TEST(EarlyStoppingTest, AGainWithinTheToleranceIsKeptAndStale) {
  const Trace trace =
      Follow(EarlyStopping(Better::kLower, 3, 0.01), {0.4, 0.3, 0.25, 0.198334, 0.1984, 0.1982, 0.1981, 0.197758, 0.1});
  EXPECT_THAT(trace.improvements, ElementsAre(0, 1, 2, 3, 5, 6, 7));
  EXPECT_EQ(trace.last_epoch, 7);
}

// Gains of less than a tenth add up until they make one.
TEST(EarlyStoppingTest, SmallGainsAddUp) {
  const std::vector<double> falling = {100, 95, 91, 89.9, 85, 82, 80.95, 80.9, 80, 79, 78, 77, 76};
  const Trace trace = Follow(EarlyStopping(Better::kLower, 3, 0.1), falling);
  EXPECT_EQ(trace.improvements.size(), 12u);
  EXPECT_EQ(trace.last_epoch, 11) << "89.9 and 80.9 restarted the count";
}

TEST(EarlyStoppingTest, AScoreIsBetterWhenHigher) {
  const Trace trace = Follow(EarlyStopping(Better::kHigher, 1, 0.001), {0.9, 0.95, 0.9505, 0.9, 0.99});
  EXPECT_THAT(trace.improvements, ElementsAre(0, 1, 2));
  EXPECT_EQ(trace.last_epoch, 3);
}

TEST(EarlyStoppingTest, AValueThatIsNotFiniteNeverImproves) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_THAT(Follow(EarlyStopping(Better::kLower, 9, 0.001), {nan, infinity, -infinity, 2, nan}).improvements,
              ElementsAre(3));
  EXPECT_THAT(Follow(EarlyStopping(Better::kHigher, 9, 0.001), {infinity, 2, nan, 3}).improvements, ElementsAre(1, 3));
}

TEST(EarlyStoppingTest, ALossOfZeroCannotBeBeaten) {
  EXPECT_THAT(Follow(EarlyStopping(Better::kLower, 1, 0.001), {0, 0, 0, 0}).improvements, ElementsAre(0));
}

}  // namespace
}  // namespace ll::learner
