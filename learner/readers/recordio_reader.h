// RecordIO-protobuf: the reader of "application/x-recordio-protobuf".
//
// A file is a sequence of frames (recordio_frame.h), walked by length: a magic inside a payload means nothing. A
// payload is an aialgs.data.Record (protos/aialgs/record.proto).
#ifndef LL_LEARNER_READERS_RECORDIO_READER_H_
#define LL_LEARNER_READERS_RECORDIO_READER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/env.h"
#include "learner/readers/input_buffer.h"
#include "learner/readers/record_decoder.h"
#include "learner/readers/row_buffer.h"
#include "learner/readers/row_checks.h"

namespace ll::learner {

class RecordIoReader final : public RowReader {
 public:
  // `name` of the file, for errors.
  RecordIoReader(std::unique_ptr<SequentialFile> file, std::string name);

  absl::StatusOr<bool> Read(RowBuffer& rows) override;

 private:
  struct Frame {
    uint32_t flag = 0;
    absl::string_view payload;
    size_t size = 0;  // with header and padding
  };

  // The payload of the next record, valid until its frame is skipped; false at the end of the file.
  absl::StatusOr<bool> NextPayload(absl::string_view* payload);
  absl::StatusOr<bool> NextFrame(Frame* frame);
  absl::Status JoinParts(const Frame& first, absl::string_view* payload);
  absl::Status AppendRow(absl::string_view payload, RowBuffer& rows);

  absl::Status BadMagic();
  absl::Status Truncated(absl::string_view what, size_t expected, size_t got) const;
  absl::Status Error(const DataProblem& problem, int64_t column = 0) const;

  InputBuffer in_;
  const std::string name_;
  RecordDecoder decoder_;
  RowAppender appender_;
  std::string joined_;  // a record of several parts
  size_t to_skip_ = 0;  // bytes of the frame that the current payload lies in
  int64_t row_ = 1;     // of the record being read
};

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_RECORDIO_READER_H_
