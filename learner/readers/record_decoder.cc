#include "learner/readers/record_decoder.h"

#include <bit>
#include <climits>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "aialgs/record.pb.h"

namespace ll::learner {
namespace {

static_assert(std::endian::native == std::endian::little, "packed protobuf floats are used as they lie in the file");

constexpr absl::string_view kValues = "values";

// Wire tags: field number << 3 | 2 (length-delimited).
constexpr uint32_t kFeatures = 0x0a;       // Record.features
constexpr uint32_t kLabel = 0x12;          // Record.label
constexpr uint32_t kMapKey = 0x0a;         // key of a map entry
constexpr uint32_t kMapValue = 0x12;       // value of a map entry
constexpr uint32_t kFloat32Tensor = 0x12;  // Value.float32_tensor
constexpr uint32_t kTensorValues = 0x0a;   // Float32Tensor.values, packed

// Walks length-delimited fields with one-byte tags, all that the usual record has. Anything else (field 0, too, which
// does not exist) ends the walk with
// unusual() set.
class FieldWalker {
 public:
  explicit FieldWalker(absl::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  // False at the end.
  bool Next() {
    if (at_ == end_ || unusual_) return false;
    tag_ = static_cast<unsigned char>(*at_++);
    uint64_t length = 0;
    if ((tag_ & 0x87) != 2 || tag_ < 8 || !Varint(&length) || length > static_cast<uint64_t>(end_ - at_)) {
      unusual_ = true;
      return false;
    }
    field_ = {at_, static_cast<size_t>(length)};
    at_ += length;
    return true;
  }
  uint32_t tag() const { return tag_; }
  absl::string_view field() const { return field_; }
  bool unusual() const { return unusual_; }

 private:
  bool Varint(uint64_t* value) {
    for (int shift = 0; shift < 35 && at_ < end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      *value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  const char* at_;
  const char* const end_;
  uint32_t tag_ = 0;
  absl::string_view field_;
  bool unusual_ = false;
};

// The one field of `bytes`, which must have `tag`; false when there is another one, or none.
bool OnlyField(absl::string_view bytes, uint32_t tag, absl::string_view* field) {
  FieldWalker walker(bytes);
  if (!walker.Next() || walker.tag() != tag) return false;
  *field = walker.field();
  return !walker.Next() && !walker.unusual();
}

// A map entry {"values": {float32_tensor: {values: packed}}}; gives the packed bytes.
bool UsualEntry(absl::string_view entry, absl::string_view* packed) {
  FieldWalker walker(entry);
  if (!walker.Next() || walker.tag() != kMapKey || walker.field() != kValues) return false;
  if (!walker.Next() || walker.tag() != kMapValue) return false;
  absl::string_view tensor;
  const absl::string_view value = walker.field();
  if (walker.Next() || walker.unusual()) return false;
  return OnlyField(value, kFloat32Tensor, &tensor) && OnlyField(tensor, kTensorValues, packed) &&
         packed->size() % sizeof(float) == 0;
}

// False when the record is not the usual one, which says nothing about whether it is valid.
bool DecodeUsual(absl::string_view payload, bool want_label, DecodedRow* row) {
  bool has_features = false;
  row->label.reset();
  FieldWalker walker(payload);
  while (walker.Next()) {
    absl::string_view packed;
    if (walker.tag() == kFeatures) {
      if (has_features || !UsualEntry(walker.field(), &packed)) return false;
      has_features = true;
      row->values = packed.data();
      row->count = static_cast<int64_t>(packed.size() / sizeof(float));
    } else if (walker.tag() == kLabel && want_label) {
      float label;
      if (row->label.has_value() || !UsualEntry(walker.field(), &packed) || packed.size() != sizeof label) {
        return false;
      }
      std::memcpy(&label, packed.data(), sizeof label);
      row->label = label;
    }
  }
  return has_features && !walker.unusual();
}

// ---- Every other record.

// A tensor as it was written.
struct TensorCopy {
  std::vector<float>* values;
  std::vector<uint64_t>* keys;  // of a sparse one
  bool sparse = false;
  uint64_t columns = 0;  // of a sparse one
};

// The product of the dimensions; UINT64_MAX for more than that.
template <typename Shape>
uint64_t Elements(const Shape& shape) {
  uint64_t elements = 1;
  for (const uint64_t size : shape) {
    if (__builtin_mul_overflow(elements, size, &elements)) return UINT64_MAX;
  }
  return elements;
}

// A tensor with keys, or one that says it has more elements than it holds and holds none: a row of zeros.
template <typename Tensor>
std::optional<DataProblem> CopySparse(const Tensor& tensor, absl::string_view what, TensorCopy* copy) {
  if (tensor.shape_size() == 0) {
    return DataProblem{.why = absl::StrCat("its ", what, " is sparse and has no shape"),
                       .remedy = "Give the tensor's shape, [number of features]."};
  }
  if (tensor.keys_size() != tensor.values_size()) {
    return DataProblem{
        .why = absl::StrCat("its ", what, " has ", tensor.keys_size(), " keys and ", tensor.values_size(), " values"),
        .remedy = "A sparse tensor has one key for each value.",
        .expected = absl::StrCat(tensor.keys_size()),
        .got = absl::StrCat(tensor.values_size())};
  }
  copy->sparse = true;
  copy->columns = Elements(tensor.shape());
  copy->keys->assign(tensor.keys().begin(), tensor.keys().end());
  return std::nullopt;
}

template <typename Tensor>
std::optional<DataProblem> CopyTensor(const Tensor& tensor, absl::string_view what, TensorCopy* copy) {
  const auto count = static_cast<uint64_t>(tensor.values_size());
  const uint64_t elements = tensor.shape_size() > 0 ? Elements(tensor.shape()) : count;
  if (tensor.keys_size() > 0 || (count == 0 && elements > 0)) {
    if (auto problem = CopySparse(tensor, what, copy)) return problem;
  } else if (elements != count) {
    return DataProblem{.why = absl::StrCat("its ", what, " says it has ", elements, " elements and holds ", count),
                       .remedy = "Correct the tensor's shape, or leave it out.",
                       .expected = absl::StrCat(elements),
                       .got = absl::StrCat(count)};
  }
  copy->values->resize(static_cast<size_t>(tensor.values_size()));
  size_t i = 0;
  for (const auto value : tensor.values()) (*copy->values)[i++] = static_cast<float>(value);
  return std::nullopt;
}

using ValueMap = google::protobuf::Map<std::string, aialgs::data::Value>;

// `what`: "feature vector" or "label".
std::optional<DataProblem> CopyValues(const ValueMap& map, absl::string_view what, TensorCopy* copy) {
  // The first of unknown names in alphabetical order: a map has none of its own.
  const std::string* unknown = nullptr;
  for (const auto& [name, value] : map) {
    if (name != kValues && (unknown == nullptr || name < *unknown)) unknown = &name;
  }
  if (unknown != nullptr) {
    const std::string shown = ShownText(*unknown);
    return DataProblem{.why = absl::StrCat("it holds a ", what, " named \"", shown, "\""),
                       .remedy = "A record holds one of each, named \"values\".",
                       .text = shown};
  }
  const aialgs::data::Value& value = map.at(std::string(kValues));
  switch (value.value_case()) {
    case aialgs::data::Value::kFloat32Tensor: return CopyTensor(value.float32_tensor(), what, copy);
    case aialgs::data::Value::kFloat64Tensor: return CopyTensor(value.float64_tensor(), what, copy);
    case aialgs::data::Value::kInt32Tensor: return CopyTensor(value.int32_tensor(), what, copy);
    case aialgs::data::Value::kBytes:
    case aialgs::data::Value::VALUE_NOT_SET: break;
  }
  return DataProblem{.why = absl::StrCat("its ", what, " holds no numbers"),
                     .remedy = "Write a float32, float64 or int32 tensor."};
}

}  // namespace

struct RecordDecoder::Message {
  aialgs::data::Record record;
};

RecordDecoder::RecordDecoder() : message_(std::make_unique<Message>()) {}
RecordDecoder::~RecordDecoder() = default;

std::optional<DataProblem> RecordDecoder::Decode(absl::string_view payload, bool want_label, DecodedRow* row) {
  row->sparse = false;
  if (DecodeUsual(payload, want_label, row)) return std::nullopt;
  return DecodeAny(payload, want_label, row);
}

std::optional<DataProblem> RecordDecoder::DecodeAny(absl::string_view payload, bool want_label, DecodedRow* row) {
  aialgs::data::Record& message = message_->record;
  if (payload.size() > INT_MAX || !message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return DataProblem{
        .why = "the record is not a protobuf message of type aialgs.data.Record",
        .remedy = "Check that the file holds application/x-recordio-protobuf and was not cut or edited."};
  }
  row->label.reset();
  TensorCopy copy{.values = &values_, .keys = &keys_};
  if (want_label && !message.label().empty()) {
    if (auto problem = CopyValues(message.label(), "label", &copy)) return problem;
    if (copy.sparse) return DataProblem{.why = "its label is sparse", .remedy = "A label is one number, without keys."};
    if (values_.size() != 1) {
      return DataProblem{.why = absl::StrCat("its label holds ", values_.size(), " numbers"),
                         .remedy = "A label is one number.",
                         .expected = "1",
                         .got = absl::StrCat(values_.size())};
    }
    row->label = values_[0];
  }
  if (message.features().empty()) {
    return DataProblem{.why = "the record holds no features", .remedy = "Its feature vector is named \"values\"."};
  }
  if (auto problem = CopyValues(message.features(), "feature vector", &copy)) return problem;
  row->values = reinterpret_cast<const char*>(values_.data());
  row->count = static_cast<int64_t>(values_.size());
  row->sparse = copy.sparse;
  row->keys = keys_;
  row->columns = copy.columns;
  return std::nullopt;
}

}  // namespace ll::learner
