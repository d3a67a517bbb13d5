#include "learner/readers/recordio_writer.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "learner/readers/recordio_frame.h"

namespace ll::learner {
namespace {

static_assert(std::endian::native == std::endian::little, "floats are written as they lie in memory");

// Tags of the fields that are written, all length-delimited (protos/aialgs/record.proto).
constexpr char kFeatures = 0x0a;
constexpr char kLabel = 0x12;
constexpr char kMapKey = 0x0a;
constexpr char kMapValue = 0x12;
constexpr char kFloat32Tensor = 0x12;
constexpr char kTensorValues = 0x0a;

size_t VarintSize(size_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

void AppendVarint(size_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<char>(value | 0x80));
  out->push_back(static_cast<char>(value));
}

size_t FieldSize(size_t content) { return 1 + VarintSize(content) + content; }

void AppendTag(char tag, size_t content, std::string* out) {
  out->push_back(tag);
  AppendVarint(content, out);
}

void AppendMap(char tag, absl::Span<const NamedTensor> tensors, std::string* out) {
  std::vector<NamedTensor> ordered(tensors.begin(), tensors.end());
  std::sort(ordered.begin(), ordered.end(), [](const NamedTensor& a, const NamedTensor& b) { return a.name < b.name; });
  for (const NamedTensor& tensor : ordered) {
    const size_t packed = tensor.values.size() * sizeof(float);
    const size_t message = FieldSize(packed);
    const size_t value = FieldSize(message);
    AppendTag(tag, FieldSize(tensor.name.size()) + FieldSize(value), out);
    AppendTag(kMapKey, tensor.name.size(), out);
    out->append(tensor.name.data(), tensor.name.size());
    AppendTag(kMapValue, value, out);
    AppendTag(kFloat32Tensor, message, out);
    AppendTag(kTensorValues, packed, out);
    out->append(reinterpret_cast<const char*>(tensor.values.data()), packed);
  }
}

}  // namespace

void AppendRecord(absl::Span<const NamedTensor> features, absl::Span<const NamedTensor> label, std::string* out) {
  const size_t header = out->size();
  out->append(recordio::kMagic.data(), recordio::kMagic.size());
  out->append(recordio::kHeaderBytes - recordio::kMagic.size(), '\0');
  AppendMap(kFeatures, features, out);
  AppendMap(kLabel, label, out);
  // The length's upper bits are the flag of a whole record, 0.
  const size_t length = out->size() - header - recordio::kHeaderBytes;
  const auto word = static_cast<uint32_t>(length);
  std::memcpy(out->data() + header + recordio::kMagic.size(), &word, sizeof word);
  out->append(recordio::PaddedLength(length) - length, '\0');
}

}  // namespace ll::learner
