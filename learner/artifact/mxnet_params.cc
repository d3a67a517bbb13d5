#include "learner/artifact/mxnet_params.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace ll::learner {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are read and written as they lie in memory");

constexpr uint64_t kMagic = 0x112;
constexpr uint32_t kVersion1 = 0xF993FAC8, kVersion2 = 0xF993FAC9, kVersion3 = 0xF993FACA;
constexpr int32_t kFloat32 = 0, kFloat64 = 1, kFloat16 = 2;
constexpr int32_t kCpu = 1;
constexpr char kArgument[] = "arg:";
// More than any linear model has.
constexpr uint64_t kMaxArrays = 1024;
constexpr uint32_t kMaxDimensions = 32;

absl::Status Cut() { return absl::InvalidArgumentError("it is cut short"); }

// Sign, 5 bits of exponent (bias 15), 10 of mantissa.
double FromHalf(uint16_t half) {
  const int exponent = (half >> 10) & 0x1f;
  const int mantissa = half & 0x3ff;
  double value;
  if (exponent == 0x1f) {
    value = mantissa == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  } else {
    // 2^(exponent - 15) * 1.mantissa, or 2^-14 * 0.mantissa.
    const auto scale = static_cast<double>(uint64_t{1} << (exponent == 0 ? 1 : exponent)) * 0x1p-25;
    value = scale * (mantissa + (exponent == 0 ? 0 : 0x400));
  }
  return (half & 0x8000) != 0 ? -value : value;
}

class Parser {
 public:
  explicit Parser(absl::string_view bytes) : rest_(bytes) {}

  absl::StatusOr<std::map<std::string, Tensor>> Parse() {
    uint64_t magic, reserved, count, names;
    if (!Take(&magic) || !Take(&reserved) || magic != kMagic) {
      return absl::InvalidArgumentError("it does not begin as a .params file of MXNet does");
    }
    if (!Take(&count)) return Cut();
    if (count > kMaxArrays) return absl::InvalidArgumentError(absl::StrCat("it says it holds ", count, " arrays"));
    std::vector<Tensor> arrays(count);
    for (Tensor& array : arrays) LL_RETURN_IF_ERROR(TakeArray(&array));
    if (!Take(&names)) return Cut();
    if (names != count)
      return absl::InvalidArgumentError(absl::StrCat("it has ", count, " arrays and ", names, " names"));
    std::map<std::string, Tensor> tensors;
    for (Tensor& array : arrays) {
      LL_ASSIGN_OR_RETURN(const std::string name, TakeName());
      if (!tensors.emplace(name, std::move(array)).second) {
        return absl::InvalidArgumentError(absl::StrCat("it has two arrays called ", name));
      }
    }
    if (!rest_.empty()) return absl::InvalidArgumentError("there are bytes after its end");
    return tensors;
  }

 private:
  template <typename T>
  bool Take(T* value) {
    if (rest_.size() < sizeof(T)) return false;
    std::memcpy(value, rest_.data(), sizeof(T));
    rest_.remove_prefix(sizeof(T));
    return true;
  }

  absl::StatusOr<std::string> TakeName() {
    uint64_t length;
    if (!Take(&length) || rest_.size() < length) return Cut();
    absl::string_view name = rest_.substr(0, length);
    rest_.remove_prefix(length);
    absl::ConsumePrefix(&name, kArgument);
    return std::string(name);
  }

  absl::Status TakeArray(Tensor* array) {
    uint32_t version;
    int32_t storage = 0;
    if (!Take(&version)) return Cut();
    if (version != kVersion1 && version != kVersion2 && version != kVersion3) {
      return absl::InvalidArgumentError("an array has an unknown version");
    }
    if (version != kVersion1 && !Take(&storage)) return Cut();
    if (storage != 0) return absl::InvalidArgumentError("an array is not dense");
    LL_ASSIGN_OR_RETURN(const uint64_t count, TakeShape(array));
    int32_t device, device_id, type;
    if (!Take(&device) || !Take(&device_id) || !Take(&type)) return Cut();
    switch (type) {
      case kFloat32:
        return TakeNumbers<float>(
            count, [](float value) { return double{value}; }, array);
      case kFloat64:
        return TakeNumbers<double>(
            count, [](double value) { return value; }, array);
      case kFloat16: return TakeNumbers<uint16_t>(count, FromHalf, array);
      default: return absl::InvalidArgumentError(absl::StrCat("an array has numbers of type ", type));
    }
  }

  // How many numbers the array has.
  absl::StatusOr<uint64_t> TakeShape(Tensor* array) {
    uint32_t dimensions;
    if (!Take(&dimensions)) return Cut();
    if (dimensions == 0 || dimensions > kMaxDimensions) {
      return absl::InvalidArgumentError(absl::StrCat("an array has ", dimensions, " dimensions"));
    }
    uint64_t count = 1;
    for (uint32_t i = 0; i < dimensions; ++i) {
      int64_t extent;
      if (!Take(&extent)) return Cut();
      // No array is larger than the bytes that are there.
      if (extent < 1 || static_cast<uint64_t>(extent) > rest_.size() / count) {
        return absl::InvalidArgumentError("an array is larger than the file");
      }
      count *= static_cast<uint64_t>(extent);
      array->shape.push_back(static_cast<uint64_t>(extent));
    }
    return count;
  }

  template <typename T, typename Convert>
  absl::Status TakeNumbers(uint64_t count, Convert convert, Tensor* array) {
    if (rest_.size() / sizeof(T) < count) return Cut();
    array->values.reserve(count);
    for (uint64_t i = 0; i < count; ++i) {
      T number;
      std::memcpy(&number, rest_.data() + i * sizeof(T), sizeof(T));
      array->values.push_back(convert(number));
    }
    rest_.remove_prefix(count * sizeof(T));
    return absl::OkStatus();
  }

  absl::string_view rest_;
};

template <typename T>
void Put(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

absl::StatusOr<std::map<std::string, Tensor>> ReadMxnetParams(absl::string_view bytes) { return Parser(bytes).Parse(); }

std::string WriteMxnetParams(const std::map<std::string, TensorView>& tensors) {
  std::string out;
  Put(kMagic, &out);
  Put(uint64_t{0}, &out);
  Put(uint64_t{tensors.size()}, &out);
  for (const auto& [name, tensor] : tensors) {
    Put(kVersion2, &out);
    Put(int32_t{0}, &out);
    Put(static_cast<uint32_t>(tensor.shape.size()), &out);
    for (const uint64_t extent : tensor.shape) Put(extent, &out);
    Put(kCpu, &out);
    Put(int32_t{0}, &out);
    Put(kFloat32, &out);
    for (const double value : tensor.values) Put(static_cast<float>(value), &out);
  }
  Put(uint64_t{tensors.size()}, &out);
  for (const auto& [name, tensor] : tensors) {
    const std::string full_name = absl::StrCat(kArgument, name);
    Put(uint64_t{full_name.size()}, &out);
    out.append(full_name);
  }
  return out;
}

}  // namespace ll::learner
