#include "services/endpoints/endpoint_convert.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "registry/record_json.h"
#include "tests/testing/proto_fields.h"
#include "tests/testing/sample_records.h"
#include "tests/testing/status_matchers.h"

namespace ll::endpoints {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::HeededOutputFields;
using ::ll::testing::IgnoredFields;
using ::ll::testing::SampleEndpoint;
using ::ll::testing::UnsetFields;
using registry::EndpointRecord;
using registry::VariantSpec;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::Pair;

std::string Outcome(const absl::StatusOr<EndpointRecord>& record) {
  return record.ok() ? registry::ToJson(*record) : record.status().ToString();
}
std::string Outcome(const absl::StatusOr<EndpointUpdate>& update) {
  if (!update.ok()) return update.status().ToString();
  const auto map = [](const std::optional<registry::StringMap>& map) {
    return map.has_value() ? absl::StrCat("{", absl::StrJoin(*map, ",", absl::PairFormatter("=")), "}") : "-";
  };
  std::string variants = "-";
  if (update->variants.has_value()) {
    variants = absl::StrJoin(*update->variants, ",", [](std::string* out, const VariantSpec& spec) {
      absl::StrAppend(out, spec.name, "=", registry::VersionRefName(spec.version));
    });
  }
  return absl::StrCat(update->id, " ", update->etag, " ", variants, " ", map(update->labels), " ",
                      map(update->annotations), " ", update->allow_schema_change);
}
// FromProto as a function of the request, for the walk over its fields.
template <typename Request>
std::string Convert(const Request& request) {
  return Outcome(FromProto(request));
}

template <typename T>
std::vector<std::string> Fields(const absl::StatusOr<T>& result) {
  std::vector<std::string> fields;
  for (const auto& violation : GetErrorDetails(result.status()).value_or(ErrorDetails{}).field_violations) {
    fields.push_back(violation.field);
  }
  return fields;
}

v1::CreateEndpointRequest SampleCreate() {
  v1::CreateEndpointRequest request;
  request.set_endpoint_id("e");
  request.mutable_endpoint()->add_variants()->set_model_version("models/m/versions/3");
  return request;
}
v1::UpdateEndpointRequest SampleUpdate() {
  v1::UpdateEndpointRequest request;
  request.mutable_endpoint()->set_name("endpoints/e");
  request.mutable_endpoint()->add_variants()->set_model_version("models/m/versions/3");
  request.mutable_update_mask()->add_paths("*");
  return request;
}

TEST(EndpointConvertTest, NoFieldOfAnEndpointIsForgotten) {
  EXPECT_THAT(UnsetFields(ToProto(SampleEndpoint())), IsEmpty());
}

TEST(EndpointConvertTest, NoFieldOfARequestIsForgotten) {
  EXPECT_THAT(IgnoredFields<v1::CreateEndpointRequest>(SampleCreate(), Convert<v1::CreateEndpointRequest>),
              ElementsAre("endpoint.name", "endpoint.etag"));
  EXPECT_THAT(IgnoredFields<v1::UpdateEndpointRequest>(SampleUpdate(), Convert<v1::UpdateEndpointRequest>), IsEmpty());
}

TEST(EndpointConvertTest, OutputOnlyFieldsOfARequestAreIgnored) {
  EXPECT_THAT(HeededOutputFields<v1::CreateEndpointRequest>(SampleCreate(), Convert<v1::CreateEndpointRequest>),
              IsEmpty());
  EXPECT_THAT(HeededOutputFields<v1::UpdateEndpointRequest>(SampleUpdate(), Convert<v1::UpdateEndpointRequest>),
              IsEmpty());
}

TEST(EndpointConvertTest, AnEndpointSaysWhatTheRecordSays) {
  const v1::Endpoint endpoint = ToProto(SampleEndpoint());
  EXPECT_EQ(endpoint.name(), "endpoints/churn-live");
  EXPECT_EQ(endpoint.state(), v1::Endpoint::ROLLING_BACK);
  EXPECT_EQ(endpoint.variants(0).model_version(), "models/churn@champion");
  EXPECT_EQ(endpoint.variants(1).model_version(), "models/churn/versions/4");
  EXPECT_EQ(endpoint.observed_variants(0).model_version(), "models/churn/versions/3");
  EXPECT_EQ(endpoint.error().code(), 15);
  EXPECT_FALSE(ToProto(EndpointRecord{.id = "e"}).has_error());
}

TEST(EndpointConvertTest, AVersionIsNamedByNumberOrAlias) {
  v1::CreateEndpointRequest request = SampleCreate();
  const auto version = [&](const std::string& name) {
    request.mutable_endpoint()->mutable_variants(0)->set_model_version(name);
    return FromProto(request)->variants.at(0).version;
  };
  EXPECT_EQ(version("models/m/versions/7"), (registry::VersionRef{.model_id = "m", .number = 7}));
  EXPECT_EQ(version("models/m@champion"), (registry::VersionRef{.model_id = "m", .alias = "champion"}));
  EXPECT_EQ(version("models/m@latest"), (registry::VersionRef{.model_id = "m", .alias = "latest"}));
}

TEST(EndpointConvertTest, EveryViolationIsToldAtOnce) {
  v1::CreateEndpointRequest create;
  create.set_endpoint_id("a b");
  (*create.mutable_endpoint()->mutable_labels())["two words"] = "v";
  create.mutable_endpoint()->add_variants()->set_model_version("models/m");
  create.mutable_endpoint()->add_variants()->set_name("-");
  EXPECT_THAT(Fields(FromProto(create)),
              ElementsAre("endpoint_id", "endpoint.labels[\"two words\"]", "endpoint.variants[0].model_version",
                          "endpoint.variants[1].name", "endpoint.variants[1].model_version"));

  v1::UpdateEndpointRequest update;
  update.mutable_endpoint()->set_name("e");
  update.mutable_update_mask()->add_paths("state");
  EXPECT_THAT(Fields(FromProto(update)), ElementsAre("endpoint.name", "update_mask"));
}

TEST(EndpointConvertTest, AnUpdateTakesWhatItsMaskNames) {
  v1::UpdateEndpointRequest request;
  request.mutable_endpoint()->set_name("endpoints/e");
  (*request.mutable_endpoint()->mutable_labels())["k"] = "v";
  LL_ASSERT_OK_AND_ASSIGN(const EndpointUpdate populated, FromProto(request));
  EXPECT_THAT(populated.labels, Optional(ElementsAre(Pair("k", "v"))));
  EXPECT_EQ(populated.variants, std::nullopt);
  EXPECT_EQ(populated.annotations, std::nullopt);
  request.mutable_update_mask()->add_paths("annotations");
  LL_ASSERT_OK_AND_ASSIGN(const EndpointUpdate masked, FromProto(request));
  EXPECT_EQ(masked.labels, std::nullopt);
  EXPECT_THAT(masked.annotations, Optional(IsEmpty()));
}

}  // namespace
}  // namespace ll::endpoints
