#include "learner/readers/recordio_reader.h"

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "aialgs/record.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/readers/collected_rows_for_test.h"
#include "learner/readers/recordio_writer.h"
#include "tests/testing/memory_file.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::aialgs::data::Record;
using ::ll::testing::HasReason;
using ::ll::testing::NewMemoryFile;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsNan;

constexpr char kMagic[] = "\x0a\x23\xd7\xce";

std::string Bytes(absl::string_view hex) { return absl::HexStringToBytes(absl::StrReplaceAll(hex, {{" ", ""}})); }

// One frame, whatever its payload.
std::string Frame(absl::string_view payload, uint32_t flag = 0) {
  const uint32_t word = flag << 29 | static_cast<uint32_t>(payload.size());
  std::string frame(kMagic, 4);
  frame.append(reinterpret_cast<const char*>(&word), sizeof word);
  frame.append(payload.data(), payload.size());
  frame.append((4 - payload.size() % 4) % 4, '\0');
  return frame;
}

std::string Frame(const Record& record) { return Frame(record.SerializeAsString()); }

std::string Row(std::vector<float> features, float label) {
  std::string out;
  AppendRecord({{"values", features}}, {{"values", {label}}}, &out);
  return out;
}

std::string Payload(const std::string& frame, size_t padding = 0) {
  return frame.substr(8, frame.size() - 8 - padding);
}

absl::StatusOr<CollectedRows> ReadRecords(const std::string& bytes, RowRules rules = {},
                                          size_t bytes_per_read = SIZE_MAX, RowLayout layout = RowLayout::kDense) {
  RecordIoReader reader(NewMemoryFile(bytes, bytes_per_read), "train.pbr");
  return CollectRows(reader, std::move(rules), layout);
}

TEST(RecordIoReaderTest, ReadsTheDenseTestVector) {
  const std::string bytes = Bytes(
      "0a 23 d7 ce 2c 00 00 00 0a 16 0a 06 76 61 6c 75 65 73 12 0c 12 0a 0a 08 00 00 80 3f 00 00 00 40 "
      "12 12 0a 06 76 61 6c 75 65 73 12 08 12 06 0a 04 00 00 80 3f");
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadRecords(bytes));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(1, 2)));
  EXPECT_THAT(rows.labels, ElementsAre(1));
}

TEST(RecordIoReaderTest, ReadsTheSparseTestVector) {
  const std::string bytes = Bytes(
      "0a 23 d7 ce 33 00 00 00 0a 1d 0a 06 76 61 6c 75 65 73 12 13 12 11 0a 08 00 00 80 3f 00 00 00 40 "
      "12 02 03 07 1a 01 0a 12 12 0a 06 76 61 6c 75 65 73 12 08 12 06 0a 04 00 00 00 00 00");
  for (const RowLayout layout : {RowLayout::kDense, RowLayout::kSparse}) {
    LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadRecords(bytes, {}, SIZE_MAX, layout));
    EXPECT_THAT(rows.features, ElementsAre(ElementsAre(0, 0, 0, 1, 0, 0, 0, 2, 0, 0)));
    EXPECT_THAT(rows.labels, ElementsAre(0));
  }
}

std::string SparseRow(const std::vector<std::pair<uint64_t, float>>& entries, uint64_t columns) {
  Record record;
  auto* tensor = (*record.mutable_features())["values"].mutable_float32_tensor();
  for (const auto& [key, value] : entries) {
    tensor->add_keys(key);
    tensor->add_values(value);
  }
  tensor->add_shape(columns);
  (*record.mutable_label())["values"].mutable_float32_tensor()->add_values(1);
  return Frame(record);
}

TEST(RecordIoReaderTest, SparseRowsComeInAnyOrderAndMixWithDenseOnes) {
  const std::string bytes = SparseRow({{2, 5}, {0, 4}}, 3) + Row({1, 0, 3}, 0) + SparseRow({}, 3);
  for (const RowLayout layout : {RowLayout::kDense, RowLayout::kSparse}) {
    LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadRecords(bytes, {.num_classes = 2}, SIZE_MAX, layout));
    EXPECT_THAT(rows.features, ElementsAre(ElementsAre(4, 0, 5), ElementsAre(1, 0, 3), ElementsAre(0, 0, 0)));
    EXPECT_THAT(rows.labels, ElementsAre(1, 0, 1));
  }
}

