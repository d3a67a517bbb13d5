#include "base/digest.h"

#include <string>

#include "gtest/gtest.h"

namespace ll {
namespace {

// FIPS 180-4 and RFC 1321 examples.
TEST(DigestTest, KnownAnswers) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Digest md5(Digest::kMd5);
  md5.Update("message digest");
  EXPECT_EQ(md5.FinishHex(), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(DigestTest, PiecesGiveTheSameDigest) {
  const std::string data(100000, 'x');
  Digest pieces(Digest::kSha256);
  for (size_t at = 0; at < data.size(); at += 777) pieces.Update(data.substr(at, 777));
  EXPECT_EQ(pieces.FinishHex(), Sha256Hex(data));
}

TEST(DigestTest, RecognisesDigests) {
  EXPECT_TRUE(IsSha256Hex(Sha256Hex("")));
  EXPECT_FALSE(IsSha256Hex(Sha256Hex("").substr(1)));
  EXPECT_FALSE(IsSha256Hex(std::string(64, 'G')));
  EXPECT_FALSE(IsSha256Hex(std::string(64, 'A')));
}

}  // namespace
}  // namespace ll
