#include "learner/artifact/tar_gz.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/gunzip.h"
#include "base/status_macros.h"

namespace ll::learner {
namespace {

// Of the members while they are unpacked.
constexpr size_t kChunkBytes = 256 << 10;
// Tar pads its end with zeros, usually to 10 KiB. More than this is no padding.
constexpr size_t kMaxPaddingBytes = 1 << 20;

struct EntryDeleter {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
struct WriteDeleter {
  void operator()(archive* writer) const { archive_write_free(writer); }
};
struct ReadDeleter {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

absl::Status PackError(archive* writer) {
  const char* const text = archive_error_string(writer);
  return MakeError(absl::StatusCode::kInternal, ErrorReason::kInternal,
                   {.what = "cannot pack an archive", .why = text == nullptr ? "unknown error" : text});
}

absl::Status PackMember(archive* writer, const TarMember& member) {
  const std::unique_ptr<archive_entry, EntryDeleter> entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), std::string(member.name).c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(member.contents.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), 0, 0);
  if (archive_write_header(writer, entry.get()) != ARCHIVE_OK) return PackError(writer);
  const la_ssize_t written = archive_write_data(writer, member.contents.data(), member.contents.size());
  if (written != static_cast<la_ssize_t>(member.contents.size())) return PackError(writer);
  return absl::OkStatus();
}

class ViewFile final : public SequentialFile {
 public:
  explicit ViewFile(absl::string_view bytes) : rest_(bytes) {}
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    const size_t count = rest_.copy(buffer.data(), buffer.size());
    rest_.remove_prefix(count);
    return count;
  }

 private:
  absl::string_view rest_;
};

// The bytes inside a gzip file, piece by piece. libarchive's own gzip filter does not verify the checksum.
class Pieces {
 public:
  explicit Pieces(absl::string_view packed)
      : unpacked_(std::make_unique<ViewFile>(packed), GunzipFile::Members::kOne), piece_(kChunkBytes) {}

  // The next piece; empty at the verified end or after an error.
  absl::string_view Next() {
    if (!status_.ok()) return {};
    const absl::StatusOr<size_t> count = unpacked_.Read(absl::MakeSpan(piece_));
    status_ = count.status();
    return {piece_.data(), count.value_or(0)};
  }

  const absl::Status& status() const { return status_; }

 private:
  GunzipFile unpacked_;
  std::vector<char> piece_;
  absl::Status status_;
};

la_ssize_t ReadPiece(archive*, void* pieces, const void** piece) {
  const absl::string_view bytes = static_cast<Pieces*>(pieces)->Next();
  *piece = bytes.data();
  return static_cast<la_ssize_t>(bytes.size());
}

}  // namespace

absl::StatusOr<std::string> PackTarGz(absl::Span<const TarMember> members) {
  std::string packed;
  const std::unique_ptr<archive, WriteDeleter> writer(archive_write_new());
  const auto append = [](archive*, void* out, const void* bytes, size_t size) {
    static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
  };
  if (archive_write_set_format_ustar(writer.get()) != ARCHIVE_OK ||
      archive_write_add_filter_gzip(writer.get()) != ARCHIVE_OK ||
      archive_write_set_filter_option(writer.get(), "gzip", "timestamp", nullptr) != ARCHIVE_OK ||
      archive_write_set_filter_option(writer.get(), "gzip", "compression-level", "6") != ARCHIVE_OK ||
      archive_write_set_bytes_in_last_block(writer.get(), 1) != ARCHIVE_OK ||  // no padding after the gzip stream
      archive_write_open2(writer.get(), &packed, nullptr, +append, nullptr, nullptr) != ARCHIVE_OK) {
    return PackError(writer.get());
  }
  for (const TarMember& member : members) LL_RETURN_IF_ERROR(PackMember(writer.get(), member));
  if (archive_write_close(writer.get()) != ARCHIVE_OK) return PackError(writer.get());
  return packed;
}

class TarGzReader::Impl {
 public:
  explicit Impl(absl::string_view bytes) : pieces_(bytes), reader_(archive_read_new()) {}

  absl::StatusOr<std::optional<Member>> Next() {
    if (!std::exchange(open_, true)) {
      archive_read_support_format_tar(reader_.get());
      if (archive_read_open(reader_.get(), &pieces_, nullptr, ReadPiece, nullptr) != ARCHIVE_OK) return Problem();
    }
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(reader_.get(), &entry);
    if (result == ARCHIVE_EOF) return AtEnd();
    if (result != ARCHIVE_OK) return Problem();
    const char* const name = archive_entry_pathname(entry);
    if (name == nullptr || archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr ||
        !archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0) {
      return absl::InvalidArgumentError("it holds something that is no regular file");
    }
    member_.name = name;
    member_.size = static_cast<uint64_t>(archive_entry_size(entry));
    return member_;
  }

  absl::StatusOr<std::string> Contents(uint64_t limit) {
    if (member_.size > limit) {
      return absl::InvalidArgumentError(
          absl::StrCat(member_.name, " says it is ", member_.size, " bytes long, and the limit is ", limit));
    }
    std::string contents;
    while (contents.size() < member_.size) {
      const size_t done = contents.size();
      contents.resize(std::min<size_t>(member_.size, done + kChunkBytes));
      const la_ssize_t read = archive_read_data(reader_.get(), contents.data() + done, contents.size() - done);
      if (read <= 0) return Problem();
      contents.resize(done + static_cast<size_t>(read));
    }
    return contents;
  }

 private:
  absl::Status Problem() const {
    LL_RETURN_IF_ERROR(pieces_.status());
    return absl::InvalidArgumentError("it is not a tar archive, or its end is missing");
  }

  // Reads what follows the tar's own end, so that the checksum of everything is seen.
  absl::StatusOr<std::optional<Member>> AtEnd() {
    size_t padding = 0;
    while (true) {
      const absl::string_view rest = pieces_.Next();
      LL_RETURN_IF_ERROR(pieces_.status());
      if (rest.empty()) return std::nullopt;
      padding += rest.size();
      if (padding > kMaxPaddingBytes || std::any_of(rest.begin(), rest.end(), [](char c) { return c != '\0'; })) {
        return absl::InvalidArgumentError("there are bytes after its end");
      }
    }
  }

  Pieces pieces_;
  std::unique_ptr<archive, ReadDeleter> reader_;
  bool open_ = false;
  Member member_;
};

TarGzReader::TarGzReader(absl::string_view bytes) : impl_(std::make_unique<Impl>(bytes)) {}
TarGzReader::~TarGzReader() = default;
absl::StatusOr<std::optional<TarGzReader::Member>> TarGzReader::Next() { return impl_->Next(); }
absl::StatusOr<std::string> TarGzReader::Contents(uint64_t limit) { return impl_->Contents(limit); }

}  // namespace ll::learner
