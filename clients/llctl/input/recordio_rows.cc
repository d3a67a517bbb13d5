#include "clients/llctl/input/recordio_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

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

absl::StatusOr<bool> RecordIoRows::Next(Row& row) {
  ++row_;
  LL_ASSIGN_OR_RETURN(const bool more, ReadPayload(payload_));
  if (!more) return false;
  record_.Clear();
  if (!record_.ParseFromString(payload_)) return Wrong("its payload is not an aialgs.data.Record");
  LL_RETURN_IF_ERROR(TakeFeatures(row));
  for (size_t i = 0; i < row.values.size(); ++i) {
    if (std::isfinite(row.values[i])) continue;
    const int64_t column = row.sparse ? row.indices[i] : static_cast<int64_t>(i);
    return DataError(name_, row_, column + 1, absl::StrCat(row.values[i]), "it is not a finite number");
  }
  LL_RETURN_IF_ERROR(CheckLikeOthers(row));
  return true;
}

absl::Status RecordIoRows::CheckLikeOthers(const Row& row) {
  if (row_ == 1) {
    sparse_ = row.sparse;
    columns_ = row.columns;
  }
  if (row.sparse != sparse_) {
    return Wrong(absl::StrCat("it is ", row.sparse ? "sparse" : "dense", ", the rows before are not"));
  }
  if (row.columns == columns_) return absl::OkStatus();
  return Wrong(absl::StrCat("it has ", row.columns, " features, the rows before have ", columns_));
}

absl::Status RecordIoRows::TakeFeatures(Row& row) const {
  const auto features = record_.features().find("values");
  if (features == record_.features().end()) return Wrong("it has no feature tensor \"values\"");
  const aialgs::data::Value& value = features->second;
  switch (value.value_case()) {
    case aialgs::data::Value::kFloat32Tensor: return TakeTensor(value.float32_tensor(), row);
    case aialgs::data::Value::kFloat64Tensor: return TakeTensor(value.float64_tensor(), row);
    case aialgs::data::Value::kInt32Tensor: return TakeTensor(value.int32_tensor(), row);
    default: return Wrong("its feature \"values\" is not a tensor of numbers");
  }
}

template <typename Tensor>
absl::Status RecordIoRows::TakeTensor(const Tensor& tensor, Row& row) const {
  row.values.clear();
  row.indices.clear();
  // Without keys and values, but with a width: a row of zeros.
  row.sparse = tensor.keys_size() > 0 || (tensor.values_size() == 0 && tensor.shape_size() > 0 && tensor.shape(0) > 0);
  if (row.sparse) return TakeEntries(tensor, row);
  for (const auto number : tensor.values()) row.values.push_back(static_cast<float>(number));
  row.columns = static_cast<int>(row.values.size());
  return row.columns == 0 ? Wrong("it has no features") : absl::OkStatus();
}

template <typename Tensor>
absl::Status RecordIoRows::TakeEntries(const Tensor& tensor, Row& row) const {
  constexpr uint64_t kMaxColumns = std::numeric_limits<int32_t>::max();
  if (tensor.keys_size() != tensor.values_size()) {
    return Wrong(absl::StrCat("it has ", tensor.keys_size(), " keys and ", tensor.values_size(), " values"));
  }
  if (tensor.shape_size() > 1 || (tensor.shape_size() == 1 && tensor.shape(0) > kMaxColumns)) {
    return Wrong("its shape is not the number of its features");
  }
  row.columns = tensor.shape_size() == 1 ? static_cast<int>(tensor.shape(0)) : 0;
  // Writers may list the keys in any order.
  std::vector<std::pair<uint64_t, float>> entries;
  for (int i = 0; i < tensor.keys_size(); ++i) {
    entries.emplace_back(tensor.keys(i), static_cast<float>(tensor.values(i)));
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const uint64_t limit = row.columns > 0 ? static_cast<uint64_t>(row.columns) : kMaxColumns;
  for (size_t i = 0; i < entries.size(); ++i) {
    const uint64_t key = entries[i].first;
    if (key >= limit) return Wrong(absl::StrCat("its key ", key, " is not below ", limit));
    if (i > 0 && key == entries[i - 1].first) return Wrong(absl::StrCat("its key ", key, " is there twice"));
    row.indices.push_back(static_cast<int32_t>(key));
    row.values.push_back(entries[i].second);
  }
  return absl::OkStatus();
}

}  // namespace ll::llctl
