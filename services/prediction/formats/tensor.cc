#include "services/prediction/formats/tensor.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <system_error>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "fast_float/fast_float.h"

namespace ll::prediction {
namespace {

static_assert(std::endian::native == std::endian::little, "raw tensors are little-endian, and copied as they are");

struct DatatypeInfo {
  const char* name;
  size_t size;
};

// In the order of Datatype.
constexpr DatatypeInfo kDatatypes[] = {{"BOOL", 1},  {"INT8", 1},   {"INT16", 2},  {"INT32", 4},  {"INT64", 8},
                                       {"UINT8", 1}, {"UINT16", 2}, {"UINT32", 4}, {"UINT64", 8}, {"FP16", 2},
                                       {"BF16", 2},  {"FP32", 4},   {"FP64", 8}};

// Whether float32 holds exactly this number; NaN counts as held. long double holds every number compared here.
template <typename T>
bool Held(T number, float value) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(number)) return true;
  }
  return static_cast<long double>(value) == static_cast<long double>(number);
}

template <typename T>
TensorProblem NotHeld(T number, size_t index) {
  return {.why = absl::StrCat(number, " is no float32, which is what the model computes with; round it, and send FP32"),
          .index = index};
}

template <typename T>
std::optional<TensorProblem> Convert(absl::string_view bytes, absl::Span<float> values) {
  for (size_t i = 0; i < values.size(); ++i) {
    T number;
    std::memcpy(&number, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<float>(number);
    if (!Held(number, values[i])) return NotHeld(number, i);
  }
  return std::nullopt;
}

float FromBf16(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

// IEEE 754 binary16: 1 sign, 5 exponent (bias 15) and 10 fraction bits.
float FromFp16(uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1f;
  const auto fraction = static_cast<float>(bits & 0x3ff);
  float size;
  if (exponent == 0) {
    size = std::ldexp(fraction, -24);
  } else if (exponent < 31) {
    size = std::ldexp(1024 + fraction, exponent - 25);
  } else {
    size = fraction == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  }
  return (bits & 0x8000) != 0 ? -size : size;
}

void ConvertHalves(absl::string_view bytes, float (*convert)(uint16_t), absl::Span<float> values) {
  for (size_t i = 0; i < values.size(); ++i) {
    uint16_t half;
    std::memcpy(&half, bytes.data() + i * sizeof half, sizeof half);
    values[i] = convert(half);
  }
}

std::optional<TensorProblem> ConvertBools(absl::string_view bytes, absl::Span<float> values) {
  for (size_t i = 0; i < values.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (byte > 1) return TensorProblem{.why = absl::StrCat("the byte ", byte, " is no BOOL"), .index = i};
    values[i] = static_cast<float>(byte);
  }
  return std::nullopt;
}

bool IsDigit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// Reads the array by hand: numbers are all there is to it, and the way into float32 is the time of the request.
class JsonTensorReader {
 public:
  JsonTensorReader(Datatype type, absl::string_view text, size_t columns, std::vector<float>* values)
      : type_(type), begin_(text.data()), end_(text.data() + text.size()), columns_(columns), values_(*values) {}

  std::optional<TensorProblem> Read() {
    at_ = begin_;
    SkipBlanks();
    if (*at_ != '[') {
      Fail("\"data\" is not an array");
    } else if (Array(/*depth=*/1)) {
      SkipBlanks();
      if (at_ != end_) Fail("there is text behind the array");
    }
    return std::move(problem_);
  }

 private:
  bool Fail(std::string why, std::optional<size_t> index = std::nullopt) {
    problem_ = TensorProblem{std::move(why), index, static_cast<size_t>(at_ - begin_)};
    return false;
  }

  void SkipBlanks() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }

  bool Array(int depth) {
    ++at_;
    SkipBlanks();
    if (*at_ == ']') {
      ++at_;
      return true;
    }
    bool rows = false, numbers = false;
    while (at_ < end_) {
      SkipBlanks();
      if (*at_ == '[') {
        rows = true;
        if (!Row(depth)) return false;
      } else {
        numbers = true;
        if (type_ == Datatype::kFp32) {
          SimpleFloats();
          SkipBlanks();
        }
        if (*at_ != '[' && !Number()) return false;
        rows |= *at_ == '[';
      }
      if (rows && numbers) return Fail("\"data\" mixes numbers and rows");
      SkipBlanks();
      if (at_ < end_ && *at_ == ',') {
        ++at_;
      } else if (at_ < end_ && *at_ == ']') {
        ++at_;
        return true;
      } else {
        return Fail("a comma or a closing bracket is missing");
      }
    }
    return Fail("a closing bracket is missing");
  }

  bool Row(int depth) {
    if (depth == 2) return Fail("\"data\" is nested deeper than rows");
    const size_t before = values_.size();
    if (!Array(depth + 1)) return false;
    const size_t count = values_.size() - before;
    if (count == columns_) return true;
    return Fail(absl::StrCat("a row holds ", count, " numbers instead of ", columns_), before);
  }

  bool Number() {
    switch (type_) {
      case Datatype::kFp32: return Float();
      case Datatype::kFp64: return Double();
      case Datatype::kBool: return Bool();
      case Datatype::kInt8: return Integer<int8_t>();
      case Datatype::kInt16: return Integer<int16_t>();
      case Datatype::kInt32: return Integer<int32_t>();
      case Datatype::kInt64: return Integer<int64_t>();
      case Datatype::kUint8: return Integer<uint8_t>();
      case Datatype::kUint16: return Integer<uint16_t>();
      case Datatype::kUint32: return Integer<uint32_t>();
      case Datatype::kUint64: return Integer<uint64_t>();
      case Datatype::kFp16:
      case Datatype::kBf16: break;
    }
    return Fail("FP16 and BF16 have no form in JSON; send them as binary data, or send FP32");
  }

  // Takes whole numbers of up to seven digits, with .0 or not, each with the comma behind it, and stops at whatever
  // else there is. They are exact in float32 and need no general parser: most numbers of images, counts and one-hot
  // columns are of this kind, and most of these are 0.
  void SimpleFloats() {
    constexpr size_t kBlock = 512;
    constexpr char kZero[] = "0.0,";
    float block[kBlock];
    size_t count = 0;
    const char* at = at_;
    while (true) {
      if (count == kBlock) {
        values_.insert(values_.end(), block, block + count);
        count = 0;
      }
      const char* end = at;
      unsigned number = 0;
      if (std::memcmp(at, kZero, sizeof kZero - 1) == 0) {
        end = at + 3;
      } else {
        while (IsDigit(*end) && end - at < 7) number = number * 10 + static_cast<unsigned>(*end++ - '0');
        if (end == at || (*at == '0' && end - at > 1)) break;
        if (end[0] == '.' && end[1] == '0') end += 2;
        if (*end != ',') break;
      }
      block[count++] = static_cast<float>(number);
      at = end + 1;
      if (*at == ' ') ++at;
    }
    values_.insert(values_.end(), block, block + count);
    at_ = at;
  }

  bool Float() {
    float value;
    if (!Parse(&value)) return false;
    values_.push_back(value);
    return true;
  }

  bool Double() {
    double value;
    const char* const begin = at_;
    if (!Parse(&value)) return false;
    values_.push_back(static_cast<float>(value));
    return Held(value, values_.back()) || NotExact(begin);
  }

  template <typename T>
  bool Parse(T* value) {
    if (!WellFormed()) return NotANumber();
    const auto result = fast_float::from_chars(at_, end_, *value);
    if (result.ec != std::errc() || !std::isfinite(*value)) return NotANumber();
    at_ = result.ptr;
    return true;
  }

  // JSON's numbers are fewer than those that parsers take: no "+1", "01", "1.", ".5", "inf".
  bool WellFormed() const {
    const char* at = at_ + (*at_ == '-' ? 1 : 0);
    if (!IsDigit(*at) || (*at == '0' && IsDigit(at[1]))) return false;
    while (at < end_ && IsDigit(*at)) ++at;
    return *at != '.' || IsDigit(at[1]);
  }

  template <typename T>
  bool Integer() {
    const char* const begin = at_;
    std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t> number = 0;
    const auto [end, error] = std::from_chars(at_, end_, number);
    const bool leading_zero = begin[*begin == '-' ? 1 : 0] == '0' && IsDigit(begin[*begin == '-' ? 2 : 1]);
    if (error != std::errc() || *end == '.' || *end == 'e' || *end == 'E' || leading_zero ||
        number < std::numeric_limits<T>::min() || number > std::numeric_limits<T>::max()) {
      return NotANumber();
    }
    values_.push_back(static_cast<float>(number));
    at_ = end;
    return Held(number, values_.back()) || NotExact(begin);
  }

  bool Bool() {
    const absl::string_view rest(at_, static_cast<size_t>(end_ - at_));
    for (const auto& [word, value] :
         {std::pair("true", 1.0f), std::pair("false", 0.0f), std::pair("1", 1.0f), std::pair("0", 0.0f)}) {
      const absl::string_view text = word;
      if (rest.substr(0, text.size()) != text) continue;
      values_.push_back(value);
      at_ += text.size();
      return true;
    }
    return NotANumber();
  }

  std::string Shown(const char* begin) const {
    constexpr size_t kMaxShown = 40;
    absl::string_view text(begin, static_cast<size_t>(end_ - begin));
    text = text.substr(0, std::min(text.find_first_of(",] \t\r\n"), kMaxShown));
    return std::string(text);
  }

  bool NotANumber() {
    return Fail(absl::StrCat("\"", Shown(at_), "\" is no ", kDatatypes[static_cast<size_t>(type_)].name),
                values_.size());
  }
  bool NotExact(const char* begin) {
    at_ = begin;
    return Fail(NotHeld(Shown(begin), 0).why, values_.size() - 1);
  }

  const Datatype type_;
  const char* const begin_;
  const char* const end_;
  const size_t columns_;
  const char* at_ = nullptr;
  std::vector<float>& values_;
  std::optional<TensorProblem> problem_;
};

}  // namespace