TEST(RecordIoReaderTest, SparseRowsThatContradictThemselvesAreRefused) {
  Record no_shape, keys_without_values;
  for (Record* record : {&no_shape, &keys_without_values}) {
    auto* tensor = (*record->mutable_features())["values"].mutable_float64_tensor();
    tensor->add_keys(1);
    if (record == &no_shape) tensor->add_values(1);
    if (record == &keys_without_values) tensor->add_shape(4);
  }
  const std::pair<std::string, const char*> cases[] = {
      {SparseRow({{3, 1}}, 3), "a feature with index 3, and rows have 3 features, counted from 0"},
      {SparseRow({{1, 1}, {0, 2}, {1, 3}}, 3), "gives the feature with index 1 twice"},
      {SparseRow({{uint64_t{1} << 63, 1}}, 3), "a feature with index 9223372036854775808"},
      {SparseRow({{0, 1}}, 0), "its feature vector is empty"},
      {SparseRow({{0, 1}}, uint64_t{1} << 40), "it has 1099511627776 features, and the limit is 16777216"},
      {SparseRow({{2, NAN}, {0, 1}}, 3), "row 1, column 3"},
      {Row({1, 2}, 1) + SparseRow({{0, 1}}, 3), "expected 2 features (by row 1 of train.pbr), got 3"},
      {Frame(no_shape), "is sparse and has no shape"},
      {Frame(keys_without_values), "has 1 keys and 0 values"},
  };
  for (const auto& [bytes, message] : cases) {
    const auto rows = ReadRecords(bytes, {.labels = false});
    EXPECT_THAT(rows, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
    EXPECT_THAT(rows, HasReason(ErrorReason::kInvalidData));
  }
}

TEST(RecordIoReaderTest, NanIsAMissingValueWhereThatIsAllowed) {
  const std::string bytes = Row({1, NAN}, 1) + SparseRow({{0, NAN}}, 2);
  LL_ASSERT_OK_AND_ASSIGN(CollectedRows rows, ReadRecords(bytes, {.missing = MissingValues::kZero}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(1, 0), ElementsAre(0, 0)));
  LL_ASSERT_OK_AND_ASSIGN(rows, ReadRecords(bytes, {.missing = MissingValues::kKeep}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(1, IsNan()), ElementsAre(IsNan(), 0)));
  EXPECT_THAT(ReadRecords(Row({1, INFINITY}, 1), {.missing = MissingValues::kZero}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is not a finite number")));
  EXPECT_THAT(ReadRecords(Row({1, 2}, NAN), {.missing = MissingValues::kZero}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the label \"nan\" is not a finite number")));
}

TEST(RecordIoReaderTest, ReadsWhatTheWriterWroteAtEveryReadBoundary) {
  std::string bytes;
  for (int i = 0; i < 50; ++i) bytes += Row({static_cast<float>(i), 0.5f, -1}, static_cast<float>(i % 2));
  for (const size_t bytes_per_read : {size_t{1}, size_t{7}, SIZE_MAX}) {
    LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadRecords(bytes, {.num_classes = 2}, bytes_per_read));
    ASSERT_EQ(rows.features.size(), 50u);
    for (int i = 0; i < 50; ++i) {
      EXPECT_THAT(rows.features[static_cast<size_t>(i)], ElementsAre(static_cast<float>(i), 0.5f, -1.0f));
      EXPECT_EQ(rows.labels[static_cast<size_t>(i)], static_cast<float>(i % 2));
    }
  }
}

TEST(RecordIoReaderTest, ManyWideRowsCrossEveryBuffer) {
  std::string bytes;
  constexpr int kRows = 2000, kColumns = 784;
  for (int i = 0; i < kRows; ++i) bytes += Row(std::vector<float>(kColumns, static_cast<float>(i)), 0);
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadRecords(bytes));
  ASSERT_EQ(rows.features.size(), static_cast<size_t>(kRows));
  for (int i = 0; i < kRows; ++i) {
    ASSERT_THAT(rows.features[static_cast<size_t>(i)], ::testing::Each(static_cast<float>(i)));
  }
}

