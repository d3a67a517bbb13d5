#include "learner/readers/row_files.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/readers/csv_reader.h"
#include "learner/readers/recordio_reader.h"

namespace ll::learner {
namespace {

bool DescribesData(absl::string_view name) {
  return absl::StartsWith(name, ".") || absl::StartsWith(name, "_") || absl::EndsWith(name, ".manifest");
}

absl::Status AppendDataFiles(Env& env, const std::string& path, std::vector<std::string>* files) {
  LL_ASSIGN_OR_RETURN(const FileInfo info, env.Stat(path));
  if (info.type == FileInfo::Type::kRegular) {
    files->push_back(path);
    return absl::OkStatus();
  }
  if (info.type != FileInfo::Type::kDirectory) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
                     {.what = absl::StrCat("cannot read ", path),
                      .why = "it is neither a regular file nor a folder",
                      .remedy = "Give data as files."});
  }
  LL_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.List(path));
  for (const std::string& name : names) {
    if (!DescribesData(name)) LL_RETURN_IF_ERROR(AppendDataFiles(env, JoinPath(path, name), files));
  }
  return absl::OkStatus();
}

class RowFiles final : public RowSource {
 public:
  RowFiles(Env& env, std::vector<std::string> files, std::optional<ContentType> content_type, RowRules rules)
      : env_(env), files_(std::move(files)), content_type_(content_type), rows_(std::move(rules)) {}

  absl::StatusOr<RowBlock> Next() override {
    rows_.Clear();
    while (!rows_.full()) {
      if (reader_ == nullptr) {
        if (next_file_ == files_.size()) break;
        const std::string& name = files_[next_file_++];
        LL_ASSIGN_OR_RETURN(auto file, env_.NewSequentialFile(name));
        LL_ASSIGN_OR_RETURN(reader_, NewRowReader(std::move(file), name, content_type_, rows_.rules()));
      }
      LL_ASSIGN_OR_RETURN(const bool more, reader_->Read(rows_));
      if (!more) reader_.reset();
    }
    const RowBlock block = rows_.block();
    if (block.rows > 0) {
      has_rows_ = true;
    } else if (!has_rows_) {
      return NoRows();
    }
    return block;
  }

  absl::Status Rewind() override {
    next_file_ = 0;
    reader_.reset();
    return absl::OkStatus();
  }

 private:
  absl::Status NoRows() const {
    const std::string why =
        files_.size() == 1 ? "the file is empty" : absl::StrCat("none of its ", files_.size(), " files holds a row");
    return DataError({.file = files_.size() == 1 ? files_[0] : DirectoryOf(files_[0])},
                     {.why = why, .remedy = "Give at least one row."});
  }

  Env& env_;
  const std::vector<std::string> files_;
  const std::optional<ContentType> content_type_;
  RowBuffer rows_;
  size_t next_file_ = 0;
  std::unique_ptr<RowReader> reader_;  // of files_[next_file_ - 1]; nullptr between files
  bool has_rows_ = false;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> ListDataFiles(Env& env, const std::string& path) {
  std::vector<std::string> files;
  LL_RETURN_IF_ERROR(AppendDataFiles(env, path, &files));
  if (files.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
                     {.what = absl::StrCat("cannot read ", path),
                      .why = "the folder holds no data files",
                      .remedy = "Names that begin with . or _ or end in .manifest do not count as data."});
  }
  return files;
}

absl::StatusOr<std::unique_ptr<RowReader>> NewRowReader(std::unique_ptr<SequentialFile> file, const std::string& name,
                                                        const std::optional<ContentType>& content_type,
                                                        const RowRules& rules) {
  const ContentType type = content_type.has_value() ? *content_type : ContentTypeOfFile(name);
  if (type.format == DataFormat::kRecordIo) return std::make_unique<RecordIoReader>(std::move(file), name);
  const int label_columns = type.label_columns.value_or(rules.labels ? 1 : 0);
  if (rules.labels && label_columns == 0) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
                     {.what = absl::StrCat("cannot read ", name),
                      .why = "its content type says label_size=0, and training needs a label in each row",
                      .remedy = "Put the label into the first column and leave label_size at 1."});
  }
  return std::make_unique<CsvReader>(std::move(file), name, label_columns);
}

absl::StatusOr<std::unique_ptr<RowSource>> OpenRowFiles(Env& env, std::vector<std::string> files,
                                                        std::optional<ContentType> content_type, RowRules rules) {
  return std::make_unique<RowFiles>(env, std::move(files), content_type, std::move(rules));
}

}  // namespace ll::learner
