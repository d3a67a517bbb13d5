#include "services/prediction/formats/row_decoder.h"

#include <string>
#include <utility>

#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/readers/csv_reader.h"
#include "learner/readers/data_error.h"
#include "learner/readers/json_lines_reader.h"
#include "learner/readers/json_reader.h"
#include "learner/readers/libsvm_reader.h"
#include "learner/readers/recordio_reader.h"

namespace ll::prediction {
namespace {

using learner::DataFormat;

constexpr char kName[] = "the request's body";  // in errors

std::unique_ptr<learner::RowReader> NewReader(const learner::ContentType& type, std::unique_ptr<SequentialFile> body) {
  switch (type.format) {
    case DataFormat::kRecordIo: return std::make_unique<learner::RecordIoReader>(std::move(body), kName);
    case DataFormat::kLibsvm: return std::make_unique<learner::LibsvmReader>(std::move(body), kName, type.index_base);
    case DataFormat::kJsonLines: return std::make_unique<learner::JsonLinesReader>(std::move(body), kName);
    case DataFormat::kJson: return std::make_unique<learner::JsonReader>(std::move(body), kName);
    case DataFormat::kCsv: break;
  }
  return std::make_unique<learner::CsvReader>(
      std::move(body), kName,
      learner::CsvOptions{.label_columns = type.label_columns.value_or(0), .header = type.header});
}

learner::RowRules RulesFor(const learner::ContentType& type, int feature_dim) {
  return {.labels = false,
          .feature_dim = feature_dim,
          .feature_dim_source = "the model",
          .missing = type.missing == learner::Imputation::kZero ? learner::MissingValues::kZero
                                                                : learner::MissingValues::kRefuse};
}

}  // namespace

RowDecoder::RowDecoder(const learner::ContentType& type, std::unique_ptr<SequentialFile> body, int feature_dim)
    : reader_(NewReader(type, std::move(body))), rows_(RulesFor(type, feature_dim)) {}

absl::StatusOr<learner::RowBlock> RowDecoder::Next() {
  rows_.Clear();
  while (more_ && !rows_.full()) {
    LL_ASSIGN_OR_RETURN(more_, reader_->Read(rows_));
  }
  if (rows_.rows() == 0 && empty_) {
    return learner::DataError({.file = kName}, {.why = "it holds no rows", .remedy = "Send at least one row."});
  }
  empty_ = false;
  return rows_.block();
}

}  // namespace ll::prediction
