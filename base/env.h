// Files as a dependency. Everything that reads or writes the disk does it through an Env, so tests can run on a full
// disk, a failing disk or one that loses what was not synced (tests/testing/fault_env.h).
//
// Paths are UTF-8 bytes, absolute or relative to the working directory. Errors carry the path and the system's
// reason: NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, RESOURCE_EXHAUSTED (disk full), INTERNAL otherwise.
#ifndef LL_BASE_ENV_H_
#define LL_BASE_ENV_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace ll {

// Append-only. Not thread-safe. Destroying it closes the file without reporting errors: call Close().
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  // Writes all of `data` or fails; after a failure the file's content beyond the last success is undefined.
  virtual absl::Status Append(absl::string_view data) = 0;
  // Returns once everything appended so far survives a power loss.
  virtual absl::Status Sync() = 0;
  virtual absl::Status Close() = 0;
};

// Reads from the current position onward; works for FIFOs too. Not thread-safe.
class SequentialFile {
 public:
  virtual ~SequentialFile() = default;
  // Reads up to buffer.size() bytes; 0 means end of file.
  virtual absl::StatusOr<size_t> Read(absl::Span<char> buffer) = 0;
};

// Positional reads. Thread-safe.
class RandomAccessFile {
 public:
  virtual ~RandomAccessFile() = default;
  // Reads up to buffer.size() bytes at `offset`; fewer only at the end of the file.
  virtual absl::StatusOr<size_t> ReadAt(uint64_t offset, absl::Span<char> buffer) const = 0;
  virtual uint64_t size() const = 0;  // when it was opened
};

// Held until destroyed; also released by the system when the process dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

struct FileInfo {
  enum class Type { kRegular, kDirectory, kFifo, kOther };
  Type type = Type::kRegular;
  uint64_t size_bytes = 0;
};

// What a new file's permissions are, before the umask.
enum class FileMode {
  kPrivate,   // 0600
  kDefault,   // 0644
  kReadOnly,  // 0444: blobs
};

// Thread-safe.
class Env {
 public:
  virtual ~Env() = default;

  // Creates or truncates. ALREADY_EXISTS is not an error here.
  virtual absl::StatusOr<std::unique_ptr<WritableFile>> NewWritableFile(const std::string& path,
                                                                        FileMode mode = FileMode::kDefault) = 0;
  virtual absl::StatusOr<std::unique_ptr<SequentialFile>> NewSequentialFile(const std::string& path) = 0;
  virtual absl::StatusOr<std::unique_ptr<RandomAccessFile>> NewRandomAccessFile(const std::string& path) = 0;

  virtual absl::StatusOr<FileInfo> Stat(const std::string& path) = 0;
  // Names (not paths) of the entries, sorted bytewise, without "." and "..".
  virtual absl::StatusOr<std::vector<std::string>> List(const std::string& directory) = 0;

  // Atomic on one file system; replaces `to`.
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  // Hard link: `to` becomes another name of `from`'s bytes. ALREADY_EXISTS when `to` exists.
  virtual absl::Status Link(const std::string& from, const std::string& to) = 0;
  virtual absl::Status RemoveFile(const std::string& path) = 0;
  // A directory with everything in it; a missing one is OK.
  virtual absl::Status RemoveTree(const std::string& path) = 0;
  // With its parents; an existing one is OK.
  virtual absl::Status CreateDirectories(const std::string& path) = 0;
  // Makes names created, renamed or removed in `directory` survive a power loss.
  virtual absl::Status SyncDirectory(const std::string& directory) = 0;
  // FAILED_PRECONDITION when another process holds it.
  virtual absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;

  // Whole-file conveniences, built from the calls above.
  absl::StatusOr<std::string> ReadFile(const std::string& path);
  // Temporary file, sync, rename, directory sync: readers see the old bytes or the new ones, never a mixture.
  absl::Status WriteFileAtomically(const std::string& path, absl::string_view contents,
                                   FileMode mode = FileMode::kDefault);
  bool Exists(const std::string& path);

  // The operating system; lives as long as the process.
  static Env& Posix();
};

// "a/b": one slash between, none added after an empty first part.
std::string JoinPath(absl::string_view directory, absl::string_view name);
// "a/b/c" -> "a/b"; "c" -> ".".
std::string DirectoryOf(absl::string_view path);
// "a/b/c" -> "c".
std::string FileNameOf(absl::string_view path);

}  // namespace ll

#endif  // LL_BASE_ENV_H_
