// Reading rows from memory-speed files, against what the machine can do: memcpy for RecordIO, strtod for CSV.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "learner/readers/csv_reader.h"
#include "learner/readers/recordio_reader.h"
#include "learner/readers/recordio_writer.h"

namespace ll::learner {
namespace {

constexpr int kColumns = 784;

// Rows like scanned digits: four of five pixels are 0, the others a multiple of 1/256.
std::vector<float> SampleRows(int rows) {
  SeededRandom random(1);
  std::vector<float> values(static_cast<size_t>(rows) * kColumns);
  for (float& value : values) {
    value = random.Below(5) == 0 ? static_cast<float>(random.Below(256)) / 256 : 0;
  }
  return values;
}

int SampleSize() { return getenv("LL_BENCH_SMOKE") != nullptr ? 200 : 20000; }

// A file in memory, not copied. Reading it costs one copy, as reading from the page cache does.
class ViewFile final : public SequentialFile {
 public:
  explicit ViewFile(absl::string_view bytes) : rest_(bytes) {}
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    const size_t count = rest_.copy(buffer.data(), buffer.size());
    rest_.remove_prefix(count);
    return count;
  }

 private:
  absl::string_view rest_;
};

void ReadAll(RowReader& reader, RowBuffer& rows) {
  for (bool more = true; more;) {
    rows.Clear();
    more = reader.Read(rows).value();
    benchmark::DoNotOptimize(rows.block().values);
  }
}

void CountRows(benchmark::State& state, size_t bytes_per_pass) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(bytes_per_pass));
  state.counters["rows"] = benchmark::Counter(
      static_cast<double>(SampleSize()) * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

// The limit: one copy of the rows into a block that stays in the cache.
void BM_Memcpy(benchmark::State& state) {
  const std::vector<float> values = SampleRows(SampleSize());
  const size_t block = RowBuffer::kBlockBytes / sizeof(float);
  std::vector<float> to(block);
  for (auto _ : state) {
    for (size_t at = 0; at < values.size(); at += block) {
      std::memcpy(to.data(), values.data() + at, std::min(block, values.size() - at) * sizeof(float));
      benchmark::DoNotOptimize(to.data());
      benchmark::ClobberMemory();
    }
  }
  CountRows(state, values.size() * sizeof(float));
}
BENCHMARK(BM_Memcpy)->Unit(benchmark::kMillisecond);

void BM_ReadRecordIo(benchmark::State& state) {
  const std::vector<float> values = SampleRows(SampleSize());
  std::string bytes;
  for (int i = 0; i < SampleSize(); ++i) {
    AppendRecord({{"values", absl::MakeSpan(values).subspan(static_cast<size_t>(i) * kColumns, kColumns)}},
                 {{"values", {static_cast<float>(i % 2)}}}, &bytes);
  }
  for (auto _ : state) {
    RecordIoReader reader(std::make_unique<ViewFile>(bytes), "bench");
    RowBuffer rows({.num_classes = 2});
    ReadAll(reader, rows);
  }
  CountRows(state, bytes.size());
}
BENCHMARK(BM_ReadRecordIo)->Unit(benchmark::kMillisecond);

std::string SampleCsv() {
  const std::vector<float> values = SampleRows(SampleSize());
  std::string text;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i % kColumns == 0) absl::StrAppend(&text, i == 0 ? "" : "\n", i / kColumns % 2);
    absl::StrAppend(&text, ",", values[i]);
  }
  return absl::StrCat(text, "\n");
}

void BM_ReadCsv(benchmark::State& state) {
  const std::string text = SampleCsv();
  for (auto _ : state) {
    CsvReader reader(std::make_unique<ViewFile>(text), "bench", {});
    RowBuffer rows({.num_classes = 2});
    ReadAll(reader, rows);
  }
  CountRows(state, text.size());
}
BENCHMARK(BM_ReadCsv)->Unit(benchmark::kMillisecond);

void BM_Strtod(benchmark::State& state) {
  const std::string text = SampleCsv();
  for (auto _ : state) {
    char* at = const_cast<char*>(text.data());
    while (*at != '\0') {
      benchmark::DoNotOptimize(std::strtod(at, &at));
      ++at;
    }
  }
  CountRows(state, text.size());
}
BENCHMARK(BM_Strtod)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ll::learner
