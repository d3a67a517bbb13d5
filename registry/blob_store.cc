#include "registry/blob_store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "base/status_macros.h"

namespace ll::registry {
namespace {

constexpr size_t kChunkBytes = 256 << 10;

absl::Status NoSuchBlob(absl::string_view sha256) {
  return MakeError(absl::StatusCode::kNotFound, ErrorReason::kCorruptBlob,
                   {.what = absl::StrCat("cannot find the bytes with SHA-256 ", sha256),
                    .why = "they are not in the data directory",
                    .remedy = "Restore the data directory from a backup, or make the resource that names them again."});
}

absl::Status CorruptBlob(absl::string_view sha256) {
  return MakeError(absl::StatusCode::kDataLoss, ErrorReason::kCorruptBlob,
                   {.what = absl::StrCat("cannot use the bytes with SHA-256 ", sha256),
                    .why = "they changed on disk: their digest is another now",
                    .remedy = "Check the disk; upload or train again, which replaces them."});
}

}  // namespace

PinnedBlob::PinnedBlob(BlobStore* store, std::string sha256, std::string md5, int64_t size_bytes)
    : store_(store), sha256_(std::move(sha256)), md5_(std::move(md5)), size_bytes_(size_bytes) {}

PinnedBlob::PinnedBlob(PinnedBlob&& other) noexcept
    : store_(std::exchange(other.store_, nullptr)),
      sha256_(std::move(other.sha256_)),
      md5_(std::move(other.md5_)),
      size_bytes_(other.size_bytes_) {}

PinnedBlob& PinnedBlob::operator=(PinnedBlob&& other) noexcept {
  if (this == &other) return *this;
  if (store_ != nullptr) store_->Unpin(sha256_);
  store_ = std::exchange(other.store_, nullptr);
  sha256_ = std::move(other.sha256_);
  md5_ = std::move(other.md5_);
  size_bytes_ = other.size_bytes_;
  return *this;
}

PinnedBlob::~PinnedBlob() {
  if (store_ != nullptr) store_->Unpin(sha256_);
}

class BlobStore::Writer final : public BlobWriter {
 public:
  Writer(BlobStore& store, std::string path, std::unique_ptr<WritableFile> file)
      : store_(store), path_(std::move(path)), file_(std::move(file)) {}
  ~Writer() override { Discard(); }

  absl::Status Append(absl::string_view data) override {
    LL_RETURN_IF_ERROR(status_);
    status_ = file_->Append(data);
    if (!status_.ok()) {
      Discard();
      return status_;
    }
    sha256_.Update(data);
    md5_.Update(data);
    size_bytes_ += static_cast<int64_t>(data.size());
    return absl::OkStatus();
  }

  int64_t size_bytes() const override { return size_bytes_; }

  absl::StatusOr<PinnedBlob> Finish() override {
    LL_RETURN_IF_ERROR(status_);
    status_ = MakeError(absl::StatusCode::kInternal, ErrorReason::kInternal,
                        {.what = "cannot write to a blob", .why = "it is finished already"});
    absl::StatusOr<PinnedBlob> blob = FinishOnce();
    if (!blob.ok()) Discard();
    return blob;
  }

 private:
  absl::StatusOr<PinnedBlob> FinishOnce() {
    LL_RETURN_IF_ERROR(file_->Sync());
    LL_RETURN_IF_ERROR(file_->Close());
    const std::string sha256 = sha256_.FinishHex();
    // Pinned before it has its name: from then on Sweep can see it.
    PinnedBlob blob = store_.AddPin(sha256, md5_.FinishHex(), size_bytes_);
    LL_RETURN_IF_ERROR(store_.Name(path_, sha256));
    path_.clear();
    return blob;
  }

  // Gives back the space at once; a full disk needs it.
  void Discard() {
    file_ = nullptr;
    if (!path_.empty()) store_.env_.RemoveFile(path_).IgnoreError();
    path_.clear();
  }

  BlobStore& store_;
  std::string path_;  // empty: there is no temporary file any more
  std::unique_ptr<WritableFile> file_;
  Digest sha256_{Digest::kSha256};
  Digest md5_{Digest::kMd5};
  int64_t size_bytes_ = 0;
  absl::Status status_;  // the first failure: what was appended after it would be another blob
};

class BlobStore::Reader final : public BlobReader {
 public:
  Reader(std::string sha256, int64_t size_bytes, std::unique_ptr<SequentialFile> file)
      : expected_(std::move(sha256)), size_bytes_(size_bytes), file_(std::move(file)) {}

  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    if (result_.has_value()) {
      LL_RETURN_IF_ERROR(*result_);
      return 0;
    }
    LL_ASSIGN_OR_RETURN(const size_t count, file_->Read(buffer));
    digest_.Update(absl::string_view(buffer.data(), count));
    if (count > 0 || buffer.empty()) return count;
    result_ = digest_.FinishHex() == expected_ ? absl::OkStatus() : CorruptBlob(expected_);
    LL_RETURN_IF_ERROR(*result_);
    return 0;
  }

