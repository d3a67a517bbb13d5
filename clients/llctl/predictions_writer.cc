#include "clients/llctl/predictions_writer.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/str_cat.h"

namespace ll::llctl {
namespace {

void AppendFloat(float value, std::string& text) {
  char buffer[32];
  text.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

// `outputs` scores from `begin` on, with commas between.
void AppendScores(const v1::Predictions& predictions, int begin, int outputs, std::string& text) {
  for (int i = 0; i < outputs; ++i) {
    if (i > 0) text.push_back(',');
    AppendFloat(predictions.scores(begin + i), text);
  }
}

}  // namespace

void PredictionsWriter::AppendHeader(const v1::Predictions& predictions, std::string& text) const {
  if (predictions.outputs() == 1) {
    text += "score";
  } else {
    for (int i = 0; i < predictions.outputs(); ++i) absl::StrAppend(&text, i > 0 ? "," : "", "score_", i);
  }
  text += predictions.predicted_labels().empty() ? "\n" : ",predicted_label\n";
}

void PredictionsWriter::Append(const v1::Predictions& predictions, std::string& text) {
  const bool csv = format_ == PredictionFormat::kCsv;
  if (csv && !header_written_) AppendHeader(predictions, text);
  header_written_ = true;
  const int outputs = std::max(predictions.outputs(), 1);
  const int rows = predictions.scores_size() / outputs;
  for (int row = 0; row < rows; ++row) {
    const bool labelled = row < predictions.predicted_labels_size();
    if (csv) {
      AppendScores(predictions, row * outputs, outputs, text);
      if (labelled) absl::StrAppend(&text, ",", predictions.predicted_labels(row));
    } else {
      text += outputs == 1 ? "{\"score\": " : "{\"score\": [";
      AppendScores(predictions, row * outputs, outputs, text);
      if (outputs > 1) text.push_back(']');
      if (labelled) absl::StrAppend(&text, ", \"predicted_label\": ", predictions.predicted_labels(row));
      text.push_back('}');
    }
    text.push_back('\n');
  }
}

}  // namespace ll::llctl
