#include "learner/artifact.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "learner/artifact/safetensors.h"
#include "learner/artifact/tar_gz.h"
#include "nlohmann/json.hpp"
#include "tests/testing/fault_env.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temp_dir.h"

namespace ll::learner {
namespace {

using ::ll::testing::FaultEnv;
using ::ll::testing::HasReason;
using ::ll::testing::StatusIs;
using ::ll::testing::TempDir;
using ::testing::AllOf;
using ::testing::HasSubstr;

Model::Parts SampleParts() {
  Model::Parts parts;
  parts.schema = {.feature_dim = 3};
  parts.weights = {0.1, -1e-300, 1.0 / 3.0};
  parts.bias = {-0.25};
  parts.threshold = 0.4f;
  parts.feature_names = {"age", "\"height\", m", "\xc3\xa9t\xc3\xa9"};
  parts.class_names = {"stays", "goes"};
  parts.training = {
      .hyperparameters = {{"predictor_type", "binary_classifier"}, {"epochs", "3"}},
      .metrics = {{"train:objective_loss", 0.125}, {"odd", std::numeric_limits<double>::infinity()}},
      .candidates =
          {{.index = 0, .hyperparameters = {{"learning_rate", "0.005"}}, .train_loss = 0.125, .validation_loss = 0.5},
           {.index = 1, .hyperparameters = {}, .train_loss = NAN, .validation_loss = std::nullopt, .diverged = true}},
      .best_candidate = 0,
      .best_epoch = 2,
      .epochs_run = 3,
      .seed = std::numeric_limits<uint64_t>::max(),
      .train_rows = 1'000'000'000'000};
  return parts;
}

Model SampleModel() { return *Model::Create(SampleParts()); }

std::string SampleBytes() { return *SerializeModel(SampleModel()); }

// The members of an artifact, for tests that change one and pack them again.
struct Unpacked {
  nlohmann::json json;
  std::string weights;

  static Unpacked Sample() {
    const std::string bytes = SampleBytes();
    TarGzReader reader(bytes);
    Unpacked unpacked;
    EXPECT_TRUE(reader.Next().ok());
    unpacked.json = nlohmann::json::parse(*reader.Contents(1 << 20));
    EXPECT_TRUE(reader.Next().ok());
    unpacked.weights = *reader.Contents(1 << 20);
    return unpacked;
  }

  void ReplaceWeights(std::string bytes) {
    weights = std::move(bytes);
    json["members"]["weights.safetensors"] = {{"bytes", weights.size()}, {"sha256", Sha256Hex(weights)}};
  }

