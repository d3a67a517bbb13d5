#include "learner/readers/row_files.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/readers/csv_reader.h"
#include "learner/readers/data_error.h"
#include "learner/readers/data_file.h"
#include "learner/readers/json_lines_reader.h"
#include "learner/readers/json_reader.h"
#include "learner/readers/libsvm_reader.h"
#include "learner/readers/manifest.h"
#include "learner/readers/recordio_frame.h"
#include "learner/readers/recordio_reader.h"
#include "learner/readers/row_checks.h"
#include "learner/readers/spooled_fifo.h"

namespace ll::learner {
namespace {

bool DescribesData(absl::string_view name) { return absl::StartsWith(name, ".") || absl::StartsWith(name, "_"); }

absl::Status Unusable(const std::string& path, std::string why, std::string remedy) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
                   {.what = absl::StrCat("cannot read ", path), .why = std::move(why), .remedy = std::move(remedy)});
}

absl::StatusOr<std::vector<std::string>> ListManifest(Env& env, const std::string& path) {
  LL_ASSIGN_OR_RETURN(const std::string text, env.ReadFile(path));
  LL_ASSIGN_OR_RETURN(std::vector<std::string> files, ParseManifest(text, path));
  for (std::string& file : files) {
    file = JoinPath(DirectoryOf(path), file);
    const absl::StatusOr<FileInfo> info = env.Stat(file);
    if (!info.ok() && !absl::IsNotFound(info.status())) return info.status();
    if (!info.ok() || info->type != FileInfo::Type::kRegular) {
      return Unusable(path, absl::StrCat("it lists ", file, ", and there is no such file"),
                      "Put the files where the manifest lies, or correct it.");
    }
  }
  return files;
}

absl::Status AppendDataFiles(Env& env, const std::string& path, std::vector<std::string>* files);

absl::Status AppendFolder(Env& env, const std::string& path, std::vector<std::string>* files) {
  LL_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.List(path));
  const auto manifests = std::count_if(names.begin(), names.end(), IsManifest);
  if (manifests > 1) {
    return Unusable(path, absl::StrCat("it holds ", manifests, " manifests"), "Leave one, or name the one to use.");
  }
  if (manifests == 1) {
    const auto manifest = std::find_if(names.begin(), names.end(), IsManifest);
    LL_ASSIGN_OR_RETURN(std::vector<std::string> listed, ListManifest(env, JoinPath(path, *manifest)));
    files->insert(files->end(), listed.begin(), listed.end());
    return absl::OkStatus();
  }
  for (const std::string& name : names) {
    if (!DescribesData(name)) LL_RETURN_IF_ERROR(AppendDataFiles(env, JoinPath(path, name), files));
  }
  return absl::OkStatus();
}

absl::Status AppendDataFiles(Env& env, const std::string& path, std::vector<std::string>* files) {
  LL_ASSIGN_OR_RETURN(const FileInfo info, env.Stat(path));
  if (info.type == FileInfo::Type::kDirectory) return AppendFolder(env, path, files);
  if (info.type == FileInfo::Type::kRegular) {
    files->push_back(path);
    return absl::OkStatus();
  }
  return Unusable(path, "it is neither a regular file nor a folder",
                  "Give data as files; a FIFO is read where the channel's TrainingInputMode is Pipe.");
}

absl::Status Unrecognised(const std::string& name, absl::string_view head) {
  const std::string guess = SeemsToHold(head);
  return Unusable(
      name,
      absl::StrCat("neither its name nor its first bytes say what it holds",
                   guess.empty() ? "" : absl::StrCat(" (", guess, ")")),
      absl::StrCat("Give its content type; accepted are ", absl::StrJoin(AcceptedContentTypes(), ", "), "."));
}

