#include "tests/testing/grpc_test_server.h"

#include <utility>

#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "tests/testing/status_matchers.h"

namespace ll::testing {

GrpcTestServer::GrpcTestServer(const rpc::RpcOptions& rpc_options, rpc::ServerOptions server_options)
    : runtime_(rpc_options, rpc::PageTokens()) {
  server_options.listen = "127.0.0.1:0";
  server_ = std::make_unique<rpc::GrpcServer>(runtime_, health_, server_options);
}

GrpcTestServer::~GrpcTestServer() = default;

void GrpcTestServer::Start() {
  LL_ASSERT_OK_AND_ASSIGN(address_, server_->Start());
  health_.SetServing(true);
  channel_ = NewChannel();
}

std::shared_ptr<grpc::Channel> GrpcTestServer::NewChannel() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
}

std::unique_ptr<grpc::ClientContext> NewContext(absl::Duration timeout) {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(absl::ToChronoTime(Clock::Real().Now() + timeout));
  return context;
}

}  // namespace ll::testing
