#include "clients/llctl/input/recordio_rows.h"

#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace ll::llctl {
namespace {

// The frame's second word: the upper three bits say which part of a record it is, the rest is the payload's length.
constexpr uint32_t kWhole = 0;
constexpr uint32_t kFirst = 1;
constexpr uint32_t kLast = 3;
constexpr size_t kHeaderBytes = 8;

uint32_t LittleEndian32(absl::string_view bytes) {
  uint32_t word = 0;
  for (size_t i = 4; i-- > 0;) word = word << 8 | static_cast<unsigned char>(bytes[i]);
  return word;
}

absl::string_view Magic() { return {kRecordIoMagic, 4}; }

}  // namespace

absl::Status RecordIoRows::Wrong(const std::string& why) const { return DataError(name_, row_, 0, "", why); }

absl::StatusOr<bool> RecordIoRows::ReadFrame(uint32_t& flag, absl::string_view& payload) {
  LL_ASSIGN_OR_RETURN(const absl::string_view header, reader_.Peek(kHeaderBytes));
  if (header.empty()) return false;
  if (header.size() < kHeaderBytes) return Wrong("the file ends within a record");
  if (header.substr(0, 4) != Magic()) return Wrong("there is no RecordIO record here");
  const uint32_t word = LittleEndian32(header.substr(4));
  flag = word >> 29;
  const size_t size = word & 0x1fffffff;
  const size_t padded = (size + 3) / 4 * 4;
  LL_ASSIGN_OR_RETURN(const absl::string_view frame, reader_.Peek(kHeaderBytes + padded));
  if (frame.size() < kHeaderBytes + padded) return Wrong("the file ends within a record");
  payload = frame.substr(kHeaderBytes, size);
  reader_.Skip(kHeaderBytes + padded);
  return true;
}

absl::StatusOr<bool> RecordIoRows::ReadPayload(std::string& payload) {
  uint32_t flag = 0;
  absl::string_view part;
  LL_ASSIGN_OR_RETURN(bool more, ReadFrame(flag, part));
  if (!more) return false;
  if (flag != kWhole && flag != kFirst) return Wrong("it is the later part of a record whose beginning is missing");
  payload.assign(part.data(), part.size());
  while (flag != kWhole && flag != kLast) {
    // A writer splits a record where it holds the magic word, and leaves that word out.
    LL_ASSIGN_OR_RETURN(more, ReadFrame(flag, part));
    if (!more || flag == kWhole || flag == kFirst) return Wrong("the last part of the record is missing");
    absl::StrAppend(&payload, Magic(), part);
  }
  return true;
}

absl::StatusOr<bool> RecordIoRows::Next(std::vector<float>& values) {
  ++row_;
  LL_ASSIGN_OR_RETURN(const bool more, ReadPayload(payload_));
  if (!more) return false;
  record_.Clear();
  if (!record_.ParseFromString(payload_)) return Wrong("its payload is not an aialgs.data.Record");
  const size_t before = values.size();
  LL_RETURN_IF_ERROR(AppendFeatures(values));
  for (size_t i = before; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      return DataError(name_, row_, static_cast<int64_t>(i - before) + 1, absl::StrCat(values[i]),
                       "it is not a finite number");
    }
  }
  const int columns = static_cast<int>(values.size() - before);
  if (columns == 0) return Wrong("it has no features");
  if (columns_ == 0) columns_ = columns;
  if (columns == columns_) return true;
  return Wrong(absl::StrCat("it has ", columns, " features, the rows before have ", columns_));
}

absl::Status RecordIoRows::AppendFeatures(std::vector<float>& values) {
  const auto features = record_.features().find("values");
  if (features == record_.features().end()) return Wrong("it has no feature tensor \"values\"");
  const aialgs::data::Value& value = features->second;
  const auto append = [&](const auto& tensor) -> absl::Status {
    if (!tensor.keys().empty()) return Wrong("it is sparse; only dense rows can be predicted");
    for (const auto number : tensor.values()) values.push_back(static_cast<float>(number));
    return absl::OkStatus();
  };
  switch (value.value_case()) {
    case aialgs::data::Value::kFloat32Tensor: return append(value.float32_tensor());
    case aialgs::data::Value::kFloat64Tensor: return append(value.float64_tensor());
    case aialgs::data::Value::kInt32Tensor: return append(value.int32_tensor());
    default: return Wrong("its feature \"values\" is not a tensor of numbers");
  }
}

}  // namespace ll::llctl