  int64_t size_bytes() const override { return size_bytes_; }

 private:
  const std::string expected_;
  const int64_t size_bytes_;
  const std::unique_ptr<SequentialFile> file_;
  Digest digest_{Digest::kSha256};
  std::optional<absl::Status> result_;  // of the comparison, once all is read
};

BlobStore::BlobStore(Env& env, std::string root) : env_(env), root_(std::move(root)) {}

absl::StatusOr<std::unique_ptr<BlobStore>> BlobStore::Open(Env& env, const std::string& root) {
  auto store = std::unique_ptr<BlobStore>(new BlobStore(env, root));
  LL_RETURN_IF_ERROR(env.RemoveTree(store->TemporaryDirectory()));
  LL_RETURN_IF_ERROR(env.CreateDirectories(store->TemporaryDirectory()));
  LL_RETURN_IF_ERROR(env.SyncDirectory(root));
  LL_RETURN_IF_ERROR(env.SyncDirectory(DirectoryOf(root)));
  return store;
}

std::string BlobStore::TemporaryDirectory() const { return JoinPath(root_, "tmp"); }

std::string BlobStore::PathOf(const std::string& sha256) const {
  return JoinPath(JoinPath(root_, sha256.substr(0, 2)), sha256);
}

PinnedBlob BlobStore::AddPin(const std::string& sha256, std::string md5, int64_t size_bytes) {
  MutexLock lock(&mutex_);
  ++pins_[sha256];
  return PinnedBlob(this, sha256, std::move(md5), size_bytes);
}

void BlobStore::Unpin(const std::string& sha256) {
  MutexLock lock(&mutex_);
  const auto pin = pins_.find(sha256);
  if (--pin->second == 0) pins_.erase(pin);
}

absl::StatusOr<std::unique_ptr<BlobWriter>> BlobStore::NewWriter() {
  int64_t number;
  {
    MutexLock lock(&mutex_);
    number = next_temporary_++;
  }
  const std::string path = JoinPath(TemporaryDirectory(), absl::StrCat(number));
  LL_ASSIGN_OR_RETURN(auto file, env_.NewWritableFile(path, FileMode::kReadOnly));
  return std::make_unique<Writer>(*this, path, std::move(file));
}

absl::StatusOr<PinnedBlob> BlobStore::Put(absl::string_view data) {
  LL_ASSIGN_OR_RETURN(const auto writer, NewWriter());
  LL_RETURN_IF_ERROR(writer->Append(data));
  return writer->Finish();
}

// A blob that is there already is replaced by the same bytes, which also heals one that went bad; whoever reads the old
// one goes on reading it.
absl::Status BlobStore::Name(const std::string& temporary, const std::string& sha256) {
  const std::string path = PathOf(sha256);
  const std::string directory = DirectoryOf(path);
  LL_RETURN_IF_ERROR(MakeDirectory(directory));
  LL_RETURN_IF_ERROR(env_.Rename(temporary, path));
  return env_.SyncDirectory(directory);
}

