// What EndpointService documents, code by code, on the wire.

#include <string>

#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "tests/integration/endpoint_stack.h"
#include "tests/testing/grpc_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using v1::Endpoint;

class EndpointDoorsTest : public ::testing::Test {
 protected:
  EndpointDoorsTest() {
    stack_.AddVersion("m", ConstantModel(1));
    stack_.AddVersion("m", ConstantModel(2));
    stack_.AddVersion("m", ConstantModel(3, 5));
  }

  static v1::CreateEndpointRequest CreateRequest(const std::string& id, const std::string& model_version) {
    v1::CreateEndpointRequest request;
    request.set_endpoint_id(id);
    request.mutable_endpoint()->add_variants()->set_model_version(model_version);
    return request;
  }
  static v1::UpdateEndpointRequest UpdateRequest(const std::string& id, const std::string& model_version) {
    v1::UpdateEndpointRequest request;
    request.mutable_endpoint()->set_name("endpoints/" + id);
    request.mutable_endpoint()->add_variants()->set_model_version(model_version);
    return request;
  }
  grpc::Status Create(const v1::CreateEndpointRequest& request) {
    return stack_.endpoints().CreateEndpoint(NewContext().get(), request, &endpoint_);
  }
  grpc::Status Update(const v1::UpdateEndpointRequest& request) {
    return stack_.endpoints().UpdateEndpoint(NewContext().get(), request, &endpoint_);
  }
  grpc::Status Delete(const std::string& id, const std::string& etag = "") {
    v1::DeleteEndpointRequest request;
    request.set_name("endpoints/" + id);
    request.set_etag(etag);
    return stack_.endpoints().DeleteEndpoint(NewContext().get(), request, &endpoint_);
  }
  Endpoint CreateInService(const std::string& id, const std::string& model_version) {
    stack_.Create(id, model_version);
    return stack_.AwaitState(id, Endpoint::IN_SERVICE);
  }

  const TempDir directory_;
  EndpointStack stack_{directory_.path()};
  Endpoint endpoint_;  // the last answer
};

TEST_F(EndpointDoorsTest, CreateChecksItsFields) {
  v1::CreateEndpointRequest request = CreateRequest("a b", "models/m");
  request.mutable_endpoint()->mutable_variants(0)->set_name("-");
  const grpc::Status status = Create(request);
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidName));
  EXPECT_THAT(FieldsOf(status),
              ElementsAre("endpoint_id", "endpoint.variants[0].name", "endpoint.variants[0].model_version"));

  request = CreateRequest("e", "models/m/versions/1");
  request.mutable_endpoint()->add_variants()->set_model_version("models/m/versions/2");
  EXPECT_THAT(FieldsOf(Create(request)), ElementsAre("endpoint.variants"));
  request.mutable_endpoint()->clear_variants();
  EXPECT_THAT(Create(request), GrpcStatusIs(grpc::StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidArgument));
}

TEST_F(EndpointDoorsTest, CreateNeedsAVersion) {
  EXPECT_THAT(Create(CreateRequest("e", "models/m/versions/9")),
              GrpcStatusIs(grpc::StatusCode::NOT_FOUND, ErrorReason::kModelVersionNotFound));
  EXPECT_THAT(Create(CreateRequest("e", "models/x/versions/1")),
              GrpcStatusIs(grpc::StatusCode::NOT_FOUND, ErrorReason::kModelNotFound));
  EXPECT_THAT(Create(CreateRequest("e", "models/m@nobody")),
              GrpcStatusIs(grpc::StatusCode::NOT_FOUND, ErrorReason::kModelAliasNotFound));
}

TEST_F(EndpointDoorsTest, CreateNeedsAReadyVersion) {
  stack_.CorruptArtifact("m", 1);
  stack_.Create("bad", "models/m/versions/1");
  stack_.AwaitState("bad", Endpoint::FAILED);
  const grpc::Status status = Create(CreateRequest("e", "models/m/versions/1"));
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::FAILED_PRECONDITION, ErrorReason::kWrongState));
  EXPECT_THAT(status.error_message(), HasSubstr("CORRUPT"));
  EXPECT_TRUE(DetailOf<google::rpc::PreconditionFailure>(status).has_value());
}

TEST_F(EndpointDoorsTest, CreateTwiceIsAConflict) {
  CreateInService("e", "models/m/versions/1");
  EXPECT_THAT(Create(CreateRequest("e", "models/m/versions/1")),
              GrpcStatusIs(grpc::StatusCode::ALREADY_EXISTS, ErrorReason::kAlreadyExists));
}

TEST_F(EndpointDoorsTest, ARepeatedRequestGetsTheFirstAnswer) {
  v1::CreateEndpointRequest request = CreateRequest("e", "models/m/versions/1");
  request.set_request_id("once");
  ASSERT_THAT(Create(request), GrpcIsOk());
  const std::string first = endpoint_.SerializeAsString();
  stack_.AwaitState("e", Endpoint::IN_SERVICE);
  ASSERT_THAT(Create(request), GrpcIsOk());
  EXPECT_EQ(endpoint_.SerializeAsString(), first);
  request.set_endpoint_id("f");
  EXPECT_THAT(Create(request), GrpcStatusIs(grpc::StatusCode::INVALID_ARGUMENT, ErrorReason::kRequestIdReused));
}

TEST_F(EndpointDoorsTest, ValidateOnlyChangesNothing) {
  v1::CreateEndpointRequest request = CreateRequest("e", "models/m/versions/1");
  request.set_validate_only(true);
  ASSERT_THAT(Create(request), GrpcIsOk());
  EXPECT_EQ(endpoint_.name(), "endpoints/e");
  v1::GetEndpointRequest get;
  get.set_name("endpoints/e");
  EXPECT_THAT(stack_.endpoints().GetEndpoint(NewContext().get(), get, &endpoint_),
              GrpcStatusIs(grpc::StatusCode::NOT_FOUND, ErrorReason::kEndpointNotFound));
}

