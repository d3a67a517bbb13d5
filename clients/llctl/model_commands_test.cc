// `llctl model` and `llctl model-version` against a server in memory.
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/error_reason.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ll/v1/model_service.pb.h"
#include "tests/testing/fake_services/fake_llserver.h"
#include "tests/testing/fake_services/sample_messages.h"
#include "tests/testing/golden.h"
#include "tests/testing/llctl_runner.h"
#include "tests/testing/temp_dir.h"

namespace ll::llctl {
namespace {

using ::ll::testing::FakeLlserver;
using ::ll::testing::FakeState;
using ::ll::testing::LlctlResult;
using ::ll::testing::LlctlRunner;
using ::ll::testing::MatchesGolden;
using ::ll::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class ModelCommandsTest : public ::testing::Test {
 protected:
  void AddSamples() {
    server_.AddVersion("churn", 2);
    server_.Edit([](FakeState& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
      state.models["models/digits"] = testing::SampleModelMessage();
      state.versions["models/digits/versions/3"] = testing::SampleVersionMessage();
    });
  }
  v1::Model Model(const std::string& name) {
    v1::Model model;
    server_.Edit([&](FakeState& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) { model = state.models[name]; });
    return model;
  }

  FakeLlserver server_;
  LlctlRunner llctl_{server_.address()};
};

TEST_F(ModelCommandsTest, Create) {
  const LlctlResult result = llctl_.Run({"model", "create", "digits", "--description", "zero or not", "--label",
                                         "team=vision", "--label", "note=a=b", "--annotation", "why=because"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "model/digits created\n");
  EXPECT_EQ(result.err, "");
  const v1::Model model = Model("models/digits");
  EXPECT_EQ(model.description(), "zero or not");
  EXPECT_THAT(model.labels(), UnorderedElementsAre(Pair("team", "vision"), Pair("note", "a=b")));
  EXPECT_THAT(model.annotations(), UnorderedElementsAre(Pair("why", "because")));
}

TEST_F(ModelCommandsTest, CreateFromAFile) {
  const std::string yaml = "name: models/digits\ndescription: from a file\nlabels: {tier: gold}\n";
  const TempDir dir;
  EXPECT_EQ(llctl_.Run({"model", "create", "-f", dir.Write("model.yaml", yaml)}).out, "model/digits created\n");
  EXPECT_EQ(llctl_.Run({"model", "create", "other", "-f", "-", "--label", "tier=silver"}, yaml).out,
            "model/other created\n");
  EXPECT_EQ(Model("models/digits").description(), "from a file");
  EXPECT_THAT(Model("models/other").labels(), ElementsAre(Pair("tier", "silver")));
}

TEST_F(ModelCommandsTest, ADryRunChangesNothing) {
  const LlctlResult result = llctl_.Run({"model", "create", "digits", "--dry-run"});
  EXPECT_EQ(result.out, "model/digits would be created (dry run)\n");
  EXPECT_EQ(llctl_.Run({"model", "get", "digits"}).code, 3);
}

TEST_F(ModelCommandsTest, CreateInEveryOutputFormat) {
  EXPECT_EQ(llctl_.Run({"model", "create", "a", "-q"}).out, "");
  EXPECT_EQ(llctl_.Run({"model", "create", "b", "-o", "name"}).out, "models/b\n");
  EXPECT_THAT(llctl_.Run({"model", "create", "c", "-o", "json"}).out, HasSubstr("\"name\": \"models/c\""));
  EXPECT_THAT(llctl_.Run({"model", "create", "d", "-o", "yaml"}).out, HasSubstr("name: models/d\n"));
}

TEST_F(ModelCommandsTest, AnExistingNameIsAConflict) {
  AddSamples();
  const LlctlResult result = llctl_.Run({"model", "create", "digits"});
  EXPECT_EQ(result.code, 6);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "error: cannot create models/digits: it exists already [ALREADY_EXISTS]\n");
}

TEST_F(ModelCommandsTest, ListInEveryOutputFormat) {
  AddSamples();
  EXPECT_TRUE(MatchesGolden("llctl/model_list.txt", llctl_.Run({"model", "list"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/model_list_wide.txt", llctl_.Run({"models", "ls", "-o", "wide"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/model_list.json", llctl_.Run({"model", "list", "-o", "json"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/model_list.yaml", llctl_.Run({"model", "list", "-o", "yaml"}).out));
  EXPECT_EQ(llctl_.Run({"model", "list", "-o", "name"}).out, "models/churn\nmodels/digits\n");
}

TEST_F(ModelCommandsTest, AnEmptyListIsNoError) {
  LlctlResult result = llctl_.Run({"model", "list"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "No models found.\n");
  EXPECT_EQ(llctl_.Run({"model", "list", "-q"}).err, "");
  EXPECT_EQ(llctl_.Run({"model", "list", "-o", "json"}).out, "[]\n");
  EXPECT_EQ(llctl_.Run({"model", "list", "-o", "yaml"}).out, "[]\n");
  EXPECT_EQ(llctl_.Run({"model", "list", "-o", "name"}).out, "");
}

TEST_F(ModelCommandsTest, ListPagesAndPassesItsFlagsOn) {
  for (const char* id : {"a", "b", "c", "d", "e"}) server_.AddVersion(id, 2);
  const LlctlResult result = llctl_.Run({"model", "list", "-o", "name", "--page-size", "2", "--filter",
                                         "labels.team = vision", "--order-by", "create_time desc"});
  EXPECT_EQ(result.out, "models/a\nmodels/b\nmodels/c\nmodels/d\nmodels/e\n");
  const auto request = server_.last<v1::ListModelsRequest>();
  EXPECT_EQ(request.filter(), "labels.team = vision");
  EXPECT_EQ(request.order_by(), "create_time desc");
  EXPECT_EQ(request.page_size(), 2);
}

TEST_F(ModelCommandsTest, ALimitFetchesNoMore) {
  for (const char* id : {"a", "b", "c", "d", "e"}) server_.AddVersion(id, 2);
  EXPECT_EQ(llctl_.Run({"model", "list", "-o", "name", "--limit", "3"}).out, "models/a\nmodels/b\nmodels/c\n");
  EXPECT_EQ(server_.last<v1::ListModelsRequest>().page_size(), 3);
  EXPECT_EQ(server_.calls("ListModels"), 1);
}

TEST_F(ModelCommandsTest, AnErrorInTheMiddleOfAListIsTold) {
  for (const char* id : {"a", "b", "c"}) server_.AddVersion(id, 2);
  server_.FailNext("ListModels", absl::OkStatus());
  server_.FailNext("ListModels", MakeError(absl::StatusCode::kInternal, ErrorReason::kInternal,
                                           {.what = "cannot list models", .why = "the disk broke"}));
  const LlctlResult result = llctl_.Run({"model", "list", "-o", "json", "--page-size", "2"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.out, HasSubstr("models/b"));
  EXPECT_THAT(result.err, HasSubstr("the disk broke"));
}

TEST_F(ModelCommandsTest, GetInEveryOutputFormat) {
  AddSamples();
  EXPECT_TRUE(MatchesGolden("llctl/model_get.txt", llctl_.Run({"model", "get", "digits"}).out));
  EXPECT_TRUE(
      MatchesGolden("llctl/model_get_wide.txt", llctl_.Run({"model", "get", "models/digits", "-o", "wide"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/model_get.json", llctl_.Run({"model", "get", "digits", "-o", "json"}).out));
  EXPECT_EQ(llctl_.Run({"model", "get", "digits", "-o", "name"}).out, "models/digits\n");
}

TEST_F(ModelCommandsTest, UpdateChangesOnlyWhatFlagsName) {
  AddSamples();
  EXPECT_EQ(llctl_.Run({"model", "update", "digits", "--label", "tier=silver", "--remove-label", "team"}).out,
            "model/digits updated\n");
  v1::Model model = Model("models/digits");
  EXPECT_THAT(model.labels(), ElementsAre(Pair("tier", "silver")));
  EXPECT_EQ(model.description(), "Is this digit a zero?");
  EXPECT_THAT(server_.last<v1::UpdateModelRequest>().update_mask().paths(), ElementsAre("labels"));

  EXPECT_EQ(llctl_.Run({"model", "update", "digits", "--description", "", "--remove-annotation", "note"}).code, 0);
  model = Model("models/digits");
  EXPECT_EQ(model.description(), "");
  EXPECT_TRUE(model.annotations().empty());
}

TEST_F(ModelCommandsTest, UpdateReadsAgainWhenSomebodyElseWasFaster) {
  AddSamples();
  server_.FailNext("UpdateModel",
                   MakeError(absl::StatusCode::kAborted, ErrorReason::kEtagMismatch,
                             {.what = "cannot update models/digits", .why = "it changed"}),
                   2);
  EXPECT_EQ(llctl_.Run({"model", "update", "digits", "--label", "a=b"}).code, 0);
  EXPECT_EQ(server_.calls("GetModel"), 3);
  server_.FailNext("UpdateModel",
                   MakeError(absl::StatusCode::kAborted, ErrorReason::kEtagMismatch,
                             {.what = "cannot update models/digits", .why = "it changed"}),
                   3);
  EXPECT_EQ(llctl_.Run({"model", "update", "digits", "--label", "a=b"}).code, 6);
}

TEST_F(ModelCommandsTest, DeleteNeedsAYesWhereNobodyCanBeAsked) {
  server_.Edit([](FakeState& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
    state.models["models/empty"].set_name("models/empty");
  });
  LlctlResult result = llctl_.Run({"model", "delete", "empty"});
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.err, "error: nobody is there to confirm it. Repeat the command with --yes.\n");
  EXPECT_EQ(server_.calls("DeleteModel"), 0);
  result = llctl_.Run({"model", "delete", "empty", "--yes"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "model/empty deleted\n");
}

TEST_F(ModelCommandsTest, DeleteAsksOnATerminal) {
  AddSamples();
  llctl_.UseTerminal(80);
  LlctlResult result = llctl_.Run({"model", "rm", "churn", "--force"}, "n\n");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("Delete models/churn and all its versions? [y/N] "));
  EXPECT_THAT(result.err, HasSubstr("nothing was changed: the answer was not yes"));
  EXPECT_EQ(server_.calls("DeleteModel"), 0);
  EXPECT_EQ(llctl_.Run({"model", "delete", "churn", "--force"}, "").code, 1);
  result = llctl_.Run({"model", "delete", "churn", "--force"}, " Yes \n");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "model/churn deleted\n");
}

TEST_F(ModelCommandsTest, DeleteInEveryOutputFormat) {
  for (const char* id : {"a", "b", "c"}) server_.AddVersion(id, 2);
  EXPECT_EQ(llctl_.Run({"model", "delete", "a", "--yes", "--force", "-o", "name"}).out, "models/a\n");
  EXPECT_EQ(llctl_.Run({"model", "delete", "b", "--yes", "--force", "-o", "json"}).out,
            "{\n  \"name\": \"models/b\"\n}\n");
  EXPECT_EQ(llctl_.Run({"model", "delete", "c", "--force", "--dry-run"}).out, "model/c would be deleted (dry run)\n");
}

TEST_F(ModelCommandsTest, DeleteOfAModelInUseIsAConflict) {
  server_.AddVersion("churn", 2);
  const LlctlResult result = llctl_.Run({"model", "delete", "churn", "--yes"});
  EXPECT_EQ(result.code, 6);
  EXPECT_EQ(
      result.err,
      "error: cannot delete models/churn: it has versions. Delete them first, or use `force`. [MODEL_NOT_EMPTY]\n");
}

TEST_F(ModelCommandsTest, AliasesComeAndGo) {
  server_.AddVersion("churn", 2);
  server_.AddVersion("churn", 2);
  EXPECT_EQ(llctl_.Run({"model", "set-alias", "churn", "--alias", "champion", "--model-version", "1"}).out,
            "model/churn updated: champion is version 1\n");
  EXPECT_EQ(llctl_.Run({"model", "set-alias", "churn", "--alias", "champion", "--model-version", "latest"}).out,
            "model/churn updated: champion is version 2\n");
  EXPECT_THAT(Model("models/churn").aliases(), ElementsAre(Pair("champion", 2)));
  EXPECT_EQ(llctl_.Run({"model", "delete-alias", "churn", "--alias", "champion", "--yes"}).out,
            "model/churn updated: no longer has the alias champion\n");
  EXPECT_TRUE(Model("models/churn").aliases().empty());
}

TEST_F(ModelCommandsTest, VersionsInEveryOutputFormat) {
  AddSamples();
  EXPECT_TRUE(MatchesGolden("llctl/model_version_list.txt", llctl_.Run({"model-version", "list"}).out));
  EXPECT_TRUE(
      MatchesGolden("llctl/model_version_list_wide.txt", llctl_.Run({"model-version", "list", "-o", "wide"}).out));
  EXPECT_TRUE(
      MatchesGolden("llctl/model_version_get.txt", llctl_.Run({"model-version", "get", "digits/versions/3"}).out));
  EXPECT_TRUE(MatchesGolden("llctl/model_version_get_wide.txt",
                            llctl_.Run({"model-version", "get", "digits@champion", "-o", "wide"}).out));
  EXPECT_EQ(server_.last<v1::GetModelVersionRequest>().coefficients(), 0);
  server_.Edit([](FakeState& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) {
    v1::OutputCoefficients& output = *state.versions["models/digits/versions/3"].add_coefficients();
    output.set_label(1);
    output.set_bias(-0.25);
    for (const int64_t feature : {405, 7}) {
      v1::OutputCoefficients::Coefficient& it = *output.add_coefficients();
      it.set_feature(feature);
      it.set_weight(-0.00123456789 * static_cast<double>(feature));
      if (feature == 7) it.set_feature_name("brightness");
      if (feature == 405) it.set_standardized_weight(-1.5);
    }
  });
  EXPECT_TRUE(MatchesGolden("llctl/model_version_get_coefficients.txt",
                            llctl_.Run({"model-version", "get", "digits@champion", "--coefficients", "2"}).out));
  EXPECT_EQ(server_.last<v1::GetModelVersionRequest>().coefficients(), 2);
  EXPECT_EQ(llctl_.Run({"model-version", "list", "models/digits", "-o", "name"}).out, "models/digits/versions/3\n");
  EXPECT_EQ(llctl_.Run({"model-version", "list", "churn", "-o", "name"}).out, "models/churn/versions/1\n");
}

TEST_F(ModelCommandsTest, VersionUpdateAndDelete) {
  server_.AddVersion("churn", 2);
  EXPECT_EQ(llctl_.Run({"model-version", "update", "churn@latest", "--label", "reviewed=yes"}).out,
            "model-version/churn/versions/1 updated\n");
  EXPECT_EQ(server_.last<v1::UpdateModelVersionRequest>().model_version().name(), "models/churn/versions/1");
  server_.AddEndpoint("live", "models/churn/versions/1");
  LlctlResult result = llctl_.Run({"model-version", "delete", "churn/versions/1", "--yes"});
  EXPECT_EQ(result.code, 6);
  EXPECT_THAT(result.err, HasSubstr("endpoints/live serves it"));
  server_.AddVersion("churn", 2);
  result = llctl_.Run({"model-version", "delete", "models/churn/versions/2", "--yes"});
  EXPECT_EQ(result.out, "model-version/churn/versions/2 deleted\n");
}

TEST_F(ModelCommandsTest, ArtifactsGoOutAndIn) {
  const TempDir dir;
  server_.AddVersion("churn", 2);
  const std::string file = dir.File("model.tar.gz");
  EXPECT_EQ(llctl_.Run({"model-version", "export", "churn@latest", "--output", file}).out,
            "model-version/churn/versions/1 saved as " + file + " (2.4 KiB)\n");
  const std::string bytes = Env::Posix().ReadFile(file).value();
  EXPECT_EQ(bytes, std::string(2500, 'w'));
  EXPECT_EQ(llctl_.Run({"model-version", "export", "churn@latest", "--output", "-"}).out, bytes);
  EXPECT_EQ(llctl_.Run({"model-version", "import", "copy", "--artifact", file, "--label", "from=churn"}).out,
            "model-version/copy/versions/1 imported (2.4 KiB)\n");
  EXPECT_EQ(llctl_.Run({"model-version", "import", "copy", "--artifact", "-"}, "other bytes").out,
            "model-version/copy/versions/2 imported (11 B)\n");
  EXPECT_EQ(server_.last<v1::ImportModelVersionRequest::Header>().parent(), "models/copy");
}

TEST_F(ModelCommandsTest, ADamagedArtifactIsNotSaved) {
  const TempDir dir;
  server_.AddVersion("churn", 2);
  server_.Edit([](FakeState& state) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state.mutex) { state.corrupt_downloads = true; });
  const LlctlResult result =
      llctl_.Run({"model-version", "export", "churn@latest", "--output", dir.File("model.tar.gz")});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("[DIGEST_MISMATCH]"));
  EXPECT_TRUE(Env::Posix().List(dir.path())->empty());
}

}  // namespace
}  // namespace ll::llctl
