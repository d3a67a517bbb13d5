#include "tests/testing/fake_model_loader.h"

#include <algorithm>
#include <utility>

namespace ll::testing {

class FakeModelLoader::Model final : public prediction::Predictor {
 public:
  Model(FakeModelLoader* loader, const prediction::HostedVersion& version)
      : loader_(loader), name_(version.name()), number_(version.number) {
    schema_.feature_dim = static_cast<int>(version.schema.feature_dim);
    schema_.outputs = static_cast<int>(version.schema.outputs);
  }
  ~Model() override { loader_->OnDeath(); }

  const learner::ModelSchema& schema() const override { return schema_; }
  const std::string& model_version() const override { return name_; }
  uint64_t memory_bytes() const override { return 1000; }

  absl::Status Predict(const float* /*rows*/, int64_t n, learner::Scores* scores) const override {
    return Answer(n, scores);
  }
  absl::Status Predict(const learner::SparseBlock& rows, learner::Scores* scores) const override {
    return Answer(rows.rows, scores);
  }

 private:
  absl::Status Answer(int64_t n, learner::Scores* scores) const {
    scores->values.assign(static_cast<size_t>(n * schema_.outputs), static_cast<float>(number_));
    scores->labels.assign(static_cast<size_t>(n), number_);
    return absl::OkStatus();
  }

  FakeModelLoader* const loader_;
  const std::string name_;
  const int64_t number_;
  learner::ModelSchema schema_;
};

absl::StatusOr<std::unique_ptr<const prediction::Predictor>> FakeModelLoader::Load(
    const prediction::HostedVersion& version) {
  const std::string name = version.name();
  MutexLock lock(&mutex_);
  ++loads_[name];
  most_at_once_ = std::max(most_at_once_, ++running_);
  const auto place = waiting_.insert(name);
  mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return blocked_.count(name) == 0; });
  waiting_.erase(place);
  --running_;
  const auto failure = failures_.find(name);
  if (failure != failures_.end()) return failure->second;
  ++live_;
  return std::make_unique<const Model>(this, version);
}

void FakeModelLoader::OnDeath() {
  MutexLock lock(&mutex_);
  --live_;
  graves_.insert(std::this_thread::get_id());
}

void FakeModelLoader::Fail(const std::string& version, const absl::Status& error) {
  MutexLock lock(&mutex_);
  if (error.ok()) {
    failures_.erase(version);
  } else {
    failures_[version] = error;
  }
}

void FakeModelLoader::Block(const std::string& version) {
  MutexLock lock(&mutex_);
  blocked_.insert(version);
}

void FakeModelLoader::Unblock(const std::string& version) {
  MutexLock lock(&mutex_);
  blocked_.erase(version);
}

void FakeModelLoader::AwaitBlocked(const std::string& version) {
  MutexLock lock(&mutex_);
  mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return waiting_.count(version) > 0; });
}

int FakeModelLoader::loads(const std::string& version) const {
  MutexLock lock(&mutex_);
  const auto found = loads_.find(version);
  return found == loads_.end() ? 0 : found->second;
}

int FakeModelLoader::most_at_once() const {
  MutexLock lock(&mutex_);
  return most_at_once_;
}

int FakeModelLoader::live() const {
  MutexLock lock(&mutex_);
  return live_;
}

void FakeModelLoader::AwaitLive(int count) {
  MutexLock lock(&mutex_);
  mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return live_ == count; });
}

std::set<std::thread::id> FakeModelLoader::graves() const {
  MutexLock lock(&mutex_);
  return graves_;
}

}  // namespace ll::testing
