// One RecordIO payload -> one row. The usual record (dense float32 features, one float32 label) is read in place,
// without a copy or an allocation; every other one goes through the protobuf library.
#ifndef LL_LEARNER_READERS_RECORD_DECODER_H_
#define LL_LEARNER_READERS_RECORD_DECODER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "learner/readers/data_error.h"

namespace ll::learner {

struct DecodedRecord {
  // `count` float32 numbers in machine order, not aligned; valid until the payload or the decoder goes.
  const char* values = nullptr;
  int64_t count = 0;
  std::optional<float> label = {};  // nullopt: the record has none
};

// Not thread-safe.
class RecordDecoder final {
 public:
  RecordDecoder();
  ~RecordDecoder();

  // Returns what is wrong with the payload, or nothing. Values may be NaN or infinite; that is for the caller to check.
  // Without `want_label` a label is skipped, whatever it is.
  // Refuses: a payload that is no record, features or labels named otherwise than "values", sparse tensors, bytes,
  // a shape that does not fit, a label of several numbers.
  std::optional<DataProblem> Decode(absl::string_view payload, bool want_label, DecodedRecord* record);

 private:
  std::optional<DataProblem> DecodeAny(absl::string_view payload, bool want_label, DecodedRecord* record);

  struct Message;  // a protobuf message, reused
  std::unique_ptr<Message> message_;
  std::vector<float> values_;  // what DecodedRecord::values points to when the payload's own bytes do not serve
};

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_RECORD_DECODER_H_