absl::StatusOr<ContentType> DetectContentType(const std::string& name, absl::string_view head) {
  if (absl::StartsWith(head, recordio::kMagic)) return ContentType{.format = DataFormat::kRecordIo};
  if (const auto by_name = ContentTypeOfFile(name)) return *by_name;
  if (const auto by_bytes = ContentTypeOfBytes(head)) return *by_bytes;
  // Nothing but blanks: a file without rows in every text format.
  if (absl::StripAsciiWhitespace(head).empty()) return ContentType{.format = DataFormat::kCsv};
  return Unrecognised(name, head);
}

absl::StatusOr<std::unique_ptr<RowReader>> NewReader(std::unique_ptr<DataFile> file, const std::string& name,
                                                     const ContentType& type, const RowRules& rules) {
  switch (type.format) {
    case DataFormat::kRecordIo: return std::make_unique<RecordIoReader>(std::move(file), name);
    case DataFormat::kLibsvm: return std::make_unique<LibsvmReader>(std::move(file), name, type.index_base);
    case DataFormat::kJsonLines: return std::make_unique<JsonLinesReader>(std::move(file), name);
    case DataFormat::kJson: return std::make_unique<JsonReader>(std::move(file), name);
    case DataFormat::kCsv: break;
  }
  const CsvOptions options{.label_columns = type.label_columns.value_or(rules.labels ? 1 : 0), .header = type.header};
  if (rules.labels && options.label_columns == 0) {
    return Unusable(name, "its content type says label_size=0, and training needs a label in each row",
                    "Put the label into the first column and leave label_size at 1.");
  }
  return std::make_unique<CsvReader>(std::move(file), name, options);
}

MissingValues RuleFor(Imputation imputation) {
  switch (imputation) {
    case Imputation::kNone: return MissingValues::kRefuse;
    case Imputation::kZero: return MissingValues::kZero;
    case Imputation::kMean: return MissingValues::kKeep;
  }
  return MissingValues::kRefuse;
}

class RowFiles final : public RowSource {
 public:
  RowFiles(Env& env, std::vector<std::string> files, std::optional<ContentType> content_type, RowRules rules,
           const std::string& spool)
      : env_(env), files_(std::move(files)), content_type_(content_type), rows_(std::move(rules)) {
    if (!spool.empty() && files_.size() == 1) spooled_.emplace(env_, files_[0], spool);
  }

  absl::StatusOr<RowBlock> Next() override { return NextInto({}); }

  absl::StatusOr<RowBlock> NextInto(absl::Span<float> room) override {
    if (rows_.layout() != RowLayout::kDense) rows_.ClearTo(RowLayout::kDense);
    rows_.Clear(room);
    LL_RETURN_IF_ERROR(Fill());
    return rows_.block();
  }

  absl::StatusOr<SparseBlock> NextSparse() override {
    rows_.ClearTo(RowLayout::kSparse);
    LL_RETURN_IF_ERROR(Fill());
    return rows_.sparse_block();
  }

  bool has_sparse_rows() const override { return rows_.has_sparse_rows(); }

  absl::Status Rewind() override {
    if (has_fifo_ && !spooled_.has_value()) {
      return MakeError(absl::StatusCode::kFailedPrecondition, ErrorReason::kInvalidChannel,
                       {.what = "cannot read the rows again", .why = "a FIFO can be read once", .remedy = ""});
    }
    next_file_ = 0;
    reader_.reset();
    return absl::OkStatus();
  }

  std::vector<std::string> feature_names() const override { return rows_.feature_names(); }

 private:
  absl::Status Fill() {
    while (!rows_.full()) {
      if (reader_ == nullptr) {
        if (next_file_ == files_.size()) break;
        LL_RETURN_IF_ERROR(OpenNextFile());
      }
      LL_ASSIGN_OR_RETURN(const bool more, reader_->Read(rows_));
      if (!more) reader_.reset();
    }
    has_rows_ |= rows_.rows() > 0;
    return has_rows_ ? absl::OkStatus() : NoRows();
  }

