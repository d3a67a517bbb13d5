// Transactions, snapshots and request ids.
#include <atomic>
#include <thread>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "registry/record_json.h"
#include "tests/contract/registry_contract.h"
#include "tests/testing/sample_records.h"
#include "tests/testing/status_matchers.h"

namespace ll::registry {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TransactionContract : public RegistryContract {
 protected:
  bool Exists(const std::string& model_id) {
    return See([&](const View& view) { return view.models().Get(model_id); }).ok();
  }
  // Creates model `id` under a request id; counts how often the body really ran.
  absl::StatusOr<ModelRecord> Create(const std::string& id, const WriteOptions& options) {
    return registry().Mutate<ModelRecord>(options, [&](Transaction& tx) {
      ++runs_;
      return tx.models().Insert({.id = id});
    });
  }

  std::atomic<int> runs_ = 0;
};

TEST_P(TransactionContract, AnErrorOfTheBodyUndoesEverything) {
  AddModel("kept");
  AddVersion("kept");
  LL_ASSERT_OK(Change([](Transaction& tx) { return tx.objects().InsertBucket({.id = "kept"}); }));
  LL_ASSERT_OK(Change([](Transaction& tx) { return tx.jobs().Insert({.id = "kept"}); }));
  const std::vector<EventRecord> events = Events();

  const absl::Status status = Change([](Transaction& tx) -> absl::Status {
    LL_RETURN_IF_ERROR(tx.models().Insert({.id = "m"}).status());
    LL_RETURN_IF_ERROR(tx.models().InsertVersion({.model_id = "kept"}).status());
    LL_RETURN_IF_ERROR(tx.models().Update({.id = "kept", .aliases = {{"a", 2}}}).status());
    LL_RETURN_IF_ERROR(
        tx.endpoints()
            .Insert({.id = "e", .variants = {{.name = "main", .version = {.model_id = "kept", .alias = "a"}}}})
            .status());
    LL_RETURN_IF_ERROR(tx.objects().Put({.bucket_id = "kept", .key = "k", .sha256 = "s"}).status());
    LL_RETURN_IF_ERROR(tx.jobs().UpdateProgress("kept", {.epoch = 7}, {}));
    LL_RETURN_IF_ERROR(tx.jobs().Delete("kept"));
    LL_RETURN_IF_ERROR(tx.RememberAnswer("r", {.fingerprint = "f"}));
    LL_RETURN_IF_ERROR(tx.events().DropBefore(absl::InfiniteFuture()).status());
    return MakeError(absl::StatusCode::kAborted, ErrorReason::kOverloaded, {.what = "stop", .why = "a test"});
  });
  // The caller gets the body's own error.
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted, HasSubstr("stop: a test")));
  EXPECT_THAT(status, HasReason(ErrorReason::kOverloaded));

  EXPECT_FALSE(Exists("m"));
  EXPECT_EQ(Events(), events);
  LL_EXPECT_OK(See([&](const View& view) -> absl::Status {
    EXPECT_TRUE(view.models().Get("kept")->aliases.empty());
    EXPECT_THAT(view.models().GetVersion("kept", 2), HasReason(ErrorReason::kModelVersionNotFound));
    EXPECT_THAT(view.endpoints().Get("e"), HasReason(ErrorReason::kEndpointNotFound));
    EXPECT_THAT(view.objects().Get("kept", "k"), HasReason(ErrorReason::kObjectNotFound));
    EXPECT_EQ(view.jobs().Get("kept")->progress.epoch, 0);
    return absl::OkStatus();
  }));
  EXPECT_THAT(Change([](Transaction& tx) { return tx.FindAnswer("r"); }), StatusIs(absl::StatusCode::kNotFound));
  // A number that was rolled back was never given.
  EXPECT_EQ(AddVersion("kept").number, 2);
}

TEST_P(TransactionContract, ABodySeesItsOwnChanges) {
  LL_ASSERT_OK(Change([](Transaction& tx) -> absl::Status {
    LL_RETURN_IF_ERROR(tx.models().Insert({.id = "m"}).status());
    const View& view = tx;
    EXPECT_THAT(view.models().Get("m"), IsOk());
    EXPECT_EQ(view.events().Newest().value(), 1);
    LL_RETURN_IF_ERROR(tx.models().InsertVersion({.model_id = "m"}).status());
    EXPECT_EQ(view.models().Get("m")->latest_version, 1);
    return absl::OkStatus();
  }));
}

