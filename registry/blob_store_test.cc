#include "registry/blob_store.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fault_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::registry {
namespace {

using ::ll::testing::FaultEnv;
using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kAbcSha256[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr char kAbcMd5[] = "900150983cd24fb0d6963f7d28e17f72";

absl::StatusOr<bool> Nobody(const std::string&) { return false; }
absl::StatusOr<bool> Everybody(const std::string&) { return true; }

class BlobStoreTest : public ::testing::Test {
 protected:
  BlobStoreTest() : store_(BlobStore::Open(env_, root_).value()) {}

  std::string PathOf(const std::string& sha256) const { return root_ + "/" + sha256.substr(0, 2) + "/" + sha256; }
  // What a bad disk does: other bytes under the same name.
  void Overwrite(const std::string& sha256, const std::string& bytes) {
    std::filesystem::permissions(PathOf(sha256), std::filesystem::perms::owner_write,
                                 std::filesystem::perm_options::add);
    std::ofstream(PathOf(sha256), std::ios::binary | std::ios::trunc) << bytes;
  }
  std::vector<std::string> TemporaryFiles() { return env_.List(root_ + "/tmp").value(); }
  // All bytes, in pieces of `chunk`.
  absl::StatusOr<std::string> Stream(const std::string& sha256, size_t chunk) {
    LL_ASSIGN_OR_RETURN(const auto reader, store_->NewReader(sha256));
    std::string all;
    std::string buffer(chunk, '\0');
    while (true) {
      LL_ASSIGN_OR_RETURN(const size_t count, reader->Read(absl::MakeSpan(buffer.data(), buffer.size())));
      if (count == 0) return all;
      all.append(buffer.data(), count);
    }
  }

  const testing::TempDir directory_;
  const std::string root_ = directory_.File("data/blobs");
  FaultEnv env_;
  std::unique_ptr<BlobStore> store_;
};

TEST_F(BlobStoreTest, WhatIsPutIsRead) {
  LL_ASSERT_OK_AND_ASSIGN(const PinnedBlob blob, store_->Put("abc"));
  EXPECT_EQ(blob.sha256(), kAbcSha256);
  EXPECT_EQ(blob.md5(), kAbcMd5);
  EXPECT_EQ(blob.size_bytes(), 3);
  EXPECT_EQ(store_->ReadVerified(kAbcSha256).value(), "abc");
  EXPECT_EQ(Stream(kAbcSha256, 2).value(), "abc");
  EXPECT_EQ(store_->NewReader(kAbcSha256).value()->size_bytes(), 3);
}

TEST_F(BlobStoreTest, FilesAreReadOnlyUnderTheirDigest) {
  LL_ASSERT_OK(store_->Put("abc"));
  const auto mode = std::filesystem::status(PathOf(kAbcSha256)).permissions();
  using std::filesystem::perms;
  EXPECT_EQ(mode & (perms::owner_write | perms::group_write | perms::others_write), perms::none);
  EXPECT_THAT(TemporaryFiles(), IsEmpty());
}

TEST_F(BlobStoreTest, ABlobIsWrittenInPieces) {
  LL_ASSERT_OK_AND_ASSIGN(const auto writer, store_->NewWriter());
  std::string all;
  SeededRandom random(1);
  for (int i = 0; i < 100; ++i) {
    std::string piece(random.Below(20'000), static_cast<char>(i));
    all += piece;
    LL_ASSERT_OK(writer->Append(piece));
    EXPECT_EQ(writer->size_bytes(), static_cast<int64_t>(all.size()));
  }
  LL_ASSERT_OK_AND_ASSIGN(const PinnedBlob blob, writer->Finish());
  EXPECT_EQ(blob.sha256(), Sha256Hex(all));
  EXPECT_EQ(blob.size_bytes(), static_cast<int64_t>(all.size()));
  EXPECT_EQ(store_->ReadVerified(blob.sha256()).value(), all);
  EXPECT_EQ(Stream(blob.sha256(), 4096).value(), all);
  EXPECT_THAT(writer->Append("more"), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(writer->Finish(), StatusIs(absl::StatusCode::kInternal));
}

TEST_F(BlobStoreTest, NothingIsABlobToo) {
  LL_ASSERT_OK_AND_ASSIGN(const PinnedBlob blob, store_->Put(""));
  EXPECT_EQ(blob.sha256(), Sha256Hex(""));
  EXPECT_EQ(store_->ReadVerified(blob.sha256()).value(), "");
  EXPECT_EQ(Stream(blob.sha256(), 1).value(), "");
}

TEST_F(BlobStoreTest, TheSameBytesAreOneBlob) {
  LL_ASSERT_OK_AND_ASSIGN(const PinnedBlob first, store_->Put("abc"));
  LL_ASSERT_OK_AND_ASSIGN(const PinnedBlob second, store_->Put("abc"));
  EXPECT_EQ(first.sha256(), second.sha256());
  EXPECT_EQ(env_.List(DirectoryOf(PathOf(kAbcSha256)))->size(), 1u);
}

TEST_F(BlobStoreTest, AWriterThatIsGivenUpLeavesNothing) {
  {
    LL_ASSERT_OK_AND_ASSIGN(const auto writer, store_->NewWriter());
    LL_ASSERT_OK(writer->Append("half of"));
    EXPECT_EQ(TemporaryFiles().size(), 1u);
  }
  EXPECT_THAT(TemporaryFiles(), IsEmpty());
}

TEST_F(BlobStoreTest, AFailedWriteFailsTheBlobAndGivesTheSpaceBack) {
  LL_ASSERT_OK_AND_ASSIGN(const auto writer, store_->NewWriter());
  LL_ASSERT_OK(writer->Append("some"));
  env_.set_short_writes(true);
  env_.FailAfter(0, absl::ResourceExhaustedError("disk full"));
  EXPECT_THAT(writer->Append("more"), StatusIs(absl::StatusCode::kResourceExhausted));
  env_.Heal();
  EXPECT_THAT(writer->Append("more"), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("disk full")));
  EXPECT_THAT(writer->Finish(), StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(BlobStoreTest, OpeningRemovesWhatAnEarlierProcessLeft) {
  LL_ASSERT_OK(store_->Put("abc"));
  LL_ASSERT_OK(env_.WriteFileAtomically(root_ + "/tmp/7", "left over"));
  LL_ASSERT_OK_AND_ASSIGN(const auto again, BlobStore::Open(env_, root_));
  EXPECT_THAT(TemporaryFiles(), IsEmpty());
  EXPECT_EQ(again->ReadVerified(kAbcSha256).value(), "abc");
}

TEST_F(BlobStoreTest, WhatIsNotThereIsNotFound) {
  for (const std::string& name : {std::string(kAbcSha256), std::string(), std::string("../../../etc/passwd"),
                                  std::string(64, 'G'), std::string(64, 'A')}) {
    EXPECT_THAT(store_->ReadVerified(name), StatusIs(absl::StatusCode::kNotFound)) << name;
    EXPECT_THAT(store_->ReadVerified(name), HasReason(ErrorReason::kCorruptBlob));
    EXPECT_THAT(store_->NewReader(name), HasReason(ErrorReason::kCorruptBlob));
    EXPECT_THAT(store_->Pin(name), StatusIs(absl::StatusCode::kNotFound));
    EXPECT_THAT(store_->LinkTo(name, directory_.File("link")), StatusIs(absl::StatusCode::kNotFound));
  }
}

TEST_F(BlobStoreTest, OtherBytesThanTheDigestsAreNoticed) {
  LL_ASSERT_OK_AND_ASSIGN(const PinnedBlob blob, store_->Put("abc"));
  for (const char* bytes : {"abd", "ab", "abcd", ""}) {
    Overwrite(kAbcSha256, bytes);
    EXPECT_THAT(store_->ReadVerified(kAbcSha256), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(kAbcSha256)));
    EXPECT_THAT(store_->ReadVerified(kAbcSha256), HasReason(ErrorReason::kCorruptBlob));
    EXPECT_THAT(Stream(kAbcSha256, 2), StatusIs(absl::StatusCode::kDataLoss)) << bytes;
  }
  LL_ASSERT_OK_AND_ASSIGN(const auto reader, store_->NewReader(kAbcSha256));
  char byte;
  EXPECT_THAT(reader->Read(absl::MakeSpan(&byte, 1)), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(reader->Read(absl::MakeSpan(&byte, 1)), StatusIs(absl::StatusCode::kDataLoss)) << "and stays so";
}

TEST_F(BlobStoreTest, PuttingTheBytesAgainHealsABlobThatWentBad) {
  LL_ASSERT_OK(store_->Put("abc"));
  Overwrite(kAbcSha256, "bad");
  LL_ASSERT_OK(store_->Put("abc"));
  EXPECT_EQ(store_->ReadVerified(kAbcSha256).value(), "abc");
}

TEST_F(BlobStoreTest, SweepRemovesWhatNobodyHolds) {
  LL_ASSERT_OK_AND_ASSIGN(PinnedBlob pinned, store_->Put("pinned"));
  LL_ASSERT_OK(store_->Put("named"));
  LL_ASSERT_OK(store_->Put("orphan"));
  LL_ASSERT_OK(store_->Put("another orphan"));
  const std::string named = Sha256Hex("named");
  const auto is_named = [&](const std::string& sha256) -> absl::StatusOr<bool> { return sha256 == named; };
  LL_ASSERT_OK_AND_ASSIGN(const BlobStore::SweepResult swept, store_->Sweep(is_named));
  EXPECT_EQ(swept.removed, 2);
  EXPECT_EQ(swept.removed_bytes, 6 + 14);
  EXPECT_EQ(store_->ReadVerified(named).value(), "named");
  EXPECT_EQ(store_->ReadVerified(pinned.sha256()).value(), "pinned");
  EXPECT_THAT(store_->ReadVerified(Sha256Hex("orphan")), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(store_->Sweep(is_named)->removed, 0);
}

TEST_F(BlobStoreTest, APinHoldsUntilItsLastHolderGoes) {
  std::optional<PinnedBlob> first = store_->Put("abc").value();
  std::optional<PinnedBlob> second = store_->Pin(kAbcSha256).value();
  EXPECT_EQ(second->size_bytes(), 3);
  EXPECT_EQ(second->md5(), "");
  PinnedBlob moved = *std::move(first);
  first.reset();  // an empty shell holds nothing
  second.reset();
  EXPECT_EQ(store_->Sweep(Nobody)->removed, 0);
  moved = store_->Put("other").value();  // lets go of abc
  EXPECT_EQ(store_->Sweep(Nobody)->removed, 1);
  EXPECT_EQ(store_->ReadVerified(Sha256Hex("other")).value(), "other");
}

TEST_F(BlobStoreTest, SweepStopsWhenItCannotAsk) {
  LL_ASSERT_OK(store_->Put("abc"));
  const auto fails = [](const std::string&) -> absl::StatusOr<bool> { return absl::InternalError("no database"); };
  EXPECT_THAT(store_->Sweep(fails), StatusIs(absl::StatusCode::kInternal, HasSubstr("no database")));
  EXPECT_EQ(store_->ReadVerified(kAbcSha256).value(), "abc");
}

TEST_F(BlobStoreTest, SweepOneRemovesThatBlobWhenNobodyHoldsIt) {
  LL_ASSERT_OK(store_->Put("other").status());
  {
    LL_ASSERT_OK_AND_ASSIGN(const PinnedBlob pinned, store_->Put("abc"));
    LL_EXPECT_OK(store_->SweepOne(kAbcSha256, Nobody));
    EXPECT_TRUE(env_.Exists(PathOf(kAbcSha256)));
  }
  LL_EXPECT_OK(store_->SweepOne(kAbcSha256, Everybody));
  EXPECT_TRUE(env_.Exists(PathOf(kAbcSha256)));
  LL_EXPECT_OK(store_->SweepOne(kAbcSha256, Nobody));
  EXPECT_FALSE(env_.Exists(PathOf(kAbcSha256)));
  EXPECT_TRUE(env_.Exists(PathOf(Sha256Hex("other"))));
  LL_EXPECT_OK(store_->SweepOne(kAbcSha256, Nobody));  // gone already
}

TEST_F(BlobStoreTest, SweepLeavesFilesThatAreNotBlobs) {
  LL_ASSERT_OK(store_->Put("abc"));
  const std::string stranger = DirectoryOf(PathOf(kAbcSha256)) + "/README";
  LL_ASSERT_OK(env_.WriteFileAtomically(stranger, "hello"));
  EXPECT_EQ(store_->Sweep(Nobody)->removed, 1);
  EXPECT_TRUE(env_.Exists(stranger));
}

// Uploaders pin, name, unpin; a sweeper runs all the time. What was named must be there at the end.
TEST_F(BlobStoreTest, SweepingNeverTakesWhatIsBeingNamed) {
  Mutex mutex;
  std::set<std::string> names;
  const auto is_named = [&](const std::string& sha256) -> absl::StatusOr<bool> {
    MutexLock lock(&mutex);
    return names.contains(sha256);
  };
  Notification done;
  std::thread sweeper([&] {
    while (!done.HasBeenNotified()) LL_EXPECT_OK(store_->Sweep(is_named));
  });
  std::vector<std::thread> uploaders;
  for (int t = 0; t < 3; ++t) {
    uploaders.emplace_back([&, t] {
      for (int i = 0; i < 30; ++i) {
        // Every third is shared by all threads.
        const auto blob = store_->Put(i % 3 == 0 ? absl::StrCat(i) : absl::StrCat(t, " ", i));
        ASSERT_THAT(blob, IsOk());
        MutexLock lock(&mutex);
        names.insert(blob->sha256());
      }
    });
  }
  for (std::thread& uploader : uploaders) uploader.join();
  done.Notify();
  sweeper.join();
  EXPECT_EQ(names.size(), 10u + 3 * 20);
  for (const std::string& sha256 : names) EXPECT_THAT(store_->ReadVerified(sha256), IsOk());
}

TEST_F(BlobStoreTest, ALinkIsTheSameFile) {
  LL_ASSERT_OK(store_->Put("abc"));
  const std::string path = directory_.File("train.pbr");
  LL_ASSERT_OK(store_->LinkTo(kAbcSha256, path));
  EXPECT_TRUE(std::filesystem::equivalent(path, PathOf(kAbcSha256)));
  EXPECT_EQ(env_.ReadFile(path).value(), "abc");
  EXPECT_THAT(store_->LinkTo(kAbcSha256, path), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(store_->LinkTo(kAbcSha256, directory_.File("no/such/directory")), StatusIs(absl::StatusCode::kNotFound));
  // The linked file outlives the blob.
  EXPECT_EQ(store_->Sweep(Nobody)->removed, 1);
  EXPECT_EQ(env_.ReadFile(path).value(), "abc");
}

TEST_F(BlobStoreTest, WhereLinksAreImpossibleACopyIsMadeAndVerified) {
  const std::string bytes(1'000'000, 'x');
  LL_ASSERT_OK_AND_ASSIGN(const PinnedBlob blob, store_->Put(bytes));
  env_.set_hard_links(false);
  LL_ASSERT_OK(store_->LinkTo(blob.sha256(), directory_.File("copy")));
  EXPECT_FALSE(std::filesystem::equivalent(directory_.File("copy"), PathOf(blob.sha256())));
  EXPECT_EQ(env_.ReadFile(directory_.File("copy")).value(), bytes);
  Overwrite(blob.sha256(), "bad");
  EXPECT_THAT(store_->LinkTo(blob.sha256(), directory_.File("bad copy")), HasReason(ErrorReason::kCorruptBlob));
  EXPECT_FALSE(env_.Exists(directory_.File("bad copy")));
}

// Crashes: wherever the disk stops, by a full disk, a kill or a power loss, opening again finds each blob whole or not
// at all, and those that were acknowledged whole.
class BlobCrashTest : public ::testing::TestWithParam<bool> {};

TEST_P(BlobCrashTest, ABlobIsWholeOrNotThere) {
  const bool loses_power = GetParam();
  const std::vector<std::string> blobs = {"first", std::string(10'000, 'x'), "first"};
  for (int64_t step = 0;; ++step) {
    const testing::TempDir directory;
    const std::string root = directory.File("blobs");
    FaultEnv env;
    env.set_short_writes(true);
    env.FailAfter(step, absl::ResourceExhaustedError("disk full"));
    std::set<std::string> acknowledged;
    size_t done = 0;
    {
      const auto store = BlobStore::Open(env, root);
      while (store.ok() && done < blobs.size()) {
        const auto blob = (*store)->Put(blobs[done]);
        if (!blob.ok()) break;
        acknowledged.insert(blob->sha256());
        ++done;
      }
      if (loses_power) env.LosePower();
    }
    env.Heal();
    LL_ASSERT_OK_AND_ASSIGN(const auto store, BlobStore::Open(env, root));
    EXPECT_THAT(env.List(root + "/tmp").value(), IsEmpty());
    for (const std::string& bytes : blobs) {
      const auto read = store->ReadVerified(Sha256Hex(bytes));
      if (read.ok()) {
        EXPECT_EQ(*read, bytes);
      } else {
        EXPECT_THAT(read, StatusIs(absl::StatusCode::kNotFound)) << "step " << step;
        EXPECT_FALSE(acknowledged.contains(Sha256Hex(bytes))) << "lost at step " << step;
      }
    }
    // The store works on.
    EXPECT_THAT(store->Put("after"), IsOk());
    LL_EXPECT_OK(store->Sweep(Everybody));
    if (done == blobs.size()) {
      EXPECT_GT(step, 20) << "the sweep has visited every operation";
      break;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, BlobCrashTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "PowerLoss" : "Kill"; });

}  // namespace
}  // namespace ll::registry
