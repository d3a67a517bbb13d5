#include "learner/artifact/zip.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"

namespace ll::learner {
namespace {

constexpr size_t kChunkBytes = 256 << 10;
struct EntryDeleter {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
struct WriteDeleter {
  void operator()(archive* writer) const { archive_write_free(writer); }
};
struct ReadDeleter {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

absl::Status Damaged() { return absl::InvalidArgumentError("it is not a zip archive, or it is damaged"); }

// The rest of the current member.
absl::StatusOr<std::string> ReadMember(archive* reader, uint64_t limit) {
  std::string contents;
  while (true) {
    const size_t done = contents.size();
    contents.resize(done + kChunkBytes);
    const la_ssize_t read = archive_read_data(reader, contents.data() + done, kChunkBytes);
    if (read < 0) return Damaged();
    contents.resize(done + static_cast<size_t>(read));
    if (contents.size() > limit) return absl::InvalidArgumentError("it unpacks to more than it may");
    if (read == 0) return contents;
  }
}

absl::Status PackError(archive* writer) {
  const char* const text = archive_error_string(writer);
  return MakeError(absl::StatusCode::kInternal, ErrorReason::kInternal,
                   {.what = "cannot pack an archive", .why = text == nullptr ? "unknown error" : text});
}

}  // namespace

absl::StatusOr<std::string> PackZip(absl::Span<const TarMember> members) {
  std::string packed;
  const std::unique_ptr<archive, WriteDeleter> writer(archive_write_new());
  const auto append = [](archive*, void* out, const void* bytes, size_t size) {
    static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
  };
  if (archive_write_set_format_zip(writer.get()) != ARCHIVE_OK ||
      archive_write_set_options(writer.get(), "zip:compression=store") != ARCHIVE_OK ||
      archive_write_set_bytes_in_last_block(writer.get(), 1) != ARCHIVE_OK ||
      archive_write_open2(writer.get(), &packed, nullptr, +append, nullptr, nullptr) != ARCHIVE_OK) {
    return PackError(writer.get());
  }
  for (const TarMember& member : members) {
    const std::unique_ptr<archive_entry, EntryDeleter> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), std::string(member.name).c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(member.contents.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), 0, 0);  // before the format's first day, so in no time zone another
    if (archive_write_header(writer.get(), entry.get()) != ARCHIVE_OK ||
        archive_write_data(writer.get(), member.contents.data(), member.contents.size()) !=
            static_cast<la_ssize_t>(member.contents.size())) {
      return PackError(writer.get());
    }
  }
  if (archive_write_close(writer.get()) != ARCHIVE_OK) return PackError(writer.get());
  return packed;
}

absl::StatusOr<std::map<std::string, std::string>> UnpackZip(absl::string_view bytes, uint64_t limit) {
  const std::unique_ptr<archive, ReadDeleter> reader(archive_read_new());
  // The kind that trusts the list at the archive's end, as unzip does, not what may lie before it.
  archive_read_support_format_zip_seekable(reader.get());
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) return Damaged();
  std::map<std::string, std::string> members;
  while (true) {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(reader.get(), &entry);
    if (result == ARCHIVE_EOF) return members;
    if (result != ARCHIVE_OK) return Damaged();
    const char* const name = archive_entry_pathname(entry);
    if (name == nullptr) return Damaged();
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    absl::StatusOr<std::string> contents = ReadMember(reader.get(), limit);
    if (!contents.ok()) return contents.status();
    limit -= contents->size();
    if (!members.emplace(name, *std::move(contents)).second) {
      return absl::InvalidArgumentError(absl::StrCat("it holds ", name, " twice"));
    }
  }
}

}  // namespace ll::learner
