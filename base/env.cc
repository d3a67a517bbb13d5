#include "base/env.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"

namespace ll {
namespace {

// Closes on destruction; never copied.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

absl::StatusOr<int> Open(const std::string& path, int flags, mode_t mode = 0) {
  int fd;
  do {
    fd = open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return ErrnoError(errno, absl::StrCat("cannot open ", path));
  return fd;
}

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  absl::Status Append(absl::string_view data) override {
    while (!data.empty()) {
      const ssize_t written = write(fd_.get(), data.data(), data.size());
      if (written < 0) {
        if (errno == EINTR) continue;
        return ErrnoError(errno, absl::StrCat("cannot write to ", path_));
      }
      data.remove_prefix(static_cast<size_t>(written));
    }
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    if (fdatasync(fd_.get()) != 0) return ErrnoError(errno, absl::StrCat("cannot sync ", path_));
    return absl::OkStatus();
  }

  absl::Status Close() override {
    if (close(fd_.release()) != 0) return ErrnoError(errno, absl::StrCat("cannot close ", path_));
    return absl::OkStatus();
  }

 private:
  Descriptor fd_;
  const std::string path_;
};

class PosixSequentialFile final : public SequentialFile {
 public:
  PosixSequentialFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    while (true) {
      const ssize_t count = read(fd_.get(), buffer.data(), buffer.size());
      if (count >= 0) return static_cast<size_t>(count);
      if (errno != EINTR) return ErrnoError(errno, absl::StrCat("cannot read ", path_));
    }
  }

 private:
  Descriptor fd_;
  const std::string path_;
};

class PosixRandomAccessFile final : public RandomAccessFile {
 public:
  PosixRandomAccessFile(int fd, uint64_t size, std::string path) : fd_(fd), size_(size), path_(std::move(path)) {}

  absl::StatusOr<size_t> ReadAt(uint64_t offset, absl::Span<char> buffer) const override {
    size_t done = 0;
    while (done < buffer.size()) {
      const ssize_t count =
          pread(fd_.get(), buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
      if (count < 0) {
        if (errno == EINTR) continue;
        return ErrnoError(errno, absl::StrCat("cannot read ", path_));
      }
      if (count == 0) break;
      done += static_cast<size_t>(count);
    }
    return done;
  }

  uint64_t size() const override { return size_; }

 private:
  Descriptor fd_;
  const uint64_t size_;
  const std::string path_;
};

class PosixFileLock final : public FileLock {
 public:
  explicit PosixFileLock(int fd) : fd_(fd) {}

 private:
  Descriptor fd_;
};

mode_t ModeBits(FileMode mode) {
  switch (mode) {
    case FileMode::kPrivate: return 0600;
    case FileMode::kDefault: return 0644;
    case FileMode::kReadOnly: return 0444;
  }
  return 0600;
}

absl::Status FromErrorCode(const std::error_code& error, absl::string_view what) {
  return error ? ErrnoError(error.value(), what) : absl::OkStatus();
}

class PosixEnv final : public Env {
 public:
  absl::StatusOr<std::unique_ptr<WritableFile>> NewWritableFile(const std::string& path, FileMode mode) override {
    LL_ASSIGN_OR_RETURN(const int fd, Open(path, O_WRONLY | O_CREAT | O_TRUNC, ModeBits(mode)));
    return std::make_unique<PosixWritableFile>(fd, path);
  }

  absl::StatusOr<std::unique_ptr<SequentialFile>> NewSequentialFile(const std::string& path) override {
    LL_ASSIGN_OR_RETURN(const int fd, Open(path, O_RDONLY));
    return std::make_unique<PosixSequentialFile>(fd, path);
  }

  absl::StatusOr<std::unique_ptr<RandomAccessFile>> NewRandomAccessFile(const std::string& path) override {
    LL_ASSIGN_OR_RETURN(const int fd, Open(path, O_RDONLY));
    struct stat info {};
    if (fstat(fd, &info) != 0) {
      const int error = errno;
      close(fd);
      return ErrnoError(error, absl::StrCat("cannot stat ", path));
    }
    return std::make_unique<PosixRandomAccessFile>(fd, static_cast<uint64_t>(info.st_size), path);
  }