std::optional<Datatype> ParseDatatype(absl::string_view name) {
  for (size_t i = 0; i < std::size(kDatatypes); ++i) {
    if (name == kDatatypes[i].name) return static_cast<Datatype>(i);
  }
  return std::nullopt;
}

std::string DatatypeNames() {
  return absl::StrJoin(kDatatypes, ", ",
                       [](std::string* out, const DatatypeInfo& type) { absl::StrAppend(out, type.name); });
}

size_t SizeOf(Datatype type) { return kDatatypes[static_cast<size_t>(type)].size; }

std::optional<TensorProblem> DecodeRawTensor(Datatype type, absl::string_view bytes, absl::Span<float> values) {
  switch (type) {
    case Datatype::kBool: return ConvertBools(bytes, values);
    case Datatype::kInt8: return Convert<int8_t>(bytes, values);
    case Datatype::kInt16: return Convert<int16_t>(bytes, values);
    case Datatype::kInt32: return Convert<int32_t>(bytes, values);
    case Datatype::kInt64: return Convert<int64_t>(bytes, values);
    case Datatype::kUint8: return Convert<uint8_t>(bytes, values);
    case Datatype::kUint16: return Convert<uint16_t>(bytes, values);
    case Datatype::kUint32: return Convert<uint32_t>(bytes, values);
    case Datatype::kUint64: return Convert<uint64_t>(bytes, values);
    case Datatype::kFp64: return Convert<double>(bytes, values);
    case Datatype::kFp16: ConvertHalves(bytes, &FromFp16, values); return std::nullopt;
    case Datatype::kBf16: ConvertHalves(bytes, &FromBf16, values); return std::nullopt;
    case Datatype::kFp32: std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float)); break;
  }
  return std::nullopt;
}

std::optional<TensorProblem> ReadJsonTensor(Datatype type, absl::string_view text, size_t columns,
                                            std::vector<float>* values) {
  return JsonTensorReader(type, text, columns, values).Read();
}

}  // namespace ll::prediction
