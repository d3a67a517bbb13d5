// Any bytes as a RecordIO file, and as one record: what is read in place must be what the protobuf library reads.
#include "learner/readers/recordio_reader.h"

#include <cstring>

#include "aialgs/record.pb.h"
#include "learner/readers/record_decoder.h"
#include "tests/fuzz/reader_outcome.h"

namespace {

using ll::testing::Require;

void CompareWithTheLibrary(absl::string_view payload) {
  ll::learner::RecordDecoder decoder;
  ll::learner::DecodedRow decoded;
  if (decoder.Decode(payload, /*want_label=*/true, &decoded).has_value()) return;
  aialgs::data::Record record;
  Require(record.ParseFromArray(payload.data(), static_cast<int>(payload.size())), "it is a record");
  Require(record.features_size() == 1 && record.features().contains("values"), "it has one feature vector");
  const aialgs::data::Value& value = record.features().at("values");
  Require(decoded.label.has_value() == (record.label_size() > 0), "it has the label that the library sees");
  if (!value.has_float32_tensor()) return;
  Require(decoded.sparse || value.float32_tensor().keys().empty(), "it is sparse when it has keys");
  const auto& values = value.float32_tensor().values();
  Require(values.size() == decoded.count, "it has as many values");
  Require(std::memcmp(values.data(), decoded.values, static_cast<size_t>(decoded.count) * sizeof(float)) == 0,
          "it has the same values");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  CompareWithTheLibrary(bytes);
  ll::testing::ReadEveryWay(bytes, [](auto file, const ll::learner::RowRules&) {
    return std::make_unique<ll::learner::RecordIoReader>(std::move(file), "fuzz.pbr");
  });
  return 0;
}