  std::string Pack() const {
    const std::string text = json.dump();
    return *PackTarGz({{"model.json", text}, {"weights.safetensors", weights}});
  }
};

TEST(ArtifactTest, AModelComesBackAsItWas) {
  LL_ASSERT_OK_AND_ASSIGN(const Model model, ParseModel(SampleBytes()));
  const Model::Parts expected = SampleParts();
  EXPECT_EQ(model.schema().predictor_type, PredictorType::kBinaryClassifier);
  EXPECT_EQ(model.schema().loss, Loss::kLogistic);
  EXPECT_EQ(model.schema().feature_dim, 3);
  EXPECT_EQ(model.schema().outputs, 1);
  EXPECT_EQ(model.parts().weights, expected.weights);
  EXPECT_EQ(model.parts().bias, expected.bias);
  EXPECT_EQ(model.threshold(), expected.threshold);
  EXPECT_EQ(model.parts().feature_names, expected.feature_names);
  EXPECT_EQ(model.parts().class_names, expected.class_names);

  const TrainingRecord& training = model.training();
  EXPECT_EQ(training.hyperparameters, expected.training.hyperparameters);
  EXPECT_EQ(training.metrics.at("train:objective_loss"), 0.125);
  EXPECT_TRUE(std::isnan(training.metrics.at("odd")));  // JSON has no infinity
  EXPECT_EQ(training.seed, expected.training.seed);
  EXPECT_EQ(training.train_rows, expected.training.train_rows);
  EXPECT_EQ(training.best_epoch, 2);
  EXPECT_EQ(training.epochs_run, 3);
  ASSERT_EQ(training.candidates.size(), 2u);
  EXPECT_EQ(training.candidates[0].hyperparameters.at("learning_rate"), "0.005");
  EXPECT_EQ(training.candidates[0].validation_loss, 0.5);
  EXPECT_TRUE(std::isnan(training.candidates[1].train_loss));
  EXPECT_EQ(training.candidates[1].validation_loss, std::nullopt);
  EXPECT_TRUE(training.candidates[1].diverged);
}

TEST(ArtifactTest, SavingIsDeterministicAndSurvivesLoading) {
  const std::string bytes = SampleBytes();
  EXPECT_EQ(SampleBytes(), bytes);
  LL_ASSERT_OK_AND_ASSIGN(const Model model, ParseModel(bytes));
  LL_ASSERT_OK_AND_ASSIGN(const std::string again, SerializeModel(model));
  EXPECT_EQ(again, bytes);
}

TEST(ArtifactTest, ALoadedModelScoresTheSameBits) {
  const Model model = SampleModel();
  LL_ASSERT_OK_AND_ASSIGN(const Model loaded, ParseModel(SampleBytes()));
  const std::vector<float> rows = {1, 2, 3, -4, 0.5f, 100, 0, 0, 0};
  Scores expected, scores;
  model.Score(rows.data(), 3, &expected);
  loaded.Score(rows.data(), 3, &scores);
  EXPECT_EQ(scores.values, expected.values);
  EXPECT_EQ(scores.labels, expected.labels);
}

TEST(ArtifactTest, SavesAtomicallyThroughTheEnv) {
  const TempDir dir;
  const std::string path = dir.File("model.tar.gz");
  FaultEnv env;
  LL_ASSERT_OK(SaveModel(SampleModel(), env, path));
  const int64_t operations = env.operations();
  LL_ASSERT_OK_AND_ASSIGN(const std::string before, env.ReadFile(path));
  for (int64_t allowed = 0; allowed < operations; ++allowed) {
    env.FailAfter(allowed, absl::ResourceExhaustedError("disk full"));
    env.set_short_writes(true);
    EXPECT_THAT(SaveModel(SampleModel(), env, path), StatusIs(absl::StatusCode::kResourceExhausted));
    env.Heal();
    LL_ASSERT_OK_AND_ASSIGN(const std::string after, env.ReadFile(path));
    EXPECT_EQ(after, before);
    LL_EXPECT_OK(LoadModel(env, path));
  }
}

TEST(ArtifactTest, AMissingFileIsNotFound) {
  EXPECT_THAT(LoadModel(Env::Posix(), "/nowhere/model.tar.gz"), StatusIs(absl::StatusCode::kNotFound));
}

TEST(ArtifactTest, ErrorsOfAFileNameIt) {
  const TempDir dir;
  const std::string path = dir.Write("model.tar.gz", "not an archive");
  EXPECT_THAT(LoadModel(Env::Posix(), path), AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(path)),
                                                   HasReason(ErrorReason::kInvalidArtifact)));
}

TEST(ArtifactTest, EveryTruncationIsRefused) {
  const std::string bytes = SampleBytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(ParseModel(bytes.substr(0, size)), HasReason(ErrorReason::kInvalidArtifact)) << size;
  }
}

TEST(ArtifactTest, EveryChangedByteIsRefusedOrHarmless) {
  const std::string bytes = SampleBytes();
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x04);
    const auto model = ParseModel(changed);
    // Some bytes of gzip mean nothing, or say the same in another way.
    if (model.ok()) {
      EXPECT_EQ(*SerializeModel(*model), bytes) << at;
    } else {
      EXPECT_THAT(model, HasReason(ErrorReason::kInvalidArtifact)) << at;
    }
  }
}

TEST(ArtifactTest, ForeignArchivesAreRefused) {
  const Unpacked sample = Unpacked::Sample();
  const std::string json = sample.json.dump();
  const std::pair<std::string, const char*> cases[] = {
      {"", "it is empty"},
      {"hello", "not compressed with gzip"},
      {*PackTarGz({}), "it holds no model.json"},
      {*PackTarGz({{"readme", "x"}}), "it holds readme where model.json should be"},
      {*PackTarGz({{"model.json", json}}), "it holds no weights.safetensors"},
      {*PackTarGz({{"weights.safetensors", sample.weights}, {"model.json", json}}), "where model.json should be"},
      {*PackTarGz({{"model.json", json}, {"weights.safetensors", sample.weights}, {"more", "x"}}),
       "it holds more, which belongs to no artifact"},
      {*PackTarGz({{"model.json", "{"}, {"weights.safetensors", sample.weights}}),
       "model.json: it is not a JSON object"},
  };
  for (const auto& [bytes, message] : cases) {
    EXPECT_THAT(ParseModel(bytes), AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)),
                                         HasReason(ErrorReason::kInvalidArtifact)))
        << message;
  }
}

