#include "clients/llctl/human_units.h"

#include "gtest/gtest.h"

namespace ll::llctl {
namespace {

TEST(HumanUnitsTest, AgesAreTheLargestWholeUnit) {
  EXPECT_EQ(HumanAge(absl::Seconds(-3)), "0s");
  EXPECT_EQ(HumanAge(absl::Milliseconds(999)), "0s");
  EXPECT_EQ(HumanAge(absl::Seconds(59)), "59s");
  EXPECT_EQ(HumanAge(absl::Seconds(60)), "1m");
  EXPECT_EQ(HumanAge(absl::Minutes(59) + absl::Seconds(59)), "59m");
  EXPECT_EQ(HumanAge(absl::Hours(1)), "1h");
  EXPECT_EQ(HumanAge(absl::Hours(47)), "47h");
  EXPECT_EQ(HumanAge(absl::Hours(48)), "2d");
  EXPECT_EQ(HumanAge(absl::Hours(24 * 729)), "729d");
  EXPECT_EQ(HumanAge(absl::Hours(24 * 730)), "2y");
}

TEST(HumanUnitsTest, DurationsKeepWhatMattersWhileWaiting) {
  EXPECT_EQ(HumanDuration(absl::ZeroDuration()), "0.0s");
  EXPECT_EQ(HumanDuration(absl::Milliseconds(340)), "0.3s");
  EXPECT_EQ(HumanDuration(absl::Milliseconds(9940)), "9.9s");
  EXPECT_EQ(HumanDuration(absl::Milliseconds(9960)), "10s");
  EXPECT_EQ(HumanDuration(absl::Seconds(59)), "59s");
  EXPECT_EQ(HumanDuration(absl::Seconds(125)), "2m05s");
  EXPECT_EQ(HumanDuration(absl::Hours(1) + absl::Minutes(10)), "1h10m");
}

TEST(HumanUnitsTest, BytesInBinaryUnits) {
  EXPECT_EQ(HumanBytes(0), "0 B");
  EXPECT_EQ(HumanBytes(1023), "1023 B");
  EXPECT_EQ(HumanBytes(1024), "1.0 KiB");
  EXPECT_EQ(HumanBytes(10'000), "9.8 KiB");
  EXPECT_EQ(HumanBytes(10'200), "10 KiB");
  EXPECT_EQ(HumanBytes(1'048'575), "1.0 MiB");
  EXPECT_EQ(HumanBytes(156'000'000), "149 MiB");
  EXPECT_EQ(HumanBytes(int64_t{5} << 40), "5.0 TiB");
  EXPECT_EQ(HumanBytes(156'000'000, ""), "149MiB");
}

TEST(HumanUnitsTest, CountsHaveThreeDigits) {
  EXPECT_EQ(HumanCount(0), "0");
  EXPECT_EQ(HumanCount(999), "999");
  EXPECT_EQ(HumanCount(999.6), "1.00k");
  EXPECT_EQ(HumanCount(22'700), "22.7k");
  EXPECT_EQ(HumanCount(1'234'567), "1.23M");
  EXPECT_EQ(HumanCount(123'456'789), "123M");
  EXPECT_EQ(HumanCount(2e9), "2.00G");
}

TEST(HumanUnitsTest, TimesAreUtc) {
  google::protobuf::Timestamp time;
  EXPECT_EQ(UtcText(time), "");
  time.set_seconds(1'767'225'600);
  time.set_nanos(999'999'999);
  EXPECT_EQ(UtcText(time), "2026-01-01T00:00:00Z");
}

}  // namespace
}  // namespace ll::llctl