TEST(RecordIoReaderTest, FeaturesOnly) {
  std::string bytes;
  AppendRecord({{"values", {1.0f, 2.0f}}}, {}, &bytes);
  bytes += Row({3, 4}, 9);  // a label that is there is skipped
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadRecords(bytes, {.labels = false}));
  EXPECT_THAT(rows.features, ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4)));
  EXPECT_THAT(rows.labels, IsEmpty());
}

// Valid records that are not the usual one: each holds features {1, 2} and label 1.
TEST(RecordIoReaderTest, UnusualRecordsAreReadThroughTheLibrary) {
  const auto usual = [] {
    Record record;
    auto* values = (*record.mutable_features())["values"].mutable_float32_tensor()->mutable_values();
    values->Add(1);
    values->Add(2);
    (*record.mutable_label())["values"].mutable_float32_tensor()->add_values(1);
    return record;
  };
  std::map<std::string, std::string> cases;
  Record record = usual();
  cases["plain"] = Frame(record);
  (*record.mutable_features())["values"].mutable_float32_tensor()->add_shape(2);
  cases["shape"] = Frame(record);
  record = usual();
  auto* wide = (*record.mutable_features())["values"].mutable_float64_tensor()->mutable_values();
  wide->Add(1);
  wide->Add(2);
  cases["float64"] = Frame(record);
  record = usual();
  auto* whole = (*record.mutable_features())["values"].mutable_int32_tensor()->mutable_values();
  whole->Add(1);
  whole->Add(2);
  (*record.mutable_label())["values"].mutable_int32_tensor()->add_values(1);
  cases["int32"] = Frame(record);
  record = usual();
  record.set_uid("row 1");
  record.set_metadata("{}");
  cases["metadata"] = Frame(record);
  record = usual();
  record.GetReflection()->MutableUnknownFields(&record)->AddVarint(99, 12345);
  cases["unknown field"] = Frame(record);
  // values = 1.0, 2.0 written one by one: tag 0x0d (field 1, 32 bits) instead of a packed run.
  cases["not packed"] =
      Frame(Bytes("0a 16 0a 06 76 61 6c 75 65 73 12 0c 12 0a 0d 00 00 80 3f 0d 00 00 00 40"
                  "12 11 0a 06 76 61 6c 75 65 73 12 07 12 05 0d 00 00 80 3f"));
  // Label before features, and the map entry's value before its key.
  cases["other order"] =
      Frame(Bytes("12 12 0a 06 76 61 6c 75 65 73 12 08 12 06 0a 04 00 00 80 3f"
                  "0a 16 12 0c 12 0a 0a 08 00 00 80 3f 00 00 00 40 0a 06 76 61 6c 75 65 73"));
  // The same map entry twice: the last one counts.
  cases["repeated entry"] =
      Frame(Bytes("0a 12 0a 06 76 61 6c 75 65 73 12 08 12 06 0a 04 00 00 80 41"
                  "0a 16 0a 06 76 61 6c 75 65 73 12 0c 12 0a 0a 08 00 00 80 3f 00 00 00 40"
                  "12 12 0a 06 76 61 6c 75 65 73 12 08 12 06 0a 04 00 00 80 3f"));
  for (const auto& [name, bytes] : cases) {
    const auto rows = ReadRecords(bytes);
    ASSERT_THAT(rows, ::ll::testing::IsOk()) << name;
    EXPECT_THAT(rows->features, ElementsAre(ElementsAre(1, 2))) << name;
    EXPECT_THAT(rows->labels, ElementsAre(1)) << name;
  }
}

