#include "learner/readers/recordio_reader.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "learner/readers/recordio_frame.h"

namespace ll::learner {
namespace {

// Of a file that is no RecordIO: enough to guess what it is.
constexpr size_t kShownBytes = 64;

uint32_t Word(const char* bytes) {
  uint32_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

}  // namespace

RecordIoReader::RecordIoReader(std::unique_ptr<SequentialFile> file, std::string name)
    : in_(std::move(file)), name_(std::move(name)) {}

absl::StatusOr<bool> RecordIoReader::Read(RowBuffer& rows) {
  while (!rows.full()) {
    absl::string_view payload;
    LL_ASSIGN_OR_RETURN(const bool more, NextPayload(&payload));
    if (!more) return false;
    LL_RETURN_IF_ERROR(AppendRow(payload, rows));
    in_.Skip(std::exchange(to_skip_, 0));
    ++row_;
  }
  return true;
}

absl::StatusOr<bool> RecordIoReader::NextPayload(absl::string_view* payload) {
  Frame frame;
  LL_ASSIGN_OR_RETURN(const bool more, NextFrame(&frame));
  if (!more) return false;
  if (frame.flag == recordio::kWhole) {
    *payload = frame.payload;
    to_skip_ = frame.size;
    return true;
  }
  if (frame.flag == recordio::kFirst) {
    LL_RETURN_IF_ERROR(JoinParts(frame, payload));
    return true;
  }
  return Error({.why = absl::StrCat("a record begins with flag ", frame.flag, ", and only 0 and 1 begin one"),
                .remedy = "The file is damaged, or was cut from a larger one; get it again."});
}

absl::StatusOr<bool> RecordIoReader::NextFrame(Frame* frame) {
  LL_ASSIGN_OR_RETURN(absl::string_view bytes, in_.Peek(recordio::kHeaderBytes));
  if (bytes.empty()) return false;
  if (bytes.substr(0, recordio::kMagic.size()) != recordio::kMagic.substr(0, bytes.size())) return BadMagic();
  if (bytes.size() < recordio::kHeaderBytes) {
    return Truncated("a record's header", recordio::kHeaderBytes, bytes.size());
  }

  const uint32_t word = Word(bytes.data() + recordio::kMagic.size());
  const size_t length = word & recordio::kLengthMask;
  frame->flag = word >> recordio::kFlagShift;
  frame->size = recordio::kHeaderBytes + recordio::PaddedLength(length);
  if (length > kMaxRowBytes) {
    return Error({.why = absl::StrCat("the record says it is ", length, " bytes long, and the limit is ", kMaxRowBytes),
                  .remedy = "The file is damaged, or rows are too wide."});
  }
  LL_ASSIGN_OR_RETURN(bytes, in_.Peek(frame->size));
  if (bytes.size() < frame->size) return Truncated("a record", frame->size, bytes.size());
  frame->payload = bytes.substr(recordio::kHeaderBytes, length);
  return true;
}

absl::Status RecordIoReader::JoinParts(const Frame& first, absl::string_view* payload) {
  joined_.assign(first.payload.data(), first.payload.size());
  in_.Skip(first.size);
  for (Frame part; part.flag != recordio::kLast;) {
    LL_ASSIGN_OR_RETURN(const bool more, NextFrame(&part));
    if (!more) {
      return Error({.why = "the file ends between the parts of a record", .remedy = "It was cut short; get it again."});
    }
    if (part.flag != recordio::kMiddle && part.flag != recordio::kLast) {
      return Error({.why = absl::StrCat("a part of a split record has flag ", part.flag, " where 2 or 3 follow"),
                    .remedy = "The file is damaged; get it again."});
    }
    if (joined_.size() + recordio::kMagic.size() + part.payload.size() > kMaxRowBytes) {
      return Error({.why = absl::StrCat("the parts of a record are longer than the limit of ", kMaxRowBytes, " bytes"),
                    .remedy = "The file is damaged, or rows are too wide."});
    }
    joined_.append(recordio::kMagic.data(), recordio::kMagic.size());
    joined_.append(part.payload.data(), part.payload.size());
    in_.Skip(part.size);
  }
  *payload = joined_;
  to_skip_ = 0;
  return absl::OkStatus();
}

absl::Status RecordIoReader::AppendRow(absl::string_view payload, RowBuffer& rows) {
  DecodedRow row;
  if (auto problem = decoder_.Decode(payload, rows.rules().labels, &row)) return Error(*problem);
  auto problem = appender_.Append(row, {.file = name_, .row = row_}, rows);
  return problem.has_value() ? Error(problem->problem, problem->column) : absl::OkStatus();
}

absl::Status RecordIoReader::BadMagic() {
  LL_ASSIGN_OR_RETURN(const absl::string_view head, in_.Peek(kShownBytes));
  const std::string found = ShownText(head.substr(0, recordio::kMagic.size()));
  std::string remedy = "The file is damaged, or the record before it has a wrong length; get it again.";
  if (in_.offset() == 0) {
    remedy = "Does this file hold application/x-recordio-protobuf?";
    const std::string guess = SeemsToHold(head.substr(0, kShownBytes));
    if (!guess.empty()) absl::StrAppend(&remedy, " To judge by its first bytes, ", guess, ".");
  }
  return Error({.why = absl::StrCat("a RecordIO record begins with the bytes 0a 23 d7 ce, and here is \"", found, "\""),
                .remedy = std::move(remedy),
                .text = found});
}

absl::Status RecordIoReader::Truncated(absl::string_view what, size_t expected, size_t got) const {
  return Error({.why = absl::StrCat("the file ends inside ", what, ": expected ", expected, " bytes, got ", got),
                .remedy = "It was cut short; get it again.",
                .expected = absl::StrCat(expected),
                .got = absl::StrCat(got)});
}

absl::Status RecordIoReader::Error(const DataProblem& problem, int64_t column) const {
  return DataError({.file = name_, .row = row_, .column = column, .byte_offset = in_.offset()}, problem);
}

}  // namespace ll::learner
