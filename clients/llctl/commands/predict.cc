#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "clients/cpp/grpc_status.h"
#include "clients/llctl/commands/commands.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/human_units.h"
#include "clients/llctl/input/row_source.h"
#include "clients/llctl/predictions_writer.h"
#include "clients/llctl/printer.h"
#include "clients/llctl/progress.h"

namespace ll::llctl {
namespace {

// Standard input, owned by whoever opened it.
class BorrowedFile final : public SequentialFile {
 public:
  explicit BorrowedFile(SequentialFile& file) : file_(file) {}
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override { return file_.Read(buffer); }

 private:
  SequentialFile& file_;
};

// Scores the rows of a source batch by batch and writes the answers, in order.
class Prediction {
 public:
  // `show_progress`: the answer does not go to the terminal that the progress line is on.
  Prediction(Session& session, RowSource& rows, int batch_size, bool show_progress, client::ByteSink sink)
      : session_(session),
        rows_(rows),
        batch_size_(batch_size),
        show_progress_(show_progress),
        sink_(sink),
        writer_(session.format() == OutputFormat::kJson ? PredictionFormat::kJsonLines : PredictionFormat::kCsv),
        begin_(session.clock().Now()),
        line_(session) {}

  absl::Status Run(const std::string& endpoint) {
    return session_.client().predictions().StreamPredict(
        endpoint, [this](v1::StreamPredictRequest& batch) { return FillBatch(batch); },
        [this](v1::StreamPredictResponse& answer) { return TakeAnswer(answer); }, {.call = session_.call()});
  }

  int64_t answered() const { return answered_; }

  // "10000 rows by models/digits/versions/3 in 0.4s (25.0k rows/s)".
  std::string Summary() const {
    const absl::Duration elapsed = session_.clock().Now() - begin_;
    std::vector<std::string> versions;
    for (const auto& [version, count] : rows_by_version_) {
      versions.push_back(rows_by_version_.size() == 1 ? version : absl::StrCat(version, " (", count, ")"));
    }
    std::string summary = absl::StrCat(answered_, answered_ == 1 ? " row by " : " rows by ",
                                       absl::StrJoin(versions, ", "), " in ", HumanDuration(elapsed));
    if (elapsed > absl::ZeroDuration()) {
      absl::StrAppend(&summary, " (", HumanCount(static_cast<double>(answered_) / absl::ToDoubleSeconds(elapsed)),
                      " rows/s)");
    }
    return summary;
  }

 private:
  // On the stream's sending thread.
  absl::StatusOr<bool> FillBatch(v1::StreamPredictRequest& batch) {
    for (int i = 0; i < batch_size_; ++i) {
      LL_ASSIGN_OR_RETURN(const bool more, rows_.Next(row_));
      if (!more) return i > 0;
      if (row_.sparse) {
        Append(row_, *batch.mutable_sparse());
      } else {
        Append(row_, *batch.mutable_dense());
      }
    }
    return true;
  }

  static void Append(const Row& row, v1::DenseRows& rows) {
    rows.set_columns(row.columns);
    rows.mutable_values()->Add(row.values.begin(), row.values.end());
  }
  static void Append(const Row& row, v1::SparseRows& rows) {
    rows.set_columns(row.columns);
    if (rows.row_offsets().empty()) rows.add_row_offsets(0);
    rows.mutable_column_indices()->Add(row.indices.begin(), row.indices.end());
    rows.mutable_values()->Add(row.values.begin(), row.values.end());
    rows.add_row_offsets(rows.values_size());
  }

  absl::Status TakeAnswer(const v1::StreamPredictResponse& answer) {
    if (answer.has_error()) {
      const int64_t first = answer.batch_id() * batch_size_ + 1;
      return Annotate(client::FromRpcStatus(answer.error()),
                      absl::StrCat("rows ", first, " to ", first + batch_size_ - 1));
    }
    const v1::Predictions& predictions = answer.predictions();
    text_.clear();
    writer_.Append(predictions, text_);
    const int64_t rows = predictions.scores_size() / std::max(predictions.outputs(), 1);
    rows_by_version_[predictions.model_version()] += rows;
    answered_ += rows;
    LL_RETURN_IF_ERROR(sink_(text_));
    if (show_progress_) line_.Update(absl::StrCat(answered_, " rows predicted"));
    return absl::OkStatus();
  }

