#include "tests/testing/fault_env.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/status_macros.h"

namespace ll::testing {

class FaultEnv::File final : public WritableFile {
 public:
  File(FaultEnv& env, std::string path, std::unique_ptr<WritableFile> real)
      : env_(env), path_(std::move(path)), real_(std::move(real)) {}

  absl::Status Append(absl::string_view data) override {
    if (absl::Status failed = env_.Mutate(); !failed.ok()) {
      bool write_half;
      {
        MutexLock lock(&env_.mutex_);
        write_half = std::exchange(env_.short_writes_, false);
      }
      if (write_half) LL_RETURN_IF_ERROR(real_->Append(data.substr(0, data.size() / 2)));
      return failed;
    }
    LL_RETURN_IF_ERROR(real_->Append(data));
    written_ += data.size();
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    LL_RETURN_IF_ERROR(env_.Mutate());
    LL_RETURN_IF_ERROR(real_->Sync());
    MutexLock lock(&env_.mutex_);
    env_.synced_[path_] = written_;
    return absl::OkStatus();
  }

  absl::Status Close() override {
    LL_RETURN_IF_ERROR(env_.Mutate());
    return real_->Close();
  }

 private:
  FaultEnv& env_;
  const std::string path_;
  const std::unique_ptr<WritableFile> real_;
  uint64_t written_ = 0;
};

void FaultEnv::FailAfter(int64_t operations, absl::Status error) {
  MutexLock lock(&mutex_);
  allowed_ = operations_ + operations;
  error_ = std::move(error);
}

void FaultEnv::set_short_writes(bool on) {
  MutexLock lock(&mutex_);
  short_writes_ = on;
}

void FaultEnv::Heal() {
  MutexLock lock(&mutex_);
  allowed_ = INT64_MAX;
  short_writes_ = false;
}

int64_t FaultEnv::operations() const {
  MutexLock lock(&mutex_);
  return operations_;
}

void FaultEnv::LosePower() {
  MutexLock lock(&mutex_);
  for (const auto& [path, bytes] : synced_) {
    std::error_code ignored;
    if (bytes == 0) {
      std::filesystem::remove(path, ignored);
    } else if (std::filesystem::exists(path, ignored)) {
      std::filesystem::resize_file(path, bytes, ignored);
    }
  }
}

absl::Status FaultEnv::Mutate() {
  MutexLock lock(&mutex_);
  if (operations_ >= allowed_) return error_;
  ++operations_;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<WritableFile>> FaultEnv::NewWritableFile(const std::string& path, FileMode mode) {
  LL_RETURN_IF_ERROR(Mutate());
  LL_ASSIGN_OR_RETURN(auto real, real_.NewWritableFile(path, mode));
  MutexLock lock(&mutex_);
  synced_[path] = 0;
  return std::make_unique<File>(*this, path, std::move(real));
}

absl::StatusOr<std::unique_ptr<SequentialFile>> FaultEnv::NewSequentialFile(const std::string& path) {
  return real_.NewSequentialFile(path);
}

absl::StatusOr<std::unique_ptr<RandomAccessFile>> FaultEnv::NewRandomAccessFile(const std::string& path) {
  return real_.NewRandomAccessFile(path);
}

absl::StatusOr<FileInfo> FaultEnv::Stat(const std::string& path) { return real_.Stat(path); }

absl::StatusOr<std::vector<std::string>> FaultEnv::List(const std::string& directory) { return real_.List(directory); }

absl::Status FaultEnv::Rename(const std::string& from, const std::string& to) {
  LL_RETURN_IF_ERROR(Mutate());
  LL_RETURN_IF_ERROR(real_.Rename(from, to));
  MutexLock lock(&mutex_);
  if (auto node = synced_.extract(from); !node.empty()) synced_[to] = node.mapped();
  return absl::OkStatus();
}

absl::Status FaultEnv::Link(const std::string& from, const std::string& to) {
  LL_RETURN_IF_ERROR(Mutate());
  return real_.Link(from, to);
}

absl::Status FaultEnv::RemoveFile(const std::string& path) {
  LL_RETURN_IF_ERROR(Mutate());
  LL_RETURN_IF_ERROR(real_.RemoveFile(path));
  MutexLock lock(&mutex_);
  synced_.erase(path);
  return absl::OkStatus();
}

absl::Status FaultEnv::RemoveTree(const std::string& path) {
  LL_RETURN_IF_ERROR(Mutate());
  return real_.RemoveTree(path);
}

absl::Status FaultEnv::CreateDirectories(const std::string& path) {
  LL_RETURN_IF_ERROR(Mutate());
  return real_.CreateDirectories(path);
}

absl::Status FaultEnv::SyncDirectory(const std::string& directory) {
  LL_RETURN_IF_ERROR(Mutate());
  return real_.SyncDirectory(directory);
}

absl::StatusOr<std::unique_ptr<FileLock>> FaultEnv::Lock(const std::string& path) { return real_.Lock(path); }

}  // namespace ll::testing
