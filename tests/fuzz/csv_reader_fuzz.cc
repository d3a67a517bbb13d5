// Any bytes as a CSV file.
#include "learner/readers/csv_reader.h"

#include "tests/fuzz/reader_outcome.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ll::testing::ReadEveryWay(
      std::string(reinterpret_cast<const char*>(data), size), [](auto file, const ll::learner::RowRules& rules) {
        return std::make_unique<ll::learner::CsvReader>(
            std::move(file), "fuzz.csv",
            ll::learner::CsvOptions{.label_columns = rules.labels ? 1 : 0,
                                    .header = rules.missing == ll::learner::MissingValues::kZero});
      });
  return 0;
}