  absl::StatusOr<FileInfo> Stat(const std::string& path) override {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) return ErrnoError(errno, absl::StrCat("cannot stat ", path));
    FileInfo result;
    result.size_bytes = static_cast<uint64_t>(info.st_size);
    if (S_ISREG(info.st_mode)) {
      result.type = FileInfo::Type::kRegular;
    } else if (S_ISDIR(info.st_mode)) {
      result.type = FileInfo::Type::kDirectory;
    } else if (S_ISFIFO(info.st_mode)) {
      result.type = FileInfo::Type::kFifo;
    } else {
      result.type = FileInfo::Type::kOther;
    }
    return result;
  }

  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) override {
    std::error_code error;
    std::vector<std::string> names;
    std::filesystem::directory_iterator it(directory, error);
    for (const std::filesystem::directory_iterator end; !error && it != end; it.increment(error)) {
      names.push_back(it->path().filename().string());
    }
    LL_RETURN_IF_ERROR(FromErrorCode(error, absl::StrCat("cannot list ", directory)));
    std::sort(names.begin(), names.end());
    return names;
  }

  absl::Status Rename(const std::string& from, const std::string& to) override {
    if (rename(from.c_str(), to.c_str()) != 0) {
      return ErrnoError(errno, absl::StrCat("cannot rename ", from, " to ", to));
    }
    return absl::OkStatus();
  }

  absl::Status Link(const std::string& from, const std::string& to) override {
    if (link(from.c_str(), to.c_str()) != 0) {
      return ErrnoError(errno, absl::StrCat("cannot link ", to, " to ", from));
    }
    return absl::OkStatus();
  }

  absl::Status RemoveFile(const std::string& path) override {
    if (unlink(path.c_str()) != 0) return ErrnoError(errno, absl::StrCat("cannot remove ", path));
    return absl::OkStatus();
  }

  absl::Status RemoveTree(const std::string& path) override {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    return FromErrorCode(error, absl::StrCat("cannot remove ", path));
  }

  absl::Status CreateDirectories(const std::string& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    return FromErrorCode(error, absl::StrCat("cannot create directory ", path));
  }

  absl::Status SyncDirectory(const std::string& directory) override {
    LL_ASSIGN_OR_RETURN(const int fd, Open(directory, O_RDONLY | O_DIRECTORY));
    const Descriptor descriptor(fd);
    if (fsync(fd) != 0) return ErrnoError(errno, absl::StrCat("cannot sync directory ", directory));
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    LL_ASSIGN_OR_RETURN(const int fd, Open(path, O_RDWR | O_CREAT, 0600));
    auto lock = std::make_unique<PosixFileLock>(fd);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) {
        return absl::FailedPreconditionError(absl::StrCat("another process holds the lock ", path));
      }
      return ErrnoError(errno, absl::StrCat("cannot lock ", path));
    }
    return lock;
  }
};

}  // namespace

absl::StatusOr<std::string> Env::ReadFile(const std::string& path) {
  LL_ASSIGN_OR_RETURN(const auto file, NewSequentialFile(path));
  std::string contents;
  constexpr size_t kChunk = 64 << 10;
  while (true) {
    const size_t size = contents.size();
    contents.resize(size + kChunk);
    LL_ASSIGN_OR_RETURN(const size_t count, file->Read(absl::MakeSpan(contents.data() + size, kChunk)));
    contents.resize(size + count);
    if (count == 0) return contents;
  }
}

absl::Status Env::WriteFileAtomically(const std::string& path, absl::string_view contents, FileMode mode) {
  static std::atomic<uint64_t> sequence{0};
  const std::string temporary = absl::StrCat(path, ".tmp.", getpid(), ".", sequence.fetch_add(1));
  const absl::Status written = [&]() -> absl::Status {
    LL_ASSIGN_OR_RETURN(const auto file, NewWritableFile(temporary, mode));
    LL_RETURN_IF_ERROR(file->Append(contents));
    LL_RETURN_IF_ERROR(file->Sync());
    LL_RETURN_IF_ERROR(file->Close());
    return Rename(temporary, path);
  }();
  if (!written.ok()) {
    RemoveFile(temporary).IgnoreError();
    return written;
  }
  return SyncDirectory(DirectoryOf(path));
}

bool Env::Exists(const std::string& path) { return Stat(path).ok(); }

Env& Env::Posix() {
  static PosixEnv env;
  return env;
}

std::string JoinPath(absl::string_view directory, absl::string_view name) {
  if (directory.empty()) return std::string(name);
  if (absl::EndsWith(directory, "/")) return absl::StrCat(directory, name);
  return absl::StrCat(directory, "/", name);
}

std::string DirectoryOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == absl::string_view::npos) return ".";
  if (slash == 0) return "/";
  return std::string(path.substr(0, slash));
}

std::string FileNameOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return std::string(slash == absl::string_view::npos ? path : path.substr(slash + 1));
}

}  // namespace ll
