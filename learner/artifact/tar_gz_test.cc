#include "learner/artifact/tar_gz.h"

#include <map>
#include <string>

#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::ll::testing::StatusIs;
using ::testing::HasSubstr;

absl::StatusOr<std::map<std::string, std::string>> Unpack(absl::string_view bytes, uint64_t limit = 1 << 30) {
  TarGzReader reader(bytes);
  std::map<std::string, std::string> members;
  while (true) {
    LL_ASSIGN_OR_RETURN(const auto member, reader.Next());
    if (!member.has_value()) return members;
    LL_ASSIGN_OR_RETURN(members[member->name], reader.Contents(limit));
    EXPECT_EQ(members[member->name].size(), member->size);
  }
}

std::string Incompressible(size_t size) {
  SeededRandom random(3);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.Below(256));
  return bytes;
}

TEST(TarGzTest, UnpacksWhatItPacked) {
  const std::string large = Incompressible(3'000'000);
  const std::string zeros(5'000'000, '\0');
  LL_ASSERT_OK_AND_ASSIGN(const std::string bytes, PackTarGz({{"a", "alpha"}, {"b", large}, {"c", ""}, {"d", zeros}}));
  LL_ASSERT_OK_AND_ASSIGN(const auto members, Unpack(bytes));
  EXPECT_EQ(members.size(), 4u);
  EXPECT_EQ(members.at("a"), "alpha");
  EXPECT_EQ(members.at("b"), large);
  EXPECT_EQ(members.at("c"), "");
  EXPECT_EQ(members.at("d"), zeros);
}

TEST(TarGzTest, EqualMembersGiveEqualBytesWithoutATimeStamp) {
  LL_ASSERT_OK_AND_ASSIGN(const std::string first, PackTarGz({{"a", "alpha"}}));
  LL_ASSERT_OK_AND_ASSIGN(const std::string second, PackTarGz({{"a", "alpha"}}));
  EXPECT_EQ(first, second);
  EXPECT_EQ(first.substr(0, 10), std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10));
}

TEST(TarGzTest, EveryTruncationIsRefused) {
  LL_ASSERT_OK_AND_ASSIGN(const std::string bytes, PackTarGz({{"a", "alpha"}, {"b", Incompressible(100)}}));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(Unpack(bytes.substr(0, size)), StatusIs(absl::StatusCode::kInvalidArgument)) << size;
  }
}

TEST(TarGzTest, EveryChangedByteIsRefusedOrHarmless) {
  LL_ASSERT_OK_AND_ASSIGN(const std::string bytes, PackTarGz({{"a", "alpha"}, {"b", Incompressible(100)}}));
  LL_ASSERT_OK_AND_ASSIGN(const auto members, Unpack(bytes));
  size_t refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    const auto result = Unpack(changed);
    // Some bytes mean nothing (the time in the gzip header) or say the same in another way (a run of zeros).
    if (result.ok()) {
      EXPECT_EQ(*result, members) << at;
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, bytes.size() * 9 / 10);
}

TEST(TarGzTest, BytesAfterTheEndAreRefused) {
  LL_ASSERT_OK_AND_ASSIGN(const std::string bytes, PackTarGz({{"a", "alpha"}}));
  EXPECT_THAT(Unpack(bytes + "x"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("after its end")));
  EXPECT_THAT(Unpack(bytes + bytes), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("after its end")));
}

TEST(TarGzTest, OtherFormatsAreRefused) {
  EXPECT_THAT(Unpack("PK\x03\x04"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not compressed with gzip")));
  EXPECT_THAT(Unpack("{}"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not compressed with gzip")));
}

TEST(TarGzTest, AMemberLongerThanItsLimitIsNotUnpacked) {
  LL_ASSERT_OK_AND_ASSIGN(const std::string bytes, PackTarGz({{"bomb", std::string(50'000'000, '\0')}}));
  EXPECT_LT(bytes.size(), 100'000u);
  EXPECT_THAT(Unpack(bytes, 1000), StatusIs(absl::StatusCode::kInvalidArgument,
                                            HasSubstr("bomb says it is 50000000 bytes long, and the limit is 1000")));
}

}  // namespace
}  // namespace ll::learner