TEST(RecordIoReaderTest, ASplitRecordIsJoinedWithTheMagicWordBetweenItsParts) {
  // 0xced7230a as a float is a feature here, so that the payload holds the magic word itself.
  float magic;
  memcpy(&magic, kMagic, sizeof magic);
  const std::string whole = Row({1, magic, 2, magic, 3}, 1);
  const std::string payload = Payload(whole);
  const size_t first = payload.find(std::string(kMagic, 4));
  const size_t second = payload.find(std::string(kMagic, 4), first + 4);
  const std::string split = Frame(payload.substr(0, first), 1) +
                            Frame(payload.substr(first + 4, second - first - 4), 2) +
                            Frame(payload.substr(second + 4), 3);
  const std::string after = Row({5, 5, 5, 5, 5}, 0);
  for (const std::string& bytes : {whole + after, split + after}) {
    for (const size_t bytes_per_read : {size_t{1}, SIZE_MAX}) {
      LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadRecords(bytes, {}, bytes_per_read));
      EXPECT_THAT(rows.features, ElementsAre(ElementsAre(1, magic, 2, magic, 3), ElementsAre(5, 5, 5, 5, 5)));
    }
  }
}

TEST(RecordIoReaderTest, AnEmptyFileHasNoRows) {
  LL_ASSERT_OK_AND_ASSIGN(const CollectedRows rows, ReadRecords(""));
  EXPECT_THAT(rows.features, IsEmpty());
}

TEST(RecordIoReaderTest, EveryTruncationIsAnErrorThatNamesTheByte) {
  const std::string row = Row({1, 2, 3}, 1);
  const std::string bytes = row + row;
  for (size_t size = 1; size < bytes.size(); ++size) {
    const auto rows = ReadRecords(bytes.substr(0, size));
    if (size == row.size()) {
      LL_EXPECT_OK(rows);
      continue;
    }
    const size_t frame = size < row.size() ? 0 : row.size();
    EXPECT_THAT(rows,
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr(absl::StrCat("(byte ", frame, ") of train.pbr")), HasSubstr("cut short"))))
        << size;
  }
}

TEST(RecordIoReaderTest, DamagedFramesAreRefused) {
  const std::string row = Row({1, 2}, 1);
  const std::string part = Frame("abcd", 1);
  const std::pair<std::string, const char*> cases[] = {
      {"1,2,3\n4,5,6\n",
       "Does this file hold application/x-recordio-protobuf? To judge by its first bytes, it looks "
       "like text; the content type of CSV is text/csv"},
      {std::string("\x1f\x8b\x08\0\0\0\0\0", 8), "compressed with gzip"},
      {"\x93NUMPY\x01\x00", "NumPy"},
      {row + "garbage!", "begins with the bytes 0a 23 d7 ce"},
      {Frame("abcd", 2), "a record begins with flag 2"},
      {Frame("abcd", 5), "a record begins with flag 5"},
      {part, "ends between the parts"},
      {part + row, "a part of a split record has flag 0"},
      {part + part, "a part of a split record has flag 1"},
      {part + Frame("abcd", 7), "a part of a split record has flag 7"},
      {std::string(kMagic, 4) + std::string("\xff\xff\xff\x1f", 4), "the limit is 67108864"},
  };
  for (const auto& [bytes, message] : cases) {
    const auto rows = ReadRecords(bytes);
    EXPECT_THAT(rows, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
    EXPECT_THAT(rows, HasReason(ErrorReason::kInvalidData));
  }
}

TEST(RecordIoReaderTest, EndlessPartsAreRefusedAtTheLimit) {
  const std::string megabyte(1 << 20, 'x');
  std::string bytes = Frame(megabyte, 1);
  for (size_t size = megabyte.size(); size <= kMaxRowBytes; size += megabyte.size()) bytes += Frame(megabyte, 2);
  EXPECT_THAT(ReadRecords(bytes), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("longer than the limit")));
}

