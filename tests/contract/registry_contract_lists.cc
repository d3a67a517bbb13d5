// Listings: order, pages and filters, the same for every kind of record.
#include <algorithm>
#include <set>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "tests/contract/registry_contract.h"
#include "tests/testing/status_matchers.h"

namespace ll::registry {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A page with its records reduced to what the tests compare.
struct Row {
  std::string name;  // the last part
  absl::Time create_time;
  absl::Time update_time;
};
struct Rows {
  std::vector<Row> rows;
  bool more = false;
  Cursor next;
};

template <typename Record, typename NameOf>
absl::StatusOr<Rows> Reduce(const absl::StatusOr<Page<Record>>& page, NameOf name_of) {
  if (!page.ok()) return page.status();
  Rows rows{.rows = {}, .more = page->more, .next = page->next};
  for (const Record& record : page->records) {
    rows.rows.push_back({name_of(record), record.header.create_time, record.header.update_time});
  }
  return rows;
}

// How one kind of record is made, changed and listed.
struct ListedKind {
  std::string name;
  std::string collection;  // what stands before the last part of a full name
  std::function<absl::Status(Transaction&)> prepare;
  std::function<absl::Status(Transaction&, const std::string& id, const StringMap& labels)> insert;
  std::function<absl::Status(Transaction&, const std::string& id)> touch;
  std::function<absl::StatusOr<Rows>(const View&, const ListQuery&)> list;
};

RecordHeader HeaderWith(const StringMap& labels) {
  RecordHeader header;
  header.labels = labels;
  return header;
}

std::vector<ListedKind> Kinds() {
  const auto nothing = [](Transaction&) { return absl::OkStatus(); };
  return {
      {.name = "models",
       .collection = "models/",
       .prepare = nothing,
       .insert =
           [](Transaction& tx, const std::string& id, const StringMap& labels) {
             return tx.models().Insert({.id = id, .header = HeaderWith(labels)}).status();
           },
       .touch = [](Transaction& tx, const std::string& id) -> absl::Status {
         LL_ASSIGN_OR_RETURN(const ModelRecord record, tx.models().Get(id));
         return tx.models().Update(record).status();
       },
       .list =
           [](const View& view, const ListQuery& query) {
             return Reduce(view.models().List(query), [](const ModelRecord& record) { return record.id; });
           }},
      {.name = "jobs",
       .collection = "trainingJobs/",
       .prepare = nothing,
       .insert =
           [](Transaction& tx, const std::string& id, const StringMap& labels) {
             return tx.jobs().Insert({.id = id, .header = HeaderWith(labels)}).status();
           },
       .touch = [](Transaction& tx, const std::string& id) -> absl::Status {
         LL_ASSIGN_OR_RETURN(const JobRecord record, tx.jobs().Get(id));
         return tx.jobs().Update(record).status();
       },
       .list =
           [](const View& view, const ListQuery& query) {
             return Reduce(view.jobs().List(query), [](const JobRecord& record) { return record.id; });
           }},
      {.name = "endpoints",
       .collection = "endpoints/",
       .prepare = nothing,
       .insert =
           [](Transaction& tx, const std::string& id, const StringMap& labels) {
             return tx.endpoints().Insert({.id = id, .header = HeaderWith(labels)}).status();
           },
       .touch = [](Transaction& tx, const std::string& id) -> absl::Status {
         LL_ASSIGN_OR_RETURN(const EndpointRecord record, tx.endpoints().Get(id));
         return tx.endpoints().Update(record).status();
       },
       .list =
           [](const View& view, const ListQuery& query) {
             return Reduce(view.endpoints().List(query), [](const EndpointRecord& record) { return record.id; });
           }},
      {.name = "objects",
       .collection = "buckets/b/objects/",
       .prepare = [](Transaction& tx) { return tx.objects().InsertBucket({.id = "b"}).status(); },
       .insert =
           [](Transaction& tx, const std::string& id, const StringMap& labels) {
             return tx.objects().Put({.bucket_id = "b", .key = id, .header = HeaderWith(labels)}).status();
           },
       .touch = [](Transaction& tx, const std::string& id) -> absl::Status {
         LL_ASSIGN_OR_RETURN(const ObjectRecord record, tx.objects().Get("b", id));
         return tx.objects().Put(record).status();
       },
       .list =
           [](const View& view, const ListQuery& query) {
             return Reduce(view.objects().List("b", "", query), [](const ObjectRecord& record) { return record.key; });
           }},
  };
}

class ListContract : public RegistryContract {
 protected:
  void Prepare(const ListedKind& kind) {
    LL_ASSERT_OK(Change([&](Transaction& tx) { return kind.prepare(tx); }));
  }
  void Insert(const ListedKind& kind, const std::string& id, const StringMap& labels = {}) {
    LL_ASSERT_OK(Change([&](Transaction& tx) { return kind.insert(tx, id, labels); }));
  }
  void Touch(const ListedKind& kind, const std::string& id) {
    LL_ASSERT_OK(Change([&](Transaction& tx) { return kind.touch(tx, id); }));
  }
  absl::StatusOr<Rows> List(const ListedKind& kind, const ListQuery& query) {
    return See([&](const View& view) { return kind.list(view, query); });
  }
  std::vector<std::string> Names(const ListedKind& kind, absl::string_view filter) {
    constexpr absl::string_view kFields[] = {"name", "labels", "create_time", "update_time"};
    auto conditions = ParseFilter(filter, kFields);
    EXPECT_THAT(conditions, IsOk());
    const auto rows = List(kind, {.conditions = *std::move(conditions)});
    EXPECT_THAT(rows, IsOk());
    std::vector<std::string> names;
    for (const Row& row : rows->rows) names.push_back(row.name);
    return names;
  }
  // Follows the pages to the end; `between` runs after each page but the last.
  std::vector<std::string> Walk(const ListedKind& kind, ListQuery query, const std::function<void()>& between = {}) {
    std::vector<std::string> names;
    while (true) {
      const auto page = List(kind, query);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return names;
      EXPECT_LE(page->rows.size(), static_cast<size_t>(query.page_size));
      for (const Row& row : page->rows) names.push_back(row.name);
      if (!page->more) return names;
      query.after = page->next;
      if (between) between();
    }
  }
};

// 13 records whose create times come in groups and whose update times run against the names.
std::vector<std::string> ThirteenNames() {
  std::vector<std::string> names;
  for (int i = 0; i < 13; ++i) names.push_back(absl::StrCat("r", (i * 5) % 13 + 10));
  return names;
}

TEST_P(ListContract, PagesOfAnySizeGiveEveryRecordOnceInEveryOrder) {
  for (const ListedKind& kind : Kinds()) {
    SCOPED_TRACE(kind.name);
    Prepare(kind);
    std::vector<std::string> names = ThirteenNames();
    for (size_t i = 0; i < names.size(); ++i) {
      if (i % 3 == 0) clock().Advance(absl::Seconds(1));
      Insert(kind, names[i]);
    }
    std::sort(names.rbegin(), names.rend());
    for (size_t i = 0; i < names.size(); ++i) {
      if (i % 4 == 0) clock().Advance(absl::Seconds(1));
      Touch(kind, names[i]);
    }
    const auto all = List(kind, {.page_size = 1000});
    ASSERT_THAT(all, IsOk());
    ASSERT_EQ(all->rows.size(), names.size());
    EXPECT_FALSE(all->more);
    for (const OrderField order : {OrderField::kName, OrderField::kCreateTime, OrderField::kUpdateTime}) {
      for (const bool descending : {false, true}) {
        std::vector<Row> sorted = all->rows;
        std::sort(sorted.begin(), sorted.end(), [&](const Row& left, const Row& right) {
          const auto place = [&](const Row& row) {
            const absl::Time time = order == OrderField::kName         ? absl::Time()
                                    : order == OrderField::kCreateTime ? row.create_time
                                                                       : row.update_time;
            return std::pair(time, row.name);
          };
          return descending ? place(right) < place(left) : place(left) < place(right);
        });
        std::vector<std::string> expected;
        for (const Row& row : sorted) expected.push_back(row.name);
        for (const int page_size : {1, 4, 12, 13, 14}) {
          EXPECT_EQ(Walk(kind, {.order = order, .descending = descending, .page_size = page_size}), expected)
              << "order " << static_cast<int>(order) << " descending " << descending << " page size " << page_size;
        }
      }
    }
  }
}

TEST_P(ListContract, RowsThatComeAndGoBetweenPagesDisturbNothing) {
  for (const ListedKind& kind : Kinds()) {
    SCOPED_TRACE(kind.name);
    Prepare(kind);
    for (const char* id : {"b", "d", "f", "h"}) Insert(kind, id);
    int step = 0;
    const auto names = Walk(kind, {.page_size = 2}, [&] {
      if (step++ > 0) return;
      // The page "b", "d" is out: what sorts before its end is missed, what sorts after it is met.
      for (const char* id : {"a", "c", "e", "i"}) Insert(kind, id);
    });
    EXPECT_THAT(names, ElementsAre("b", "d", "e", "f", "h", "i"));

    step = 0;
    clock().Advance(absl::Seconds(1));
    const auto by_time = Walk(kind, {.order = OrderField::kCreateTime, .descending = true, .page_size = 3}, [&] {
      if (step++ == 0) Insert(kind, "z");
    });
    EXPECT_THAT(by_time, ElementsAre("i", "h", "f", "e", "d", "c", "b", "a"));
  }
}

TEST_P(ListContract, APageStartsAfterItsCursorEvenWhenThatRowIsGone) {
  const std::vector<ListedKind> kinds = Kinds();
  const ListedKind& models = kinds[0];
  for (const char* id : {"a", "b", "c"}) Insert(models, id);
  LL_ASSERT_OK_AND_ASSIGN(const Rows first, List(models, {.page_size = 2}));
  LL_ASSERT_OK(Change([](Transaction& tx) { return tx.models().Delete("b"); }));
  LL_ASSERT_OK_AND_ASSIGN(const Rows second, List(models, {.page_size = 2, .after = first.next}));
  ASSERT_EQ(second.rows.size(), 1u);
  EXPECT_EQ(second.rows[0].name, "c");
}

TEST_P(ListContract, FiltersOnNames) {
  for (const ListedKind& kind : Kinds()) {
    SCOPED_TRACE(kind.name);
    Prepare(kind);
    for (const char* id : {"a", "b", "c"}) Insert(kind, id);
    EXPECT_THAT(Names(kind, "name = b"), ElementsAre("b"));
    EXPECT_THAT(Names(kind, absl::StrCat("name = ", kind.collection, "b")), ElementsAre("b"));
    EXPECT_THAT(Names(kind, "name != b"), ElementsAre("a", "c"));
    EXPECT_THAT(Names(kind, absl::StrCat("name != ", kind.collection, "b")), ElementsAre("a", "c"));
    EXPECT_THAT(Names(kind, "name = B"), IsEmpty());
    EXPECT_THAT(Names(kind, "name = other/b"), IsEmpty());
    EXPECT_THAT(Names(kind, "name = \"b' OR '1'='1\""), IsEmpty());
  }
}

TEST_P(ListContract, FiltersOnLabels) {
  for (const ListedKind& kind : Kinds()) {
    SCOPED_TRACE(kind.name);
    Prepare(kind);
    Insert(kind, "a", {{"team", "fraud"}, {"tier", "gold"}});
    Insert(kind, "b", {{"team", "fraud"}, {"tier", "tin"}});
    Insert(kind, "c", {{"team", "churn"}});
    Insert(kind, "d");
    Insert(kind, "e", {{"TEAM", "fraud"}, {"quote\"d. key", "\"'x"}});
    EXPECT_THAT(Names(kind, "labels.team = fraud"), ElementsAre("a", "b"));
    EXPECT_THAT(Names(kind, "labels.team = fraud AND labels.tier = tin"), ElementsAre("b"));
    EXPECT_THAT(Names(kind, "labels.team != fraud"), ElementsAre("c", "d", "e"));
    EXPECT_THAT(Names(kind, "labels.team = FRAUD"), IsEmpty());
    EXPECT_THAT(Names(kind, "labels.none = \"\""), IsEmpty());
    LL_ASSERT_OK_AND_ASSIGN(const Rows quoted,
                            List(kind, {.conditions = {{.field = "labels", .key = "quote\"d. key", .text = "\"'x"}}}));
    ASSERT_EQ(quoted.rows.size(), 1u);
    EXPECT_EQ(quoted.rows[0].name, "e");
  }
}

TEST_P(ListContract, LabelsAreFoundAsTheyAreNow) {
  AddModel("m");
  const auto set = [&](const StringMap& labels) {
    LL_EXPECT_OK(
        Change([&](Transaction& tx) { return tx.models().Update({.id = "m", .header = HeaderWith(labels)}); }));
  };
  const std::vector<ListedKind> kinds = Kinds();
  const ListedKind& models = kinds[0];
  set({{"k", "1"}});
  EXPECT_THAT(Names(models, "labels.k = 1"), ElementsAre("m"));
  set({{"k", "2"}, {"l", "1"}});
  EXPECT_THAT(Names(models, "labels.k = 1"), IsEmpty());
  EXPECT_THAT(Names(models, "labels.k = 2 AND labels.l = 1"), ElementsAre("m"));
  set({});
  EXPECT_THAT(Names(models, "labels.k = 2"), IsEmpty());
  set({{"k", "3"}});
  LL_ASSERT_OK(Change([](Transaction& tx) { return tx.models().Delete("m"); }));
  AddModel("m");
  EXPECT_THAT(Names(models, "labels.k = 3"), IsEmpty());
}

TEST_P(ListContract, FiltersOnTimes) {
  for (const ListedKind& kind : Kinds()) {
    SCOPED_TRACE(kind.name);
    Prepare(kind);
    const absl::Time start = clock().Now();
    for (const char* id : {"a", "b", "c", "d"}) {
      Insert(kind, id);
      clock().Advance(absl::Hours(1) + absl::Nanoseconds(1));
    }
    Touch(kind, "a");
    const auto at = [&](int hour) {
      return absl::FormatTime(absl::RFC3339_full, start + hour * (absl::Hours(1) + absl::Nanoseconds(1)),
                              absl::UTCTimeZone());
    };
    EXPECT_THAT(Names(kind, "create_time = " + at(1)), ElementsAre("b"));
    EXPECT_THAT(Names(kind, "create_time < " + at(1)), ElementsAre("a"));
    EXPECT_THAT(Names(kind, "create_time <= " + at(1)), ElementsAre("a", "b"));
    EXPECT_THAT(Names(kind, "create_time > " + at(1)), ElementsAre("c", "d"));
    EXPECT_THAT(Names(kind, "create_time >= " + at(1) + " AND create_time < " + at(3)), ElementsAre("b", "c"));
    EXPECT_THAT(Names(kind, "update_time >= " + at(3)), ElementsAre("a", "d"));
    EXPECT_THAT(Names(kind, "update_time > 9999-01-01T00:00:00Z"), IsEmpty());
  }
}

TEST_P(ListContract, FiltersAndPagesGoTogether) {
  for (const ListedKind& kind : Kinds()) {
    SCOPED_TRACE(kind.name);
    Prepare(kind);
    for (int i = 10; i < 30; ++i) Insert(kind, absl::StrCat("r", i), {{"parity", i % 2 == 0 ? "even" : "odd"}});
    const std::vector<std::string> expected = {"r28", "r26", "r24", "r22", "r20", "r18", "r16", "r14", "r12", "r10"};
    for (const int page_size : {1, 3, 10}) {
      const ListQuery query{.conditions = {{.field = "labels", .key = "parity", .text = "even"}},
                            .descending = true,
                            .page_size = page_size};
      EXPECT_EQ(Walk(kind, query), expected);
    }
  }
}

TEST_P(ListContract, ListingsRefuseWhatTheyDoNotOffer) {
  for (const ListedKind& kind : Kinds()) {
    SCOPED_TRACE(kind.name);
    Prepare(kind);
    EXPECT_THAT(List(kind, {.conditions = {{.field = "colour", .text = "red"}}}),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("colour")));
    EXPECT_THAT(List(kind, {.conditions = {{.field = "colour", .text = "red"}}}),
                HasReason(ErrorReason::kInvalidFilter));
    EXPECT_THAT(List(kind, {.page_size = 0}), HasReason(ErrorReason::kInvalidArgument));
  }
}

INSTANTIATE_TEST_SUITE_P(All, ListContract, ::testing::ValuesIn(AllRegistries()), NameOfKind);

}  // namespace
}  // namespace ll::registry
