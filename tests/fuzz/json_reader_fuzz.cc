// Any bytes as JSON Lines and as a JSON document.
#include "learner/readers/json_reader.h"

#include "learner/readers/json_lines_reader.h"
#include "tests/fuzz/reader_outcome.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  ll::testing::ReadEveryWay(bytes, [](auto file, const ll::learner::RowRules&) {
    return std::make_unique<ll::learner::JsonLinesReader>(std::move(file), "fuzz.jsonl");
  });
  ll::testing::ReadEveryWay(bytes, [](auto file, const ll::learner::RowRules&) {
    return std::make_unique<ll::learner::JsonReader>(std::move(file), "fuzz.json");
  });
  return 0;
}
