// Any bytes as a libsvm file.
#include "learner/readers/libsvm_reader.h"

#include "tests/fuzz/reader_outcome.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ll::testing::ReadEveryWay(
      std::string(reinterpret_cast<const char*>(data), size), [](auto file, const ll::learner::RowRules& rules) {
        return std::make_unique<ll::learner::LibsvmReader>(std::move(file), "fuzz.svm", rules.labels ? 1 : 0);
      });
  return 0;
}
