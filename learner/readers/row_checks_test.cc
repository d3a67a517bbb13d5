#include "learner/readers/row_checks.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ll::learner {
namespace {

TEST(CopyFiniteTest, CopiesFromAnywhereAndFindsEveryKindAtEveryPlace) {
  constexpr float kBad[] = {NAN, INFINITY, -INFINITY, std::numeric_limits<float>::signaling_NaN()};
  constexpr float kGood[] = {0.0f, -0.0f, std::numeric_limits<float>::max(), std::numeric_limits<float>::lowest(),
                             std::numeric_limits<float>::denorm_min()};
  constexpr int64_t kCount = 19;
  std::vector<float> copy(kCount);
  for (const float good : kGood) {
    for (size_t unaligned = 0; unaligned < 4; ++unaligned) {
      std::string bytes(unaligned + kCount * sizeof(float), 'x');
      for (int64_t i = 0; i < kCount; ++i) std::memcpy(&bytes[unaligned + 4 * static_cast<size_t>(i)], &good, 4);
      EXPECT_EQ(CopyFinite(bytes.data() + unaligned, kCount, copy.data()), kCount);
      EXPECT_EQ(std::memcmp(copy.data(), bytes.data() + unaligned, kCount * sizeof(float)), 0);
      for (int64_t at = 0; at < kCount; ++at) {
        for (const float bad : kBad) {
          std::string broken = bytes;
          std::memcpy(&broken[unaligned + 4 * static_cast<size_t>(at)], &bad, 4);
          EXPECT_EQ(CopyFinite(broken.data() + unaligned, kCount, copy.data()), at);
        }
      }
    }
  }
  EXPECT_EQ(CopyFinite(nullptr, 0, nullptr), 0);
}

}  // namespace
}  // namespace ll::learner