TEST_P(TransactionContract, ABodyThatFailedAStepMayGoOn) {
  AddModel("m");
  LL_ASSERT_OK(Change([](Transaction& tx) -> absl::Status {
    EXPECT_THAT(tx.models().Insert({.id = "m"}), StatusIs(absl::StatusCode::kAlreadyExists));
    EXPECT_THAT(tx.models().Delete("x"), StatusIs(absl::StatusCode::kNotFound));
    return tx.models().Insert({.id = "n"}).status();
  }));
  EXPECT_TRUE(Exists("n"));
  EXPECT_THAT(EventTexts(), ElementsAre("create models/m", "create models/n"));
}

TEST_P(TransactionContract, OthersSeeNothingBeforeTheCommit) {
  LL_ASSERT_OK(Change([&](Transaction& tx) -> absl::Status {
    LL_RETURN_IF_ERROR(tx.models().Insert({.id = "m"}).status());
    bool seen = true;
    std::thread([&] { seen = Exists("m"); }).join();
    EXPECT_FALSE(seen);
    return absl::OkStatus();
  }));
  EXPECT_TRUE(Exists("m"));
}

TEST_P(TransactionContract, AReadSeesOneStateThroughout) {
  AddModel("before");
  LL_ASSERT_OK(See([&](const View& view) -> absl::Status {
    EXPECT_THAT(view.models().Get("before"), IsOk());
    std::thread([&] {
      LL_EXPECT_OK(Change([](Transaction& tx) { return tx.models().Delete("before"); }));
      AddModel("after");
    }).join();
    EXPECT_THAT(view.models().Get("before"), IsOk());
    EXPECT_THAT(view.models().Get("after"), HasReason(ErrorReason::kModelNotFound));
    EXPECT_EQ(view.events().Newest().value(), 1);
    return absl::OkStatus();
  }));
  EXPECT_FALSE(Exists("before"));
  EXPECT_TRUE(Exists("after"));
}

TEST_P(TransactionContract, AReadReturnsTheErrorOfItsBody) {
  EXPECT_THAT(registry().Read([](const View&) { return absl::DataLossError("mine"); }),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("mine")));
}

TEST_P(TransactionContract, ReadsMayOverlap) {
  AddModel("m");
  LL_ASSERT_OK(See([&](const View& view) -> absl::Status {
    EXPECT_THAT(view.models().Get("m"), IsOk());
    std::thread([&] { EXPECT_TRUE(Exists("m")); }).join();
    return absl::OkStatus();
  }));
}

TEST_P(TransactionContract, WritesAtTheSameTimeAllHappen) {
  AddModel("m");
  constexpr int kThreads = 4;
  constexpr int kWrites = 20;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kWrites; ++i) {
        // Read, change, write in one body: no update may be lost.
        LL_EXPECT_OK(Change([&](Transaction& tx) -> absl::Status {
          LL_ASSIGN_OR_RETURN(ModelRecord model, tx.models().Get("m"));
          model.header.labels[absl::StrCat("t", t)] = absl::StrCat(i);
          model.description += "x";
          return tx.models().Update(model).status();
        }));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const ModelRecord model = See([](const View& view) { return view.models().Get("m"); }).value();
  EXPECT_EQ(model.description.size(), static_cast<size_t>(kThreads * kWrites));
  EXPECT_EQ(model.header.labels.size(), static_cast<size_t>(kThreads));
}

TEST_P(TransactionContract, TryingChangesNothing) {
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord answer, Create("m", {.validate_only = true}));
  EXPECT_EQ(answer.id, "m");
  EXPECT_EQ(answer.header.create_time, clock().Now());
  EXPECT_FALSE(Exists("m"));
  EXPECT_THAT(Events(), IsEmpty());
  AddModel("m");
  EXPECT_THAT(Create("m", {.validate_only = true}), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(EventTexts(), ElementsAre("create models/m"));
}

TEST_P(TransactionContract, ARepeatedRequestGetsTheFirstAnswer) {
  const WriteOptions options{.request_id = "r", .fingerprint = "create m"};
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord first, Create("m", options));
  clock().Advance(kRequestIdRetention - absl::Seconds(1));
  LL_ASSERT_OK(Change([](Transaction& tx) { return tx.models().Update({.id = "m", .description = "later"}); }));
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord second, Create("m", options));
  EXPECT_EQ(second, first);
  EXPECT_EQ(runs_, 1);
  EXPECT_THAT(EventTexts(), ElementsAre("create models/m", "update models/m"));
}

