// The real llserver, killed with SIGKILL while clients write, and its clients killed while they send. Whatever was
// acknowledged is there afterwards, whole and with its event; whatever was not has left nothing.
#include <signal.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "base/env.h"
#include "base/mutex.h"
#include "base/random.h"
#include "clients/cpp/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/llserver_process.h"
#include "tests/testing/platform_user.h"
#include "tests/testing/shell.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll {
namespace {

using ::ll::testing::LlserverProcess;
using ::ll::testing::SampleCsv;
using ::ll::testing::Shell;
using ::ll::testing::ShellResult;
using ::ll::testing::TempDir;
using ::testing::IsEmpty;

class ServerFaultsTest : public ::testing::Test {
 protected:
  void Start(std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--data-dir", dir_.File("data")});
    server_ = std::make_unique<LlserverProcess>(more);
    address_ = server_->AwaitAddress();
  }
  void Kill() {
    server_->Signal(SIGKILL);
    server_->Wait();
  }
  client::Client NewClient() const { return *client::Client::Open({.address = address_}); }
  ShellResult Sh(const std::string& script) const { return Shell(dir_.path(), {{"LL_ADDRESS", address_}}).Run(script); }

  const TempDir dir_;
  std::unique_ptr<LlserverProcess> server_;
  std::string address_;
};

// ---- The server is killed.

// What one client was told to be stored: its models, and the bytes of its objects by name.
struct Acknowledged {
  std::set<std::string> models;
  std::map<std::string, std::string> objects;
};

// Writes models and objects, and counts what is acknowledged, until the server is gone.
class Writers {
 public:
  Writers(const std::string& address, const TempDir& dir, const std::string& prefix, int count) {
    for (int i = 0; i < count; ++i) {
      const std::string id = absl::StrCat(prefix, "-", i);
      threads_.emplace_back([this, address, id, file = dir.File(id)] { Write(address, id, file); });
    }
  }

  void AwaitAcknowledged(int count) {
    MutexLock lock(&mutex_);
    mutex_.Await([&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return count_ >= count; });
  }
  // Returns when the server has been killed and every writer has noticed.
  void AddTo(Acknowledged& all) {
    for (std::thread& thread : threads_) thread.join();
    MutexLock lock(&mutex_);
    all.models.merge(acknowledged_.models);
    all.objects.merge(acknowledged_.objects);
  }

 private:
  void Write(const std::string& address, const std::string& id, const std::string& file) {
    const client::Client client = *client::Client::Open({.address = address});
    for (int i = 0;; ++i) {
      v1::CreateModelRequest request;
      request.set_model_id(absl::StrCat(id, "-", i));
      const absl::StatusOr<v1::Model> model = client.models().CreateModel(request);
      if (!model.ok()) return;
      Note([&](Acknowledged& all) { all.models.insert(model->name()); });

      v1::WriteObjectRequest::Header header;
      header.mutable_object()->set_name(absl::StrCat("buckets/data/objects/", id, "/", i));
      const std::string bytes(static_cast<size_t>(1000 + 37 * i), static_cast<char>('a' + i % 26));
      if (!Env::Posix().WriteFileAtomically(file, bytes).ok()) return;
      const absl::StatusOr<v1::Object> object = client.objects().WriteObjectFile(header, Env::Posix(), file, {});
      if (!object.ok()) return;
      Note([&](Acknowledged& all) { all.objects[object->name()] = bytes; });
    }
  }
  void Note(const std::function<void(Acknowledged&)>& add) {
    MutexLock lock(&mutex_);
    add(acknowledged_);
    ++count_;
  }

