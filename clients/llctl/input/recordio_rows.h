// Rows of a RecordIO-protobuf file: framed aialgs.data.Record messages whose feature "values" is a tensor, dense or,
// with keys, sparse. Labels are not looked at.
#ifndef LL_CLIENTS_LLCTL_INPUT_RECORDIO_ROWS_H_
#define LL_CLIENTS_LLCTL_INPUT_RECORDIO_ROWS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "aialgs/record.pb.h"
#include "clients/llctl/input/byte_reader.h"
#include "clients/llctl/input/row_source.h"

namespace ll::llctl {

// The first four bytes of every frame.
inline constexpr char kRecordIoMagic[] = "\x0a\x23\xd7\xce";

class RecordIoRows final : public RowSource {
 public:
  RecordIoRows(ByteReader reader, std::string name) : reader_(std::move(reader)), name_(std::move(name)) {}

  absl::StatusOr<bool> Next(Row& row) override;

 private:
  // The payload of the next record, its parts put together again; false at the end of the file.
  absl::StatusOr<bool> ReadPayload(std::string& payload);
  // One frame: its flag and payload. False at the end of the file.
  absl::StatusOr<bool> ReadFrame(uint32_t& flag, absl::string_view& payload);
  // From record_.
  absl::Status TakeFeatures(Row& row) const;
  template <typename Tensor>
  absl::Status TakeTensor(const Tensor& tensor, Row& row) const;
  template <typename Tensor>
  absl::Status TakeEntries(const Tensor& tensor, Row& row) const;
  // That it is of the same kind and width as the rows before.
  absl::Status CheckLikeOthers(const Row& row);
  absl::Status Wrong(const std::string& why) const;

  ByteReader reader_;
  const std::string name_;
  int64_t row_ = 0;
  // Of the rows so far.
  bool sparse_ = false;
  int columns_ = 0;
  std::string payload_;
  aialgs::data::Record record_;
};

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_INPUT_RECORDIO_ROWS_H_
