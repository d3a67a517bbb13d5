// The prediction doors on a real HTTP server, before a source of real models.
#ifndef LL_TESTS_TESTING_PREDICTION_DOORS_FIXTURE_H_
#define LL_TESTS_TESTING_PREDICTION_DOORS_FIXTURE_H_

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/random.h"
#include "gtest/gtest.h"
#include "learner/model.h"
#include "registry/records.h"
#include "registry/store_errors.h"
#include "services/http/doors/invocations.h"
#include "services/http/doors/open_inference.h"
#include "services/http/server.h"
#include "services/prediction/in_flight_counter.h"
#include "services/prediction/predictor.h"
#include "tests/testing/http_peer.h"
#include "tests/testing/status_matchers.h"

namespace ll::http {

// Serves what it was given, for ever.
class FixedSource final : public prediction::PredictorSource {
 public:
  void Serve(const std::string& endpoint, int64_t version, learner::Model model) {
    models_[endpoint] =
        std::make_unique<prediction::LocalPredictor>(registry::VersionName("m", version), std::move(model));
  }
  absl::StatusOr<prediction::PredictorHandle> Acquire(absl::string_view endpoint_id) override {
    const auto found = models_.find(std::string(endpoint_id));
    if (found == models_.end()) return registry::EndpointNotFound(std::string(endpoint_id));
    if (found->second == nullptr) {
      return MakeError(absl::StatusCode::kUnavailable, ErrorReason::kWrongState,
                       {.what = "cannot predict", .why = "its first version is being loaded"});
    }
    return prediction::PredictorHandle(found->second.get(), &variant_, in_flight_.Enter());
  }
  void Load(const std::string& endpoint) { models_[endpoint] = nullptr; }
  void Remove(const std::string& endpoint) { models_.erase(endpoint); }
  std::vector<std::string> Ids() const {
    std::vector<std::string> ids;
    for (const auto& [id, model] : models_) ids.push_back(id);
    return ids;
  }

 private:
  const std::string variant_ = "default";
  prediction::InFlightCounter in_flight_{[] {}};
  std::map<std::string, std::unique_ptr<const prediction::Predictor>> models_;
};

inline learner::Model ModelOf(const learner::ModelSchema& schema, std::vector<double> weights,
                              std::vector<double> bias) {
  learner::Model::Parts parts;
  parts.schema = schema;
  parts.weights = std::move(weights);
  parts.bias = std::move(bias);
  return *learner::Model::Create(std::move(parts));
}

// A model with weights that depend on nothing but its schema.
inline learner::Model SampleModel(const learner::ModelSchema& schema) {
  SeededRandom random(static_cast<uint64_t>(schema.outputs * 1000 + schema.feature_dim));
  std::vector<double> weights, bias;
  for (int i = 0; i < schema.outputs * schema.feature_dim; ++i) weights.push_back(random.Normal());
  for (int i = 0; i < schema.outputs; ++i) bias.push_back(random.Normal());
  return ModelOf(schema, std::move(weights), std::move(bias));
}

inline learner::ModelSchema BinarySchema(int features) { return {.feature_dim = features, .outputs = 1}; }
inline learner::ModelSchema MulticlassSchema(int features, int classes) {
  return {.predictor_type = learner::PredictorType::kMulticlassClassifier,
          .loss = learner::Loss::kSoftmax,
          .feature_dim = features,
          .outputs = classes};
}
inline learner::ModelSchema RegressorSchema(int features) {
  return {.predictor_type = learner::PredictorType::kRegressor,
          .loss = learner::Loss::kSquared,
          .feature_dim = features,
          .outputs = 1};
}

class PredictionDoorsTest : public ::testing::Test {
 protected:
  void Start() {
    const PredictionBackend backend{.predictors = source_,
                                    .admission = admission_,
                                    .endpoints = [this] { return source_.Ids(); },
                                    .ready = [this] { return ready_.load(); },
                                    .max_message_bytes = max_message_bytes_};
    AddInvocations(backend, &router_);
    AddOpenInference(backend, &router_);
    options_.listen = {.host = "127.0.0.1", .port = 0, .unix_path = ""};
    server_ = std::make_unique<HttpServer>(router_, options_);
    LL_ASSERT_OK_AND_ASSIGN(address_, server_->Start());
  }
  testing::HttpReply Call(absl::string_view method, absl::string_view path, absl::string_view body = "",
                          absl::string_view headers = "") {
    return testing::HttpPeer(address_).Call(method, path, body, headers);
  }

  FixedSource source_;
  prediction::Admission admission_{64 << 20};
  std::atomic<bool> ready_{true};
  int64_t max_message_bytes_ = 8 << 20;
  Router router_;
  ServerOptions options_;
  std::unique_ptr<HttpServer> server_;
  std::string address_;
};

}  // namespace ll::http

#endif  // LL_TESTS_TESTING_PREDICTION_DOORS_FIXTURE_H_
