#include "services/rpc/proto_values.h"

#include "gtest/gtest.h"
#include "ll/v1/model.pb.h"
#include "tests/testing/sample_records.h"
#include "tests/testing/status_matchers.h"

namespace ll::rpc {
namespace {

TEST(ProtoValuesTest, TimesKeepTheirNanoseconds) {
  const google::protobuf::Timestamp timestamp = ToProto(absl::FromUnixSeconds(1'790'000'000) + absl::Nanoseconds(7));
  EXPECT_EQ(timestamp.seconds(), 1'790'000'000);
  EXPECT_EQ(timestamp.nanos(), 7);
  const google::protobuf::Timestamp before_epoch = ToProto(absl::UnixEpoch() - absl::Nanoseconds(1));
  EXPECT_EQ(before_epoch.seconds(), -1);
  EXPECT_EQ(before_epoch.nanos(), 999'999'999);
  EXPECT_EQ(ToProto(absl::InfiniteFuture()).seconds(), 253'402'300'799);
  EXPECT_EQ(ToProto(absl::InfinitePast()).seconds(), -62'135'596'800);
}

TEST(ProtoValuesTest, DurationsComeBack) {
  for (const absl::Duration duration : {absl::ZeroDuration(), absl::Milliseconds(1500), -absl::Milliseconds(1500),
                                        absl::Hours(24 * 365), absl::Nanoseconds(1)}) {
    EXPECT_EQ(FromProto(ToProto(duration)), duration);
  }
  EXPECT_EQ(ToProto(-absl::Milliseconds(1500)).seconds(), -1);
  EXPECT_EQ(ToProto(-absl::Milliseconds(1500)).nanos(), -500'000'000);
  EXPECT_EQ(ToProto(absl::InfiniteDuration()).seconds(), 315'576'000'000);
}

TEST(ProtoValuesTest, TheHeaderOfAResourceGoesBothWays) {
  const registry::RecordHeader header = testing::SampleHeader();
  v1::Model model;
  SetHeader(header, &model);
  EXPECT_EQ(model.labels_size(), 2);
  EXPECT_EQ(model.etag(), header.etag);
  EXPECT_EQ(model.create_time().seconds(), absl::ToUnixSeconds(header.create_time));
  EXPECT_EQ(model.update_time().seconds(), absl::ToUnixSeconds(header.update_time));
  FieldChecks checks;
  const registry::RecordHeader back = HeaderOf(model, "model", &checks);
  LL_EXPECT_OK(checks.status());
  EXPECT_EQ(back.labels, header.labels);
  EXPECT_EQ(back.annotations, header.annotations);
  EXPECT_EQ(back.etag, "");

  (*model.mutable_labels())[""] = "v";
  HeaderOf(model, "model", &checks);
  EXPECT_EQ(GetErrorDetails(checks.status())->field_violations.at(0).field, "model.labels");
}

}  // namespace
}  // namespace ll::rpc
