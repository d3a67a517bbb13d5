// Bytes by their SHA-256: model artifacts and uploaded datasets, each stored once however many names it has.
//
//   LL_ASSIGN_OR_RETURN(auto writer, blobs.NewWriter());
//   LL_RETURN_IF_ERROR(writer->Append(chunk));
//   LL_ASSIGN_OR_RETURN(PinnedBlob blob, writer->Finish());     // on disk, named by its digest, pinned
//   ... registry.Write: a row names blob.sha256() ...
//   // `blob` goes out of scope: unpinned. A crash before the row commits leaves an orphan, which Sweep removes.
//
// Layout: {root}/{first two digits}/{digest}, mode 0444, and {root}/tmp for what is being written. A blob appears by
// rename after its bytes are synced, then its directory is synced.
#ifndef LL_REGISTRY_BLOB_STORE_H_
#define LL_REGISTRY_BLOB_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/digest.h"
#include "base/env.h"
#include "base/mutex.h"

namespace ll::registry {

class BlobStore;

// Keeps Sweep away from a blob while it lives. Movable; must not outlive its store.
class PinnedBlob {
 public:
  PinnedBlob(PinnedBlob&& other) noexcept;
  PinnedBlob& operator=(PinnedBlob&& other) noexcept;
  ~PinnedBlob();

  const std::string& sha256() const { return sha256_; }
  const std::string& md5() const { return md5_; }  // of blobs that were just written; else empty
  int64_t size_bytes() const { return size_bytes_; }

 private:
  friend class BlobStore;
  PinnedBlob(BlobStore* store, std::string sha256, std::string md5, int64_t size_bytes);

  BlobStore* store_;
  std::string sha256_;
  std::string md5_;
  int64_t size_bytes_;
};

// One blob being written. Destroying it before Finish() removes what was written. Not thread-safe.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  virtual absl::Status Append(absl::string_view data) = 0;
  virtual int64_t size_bytes() const = 0;
  // The digest so far is final: call once, after the last Append. Fails when an Append has failed.
  virtual absl::StatusOr<PinnedBlob> Finish() = 0;
};

// A blob being read, from the start; the last Read fails with DATA_LOSS / CORRUPT_BLOB when the bytes were not those of
// the digest. Not thread-safe.
class BlobReader {
 public:
  virtual ~BlobReader() = default;
  // 0: all read, and the digest matched.
  virtual absl::StatusOr<size_t> Read(absl::Span<char> buffer) = 0;
  virtual int64_t size_bytes() const = 0;
};

// Thread-safe.
class BlobStore {
 public:
  // Creates the directories and removes what an earlier process left in tmp.
  // One process at a time: who opens the store holds the lock of the data directory.
  static absl::StatusOr<std::unique_ptr<BlobStore>> Open(Env& env, const std::string& root);

  absl::StatusOr<std::unique_ptr<BlobWriter>> NewWriter();
  // Writer, one Append, Finish.
  absl::StatusOr<PinnedBlob> Put(absl::string_view data);

  // Pins a blob that is there. NOT_FOUND / CORRUPT_BLOB when it is not.
  absl::StatusOr<PinnedBlob> Pin(const std::string& sha256);

  // Streams with verification at the end. NOT_FOUND / CORRUPT_BLOB when there is no such blob.
  absl::StatusOr<std::unique_ptr<BlobReader>> NewReader(const std::string& sha256);
  // All bytes, verified before they are returned. DATA_LOSS / CORRUPT_BLOB when they are not those of the digest.
  absl::StatusOr<std::string> ReadVerified(const std::string& sha256);

  // Gives the blob another name in the file system, for a process that must read it as a file. Falls back to a verified
  // copy where hard links are not possible. NOT_FOUND / CORRUPT_BLOB when there is no such blob, ALREADY_EXISTS when
  // there is such a path. The caller keeps the blob pinned or named meanwhile.
  absl::Status LinkTo(const std::string& sha256, const std::string& path);

  struct SweepResult {
    int64_t removed = 0;
    int64_t removed_bytes = 0;
  };
  // Removes every blob that is neither pinned nor named. `is_named` is asked under the lock that pins take, after the
  // pin was seen to be absent, so a row that committed before its pin was dropped is always seen.
  absl::StatusOr<SweepResult> Sweep(absl::FunctionRef<absl::StatusOr<bool>(const std::string& sha256)> is_named);
  // The same for one blob: what lost its last name, or was written in vain. A missing one is OK.
  absl::Status SweepOne(const std::string& sha256,
                        absl::FunctionRef<absl::StatusOr<bool>(const std::string& sha256)> is_named);

 private:
  friend class PinnedBlob;
  class Writer;
  class Reader;

  BlobStore(Env& env, std::string root);
  std::string TemporaryDirectory() const;
  std::string PathOf(const std::string& sha256) const;
  PinnedBlob AddPin(const std::string& sha256, std::string md5, int64_t size_bytes);
  void Unpin(const std::string& sha256);
  absl::Status Name(const std::string& temporary, const std::string& sha256);
  absl::Status MakeDirectory(const std::string& directory);
  absl::StatusOr<int64_t> SizeOf(const std::string& sha256);
  absl::Status CopyTo(const std::string& sha256, const std::string& path);
  absl::StatusOr<int64_t> RemoveIfUnused(const std::string& sha256,
                                         absl::FunctionRef<absl::StatusOr<bool>(const std::string& sha256)> is_named);

  Env& env_;
  const std::string root_;
  Mutex mutex_;
  std::map<std::string, int> pins_ ABSL_GUARDED_BY(mutex_);         // digest -> how many
  std::set<std::string> made_directories_ ABSL_GUARDED_BY(mutex_);  // by this process, names synced
  int64_t next_temporary_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace ll::registry

#endif  // LL_REGISTRY_BLOB_STORE_H_