  Session& session_;
  RowSource& rows_;
  const int batch_size_;
  const bool show_progress_;
  const client::ByteSink sink_;
  PredictionsWriter writer_;
  const absl::Time begin_;
  LiveLine line_;
  Row row_;
  std::string text_;
  int64_t answered_ = 0;
  std::map<std::string, int64_t> rows_by_version_;
};

class Predict final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "predict",
            .summary = "Score the rows of a file on an endpoint",
            .when =
                "Rows are features: CSV without label and header, RecordIO-protobuf, or libsvm, whose labels are not "
                "looked at. They are streamed in batches, in constant memory. The answer is CSV with a header line: "
                "score,predicted_label (score_0,score_1,...,predicted_label with several classes, score for a "
                "regressor); with -o json, one JSON object a line.",
            .examples = {{"predict digits --input test.csv > predictions.csv", "A CSV file"},
                         {"predict digits --input test.pbr --batch-size 500 --output predictions.csv",
                          "A RecordIO-protobuf file, larger batches"},
                         {"predict digits --input - --content-type text/csv -o json < rows.csv",
                          "Standard input, as JSON lines"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("ENDPOINT", endpoint_, "The endpoint")->required();
    app.add_option("--input", input_, "The rows; - for standard input")->required()->type_name("FILE");
    app.add_option("--content-type", content_type_,
                   "text/csv, application/x-recordio-protobuf or text/libsvm; by the name or the first bytes")
        ->type_name("TYPE");
    app.add_option("--batch-size", batch_size_, "Rows a message; 100 by default")->type_name("N");
    app.add_option("--output", output_, "Where to; standard output by default")->type_name("FILE");
  }

  absl::Status Validate(Session&) override {
    return batch_size_ < 1 ? UsageError("--batch-size must be at least 1") : absl::OkStatus();
  }

  absl::Status Run(Session& session) override {
    LL_ASSIGN_OR_RETURN(const std::unique_ptr<RowSource> rows, OpenInput(session));
    const bool to_stdout = output_.empty() || output_ == "-";
    const bool show_progress = !(to_stdout && session.io().out_is_terminal);
    std::string summary;
    const auto predict = [&](client::ByteSink sink) -> absl::Status {
      Prediction prediction(session, *rows, batch_size_, show_progress, sink);
      LL_RETURN_IF_ERROR(prediction.Run(FullName(ResourceKind::kEndpoint, endpoint_)));
      if (prediction.answered() == 0) return NoRows();
      summary = prediction.Summary();
      return absl::OkStatus();
    };
    if (to_stdout) {
      std::ostream& out = session.io().out;
      LL_RETURN_IF_ERROR(predict([&out](absl::string_view text) { return Write(out, text); }));
    } else {
      LL_RETURN_IF_ERROR(client::WriteFileWhole(session.env(), output_, predict));
    }
    // For people: not between the rows of a terminal, and not in a script's log.
    if (!session.flags().quiet && session.io().err_is_terminal) session.io().err << summary << "\n";
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<std::unique_ptr<RowSource>> OpenInput(Session& session) const {
    if (input_ == "-") {
      return OpenRows(std::make_unique<BorrowedFile>(session.io().in), "standard input", content_type_);
    }
    LL_ASSIGN_OR_RETURN(std::unique_ptr<SequentialFile> file, session.env().NewSequentialFile(input_));
    return OpenRows(std::move(file), input_, content_type_);
  }

  absl::Status NoRows() const {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidData,
                     {.what = absl::StrCat("cannot predict from ", input_), .why = "it holds no rows"});
  }

  static absl::Status Write(std::ostream& out, absl::string_view text) {
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (out.good()) return absl::OkStatus();
    return MakeError(absl::StatusCode::kInternal, ErrorReason::kStorageFailed,
                     {.what = "cannot write to standard output", .why = "the system refused it"});
  }

  std::string endpoint_;
  std::string input_;
  std::string content_type_;
  int batch_size_ = 100;
  std::string output_;
};

}  // namespace

std::unique_ptr<Command> NewPredict() { return std::make_unique<Predict>(); }

}  // namespace ll::llctl
