// What answers predictions: one loaded model version, wherever it lives.
//
// A Predictor is a version, loaded and ready. A PredictorSource knows which one serves an endpoint right now and hands
// out a handle; the handle keeps the version loaded until it is destroyed, so hold it for one request.
//
//   LL_ASSIGN_OR_RETURN(const PredictorHandle handle, source.Acquire("mnist"));
//   LL_RETURN_IF_ERROR(handle->Predict(rows, n, &scores));
//   ... handle->model_version() answered ...
#ifndef LL_SERVICES_PREDICTION_PREDICTOR_H_
#define LL_SERVICES_PREDICTION_PREDICTOR_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "learner/model.h"
#include "services/prediction/in_flight_counter.h"

namespace ll::prediction {

// Thread-safe.
class Predictor {
 public:
  virtual ~Predictor() = default;

  virtual const learner::ModelSchema& schema() const = 0;

  // Full name of the version, "models/churn/versions/7".
  virtual const std::string& model_version() const = 0;

  virtual uint64_t memory_bytes() const = 0;

  // Scores `n` rows of schema().feature_dim finite numbers each, row-major; replaces what is in `scores`. A row's
  // answer does not depend on the rows beside it. UNAVAILABLE when the version is elsewhere and cannot be reached; a
  // version in this process never fails.
  virtual absl::Status Predict(const float* rows, int64_t n, learner::Scores* scores) const = 0;

  // The same for rows without their zeros, all of whose indices are below schema().feature_dim; the answers are those
  // of the dense rows, bit for bit.
  virtual absl::Status Predict(const learner::SparseBlock& rows, learner::Scores* scores) const = 0;
};

// A model in this process.
class LocalPredictor final : public Predictor {
 public:
  LocalPredictor(std::string model_version, learner::Model model)
      : model_version_(std::move(model_version)), model_(std::move(model)) {}

  const learner::ModelSchema& schema() const override { return model_.schema(); }
  const std::string& model_version() const override { return model_version_; }
  uint64_t memory_bytes() const override { return model_.memory_bytes(); }
  absl::Status Predict(const float* rows, int64_t n, learner::Scores* scores) const override;
  absl::Status Predict(const learner::SparseBlock& rows, learner::Scores* scores) const override;

 private:
  const std::string model_version_;
  const learner::Model model_;
};

// The right to use a predictor. Movable; must not outlive its source.
class PredictorHandle final {
 public:
  PredictorHandle(const Predictor* predictor, const std::string* variant, InFlightCounter::Token token)
      : predictor_(predictor), variant_(variant), token_(std::move(token)) {}

  const Predictor& operator*() const { return *predictor_; }
  const Predictor* operator->() const { return predictor_; }
  // Of the endpoint, as its owner named it.
  const std::string& variant() const { return *variant_; }

 private:
  const Predictor* predictor_;
  const std::string* variant_;
  InFlightCounter::Token token_;
};

// Thread-safe.
class PredictorSource {
 public:
  virtual ~PredictorSource() = default;

  // Takes no lock and does no I/O. NOT_FOUND / ENDPOINT_NOT_FOUND for an endpoint that is not there (or being deleted);
  // UNAVAILABLE while its first version is being loaded; FAILED_PRECONDITION / WRONG_STATE when it serves nothing.
  virtual absl::StatusOr<PredictorHandle> Acquire(absl::string_view endpoint_id) = 0;
};

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_PREDICTOR_H_
