// Writes RecordIO-protobuf: data sets and replies of the prediction doors.
//
//   std::string file;
//   AppendRecord({{"values", {1.0f, 2.0f}}}, {{"values", {1.0f}}}, &file);      // a labelled row
//   AppendRecord({}, {{"score", {0.5f}}, {"predicted_label", {1.0f}}}, &file);  // a prediction
//
// Records are never split: a payload that holds the magic word is written as it is, so that every reader that walks by
// length can read it. Equal arguments give equal bytes.
#ifndef LL_LEARNER_READERS_RECORDIO_WRITER_H_
#define LL_LEARNER_READERS_RECORDIO_WRITER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace ll::learner {

// A dense float32 tensor under its name in one of the record's maps. Does not own.
struct NamedTensor {
  absl::string_view name;
  absl::Span<const float> values;
};

// Appends one framed record to `out`; map entries are written in ascending order of their names. The record must stay
// under 2^29 bytes (134 million numbers).
void AppendRecord(absl::Span<const NamedTensor> features, absl::Span<const NamedTensor> label, std::string* out);

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_RECORDIO_WRITER_H_
