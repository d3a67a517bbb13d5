#include "registry/record_json.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/sample_records.h"
#include "tests/testing/status_matchers.h"

namespace ll::registry {
namespace {

using ::ll::testing::StatusIs;
using ::testing::HasSubstr;

// The members of each struct, all of them: a structured binding does not compile when one was added. Then add it here,
// to the sample (or ExpectComplete fails) and to record_json.cc (or the round trip fails).
auto Members(const RecordHeader& r) {
  const auto& [labels, annotations, create_time, update_time, etag] = r;
  return std::tie(labels, annotations, create_time, update_time, etag);
}
auto Members(const ModelRecord& r) {
  const auto& [id, header, description, aliases, latest_version] = r;
  return std::tie(id, header, description, aliases, latest_version);
}
auto Members(const FeatureSchema& r) {
  const auto& [predictor_type, loss, score_kind, feature_dim, outputs] = r;
  return std::tie(predictor_type, loss, score_kind, feature_dim, outputs);
}
auto Members(const LineageInput& r) {
  const auto& [channel, object, sha256] = r;
  return std::tie(channel, object, sha256);
}
auto Members(const VersionRecord& r) {
  const auto& [model_id, number, header, state, state_reason, description, artifact_sha256, artifact_bytes, algorithm,
               hyperparameters, schema, metrics, training_job, lineage] = r;
  return std::tie(model_id, number, header, state, state_reason, description, artifact_sha256, artifact_bytes,
                  algorithm, hyperparameters, schema, metrics, training_job, lineage);
}
auto Members(const ChannelSpec& r) {
  const auto& [name, uri, content_type, shuffle_seed] = r;
  return std::tie(name, uri, content_type, shuffle_seed);
}
auto Members(const JobSpec& r) {
  const auto& [algorithm, hyperparameters, channels, model_id, seed, threads, max_runtime, warm_start, features,
               classes] = r;
  return std::tie(algorithm, hyperparameters, channels, model_id, seed, threads, max_runtime, warm_start, features,
                  classes);
}
auto Members(const JobProgress& r) {
  const auto& [epoch, epochs, best_loss, best_candidate, rows_per_second] = r;
  return std::tie(epoch, epochs, best_loss, best_candidate, rows_per_second);
}
auto Members(const CandidateRecord& r) {
  const auto& [index, hyperparameters, train_loss, validation_loss, diverged] = r;
  return std::tie(index, hyperparameters, train_loss, validation_loss, diverged);
}
auto Members(const StoredError& r) {
  const auto& [code, reason, message, field_violations] = r;
  return std::tie(code, reason, message, field_violations);
}
auto Members(const JobRecord& r) {
  const auto& [id, header, spec, state, keep_model, progress, candidates, metrics, warnings, error, produced_version,
               start_time, end_time] = r;
  return std::tie(id, header, spec, state, keep_model, progress, candidates, metrics, warnings, error, produced_version,
                  start_time, end_time);
}
auto Members(const ObservedVariant& r) {
  const auto& [name, model_id, version, ready_time] = r;
  return std::tie(name, model_id, version, ready_time);
}
auto Members(const EndpointRecord& r) {
  const auto& [id, header, variants, generation, deleted, state, observed_generation, observed, error] = r;
  return std::tie(id, header, variants, generation, deleted, state, observed_generation, observed, error);
}
auto Members(const BucketRecord& r) {
  const auto& [id, header] = r;
  return std::tie(id, header);
}
auto Members(const ObjectRecord& r) {
  const auto& [bucket_id, key, header, sha256, md5, size_bytes, content_type, content_encoding, metadata] = r;
  return std::tie(bucket_id, key, header, sha256, md5, size_bytes, content_type, content_encoding, metadata);
}

// Every member of `sample` differs from the default.
template <typename T>
void ExpectComplete(const T& sample) {
  const T fresh{};
  const auto expect_differs = [](int index, const auto& member, const auto& fresh_member) {
    EXPECT_NE(member, fresh_member) << "member " << index << " of the sample";
  };
  const auto expect_all_differ = [&]<size_t... I>(std::index_sequence<I...>) {
    (expect_differs(I, std::get<I>(Members(sample)), std::get<I>(Members(fresh))), ...);
  };
  expect_all_differ(std::make_index_sequence<std::tuple_size_v<decltype(Members(sample))>>());
}

template <typename Record>
void ExpectRoundTrip(const Record& record) {
  ExpectComplete(record);
  const std::string json = ToJson(record);
  LL_ASSERT_OK_AND_ASSIGN(const Record read, FromJson<Record>(json));
  EXPECT_EQ(read, record) << json;
}

TEST(RecordJsonTest, NothingIsLost) {
  const VersionRecord version = testing::SampleVersion();
  const JobRecord job = testing::SampleJob();
  const EndpointRecord endpoint = testing::SampleEndpoint();
  ExpectComplete(version.header);
  ExpectComplete(version.schema);
  ExpectComplete(version.lineage[0]);
  ExpectComplete(job.spec);
  ExpectComplete(job.spec.channels[0]);
  ExpectComplete(job.progress);
  ExpectComplete(job.candidates[0]);
  ExpectComplete(*job.error);
  ExpectComplete(endpoint.observed[0]);

  ExpectRoundTrip(testing::SampleModel());
  ExpectRoundTrip(version);
  ExpectRoundTrip(job);
  ExpectRoundTrip(endpoint);
  ExpectRoundTrip(testing::SampleBucket());
  ExpectRoundTrip(testing::SampleObject());
}

TEST(RecordJsonTest, DefaultsSurvive) {
  LL_ASSERT_OK_AND_ASSIGN(const JobRecord job, FromJson<JobRecord>(ToJson(JobRecord{})));
  EXPECT_EQ(job, JobRecord{});
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord endpoint, FromJson<EndpointRecord>(ToJson(EndpointRecord{})));
  EXPECT_EQ(endpoint, EndpointRecord{});
}

TEST(RecordJsonTest, TheFormIsTheDocumentedOne) {
  BucketRecord bucket{.id = "b"};
  bucket.header.labels = {{"k", "v"}};
  bucket.header.create_time = absl::FromUnixNanos(1'790'000'000'123'456'789);
  EXPECT_EQ(
      ToJson(bucket),
      R"({"id":"b","header":{"labels":{"k":"v"},"annotations":{},"create_time":"2026-09-21T14:13:20.123456789+00:00",)"
      R"("update_time":"1970-01-01T00:00:00+00:00","etag":""}})");
}

TEST(RecordJsonTest, LossesThatAreNotFiniteSurvive) {
  CandidateRecord candidate;
  candidate.train_loss = std::numeric_limits<double>::infinity();
  candidate.validation_loss = std::numeric_limits<double>::quiet_NaN();
  const std::string json = ToJson(std::vector<CandidateRecord>{candidate});
  EXPECT_THAT(json, HasSubstr(R"("train_loss":"Infinity","validation_loss":"NaN")"));
  LL_ASSERT_OK_AND_ASSIGN(const auto read, FromJson<std::vector<CandidateRecord>>(json));
  EXPECT_EQ(read.at(0).train_loss, std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(read.at(0).validation_loss.value()));
}

TEST(RecordJsonTest, DoublesKeepEveryBit) {
  const std::map<std::string, double> metrics = {{"smallest", std::numeric_limits<double>::denorm_min()},
                                                 {"third", 1.0 / 3},
                                                 {"minus_zero", -0.0},
                                                 {"whole", 3.0}};
  LL_ASSERT_OK_AND_ASSIGN(const auto read, (FromJson<std::map<std::string, double>>(ToJson(metrics))));
  EXPECT_EQ(read, metrics);
  EXPECT_TRUE(std::signbit(read.at("minus_zero")));
}

TEST(RecordJsonTest, BytesThatAreNotUtf8AreReplaced) {
  ModelRecord model;
  model.description = "row 1 holds \xFF";
  LL_ASSERT_OK_AND_ASSIGN(const ModelRecord read, FromJson<ModelRecord>(ToJson(model)));
  EXPECT_EQ(read.description, "row 1 holds \xEF\xBF\xBD");
}

TEST(RecordJsonTest, UnknownKeysAreIgnoredAndMissingOnesKeepTheirDefault) {
  LL_ASSERT_OK_AND_ASSIGN(const EndpointRecord endpoint,
                          FromJson<EndpointRecord>(R"({"id":"e","from_the_future":[1,2],"header":{"etag":"3"}})"));
  EndpointRecord expected{.id = "e"};
  expected.header.etag = "3";
  EXPECT_EQ(endpoint, expected);
  EXPECT_EQ(endpoint.generation, 1);
}

TEST(RecordJsonTest, WhatWeDidNotWriteIsRefusedWithThePlace) {
  const auto error = [](absl::string_view json) { return FromJson<JobRecord>(json).status(); };
  EXPECT_THAT(error(""), StatusIs(absl::StatusCode::kInternal, HasSubstr("expected JSON")));
  EXPECT_THAT(error("{\"id\":"), StatusIs(absl::StatusCode::kInternal, HasSubstr("expected JSON")));
  EXPECT_THAT(error("[]"), StatusIs(absl::StatusCode::kInternal, HasSubstr("expected an object")));
  EXPECT_THAT(error(R"({"id":7})"), StatusIs(absl::StatusCode::kInternal, HasSubstr("id: ")));
  EXPECT_THAT(error(R"({"state":"DONE"})"), StatusIs(absl::StatusCode::kInternal, HasSubstr("expected a state")));
  EXPECT_THAT(error(R"({"keep_model":1})"), StatusIs(absl::StatusCode::kInternal, HasSubstr("true or false")));
  EXPECT_THAT(error(R"({"start_time":"noon"})"), StatusIs(absl::StatusCode::kInternal, HasSubstr("a time")));
  EXPECT_THAT(error(R"({"spec":{"max_runtime":"long"}})"),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("spec: max_runtime: ")));
  EXPECT_THAT(error(R"({"spec":{"seed":-1}})"), StatusIs(absl::StatusCode::kInternal, HasSubstr("a smaller integer")));
  EXPECT_THAT(error(R"({"error":{"code":99999999999}})"), StatusIs(absl::StatusCode::kInternal, HasSubstr("smaller")));
  EXPECT_THAT(error(R"({"error":{"field_violations":[["a"]]}})"),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("a pair")));
  EXPECT_THAT(error(R"({"progress":{"best_loss":"much"}})"),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("number")));
}

}  // namespace
}  // namespace ll::registry