TEST(ArtifactTest, FieldsOfModelJsonAreChecked) {
  const std::pair<std::function<void(nlohmann::json&)>, const char*> cases[] = {
      {[](auto& json) { json["format"] = "onnx"; }, "format is not \"linear-learner-model\""},
      {[](auto& json) { json.erase("format_version"); }, "format_version is not an integer"},
      {[](auto& json) { json["format_version"] = 0; }, "format_version is out of range"},
      {[](auto& json) { json["schema"]["predictor_type"] = "clusterer"; }, "schema.predictor_type is \"clusterer\""},
      {[](auto& json) { json["schema"]["loss"] = 3; }, "schema.loss is not a text"},
      {[](auto& json) { json["schema"]["feature_dim"] = -3; }, "schema.feature_dim is out of range"},
      {[](auto& json) { json["schema"]["feature_dim"] = 3.5; }, "schema.feature_dim is not an integer"},
      {[](auto& json) { json["schema"]["feature_dim"] = 4; }, "another shape than the schema says"},
      {[](auto& json) { json["schema"]["outputs"] = 2; }, "another shape than the schema says"},
      {[](auto& json) {
         json["schema"]["feature_dim"] = 2147483647;
         json["schema"]["outputs"] = 1000000;
       },
       "more numbers than an artifact may"},
      {[](auto& json) { json["schema"]["feature_names"] = "a,b,c"; }, "schema.feature_names is not a list"},
      {[](auto& json) {
         json["schema"]["class_names"] = {0, 1};
       },
       "schema.class_names holds something that is not"},
      {[](auto& json) {
         json["schema"]["feature_names"] = {"a", "b"};
       },
       "2 names of features, and there are 3"},
      {[](auto& json) { json["schema"]["class_names"] = {"a"}; }, "1 name of classes, and there are 2"},
      {[](auto& json) { json.erase("schema"); }, "schema is not an object"},
      {[](auto& json) { json["threshold"] = "high"; }, "threshold is not a number"},
      {[](auto& json) { json["threshold"] = nullptr; }, "not a finite number"},
      {[](auto& json) { json["training"]["seed"] = -1; }, "training.seed is out of range"},
      {[](auto& json) { json["training"]["hyperparameters"]["epochs"] = 3; }, "training.hyperparameters.epochs is not"},
      {[](auto& json) { json["training"]["metrics"] = {1}; }, "training.metrics is not an object"},
      {[](auto& json) { json["training"]["candidates"] = "none"; }, "training.candidates is not a list"},
      {[](auto& json) { json["training"]["candidates"][1]["diverged"] = 1; }, "candidates[1].diverged is not true"},
      {[](auto& json) { json["training"]["candidates"][0] = 7; }, "candidates[0].index is not an integer"},
      {[](auto& json) { json["members"]["extra"] = 1; }, "members names files that belong to no artifact"},
      {[](auto& json) { json["members"]["weights.safetensors"]["sha256"] = "abc"; }, "sha256 is not a SHA-256"},
      {[](auto& json) { json["members"]["weights.safetensors"]["bytes"] = 7; }, "its SHA-256 differs"},
      {[](auto& json) { json["members"]["weights.safetensors"]["sha256"] = std::string(64, '0'); },
       "its SHA-256 differs"},
  };
  for (const auto& [change, message] : cases) {
    Unpacked unpacked = Unpacked::Sample();
    change(unpacked.json);
    EXPECT_THAT(ParseModel(unpacked.Pack()), AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)),
                                                   HasReason(ErrorReason::kInvalidArtifact)))
        << message;
  }
}

TEST(ArtifactTest, ANewerFormatIsRefusedNamingTheReleaseThatWroteIt) {
  Unpacked unpacked = Unpacked::Sample();
  unpacked.json["format_version"] = kArtifactFormatVersion + 1;
  unpacked.json["producer"] = "linear-learner 9.1.0";
  EXPECT_THAT(ParseModel(unpacked.Pack()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("was written by linear-learner 9.1.0")));
}

