// Predictions as text: CSV with a header line, or JSON lines. Numbers are the shortest text that gives the float back.
//
//   score,predicted_label            {"score": 0.98, "predicted_label": 1}
//   0.98,1
//
// With several outputs the columns are score_0, ..., predicted_label, and `score` is an array; regressors have no
// label.
#ifndef LL_CLIENTS_LLCTL_PREDICTIONS_WRITER_H_
#define LL_CLIENTS_LLCTL_PREDICTIONS_WRITER_H_

#include <string>

#include "ll/v1/prediction_service.pb.h"

namespace ll::llctl {

enum class PredictionFormat { kCsv, kJsonLines };

// Not thread-safe.
class PredictionsWriter {
 public:
  explicit PredictionsWriter(PredictionFormat format) : format_(format) {}

  // Appends the lines of one answer, and the header before the first.
  void Append(const v1::Predictions& predictions, std::string& text);

 private:
  void AppendHeader(const v1::Predictions& predictions, std::string& text) const;

  const PredictionFormat format_;
  bool header_written_ = false;
};

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_PREDICTIONS_WRITER_H_
