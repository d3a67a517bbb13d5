// The bodies of prediction replies, in the formats of SageMaker's linear learner and as CSV:
//
//   application/json                   {"predictions": [{"score": 0.4, "predicted_label": 0}, ...]}
//   application/jsonlines              {"score": [0.1, 0.2, 0.7], "predicted_label": 2}       a line for each row
//   text/csv                           0.1,0.2,0.7,2                                          likewise
//   text/csv; header=present           the same under score_0,score_1,score_2,predicted_label
//   application/x-recordio-protobuf    a record for each row, with the labels "score" and "predicted_label"
//
// Regressors have a score alone. JSON gives a score as the shortest decimal of its float widened to double, as the
// original does; CSV as the shortest decimal of the float.
//
//   LL_ASSIGN_OR_RETURN(const ReplyType type, ParseReplyType("text/csv"));
//   ReplyWriter writer(type, model.schema());
//   writer.Begin(&body);
//   writer.Append(scores, &body);       // block by block: nothing is kept
//   writer.End(&body);
#ifndef LL_LEARNER_REPLY_WRITER_H_
#define LL_LEARNER_REPLY_WRITER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "learner/model.h"

namespace ll::learner {

enum class ReplyFormat { kJson, kJsonLines, kCsv, kRecordIo };

struct ReplyType {
  ReplyFormat format = ReplyFormat::kJson;
  bool header = false;  // of CSV
};

// The names above and their aliases (readers/content_type.h); empty and "*/*" are application/json. INVALID_ARGUMENT
// with reason INVALID_ARGUMENT lists what there is.
absl::StatusOr<ReplyType> ParseReplyType(absl::string_view text);

// Not thread-safe.
class ReplyWriter final {
 public:
  ReplyWriter(ReplyType type, const ModelSchema& schema) : type_(type), schema_(schema) {}

  // Each appends to `body`, which may be emptied between calls.
  void Begin(std::string* body) const;
  void Append(const Scores& scores, std::string* body);
  void End(std::string* body) const;

 private:
  void AppendCsv(const float* scores, const int64_t* label, std::string* body) const;
  void AppendJson(const float* scores, const int64_t* label, std::string* body) const;
  void AppendRecord(const float* scores, const int64_t* label, std::string* body) const;

  const ReplyType type_;
  const ModelSchema schema_;
  bool first_ = true;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_REPLY_WRITER_H_