TEST(ArtifactTest, TensorsAreChecked) {
  const std::vector<double> three = {1, 2, 3}, one = {1}, bad = {1, NAN, 3};
  const std::pair<std::string, const char*> cases[] = {
      {WriteSafetensors({{"weights", {{1, 3}, three}}}), "there is no tensor \"bias\""},
      {WriteSafetensors({{"bias", {{1}, one}}}), "there is no tensor \"weights\""},
      {WriteSafetensors({{"weights", {{3}, three}}, {"bias", {{1}, one}}}), "another shape"},
      {WriteSafetensors({{"weights", {{1, 3}, three}}, {"bias", {{1}, one}}, {"more", {{1}, one}}}),
       "unknown tensor \"more\""},
      {WriteSafetensors({{"weights", {{1, 3}, bad}}, {"bias", {{1}, one}}}), "not a finite number"},
      {"rubbish", "weights.safetensors: it is shorter than its own header"},
  };
  for (const auto& [weights, message] : cases) {
    Unpacked unpacked = Unpacked::Sample();
    unpacked.ReplaceWeights(weights);
    EXPECT_THAT(ParseModel(unpacked.Pack()), AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)),
                                                   HasReason(ErrorReason::kInvalidArtifact)))
        << message;
  }
}

TEST(ArtifactTest, ABombIsRefusedBeforeItIsUnpacked) {
  Unpacked unpacked = Unpacked::Sample();
  unpacked.ReplaceWeights(std::string(100'000'000, '\0'));
  const std::string bytes = unpacked.Pack();
  EXPECT_LT(bytes.size(), 200'000u);
  EXPECT_THAT(ParseModel(bytes), StatusIs(absl::StatusCode::kInvalidArgument,
                                          HasSubstr("says it is 100000000 bytes long, and the limit is")));
}

TEST(ArtifactTest, ModelsOfSeveralOutputsComeBack) {
  Model::Parts parts;
  parts.schema = {
      .predictor_type = PredictorType::kMulticlassClassifier, .loss = Loss::kSoftmax, .feature_dim = 2, .outputs = 3};
  parts.weights = {1, 2, 3, 4, 5, 6};
  parts.bias = {7, 8, 9};
  LL_ASSERT_OK_AND_ASSIGN(const Model model, Model::Create(parts));
  LL_ASSERT_OK_AND_ASSIGN(const std::string bytes, SerializeModel(model));
  LL_ASSERT_OK_AND_ASSIGN(const Model loaded, ParseModel(bytes));
  EXPECT_EQ(loaded.parts().weights, parts.weights);
  EXPECT_EQ(loaded.parts().bias, parts.bias);
  EXPECT_EQ(loaded.schema().loss, Loss::kSoftmax);
}

// Files of every format version must load for ever. Never change a golden file; add one for each new version. The
// scores were computed by a few lines of Python from the file's own weights.
TEST(ArtifactGoldenTest, VersionOneLoadsAndScores) {
  const std::string folder = JoinPath(getenv("LL_SOURCE_DIR"), "tests/golden/artifact/v1");
  LL_ASSERT_OK_AND_ASSIGN(const Model model, LoadModel(Env::Posix(), JoinPath(folder, "model.tar.gz")));
  LL_ASSERT_OK_AND_ASSIGN(const std::string text, Env::Posix().ReadFile(JoinPath(folder, "expected.json")));
  const nlohmann::json expected = nlohmann::json::parse(text);

  const auto rows = expected["rows"].get<std::vector<std::vector<float>>>();
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(model.threshold(), expected["threshold"].get<float>());
  EXPECT_EQ(model.training().seed, expected["seed"].get<uint64_t>());
  EXPECT_EQ(model.training().candidates.size(), expected["candidates"].get<size_t>());
  EXPECT_EQ(model.training().hyperparameters.at("epochs"), "10");
  for (size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i].size(), static_cast<size_t>(model.schema().feature_dim));
    Scores scores;
    model.Score(rows[i].data(), 1, &scores);
    EXPECT_FLOAT_EQ(scores.values[0], expected["scores"][i].get<float>()) << i;
    EXPECT_EQ(scores.labels[0], expected["labels"][i].get<int64_t>()) << i;
  }
}

// The format needs nothing of ours to be written: this one was made with Python's tarfile, gzip and json.
TEST(ArtifactGoldenTest, AnArtifactOfAnotherWriterLoads) {
  const std::string path = JoinPath(getenv("LL_SOURCE_DIR"), "tests/fuzz/corpus/artifact/good.tar.gz");
  LL_ASSERT_OK_AND_ASSIGN(const Model model, LoadModel(Env::Posix(), path));
  EXPECT_THAT(model.parts().weights, ::testing::ElementsAre(0.1, -2.0, 3.0));
  EXPECT_EQ(model.training().train_rows, 10);
}

}  // namespace
}  // namespace ll::learner