TEST(RecordIoReaderTest, RecordsThatAreNoRowsAreRefused) {
  const auto build = [](const std::function<void(Record&)>& change) {
    Record record;
    auto* values = (*record.mutable_features())["values"].mutable_float32_tensor()->mutable_values();
    values->Add(1);
    values->Add(2);
    (*record.mutable_label())["values"].mutable_float32_tensor()->add_values(1);
    change(record);
    return Frame(record);
  };
  using Map = google::protobuf::Map<std::string, aialgs::data::Value>;
  const auto tensor = [](Map* map) { return (*map)["values"].mutable_float32_tensor(); };
  const std::pair<std::string, const char*> cases[] = {
      {Frame(""), "holds no features"},
      {Frame("\xff\xff\xff\xff"), "not a protobuf message of type aialgs.data.Record"},
      {build([](Record& r) { r.clear_features(); }), "holds no features"},
      {build([](Record& r) { r.clear_label(); }), "has no label"},
      {build([&](Record& r) { tensor(r.mutable_features())->add_keys(3); }), "its feature vector is sparse"},
      {build([&](Record& r) { tensor(r.mutable_label())->add_keys(0); }), "its label is sparse and has no shape"},
      {build([&](Record& r) { tensor(r.mutable_features())->add_shape(3); }), "says it has 3 elements and holds 2"},
      {build([&](Record& r) {
         tensor(r.mutable_features())->add_shape(uint64_t{1} << 63);
         tensor(r.mutable_features())->add_shape(4);
       }),
       "elements and holds 2"},
      {build([&](Record& r) { tensor(r.mutable_features())->clear_values(); }), "its feature vector is empty"},
      {build([](Record& r) { (*r.mutable_features())["values"].mutable_bytes()->add_value("jpeg"); }), "no numbers"},
      {build([](Record& r) { (*r.mutable_features())["values"].Clear(); }), "no numbers"},
      {build([](Record& r) { (*r.mutable_features())["extra"].mutable_float32_tensor()->add_values(1); }),
       "a feature vector named \"extra\""},
      {build([](Record& r) { (*r.mutable_label())["weight"].mutable_float32_tensor()->add_values(1); }),
       "a label named \"weight\""},
      {build([&](Record& r) { tensor(r.mutable_label())->add_values(1); }), "its label holds 2 numbers"},
      {build([&](Record& r) { tensor(r.mutable_label())->set_values(0, 3); }), "the label is 3, and labels are 0 or 1"},
      {build([&](Record& r) { tensor(r.mutable_label())->set_values(0, NAN); }), "the label \"nan\" is not a finite"},
      {build([&](Record& r) { tensor(r.mutable_features())->set_values(1, NAN); }), "column 2"},
      {build([&](Record& r) { tensor(r.mutable_features())->set_values(0, -INFINITY); }), "\"-inf\" is not a finite"},
      {build([](Record& r) { (*r.mutable_features())["values"].mutable_float64_tensor()->add_values(1e300); }),
       "is not a finite number"},
  };
  for (const auto& [bytes, message] : cases) {
    const auto rows = ReadRecords(bytes, {.num_classes = 2});
    EXPECT_THAT(rows, StatusIs(absl::StatusCode::kInvalidArgument,
                               AllOf(HasSubstr("row 1"), HasSubstr("train.pbr"), HasSubstr(message))))
        << message;
    EXPECT_THAT(rows, HasReason(ErrorReason::kInvalidData));
  }
}

TEST(RecordIoReaderTest, WidthsMustAgree) {
  const std::string bytes = Row({1, 2}, 1) + Row({1, 2}, 1) + Row({1, 2, 3}, 1);
  EXPECT_THAT(ReadRecords(bytes), StatusIs(absl::StatusCode::kInvalidArgument,
                                           AllOf(HasSubstr("row 3"), HasSubstr("expected 2 features (by row 1 of "
                                                                               "train.pbr), got 3"))));
  EXPECT_THAT(ReadRecords(bytes, {.feature_dim = 784, .feature_dim_source = "the hyperparameter feature_dim"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("expected 784 features (by the hyperparameter feature_dim), got 2")));
}

}  // namespace
}  // namespace ll::learner
