#include "tests/testing/fake_services/fake_llserver.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

namespace ll::testing {

FakeLlserver::FakeLlserver() : address_("127.0.0.1:0") {
  {
    MutexLock lock(&state_.mutex);
    state_.job_plan = SuccessfulPlan();
    state_.server_info.set_version("0.1.0");
    *state_.server_info.mutable_start_time() = FakeTime();
    state_.server_info.set_data_directory("/var/lib/linear-learner");
    state_.server_info.mutable_limits()->set_max_message_bytes(256 << 20);
    state_.server_info.mutable_limits()->set_max_inflight_bytes(int64_t{4} << 30);
    state_.server_info.mutable_limits()->set_max_running_training_jobs(1);
    state_.server_info.mutable_limits()->set_max_queued_training_jobs(100);
    state_.server_info.mutable_limits()->set_max_stream_batches(16);
  }
  Start();
}

FakeLlserver::~FakeLlserver() { Stop(); }

void FakeLlserver::Start() {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address_, grpc::InsecureServerCredentials(), &port);
  builder.SetMaxReceiveMessageSize(256 << 20);
  builder.SetMaxSendMessageSize(256 << 20);
  for (grpc::Service* service : std::initializer_list<grpc::Service*>{
           &models_, &objects_, &training_, &endpoints_, &predictions_, &events_, &server_info_, &health_}) {
    builder.RegisterService(service);
  }
  {
    MutexLock lock(&state_.mutex);
    state_.stopping = false;
  }
  server_ = builder.BuildAndStart();
  ASSERT_NE(server_, nullptr) << "cannot listen on " << address_;
  address_ = absl::StrCat("127.0.0.1:", port);
  MutexLock lock(&state_.mutex);
  state_.server_info.set_grpc_address(address_);
}

void FakeLlserver::Stop() {
  if (server_ == nullptr) return;
  {
    MutexLock lock(&state_.mutex);
    state_.stopping = true;
  }
  server_->Shutdown(std::chrono::system_clock::now());
  server_->Wait();
  server_ = nullptr;
}

void FakeLlserver::FailNext(const std::string& method, const absl::Status& error, int times) {
  MutexLock lock(&state_.mutex);
  state_.faults[method].insert(state_.faults[method].end(), static_cast<size_t>(times), error);
}

int FakeLlserver::calls(const std::string& method) {
  MutexLock lock(&state_.mutex);
  return state_.calls[method];
}

void FakeLlserver::AwaitCalls(const std::string& method, int count) {
  MutexLock lock(&state_.mutex);
  state_.mutex.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_.mutex) { return state_.calls[method] >= count; });
}

std::vector<std::string> FakeLlserver::request_ids(const std::string& method) {
  MutexLock lock(&state_.mutex);
  return state_.request_ids[method];
}

std::string FakeLlserver::AddVersion(const std::string& model_id, int feature_dim, const std::string& predictor_type,
                                     int outputs) {
  v1::ModelVersion version;
  version.mutable_schema()->set_predictor_type(predictor_type);
  version.mutable_schema()->set_feature_dim(feature_dim);
  version.mutable_schema()->set_outputs(outputs);
  version.mutable_schema()->set_score_kind(predictor_type == "regressor" ? v1::VALUE : v1::PROBABILITY);
  MutexLock lock(&state_.mutex);
  return ll::testing::AddVersion(state_, absl::StrCat("models/", model_id), version, std::string(2500, 'w'));
}

void FakeLlserver::AddEndpoint(const std::string& endpoint_id, const std::string& model_version) {
  MutexLock lock(&state_.mutex);
  v1::Endpoint endpoint;
  endpoint.set_name(absl::StrCat("endpoints/", endpoint_id));
  endpoint.set_state(v1::Endpoint::IN_SERVICE);
  endpoint.set_etag(state_.NextEtag());
  *endpoint.mutable_create_time() = FakeTime();
  v1::Endpoint::Variant& variant = *endpoint.add_variants();
  variant.set_name("default");
  variant.set_model_version(model_version);
  v1::Endpoint::ObservedVariant& observed = *endpoint.add_observed_variants();
  observed.set_name("default");
  observed.set_model_version(ResolveVersion(state_, model_version).value());
  *observed.mutable_ready_time() = FakeTime();
  state_.endpoints[endpoint.name()] = endpoint;
  state_.Changed("create", endpoint.name());
}

void FakeLlserver::AddObject(const std::string& bucket_id, const std::string& key, absl::string_view bytes) {
  MutexLock lock(&state_.mutex);
  v1::Bucket& bucket = state_.buckets[absl::StrCat("buckets/", bucket_id)];
  bucket.set_name(absl::StrCat("buckets/", bucket_id));
  *bucket.mutable_create_time() = FakeTime();
  v1::Object object;
  object.set_name(absl::StrCat(bucket.name(), "/objects/", key));
  object.set_size_bytes(static_cast<int64_t>(bytes.size()));
  object.set_sha256(Sha256Hex(bytes));
  *object.mutable_create_time() = FakeTime();
  state_.contents[object.name()] = std::string(bytes);
  state_.objects[object.name()] = object;
  state_.Changed("create", object.name());
}

void FakeLlserver::AddJob(const v1::TrainingJob& job) {
  MutexLock lock(&state_.mutex);
  state_.jobs[job.name()] = job;
  state_.Changed("create", job.name());
}

void FakeLlserver::UpdateJob(const std::string& name, absl::FunctionRef<void(v1::TrainingJob&)> change) {
  MutexLock lock(&state_.mutex);
  change(state_.jobs[name]);
  state_.Changed("state", name);
}

void FakeLlserver::BreakVersion(const std::string& name, const absl::Status& error) {
  MutexLock lock(&state_.mutex);
  state_.broken_versions[name] = error;
}

void FakeLlserver::set_job_plan(std::vector<JobStep> plan) {
  MutexLock lock(&state_.mutex);
  state_.job_plan = std::move(plan);
}

void FakeLlserver::Edit(absl::FunctionRef<void(FakeState&)> edit) {
  MutexLock lock(&state_.mutex);
  edit(state_);
  ++state_.changes;
}

}  // namespace ll::testing