TEST_F(EndpointDoorsTest, UpdateToTheSameVersionSucceedsAndChangesNothing) {
  const Endpoint before = CreateInService("e", "models/m/versions/1");
  ASSERT_THAT(Update(UpdateRequest("e", "models/m/versions/1")), GrpcIsOk());
  EXPECT_EQ(endpoint_.SerializeAsString(), before.SerializeAsString());
}

TEST_F(EndpointDoorsTest, UpdateGuardsTheShape) {
  CreateInService("e", "models/m/versions/1");
  v1::UpdateEndpointRequest request = UpdateRequest("e", "models/m/versions/3");
  const grpc::Status status = Update(request);
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::FAILED_PRECONDITION, ErrorReason::kSchemaMismatch));
  EXPECT_THAT(status.error_message(), HasSubstr("5 features"));
  request.set_allow_schema_change(true);
  ASSERT_THAT(Update(request), GrpcIsOk());
  stack_.AwaitState("e", Endpoint::IN_SERVICE, "models/m/versions/3");
  v1::Predictions predictions;
  EXPECT_THAT(stack_.Predict("e", &predictions, 5), GrpcIsOk());
}

TEST_F(EndpointDoorsTest, UpdateGuardsTheEtag) {
  const Endpoint before = CreateInService("e", "models/m/versions/1");
  v1::UpdateEndpointRequest request = UpdateRequest("e", "models/m/versions/2");
  request.mutable_endpoint()->set_etag("stale");
  EXPECT_THAT(Update(request), GrpcStatusIs(grpc::StatusCode::ABORTED, ErrorReason::kEtagMismatch));
  request.mutable_endpoint()->set_etag(before.etag());
  EXPECT_THAT(Update(request), GrpcIsOk());
}

TEST_F(EndpointDoorsTest, UpdateTakesWhatItsMaskNames) {
  CreateInService("e", "models/m/versions/1");
  v1::UpdateEndpointRequest request = UpdateRequest("e", "models/m/versions/2");
  (*request.mutable_endpoint()->mutable_labels())["team"] = "fraud";
  request.mutable_update_mask()->add_paths("labels");
  ASSERT_THAT(Update(request), GrpcIsOk());
  EXPECT_EQ(endpoint_.labels().at("team"), "fraud");
  EXPECT_EQ(endpoint_.variants(0).model_version(), "models/m/versions/1");
  EXPECT_EQ(endpoint_.state(), Endpoint::IN_SERVICE);
  request.mutable_update_mask()->add_paths("state");
  EXPECT_THAT(Update(request), GrpcStatusIs(grpc::StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidUpdateMask));
}

TEST_F(EndpointDoorsTest, DeleteGuardsTheEtagAndNeedsAnEndpoint) {
  CreateInService("e", "models/m/versions/1");
  EXPECT_THAT(Delete("e", "stale"), GrpcStatusIs(grpc::StatusCode::ABORTED, ErrorReason::kEtagMismatch));
  EXPECT_THAT(Delete("nobody"), GrpcStatusIs(grpc::StatusCode::NOT_FOUND, ErrorReason::kEndpointNotFound));
  ASSERT_THAT(Delete("e"), GrpcIsOk());
  EXPECT_EQ(endpoint_.state(), Endpoint::DELETING);
}

TEST_F(EndpointDoorsTest, ListFiltersAndPages) {
  CreateInService("a", "models/m/versions/1");
  CreateInService("b", "models/m/versions/2");
  CreateInService("c", "models/m/versions/1");
  v1::ListEndpointsRequest request;
  request.set_filter("state = IN_SERVICE AND model = m");
  request.set_page_size(2);
  v1::ListEndpointsResponse response;
  ASSERT_THAT(stack_.endpoints().ListEndpoints(NewContext().get(), request, &response), GrpcIsOk());
  ASSERT_EQ(response.endpoints_size(), 2);
  EXPECT_EQ(response.endpoints(0).name(), "endpoints/a");
  request.set_page_token(response.next_page_token());
  ASSERT_THAT(stack_.endpoints().ListEndpoints(NewContext().get(), request, &response), GrpcIsOk());
  ASSERT_EQ(response.endpoints_size(), 1);
  EXPECT_EQ(response.endpoints(0).name(), "endpoints/c");
  EXPECT_EQ(response.next_page_token(), "");
  request.set_filter("colour = red");
  request.clear_page_token();
  EXPECT_THAT(stack_.endpoints().ListEndpoints(NewContext().get(), request, &response),
              GrpcStatusIs(grpc::StatusCode::INVALID_ARGUMENT, ErrorReason::kInvalidFilter));
}

// The rules of models that endpoints cause.
TEST_F(EndpointDoorsTest, AVersionInUseCannotBeDeleted) {
  CreateInService("e", "models/m/versions/1");
  v1::DeleteModelVersionRequest request;
  request.set_name("models/m/versions/1");
  google::protobuf::Empty empty;
  const grpc::Status status = stack_.models().DeleteModelVersion(NewContext().get(), request, &empty);
  EXPECT_THAT(status, GrpcStatusIs(grpc::StatusCode::FAILED_PRECONDITION, ErrorReason::kInUse));
  EXPECT_THAT(status.error_message(), HasSubstr("endpoints/e"));
  stack_.Delete("e");
  EXPECT_THAT(stack_.models().DeleteModelVersion(NewContext().get(), request, &empty), GrpcIsOk());
}

}  // namespace
}  // namespace ll::testing
