// One RecordIO payload -> one row. The usual record (dense float32 features, one float32 label) is read in place,
// without a copy or an allocation; every other one, sparse ones among them, goes through the protobuf library.
#ifndef LL_LEARNER_READERS_RECORD_DECODER_H_
#define LL_LEARNER_READERS_RECORD_DECODER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "learner/readers/data_error.h"
#include "learner/readers/row_checks.h"

namespace ll::learner {

// Not thread-safe.
class RecordDecoder final {
 public:
  RecordDecoder();
  ~RecordDecoder();

  // Returns what is wrong with the payload, or nothing: then the row is valid until the payload or the decoder goes.
  // Values may be NaN or infinite; that is for the caller to check. Without `want_label` a label is skipped, whatever
  // it is. Refuses: a payload that is no record, features or labels named otherwise than "values", bytes, a shape that
  // does not fit, a sparse tensor without shape or with another number of keys than of values, a sparse label, a label
  // of several numbers.
  std::optional<DataProblem> Decode(absl::string_view payload, bool want_label, DecodedRow* row);

 private:
  std::optional<DataProblem> DecodeAny(absl::string_view payload, bool want_label, DecodedRow* row);

  struct Message;  // a protobuf message, reused
  std::unique_ptr<Message> message_;
  // What a row points to when the payload's own bytes do not serve.
  std::vector<float> values_;
  std::vector<uint64_t> keys_;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_RECORD_DECODER_H_