  Mutex mutex_;
  Acknowledged acknowledged_ ABSL_GUARDED_BY(mutex_);
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::thread> threads_;
};

void ExpectAllThere(const client::Client& client, const Acknowledged& all) {
  for (const std::string& name : all.models) LL_EXPECT_OK(client.models().GetModel(name));
  for (const auto& [name, bytes] : all.objects) {
    std::string read;
    LL_EXPECT_OK(client.objects().ReadObject(name, [&](absl::string_view part) {
      read.append(part.data(), part.size());
      return absl::OkStatus();
    }));
    EXPECT_EQ(read, bytes) << name;
  }
}

// Every event has its number, and every model and object exactly one that created it.
void ExpectWholeHistory(const client::Client& client) {
  std::multiset<std::string> created;
  int64_t number = 0;
  for (const absl::StatusOr<v1::Event>& event : client.events().ListEvents()) {
    LL_ASSERT_OK(event);
    EXPECT_EQ(event->name(), absl::StrCat("events/", ++number));
    if (event->verb() == "create") created.insert(event->resource());
  }
  std::multiset<std::string> there = {"buckets/data"};
  for (const absl::StatusOr<v1::Model>& model : client.models().ListModels()) there.insert(model->name());
  v1::ListObjectsRequest request;
  request.set_parent("buckets/data");
  for (const absl::StatusOr<v1::Object>& object : client.objects().ListObjects(request)) there.insert(object->name());
  EXPECT_EQ(created, there);
}

TEST_F(ServerFaultsTest, KilledDuringWritesItKeepsWhatItAcknowledged) {
  Start();
  v1::CreateBucketRequest bucket;
  bucket.set_bucket_id("data");
  LL_ASSERT_OK(NewClient().objects().CreateBucket(bucket));
  SeededRandom random(20);
  Acknowledged all;
  for (int round = 0; round < 8; ++round) {
    Writers writers(address_, dir_, absl::StrCat("r", round), 3);
    writers.AwaitAcknowledged(1 + static_cast<int>(random.Below(40)));
    Kill();
    writers.AddTo(all);
    Start();
    ExpectAllThere(NewClient(), all);
    ExpectWholeHistory(NewClient());
    EXPECT_THAT(Env::Posix().List(dir_.File("data/blobs/tmp")).value(), IsEmpty());
  }
}

// ---- A client is killed. What it sends comes through a pipe that holds 64 KiB: when `head` has ended, nearly all of
// it has been read, and the client waits for more.

TEST_F(ServerFaultsTest, AClientKilledDuringAnUploadLeavesNothing) {
  Start();
  const ShellResult result =
      Sh("set -e\n"
         "llctl bucket create data\n"
         "mkfifo pipe\n"
         "llctl object put - s3://data/half < pipe &\n"
         "exec 3> pipe\n"
         "head -c 20000000 /dev/zero >&3\n"
         "kill -9 $!\n");
  EXPECT_EQ(result.code, 0) << result.out;
  EXPECT_TRUE(server_->AwaitOutput("WriteObject failed")) << server_->output();
  EXPECT_EQ(Sh("llctl object list s3://data -o name").out, "");
  EXPECT_THAT(Env::Posix().List(dir_.File("data/blobs/tmp")).value(), IsEmpty());
  EXPECT_EQ(Sh("llctl object put /dev/null s3://data/half").code, 0) << "the name is free";
}

TEST_F(ServerFaultsTest, AClientKilledDuringAStreamHoldsNothingUp) {
  Start({"--drain-timeout", "1h"});
  dir_.Write("train.csv", SampleCsv());
  const ShellResult result =
      Sh("set -e\n"
         "llctl training-job create digits --train train.csv --model digits --wait -q "
         "--hyperparameter predictor_type=binary_classifier --hyperparameter epochs=1\n"
         "llctl endpoint create digits --model-version digits@latest --wait -q\n"
         "mkfifo pipe\n"
         "llctl predict digits --input - --content-type text/csv --batch-size 10 < pipe > half.csv &\n"
         "exec 3> pipe\n"
         "yes 0.5,0.25,1 | head -n 20000 >&3\n"
         "kill -9 $!\n");
  EXPECT_EQ(result.code, 0) << result.out;
  EXPECT_EQ(Sh("echo 0.5,0.25,1 | llctl predict digits --input - --content-type text/csv -q").code, 0);
  EXPECT_EQ(Sh("llctl endpoint delete digits --yes --wait -q").code, 0);
  EXPECT_TRUE(server_->Stop().success()) << server_->output();  // a stream that is left would be drained for an hour
}

}  // namespace
}  // namespace ll
