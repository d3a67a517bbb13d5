#include "base/utf8.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace ll {
namespace {

TEST(Utf8Test, AcceptsTheFirstAndLastCharacterOfEachLength) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8(std::string("\x00\x7f", 2)));
  EXPECT_TRUE(IsUtf8("\xc2\x80\xdf\xbf"));
  EXPECT_TRUE(IsUtf8("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"));
  EXPECT_TRUE(IsUtf8("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
}

TEST(Utf8Test, RefusesWhatTheStandardForbids) {
  EXPECT_FALSE(IsUtf8("\x80"));              // a continuation alone
  EXPECT_FALSE(IsUtf8("\xc0\x80"));          // overlong
  EXPECT_FALSE(IsUtf8("\xe0\x9f\xbf"));      // overlong
  EXPECT_FALSE(IsUtf8("\xf0\x8f\xbf\xbf"));  // overlong
  EXPECT_FALSE(IsUtf8("\xed\xa0\x80"));      // a surrogate
  EXPECT_FALSE(IsUtf8("\xf4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(IsUtf8("\xf5\x80\x80\x80"));
  EXPECT_FALSE(IsUtf8("a\xe2\x82"));       // cut off
  EXPECT_FALSE(IsUtf8("\xe2\x82z"));       // the third byte is none
  EXPECT_FALSE(IsUtf8("\xe2\x28\xa1 b"));  // the second byte is none
}

TEST(Utf8Test, ReplacesEachBadByteAndKeepsTheRest) {
  EXPECT_EQ(ToValidUtf8("a\xff"
                        "b\xc3\xa9\xe2\x82"),
            "a\xef\xbf\xbd"
            "b\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(ToValidUtf8("plain"), "plain");
}

TEST(Utf8Test, ShortensBetweenCharacters) {
  EXPECT_EQ(ShortenUtf8("abc", 3), "abc");
  EXPECT_EQ(ShortenUtf8("abcd", 3), "abc...");
  EXPECT_EQ(ShortenUtf8("a\xc3\xa9z", 2), "a...");
  EXPECT_EQ(ShortenUtf8("a\xc3\xa9z", 3), "a\xc3\xa9...");
}

TEST(Utf8Test, QuotesWhatUsersSent) {
  EXPECT_EQ(Quoted("a\"b\n"), "\"a\\\"b\\n\"");
  EXPECT_EQ(Quoted("caf\xc3\xa9"), "\"caf\xc3\xa9\"");
  EXPECT_EQ(Quoted("\xff"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(Quoted(std::string(1000, 'x')), absl::StrCat("\"", std::string(100, 'x'), "...\""));
  // The cut falls into a character.
  const std::string ninety_nine(99, 'x');
  EXPECT_EQ(Quoted(absl::StrCat(ninety_nine, "\xc3\xa9 and more")), absl::StrCat("\"", ninety_nine, "...\""));
}

}  // namespace
}  // namespace ll