// Once per process and directory: that it exists does not say that its own name was synced.
absl::Status BlobStore::MakeDirectory(const std::string& directory) {
  MutexLock lock(&mutex_);
  if (made_directories_.contains(directory)) return absl::OkStatus();
  LL_RETURN_IF_ERROR(env_.CreateDirectories(directory));
  LL_RETURN_IF_ERROR(env_.SyncDirectory(root_));
  made_directories_.insert(directory);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> BlobStore::SizeOf(const std::string& sha256) {
  if (!IsSha256Hex(sha256)) return NoSuchBlob(sha256);
  const absl::StatusOr<FileInfo> info = env_.Stat(PathOf(sha256));
  if (absl::IsNotFound(info.status())) return NoSuchBlob(sha256);
  if (!info.ok()) return info.status();
  return static_cast<int64_t>(info->size_bytes);
}

absl::StatusOr<PinnedBlob> BlobStore::Pin(const std::string& sha256) {
  MutexLock lock(&mutex_);
  LL_ASSIGN_OR_RETURN(const int64_t size_bytes, SizeOf(sha256));
  ++pins_[sha256];
  return PinnedBlob(this, sha256, "", size_bytes);
}

absl::StatusOr<std::unique_ptr<BlobReader>> BlobStore::NewReader(const std::string& sha256) {
  LL_ASSIGN_OR_RETURN(const int64_t size_bytes, SizeOf(sha256));
  LL_ASSIGN_OR_RETURN(auto file, env_.NewSequentialFile(PathOf(sha256)));
  return std::make_unique<Reader>(sha256, size_bytes, std::move(file));
}

absl::StatusOr<std::string> BlobStore::ReadVerified(const std::string& sha256) {
  LL_ASSIGN_OR_RETURN(const auto reader, NewReader(sha256));
  std::string data(static_cast<size_t>(reader->size_bytes()), '\0');
  size_t done = 0;
  while (true) {
    if (done == data.size()) data.resize(done + 1);  // room to see the end, or bytes that should not be there
    LL_ASSIGN_OR_RETURN(const size_t count, reader->Read(absl::MakeSpan(data.data() + done, data.size() - done)));
    if (count == 0) break;
    done += count;
  }
  data.resize(done);
  return data;
}

absl::Status BlobStore::LinkTo(const std::string& sha256, const std::string& path) {
  LL_RETURN_IF_ERROR(SizeOf(sha256).status());
  const absl::Status linked = env_.Link(PathOf(sha256), path);
  // Another file system, one without hard links, or a file that has too many of them.
  const bool can_copy = !linked.ok() && !absl::IsAlreadyExists(linked) && !absl::IsNotFound(linked);
  return can_copy ? CopyTo(sha256, path) : linked;
}

absl::Status BlobStore::CopyTo(const std::string& sha256, const std::string& path) {
  const absl::Status copied = [&]() -> absl::Status {
    LL_ASSIGN_OR_RETURN(const auto reader, NewReader(sha256));
    LL_ASSIGN_OR_RETURN(const auto file, env_.NewWritableFile(path, FileMode::kReadOnly));
    std::string buffer(kChunkBytes, '\0');
    while (true) {
      LL_ASSIGN_OR_RETURN(const size_t count, reader->Read(absl::MakeSpan(buffer.data(), buffer.size())));
      if (count == 0) break;
      LL_RETURN_IF_ERROR(file->Append(absl::string_view(buffer.data(), count)));
    }
    return file->Close();
  }();
  if (!copied.ok()) env_.RemoveFile(path).IgnoreError();
  return copied;
}

absl::StatusOr<BlobStore::SweepResult> BlobStore::Sweep(
    absl::FunctionRef<absl::StatusOr<bool>(const std::string& sha256)> is_named) {
  SweepResult result;
  LL_ASSIGN_OR_RETURN(const std::vector<std::string> directories, env_.List(root_));
  for (const std::string& directory : directories) {
    if (directory.size() != 2) continue;
    LL_ASSIGN_OR_RETURN(const std::vector<std::string> names, env_.List(JoinPath(root_, directory)));
    for (const std::string& name : names) {
      if (!IsSha256Hex(name)) continue;
      LL_ASSIGN_OR_RETURN(const int64_t removed_bytes, RemoveIfUnused(name, is_named));
      if (removed_bytes < 0) continue;
      ++result.removed;
      result.removed_bytes += removed_bytes;
    }
  }
  if (result.removed > 0) {
    LogInfo("unused blobs removed",
            {{"blobs", absl::StrCat(result.removed)}, {"bytes", absl::StrCat(result.removed_bytes)}});
  }
  return result;
}

absl::Status BlobStore::SweepOne(const std::string& sha256,
                                 absl::FunctionRef<absl::StatusOr<bool>(const std::string& sha256)> is_named) {
  const absl::StatusOr<int64_t> removed_bytes = RemoveIfUnused(sha256, is_named);
  return absl::IsNotFound(removed_bytes.status()) ? absl::OkStatus() : removed_bytes.status();
}

// How many bytes went; -1: it is in use.
absl::StatusOr<int64_t> BlobStore::RemoveIfUnused(
    const std::string& sha256, absl::FunctionRef<absl::StatusOr<bool>(const std::string& sha256)> is_named) {
  MutexLock lock(&mutex_);
  if (pins_.contains(sha256)) return -1;
  LL_ASSIGN_OR_RETURN(const bool named, is_named(sha256));
  if (named) return -1;
  LL_ASSIGN_OR_RETURN(const int64_t size_bytes, SizeOf(sha256));
  LL_RETURN_IF_ERROR(env_.RemoveFile(PathOf(sha256)));
  return size_bytes;
}

}  // namespace ll::registry
