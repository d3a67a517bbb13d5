#include "learner/artifact/safetensors.h"

#include <bit>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "nlohmann/json.hpp"

namespace ll::learner {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie in memory");

using Json = nlohmann::json;

constexpr size_t kLengthBytes = 8;
constexpr char kMetadata[] = "__metadata__";  // a map of texts that writers may add

absl::Status Invalid(absl::string_view name, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("tensor \"", name, "\" ", why));
}

absl::StatusOr<std::vector<uint64_t>> Counts(const Json& object, const char* key, const std::string& name) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_array()) return Invalid(name, absl::StrCat("has no ", key));
  std::vector<uint64_t> counts;
  for (const Json& element : *it) {
    if (!element.is_number_unsigned()) return Invalid(name, absl::StrCat("has ", key, " that are no counts"));
    counts.push_back(element.get<uint64_t>());
  }
  return counts;
}

struct Entry {
  std::string name;
  Tensor tensor;  // without values
  uint64_t begin = 0;
  uint64_t end = 0;
};

absl::StatusOr<Entry> ParseEntry(const std::string& name, const Json& object) {
  if (!object.is_object()) return Invalid(name, "is not described by an object");
  const auto dtype = object.find("dtype");
  if (dtype == object.end() || *dtype != "F64") return Invalid(name, "is not of dtype F64");
  Entry entry{.name = name, .tensor = {}};
  LL_ASSIGN_OR_RETURN(entry.tensor.shape, Counts(object, "shape", name));
  LL_ASSIGN_OR_RETURN(const std::vector<uint64_t> offsets, Counts(object, "data_offsets", name));
  if (offsets.size() != 2 || offsets[0] > offsets[1]) return Invalid(name, "has data_offsets that are no range");
  entry.begin = offsets[0];
  entry.end = offsets[1];
  uint64_t bytes = sizeof(double);
  for (const uint64_t size : entry.tensor.shape) {
    if (__builtin_mul_overflow(bytes, size, &bytes)) return Invalid(name, "has a shape too large to be true");
  }
  if (bytes != entry.end - entry.begin) return Invalid(name, "has data_offsets that do not fit its shape");
  return entry;
}

// By position in the data; the entries must cover the data without gap or overlap.
absl::StatusOr<std::map<uint64_t, Entry>> ParseHeader(absl::string_view header, uint64_t data_bytes) {
  const Json json = Json::parse(header.begin(), header.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InvalidArgumentError("the header is not a JSON object");
  std::map<uint64_t, Entry> entries;
  for (const auto& [name, object] : json.items()) {
    if (name == kMetadata) continue;
    LL_ASSIGN_OR_RETURN(Entry entry, ParseEntry(name, object));
    if (entry.begin == entry.end) return Invalid(name, "is empty");
    if (!entries.emplace(entry.begin, entry).second) return Invalid(name, "overlaps another one");
  }
  uint64_t position = 0;
  for (const auto& [begin, entry] : entries) {
    if (begin != position) return Invalid(entry.name, "overlaps another one, or leaves a gap");
    position = entry.end;
  }
  if (position != data_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the header describes ", position, " bytes of data, and there are ", data_bytes));
  }
  return entries;
}

}  // namespace

std::string WriteSafetensors(const std::map<std::string, TensorView>& tensors) {
  Json header = Json::object();
  uint64_t position = 0;
  for (const auto& [name, tensor] : tensors) {
    const uint64_t end = position + tensor.values.size() * sizeof(double);
    header[name] = {{"dtype", "F64"}, {"shape", tensor.shape}, {"data_offsets", {position, end}}};
    position = end;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  const uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  bytes += text;
  for (const auto& [name, tensor] : tensors) {
    bytes.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(double));
  }
  return bytes;
}

absl::StatusOr<std::map<std::string, Tensor>> ReadSafetensors(absl::string_view bytes) {
  uint64_t length = 0;
  if (bytes.size() < kLengthBytes) return absl::InvalidArgumentError("it is shorter than its own header");
  std::memcpy(&length, bytes.data(), sizeof length);
  bytes.remove_prefix(kLengthBytes);
  if (length > bytes.size()) return absl::InvalidArgumentError("it is shorter than its own header");
  const absl::string_view data = bytes.substr(length);
  LL_ASSIGN_OR_RETURN(auto entries, ParseHeader(bytes.substr(0, length), data.size()));
  std::map<std::string, Tensor> tensors;
  for (auto& [begin, entry] : entries) {
    entry.tensor.values.resize((entry.end - begin) / sizeof(double));
    std::memcpy(entry.tensor.values.data(), data.data() + begin, entry.end - begin);
    tensors.emplace(entry.name, std::move(entry.tensor));
  }
  return tensors;
}

}  // namespace ll::learner