TEST_P(TransactionContract, ARequestIdIsForgottenAfterItsRetention) {
  const WriteOptions options{.request_id = "r", .fingerprint = "create m"};
  LL_ASSERT_OK(Create("m", options));
  clock().Advance(kRequestIdRetention);
  EXPECT_THAT(Create("m", options), StatusIs(absl::StatusCode::kAlreadyExists));
  LL_ASSERT_OK(Create("n", {.request_id = "r", .fingerprint = "create n"}));
  EXPECT_EQ(runs_, 3);
  // It counts from the newest use on.
  clock().Advance(absl::Hours(23));
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord again, Create("n", {.request_id = "r", .fingerprint = "create n"}));
  EXPECT_EQ(again.id, "n");
  EXPECT_EQ(runs_, 3);
}

TEST_P(TransactionContract, ARequestIdBelongsToOneRequest) {
  LL_ASSERT_OK(Create("m", {.request_id = "r", .fingerprint = "create m"}));
  const auto other = Create("n", {.request_id = "r", .fingerprint = "create n"});
  EXPECT_THAT(other, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("\"r\"")));
  EXPECT_THAT(other, HasReason(ErrorReason::kRequestIdReused));
  EXPECT_FALSE(Exists("n"));
  EXPECT_EQ(runs_, 1);
}

TEST_P(TransactionContract, OnlySuccessIsRemembered) {
  AddModel("m");
  const WriteOptions options{.request_id = "r", .fingerprint = "create m"};
  EXPECT_THAT(Create("m", options), StatusIs(absl::StatusCode::kAlreadyExists));
  LL_ASSERT_OK(Change([](Transaction& tx) { return tx.models().Delete("m"); }));
  EXPECT_THAT(Create("m", options), IsOk());
  EXPECT_EQ(runs_, 2);
  // What was only tried is not remembered either.
  const WriteOptions trial{.request_id = "t", .fingerprint = "create n", .validate_only = true};
  LL_ASSERT_OK(Create("n", trial));
  LL_ASSERT_OK(Create("n", trial));
  EXPECT_EQ(runs_, 4);
}

TEST_P(TransactionContract, WithoutARequestIdEveryRequestRuns) {
  LL_ASSERT_OK(Create("m", {}));
  EXPECT_THAT(Create("m", {}), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(runs_, 2);
}

TEST_P(TransactionContract, AnswersOfEveryKindAreRepeated) {
  const auto twice = [&]<typename Record>(const std::string& id, const Record&, auto body) {
    int runs = 0;
    std::vector<Record> answers;
    for (int i = 0; i < 2; ++i) {
      const auto answer = registry().Mutate<Record>({.request_id = id, .fingerprint = id},
                                                    [&](Transaction& tx) -> absl::StatusOr<Record> {
                                                      ++runs;
                                                      return body(tx);
                                                    });
      ASSERT_THAT(answer, IsOk());
      answers.push_back(*answer);
    }
    EXPECT_EQ(runs, 1) << id;
    EXPECT_EQ(answers[0], answers[1]) << id;
  };
  ModelRecord model = testing::SampleModel();
  model.aliases.clear();
  twice("model", model, [&](Transaction& tx) { return tx.models().Insert(model); });
  const VersionRecord version = testing::SampleVersion();
  twice("version", version, [&](Transaction& tx) { return tx.models().InsertVersion(version); });
  const JobRecord job = testing::SampleJob();
  twice("job", job, [&](Transaction& tx) { return tx.jobs().Insert(job); });
  const EndpointRecord endpoint{.id = "e", .variants = {{.name = "v", .version = {.model_id = "churn", .number = 1}}}};
  twice("endpoint", endpoint, [&](Transaction& tx) { return tx.endpoints().Insert(endpoint); });
  const BucketRecord bucket = testing::SampleBucket();
  twice("bucket", bucket, [&](Transaction& tx) { return tx.objects().InsertBucket(bucket); });
  const ObjectRecord object = testing::SampleObject();
  twice("object", object, [&](Transaction& tx) { return tx.objects().Put(object); });
  twice("nothing", NoRecord{}, [&](Transaction& tx) -> absl::StatusOr<NoRecord> {
    LL_RETURN_IF_ERROR(tx.endpoints().Delete("e"));
    return NoRecord{};
  });
}

TEST_P(TransactionContract, RepeatsAtTheSameTimeRunOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const auto answer = Create("m", {.request_id = "r", .fingerprint = "create m"});
      EXPECT_THAT(answer, IsOk());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(runs_, 1);
  EXPECT_THAT(EventTexts(), ElementsAre("create models/m"));
}

INSTANTIATE_TEST_SUITE_P(All, TransactionContract, ::testing::ValuesIn(AllRegistries()), NameOfKind);

}  // namespace
}  // namespace ll::registry