  absl::Status OpenNextFile() {
    const std::string& name = files_[next_file_];
    ContentType type;
    LL_ASSIGN_OR_RETURN(std::unique_ptr<DataFile> file, Open(name, &type));
    if (type.format == DataFormat::kLibsvm && rows_.layout() == RowLayout::kDense && rows_.columns() == 0) {
      LL_RETURN_IF_ERROR(MeasureWidth());
    }
    LL_ASSIGN_OR_RETURN(reader_, NewReader(std::move(file), name, type, rows_.rules()));
    ++next_file_;
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<DataFile>> Open(const std::string& name, ContentType* type) {
    LL_ASSIGN_OR_RETURN(auto file, OpenBytes(name));
    LL_ASSIGN_OR_RETURN(std::unique_ptr<DataFile> data, DataFile::Open(std::move(file), name));
    if (content_type_.has_value()) {
      *type = *content_type_;
    } else {
      LL_ASSIGN_OR_RETURN(*type, DetectContentType(name, data->head()));
    }
    return data;
  }

  absl::StatusOr<std::unique_ptr<SequentialFile>> OpenBytes(const std::string& name) {
    LL_ASSIGN_OR_RETURN(const FileInfo info, env_.Stat(name));
    if (info.type != FileInfo::Type::kFifo) return env_.NewSequentialFile(name);
    has_fifo_ = true;
    return spooled_.has_value() ? spooled_->Open() : env_.NewSequentialFile(name);
  }

  // Reads what is left of the files for their largest index.
  absl::Status MeasureWidth() {
    RowBuffer rows(rows_.rules(), RowLayout::kSparse);
    for (size_t i = next_file_; i < files_.size(); ++i) {
      LL_ASSIGN_OR_RETURN(const FileInfo info, env_.Stat(files_[i]));
      if (info.type != FileInfo::Type::kRegular) return absl::OkStatus();  // the reader says what is missing
      ContentType type;
      LL_ASSIGN_OR_RETURN(std::unique_ptr<DataFile> file, Open(files_[i], &type));
      LL_ASSIGN_OR_RETURN(const auto reader, NewReader(std::move(file), files_[i], type, rows.rules()));
      for (bool more = true; more;) {
        rows.Clear();
        LL_ASSIGN_OR_RETURN(more, reader->Read(rows));
      }
    }
    const int columns = std::max(1, rows.sparse_block().columns);
    if (static_cast<uint64_t>(columns) > WidestRow(RowLayout::kDense)) {
      return DataError({.file = files_[next_file_]}, TooWide(static_cast<uint64_t>(columns), RowLayout::kDense));
    }
    rows_.SetColumns(columns, rows.columns() > 0 ? rows.columns_source() : "the largest index in the files");
    return absl::OkStatus();
  }

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
  bool has_fifo_ = false;               // as far as files have been opened
  std::optional<SpooledFifo> spooled_;  // of files_[0], if it is a FIFO
  std::unique_ptr<RowReader> reader_;   // of files_[next_file_ - 1]; nullptr between files
  bool has_rows_ = false;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> ListDataFiles(Env& env, const std::string& path) {
  if (IsManifest(path)) return ListManifest(env, path);
  std::vector<std::string> files;
  LL_RETURN_IF_ERROR(AppendDataFiles(env, path, &files));
  if (files.empty())
    return Unusable(path, "the folder holds no data files", "Names that begin with . or _ do not count.");
  return files;
}

absl::StatusOr<std::unique_ptr<RowSource>> OpenRowFiles(Env& env, std::vector<std::string> files,
                                                        std::optional<ContentType> content_type, RowRules rules,
                                                        std::string spool) {
  if (content_type.has_value()) rules.missing = RuleFor(content_type->missing);
  return std::make_unique<RowFiles>(env, std::move(files), content_type, std::move(rules), spool);
}

}  // namespace ll::learner
