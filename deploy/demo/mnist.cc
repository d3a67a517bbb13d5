#include "deploy/demo/mnist.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/readers/recordio_writer.h"

namespace ll::demo {
namespace {

// IDX: a big-endian magic number, 0x08 (unsigned bytes) and the number of dimensions in its last two bytes, then the
// size of each dimension, then the bytes. http://yann.lecun.com/exdb/mnist
constexpr uint32_t kLabelsMagic = 0x0801;
constexpr uint32_t kImagesMagic = 0x0803;

uint32_t BigEndian32(absl::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// The bytes after the header; `magic` tells how many dimensions there are, the sizes beyond the first must multiply to
// `bytes_per_row`.
absl::StatusOr<std::string> ReadIdx(Env& env, const std::string& path, uint32_t magic, size_t bytes_per_row) {
  LL_ASSIGN_OR_RETURN(std::string file, env.ReadFile(path));
  const size_t header = 4 + 4 * (magic & 0xff);
  if (file.size() < header || BigEndian32(file) != magic ||
      file.size() != header + BigEndian32(file.substr(4, 4)) * bytes_per_row) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidData,
                     {.what = absl::StrCat("cannot read ", path),
                      .why = "it is not a whole MNIST file in IDX format",
                      .remedy = "Fetch it again with deploy/fetch-mnist."});
  }
  file.erase(0, header);
  return file;
}

absl::StatusOr<Digits> ReadDigits(Env& env, const std::string& images_path, const std::string& labels_path) {
  LL_ASSIGN_OR_RETURN(const std::string images, ReadIdx(env, images_path, kImagesMagic, kMnistPixels));
  LL_ASSIGN_OR_RETURN(const std::string labels, ReadIdx(env, labels_path, kLabelsMagic, 1));
  Digits digits;
  digits.pixels.reserve(images.size());
  for (const char byte : images) digits.pixels.push_back(static_cast<float>(static_cast<unsigned char>(byte)) / 256.0f);
  for (const char byte : labels) digits.digits.push_back(static_cast<uint8_t>(byte));
  return digits;
}

}  // namespace

absl::StatusOr<Mnist> LoadMnist(Env& env, const std::string& directory) {
  Mnist mnist;
  LL_ASSIGN_OR_RETURN(mnist.train, ReadDigits(env, JoinPath(directory, "train-images-idx3-ubyte"),
                                              JoinPath(directory, "train-labels-idx1-ubyte")));
  LL_ASSIGN_OR_RETURN(mnist.test, ReadDigits(env, JoinPath(directory, "t10k-images-idx3-ubyte"),
                                             JoinPath(directory, "t10k-labels-idx1-ubyte")));
  return mnist;
}

std::string TrainingRecords(const Digits& train) {
  std::string records;
  for (int64_t i = 0; i < kMnistTrainRows; ++i) {
    const float label = train.is_zero(i);
    learner::AppendRecord({{"values", absl::MakeConstSpan(train.row(i), kMnistPixels)}},
                          {{"values", absl::MakeConstSpan(&label, 1)}}, &records);
  }
  return records;
}

}  // namespace ll::demo
