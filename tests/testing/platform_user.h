// What a user does with a platform, one call each; everything is expected to succeed. For tests that run against a
// whole server, in their own process or in another.
//
//   PlatformUser user(platform->address());
//   user.Upload("train.csv", SampleCsv());
//   user.Create(user.Job("mnist"));
//   EXPECT_EQ(user.AwaitEnd("mnist").state(), v1::TrainingJob::SUCCEEDED);
#ifndef LL_TESTS_TESTING_PLATFORM_USER_H_
#define LL_TESTS_TESTING_PLATFORM_USER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "clients/cpp/client.h"
#include "ll/v1/training_job.pb.h"
#include "ll/v1/training_service.pb.h"

namespace ll::testing {

// 500 labelled rows of three features; the label is 1 where their sum is positive.
std::string SampleCsv();

class PlatformUser {
 public:
  explicit PlatformUser(const std::string& address);

  const client::Client& client() const { return client_; }

  // Into the bucket "data", which is created when missing.
  void Upload(const std::string& key, const std::string& bytes);

  // A job that trains two models for three epochs on s3://data/train.csv, into the model "digits".
  static v1::CreateTrainingJobRequest Job(const std::string& id);
  // The same, but it never ends by itself.
  static v1::CreateTrainingJobRequest EndlessJob(const std::string& id);

  v1::TrainingJob Create(const v1::CreateTrainingJobRequest& request);
  v1::TrainingJob Get(const std::string& id);
  v1::TrainingJob Cancel(const std::string& id, bool keep_model);
  // The job as soon as it is like this.
  v1::TrainingJob Await(const std::string& id, const std::function<bool(const v1::TrainingJob&)>& condition);
  v1::TrainingJob AwaitState(const std::string& id, v1::TrainingJob::State state);
  v1::TrainingJob AwaitEpoch(const std::string& id, int epoch);
  v1::TrainingJob AwaitEnd(const std::string& id);
  std::vector<std::string> Log(const std::string& id);

  // Full names, in order. None when there is no such model.
  std::vector<std::string> Versions(const std::string& model);
  // The artifact's bytes, verified.
  std::string Download(const std::string& version);

 private:
  client::Client client_;
};

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_PLATFORM_USER_H_
