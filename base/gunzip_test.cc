#include "base/gunzip.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/gzip.h"
#include "tests/testing/memory_file.h"
#include "tests/testing/status_matchers.h"

namespace ll {
namespace {

using ::ll::testing::Gzip;
using ::ll::testing::NewMemoryFile;
using ::ll::testing::StatusIs;
using ::testing::HasSubstr;

constexpr auto kOne = GunzipFile::Members::kOne;
constexpr auto kAny = GunzipFile::Members::kAny;

absl::StatusOr<std::string> Unpack(const std::string& packed, GunzipFile::Members members = kAny,
                                   size_t bytes_per_read = SIZE_MAX, size_t buffer_bytes = 1000) {
  GunzipFile file(NewMemoryFile(packed, bytes_per_read), members);
  std::string unpacked, buffer(buffer_bytes, '\0');
  while (true) {
    LL_ASSIGN_OR_RETURN(const size_t count, file.Read(absl::MakeSpan(buffer)));
    if (count == 0) break;
    unpacked.append(buffer, 0, count);
  }
  EXPECT_EQ(file.packed_offset(), packed.size());
  return unpacked;
}

std::string SampleText(int lines) {
  SeededRandom random(5);
  std::string text;
  for (int i = 0; i < lines; ++i) absl::StrAppend(&text, random.Below(1000), ",", random.Below(7), "\n");
  return text;
}

TEST(GunzipFileTest, UnpacksInPiecesOfAnySize) {
  const std::string text = SampleText(50000);
  for (const size_t bytes_per_read : {size_t{1}, size_t{1000}, SIZE_MAX}) {
    for (const size_t buffer_bytes : {size_t{7}, size_t{1} << 20}) {
      LL_ASSERT_OK_AND_ASSIGN(const std::string unpacked, Unpack(Gzip(text), kOne, bytes_per_read, buffer_bytes));
      EXPECT_EQ(unpacked, text);
    }
  }
}

TEST(GunzipFileTest, MembersFollowEachOtherWhereAllowed) {
  const std::string packed = Gzip("one ") + Gzip("") + Gzip("two");
  for (const size_t bytes_per_read : {size_t{1}, SIZE_MAX}) {
    LL_ASSERT_OK_AND_ASSIGN(const std::string unpacked, Unpack(packed, kAny, bytes_per_read));
    EXPECT_EQ(unpacked, "one two");
  }
  EXPECT_THAT(Unpack(packed, kOne), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("bytes after its end")));
}

TEST(GunzipFileTest, AnEmptyFileInsideIsEmpty) {
  LL_ASSERT_OK_AND_ASSIGN(const std::string unpacked, Unpack(Gzip("")));
  EXPECT_EQ(unpacked, "");
}

TEST(GunzipFileTest, EveryTruncationIsFound) {
  const std::string packed = Gzip(SampleText(20));
  for (size_t size = 0; size < packed.size(); ++size) {
    EXPECT_THAT(Unpack(packed.substr(0, size)), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cut short")));
  }
}

TEST(GunzipFileTest, DamageIsFound) {
  const std::string packed = Gzip(SampleText(2000));
  std::string damaged = packed;
  damaged[packed.size() / 2] = static_cast<char>(damaged[packed.size() / 2] ^ 0x55);
  EXPECT_THAT(Unpack(damaged), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("damaged")));
  std::string wrong_checksum = packed;
  wrong_checksum[packed.size() - 6] = static_cast<char>(wrong_checksum[packed.size() - 6] ^ 1);
  EXPECT_THAT(Unpack(wrong_checksum), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("damaged")));
}

TEST(GunzipFileTest, OtherBytesAreRefused) {
  EXPECT_THAT(Unpack("1,2,3\n"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not compressed with gzip")));
  EXPECT_THAT(Unpack(Gzip("a") + "rest"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("after its end")));
  EXPECT_THAT(Unpack(Gzip("a") + "\x1f"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("cut short")));
}

// 20 MB of zeros pack into 100 KB: reading a little of them takes a little memory and time.
TEST(GunzipFileTest, ABombIsUnpackedOnlyAsFarAsItIsRead) {
  const std::string packed = Gzip(std::string(20'000'000, '\0'));
  EXPECT_LT(packed.size(), 200'000u);
  GunzipFile file(NewMemoryFile(packed), kOne);
  std::string buffer(4096, 'x');
  LL_ASSERT_OK_AND_ASSIGN(const size_t count, file.Read(absl::MakeSpan(buffer)));
  EXPECT_LE(count, buffer.size());
  EXPECT_LE(file.packed_offset(), size_t{128} << 10);
}

}  // namespace
}  // namespace ll
