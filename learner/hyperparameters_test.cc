#include "learner/hyperparameters.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace ll::learner {
namespace {

using ::ll::testing::HasReason;
using ::ll::testing::IsOk;
using ::ll::testing::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Values = std::map<std::string, std::string>;

Values Binary(Values more = {}) {
  more.emplace("predictor_type", "binary_classifier");
  return more;
}

std::vector<FieldViolation> Violations(const Values& values) {
  const auto result = ParseHyperparameters(values);
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(result, HasReason(ErrorReason::kInvalidHyperparameter));
  const auto details = GetErrorDetails(result.status());
  return details.has_value() ? details->field_violations : std::vector<FieldViolation>{};
}

TEST(HyperparametersTest, DefaultsAreTheDocumentedOnes) {
  LL_ASSERT_OK_AND_ASSIGN(const Hyperparameters hp, ParseHyperparameters(Binary()));
  EXPECT_EQ(hp.predictor_type, PredictorType::kBinaryClassifier);
  EXPECT_EQ(hp.feature_dim, std::nullopt);
  EXPECT_EQ(hp.epochs, 15);
  EXPECT_EQ(hp.mini_batch_size, std::nullopt);
  EXPECT_EQ(hp.num_models, std::nullopt);
  EXPECT_EQ(hp.learning_rate, std::nullopt);
  EXPECT_EQ(hp.normalize_data, std::nullopt);
  EXPECT_EQ(hp.early_stopping_patience, 3);
  EXPECT_EQ(hp.early_stopping_tolerance, 0.001);
  EXPECT_EQ(hp.binary_classifier_model_selection_criteria, SelectionCriterion::kAccuracy);
  EXPECT_EQ(EffectiveLoss(hp), Loss::kLogistic);
  EXPECT_EQ(EffectiveNumModels(hp), 32);
}

TEST(HyperparametersTest, ReadsEveryKindOfValue) {
  LL_ASSERT_OK_AND_ASSIGN(const Hyperparameters hp,
                          ParseHyperparameters(Binary({{"feature_dim", "784"},
                                                       {"mini_batch_size", "200"},
                                                       {"learning_rate", "1e-3"},
                                                       {"wd", "0"},
                                                       {"l1", "auto"},
                                                       {"use_lr_scheduler", "False"},
                                                       {"normalize_data", "TRUE"},
                                                       {"init_method", "normal"},
                                                       {"init_bias", "-.5"},
                                                       {"optimizer", "adam"},
                                                       {"positive_example_weight_mult", "2.5"},
                                                       {"num_models", "4"}})));
  EXPECT_EQ(hp.feature_dim, 784);
  EXPECT_EQ(hp.mini_batch_size, 200);
  EXPECT_EQ(hp.learning_rate, 1e-3);
  EXPECT_EQ(hp.wd, 0.0);
  EXPECT_EQ(hp.l1, std::nullopt);
  EXPECT_FALSE(hp.use_lr_scheduler);
  EXPECT_EQ(hp.normalize_data, true);
  EXPECT_EQ(hp.init_method, InitMethod::kNormal);
  EXPECT_EQ(hp.init_bias, -0.5);
  EXPECT_EQ(hp.optimizer, Optimizer::kAdam);
  EXPECT_EQ(hp.positive_example_weight_mult.kind, PositiveExampleWeight::Kind::kNumber);
  EXPECT_EQ(hp.positive_example_weight_mult.value, 2.5);
  EXPECT_EQ(EffectiveNumModels(hp), 4);
}

TEST(HyperparametersTest, AutoMiniBatchesLeaveAnEpochFiftyUpdates) {
  Hyperparameters hp;
  for (const auto& [rows, expected] :
       {std::pair<int64_t, int64_t>{1, 1}, {49, 1}, {500, 10}, {14430, 288}, {50000, 1000}, {10000000, 1000}}) {
    EXPECT_EQ(EffectiveMiniBatchSize(hp, rows), expected) << rows;
  }
  hp.mini_batch_size = 1000;
  EXPECT_EQ(EffectiveMiniBatchSize(hp, 1500), 1000);
  EXPECT_EQ(EffectiveMiniBatchSize(hp, 300), 300) << "no more than there are rows";
}

TEST(HyperparametersTest, LegacyCriteriaAreMapped) {
  const std::pair<const char*, SelectionCriterion> cases[] = {
      {"accuracy", SelectionCriterion::kAccuracy},
      {"f_beta", SelectionCriterion::kFBeta},
      {"f1", SelectionCriterion::kFBeta},
      {"precision_at_target_recall", SelectionCriterion::kPrecisionAtTargetRecall},
      {"recall_at_target_precision", SelectionCriterion::kRecallAtTargetPrecision},
      {"loss_function", SelectionCriterion::kLossFunction},
      {"cross_entropy_loss", SelectionCriterion::kLossFunction},
  };
  for (const auto& [word, expected] : cases) {
    LL_ASSERT_OK_AND_ASSIGN(const Hyperparameters hp,
                            ParseHyperparameters(Binary({{"binary_classifier_model_selection_criteria", word}})));
    EXPECT_EQ(hp.binary_classifier_model_selection_criteria, expected) << word;
  }
}

struct BadValue {
  const char* name;
  const char* text;
  const char* problem;  // contained in the violation's description
};

class BadValueTest : public ::testing::TestWithParam<BadValue> {};

TEST_P(BadValueTest, IsRefusedNamingTheValue) {
  const BadValue& bad = GetParam();
  Values values = Binary();
  values[bad.name] = bad.text;
  const std::vector<FieldViolation> violations = Violations(values);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, bad.name);
  EXPECT_THAT(violations[0].description, HasSubstr(bad.problem));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadValueTest,
    ::testing::Values(
        BadValue{"predictor_type", "binary",
                 "\"binary\" is not in [binary_classifier, multiclass_classifier, regressor]"},
        BadValue{"predictor_type", "binary_clasifier", "did you mean binary_classifier?"},
        BadValue{"predictor_type", "auto", "is not in ["},
        BadValue{"epochs", "0", "value 0 not in range [1, 2147483647]"},
        BadValue{"epochs", "-3", "value -3 not in range"},
        BadValue{"epochs", "99999999999", "value 99999999999 not in range"},
        BadValue{"epochs", "15.0", "expected an integer, written as 15"},
        BadValue{"epochs", "1e1", "expected an integer, written as 10"},
        BadValue{"epochs", "15.5", "could not parse value \"15.5\": expected an integer"},
        BadValue{"epochs", "", "could not parse value \"\""}, BadValue{"epochs", " 15", "could not parse value"},
        BadValue{"epochs", "15x", "could not parse value"}, BadValue{"epochs", "0x10", "could not parse value"},
        BadValue{"epochs", "auto", "could not parse value \"auto\""},
        BadValue{"feature_dim", "abc", "could not parse value \"abc\""},
        BadValue{"feature_dim", "0", "value 0 not in range"},
        BadValue{"feature_dim", "2147483647", "value 2147483647 not in range [1, 10000000]"},
        BadValue{"num_models", "1025", "value 1025 not in range [1, 1024]"},
        BadValue{"learning_rate", "0", "value 0 not in range (0, inf)"},
        BadValue{"learning_rate", "nan", "not a finite number"},
        BadValue{"learning_rate", "inf", "not a finite number"},
        BadValue{"learning_rate", "1e999", "not a finite number"},
        BadValue{"learning_rate", "fast", "could not parse value \"fast\": expected a number"},
        BadValue{"learning_rate", "1,5", "could not parse value"},
        BadValue{"beta_1", "1", "value 1 not in range [0, 1)"},
        BadValue{"l1", "-0.1", "value -0.1 not in range [0, inf)"},
        BadValue{"target_recall", "1", "value 1 not in range (0, 1)"},
        BadValue{"lr_scheduler_factor", "1.0", "not in range (0, 1)"},
        BadValue{"use_bias", "yes", "\"yes\" is not in [true, false]"},
        BadValue{"use_bias", "auto", "\"auto\" is not in [true, false]"},
        BadValue{"use_lr_scheduler", "1", "is not in [true, false]"},
        BadValue{"init_method", "gaussian", "is not in [uniform, normal]"},
        BadValue{"positive_example_weight_mult", "lots", "is not in [auto, balanced] or a number"},
        BadValue{"positive_example_weight_mult", "0", "value 0 not in range (0, inf)"},
        BadValue{"num_classes", "2000000", "not in range [1, 1000000]"},
        // Combinations.
        BadValue{"loss", "softmax_loss", "softmax_loss is not in [auto, logistic, hinge_loss], the losses of"},
        BadValue{"loss", "squared_loss", "is not in [auto, logistic, hinge_loss]"}),
    [](const auto& info) { return std::string(info.param.name) + std::to_string(info.index); });

TEST(HyperparametersTest, PredictorTypeIsRequired) {
  const std::vector<FieldViolation> violations = Violations({{"epochs", "3"}});
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "predictor_type");
  EXPECT_THAT(ParseHyperparameters({}).status().message(),
              ::testing::HasSubstr("Missing required hyperparameter: predictor_type"));
}

TEST(HyperparametersTest, EveryPredictorTypeTakesItsLosses) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> losses = {
      {"binary_classifier", {"auto", "logistic", "hinge_loss"}},
      {"multiclass_classifier", {"auto", "softmax_loss"}},
      {"regressor",
       {"auto", "squared_loss", "absolute_loss", "eps_insensitive_squared_loss", "eps_insensitive_absolute_loss",
        "quantile_loss", "huber_loss"}}};
  for (const auto& [type, names] : losses) {
    for (const std::string& name : names) {
      EXPECT_THAT(ParseHyperparameters({{"predictor_type", type}, {"num_classes", "10"}, {"loss", name}}), IsOk())
          << type << " " << name;
    }
  }
}

TEST(HyperparametersTest, MulticlassNeedsThreeClasses) {
  std::vector<FieldViolation> violations = Violations({{"predictor_type", "multiclass_classifier"}});
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "num_classes");
  EXPECT_THAT(violations[0].description, HasSubstr("missing"));
  violations = Violations({{"predictor_type", "multiclass_classifier"}, {"num_classes", "2"}});
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_THAT(violations[0].description, HasSubstr("value 2 not in range [3, 1000000]"));
}

TEST(HyperparametersTest, UnbiasingNeedsABias) {
  const std::vector<FieldViolation> violations = Violations(Binary({{"use_bias", "false"}, {"unbias_data", "true"}}));
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].field, "unbias_data");
  EXPECT_THAT(ParseHyperparameters(Binary({{"use_bias", "false"}, {"unbias_data", "auto"}})), IsOk());
}

TEST(HyperparametersTest, UnknownNamesGetTheNearestKnownOne) {
  const auto result = ParseHyperparameters(Binary({{"mini_batch_siz", "200"}}));
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("Extraneous hyperparameter found: mini_batch_siz (did you mean "
                                         "mini_batch_size?)")));
  EXPECT_THAT(ParseHyperparameters(Binary({{"colour", "red"}})).status().message(),
              AllOf(HasSubstr("colour"), ::testing::Not(HasSubstr("did you mean"))));
  EXPECT_THAT(Violations(Binary({{"_secret", "1"}})), ::testing::SizeIs(1));
}

TEST(HyperparametersTest, EveryProblemIsReportedAtOnce) {
  const auto result = ParseHyperparameters(
      {{"predictor_type", "binary_classifier"}, {"epochs", "0"}, {"lr", "1"}, {"wd", "x"}, {"optimizer", "lbfgs"}});
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument,
                               AllOf(HasSubstr("4 problems"), HasSubstr("epochs"), HasSubstr("lr"), HasSubstr("wd"),
                                     HasSubstr("optimizer"))));
  const auto details = GetErrorDetails(result.status());
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->field_violations.size(), 4u);
}

std::vector<std::string> Warnings(const Values& values) {
  std::vector<std::string> warnings;
  EXPECT_THAT(ParseHyperparameters(values, &warnings), IsOk());
  return warnings;
}

TEST(HyperparametersTest, ValuesWithoutEffectAreAcceptedWithAWarning) {
  const std::pair<Values, const char*> cases[] = {
      {{{"momentum", "0.9"}}, "optimizer=sgd"},
      {{{"init_sigma", "0.5"}}, "init_method=normal"},
      {{{"init_method", "normal"}, {"init_scale", "0.5"}}, "init_method=uniform"},
      {{{"huber_delta", "2"}}, "loss=huber_loss"},
      {{{"margin", "2"}}, "loss=hinge_loss"},
      {{{"quantile", "0.9"}}, "loss=quantile_loss"},
      {{{"loss_insensitivity", "0.9"}}, "loss=eps_insensitive"},
      {{{"target_recall", "0.9"}}, "precision_at_target_recall"},
      {{{"target_precision", "0.9"}}, "recall_at_target_precision"},
      {{{"num_classes", "2"}}, "multiclass_classifier"},
      {{{"balance_multiclass_weights", "true"}}, "multiclass_classifier"},
      {{{"accuracy_top_k", "5"}}, "multiclass_classifier"},
      {{{"normalize_label", "true"}}, "regressor"},
      {{{"use_lr_scheduler", "false"}, {"lr_scheduler_step", "10"}}, "use_lr_scheduler=true"},
      {{{"use_bias", "false"}, {"bias_lr_mult", "3"}}, "use_bias=true"},
      {{{"_kvstore", "local"}}, "reserved"},
  };
  for (const auto& [values, expected] : cases) {
    EXPECT_THAT(Warnings(Binary(values)), ElementsAre(HasSubstr(expected))) << expected;
  }
}

TEST(HyperparametersTest, DefaultsWrittenOutGiveNoWarning) {
  Values values = Binary();
  for (const HyperparameterInfo& info : DescribeHyperparameters()) {
    if (!info.default_value.empty()) values[info.name] = info.default_value;
  }
  EXPECT_THAT(Warnings(values), IsEmpty());
}

TEST(HyperparametersTest, ATuningJobTrainsOneModel) {
  std::vector<std::string> warnings;
  LL_ASSERT_OK_AND_ASSIGN(
      const Hyperparameters hp,
      ParseHyperparameters(Binary({{"_tuning_objective_metric", "validation:objective_loss"}, {"num_models", "32"}}),
                           &warnings));
  EXPECT_TRUE(hp.under_tuning);
  EXPECT_EQ(EffectiveNumModels(hp), 1);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("num_models")));
  LL_ASSERT_OK_AND_ASSIGN(const Hyperparameters plain,
                          ParseHyperparameters(Binary({{"_tuning_objective_metric", ""}})));
  EXPECT_FALSE(plain.under_tuning);
}

TEST(DescribeHyperparametersTest, DescribesEveryName) {
  std::set<std::string> names;
  for (const HyperparameterInfo& info : DescribeHyperparameters()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name << " twice";
    EXPECT_FALSE(info.description.empty()) << info.name;
    EXPECT_FALSE(info.range.empty()) << info.name;
    EXPECT_FALSE(info.applies_to.empty()) << info.name;
    EXPECT_EQ(info.default_value.empty(), info.name == "predictor_type" || info.name[0] == '_') << info.name;
  }
  EXPECT_EQ(names.size(), 44u + 7u);
}

TEST(DescribeHyperparametersTest, RangesAndDefaultsReadAsUsersWriteThem) {
  const std::map<std::string, std::pair<const char*, const char*>> expected = {
      {"feature_dim", {"auto | [1, 10000000]", "auto"}},
      {"num_classes", {"[1, 1000000]", "1"}},
      {"optimizer", {"auto | sgd | adam | rmsprop", "auto"}},
      {"beta_1", {"auto | [0, 1)", "auto"}},
      {"init_bias", {"(-inf, inf)", "0"}},
      {"init_scale", {"(0, inf)", "0.07"}},
      {"early_stopping_tolerance", {"(0, inf)", "0.001"}},
      {"use_bias", {"true | false", "true"}},
      {"normalize_data", {"auto | true | false", "auto"}},
      {"positive_example_weight_mult", {"auto | balanced | (0, inf)", "1"}},
      {"binary_classifier_model_selection_criteria",
       {"accuracy | f_beta | precision_at_target_recall | recall_at_target_precision | loss_function", "accuracy"}},
  };
  size_t seen = 0;
  for (const HyperparameterInfo& info : DescribeHyperparameters()) {
    const auto it = expected.find(info.name);
    if (it == expected.end()) continue;
    ++seen;
    EXPECT_EQ(info.range, it->second.first) << info.name;
    EXPECT_EQ(info.default_value, it->second.second) << info.name;
  }
  EXPECT_EQ(seen, expected.size());
}

TEST(HyperparameterNamesTest, EveryWordComesBack) {
  for (const Loss loss : {Loss::kLogistic, Loss::kHinge, Loss::kSoftmax, Loss::kSquared, Loss::kAbsolute,
                          Loss::kEpsInsensitiveSquared, Loss::kEpsInsensitiveAbsolute, Loss::kQuantile, Loss::kHuber}) {
    EXPECT_FALSE(Name(loss).empty());
    EXPECT_EQ(FromName<Loss>(Name(loss)), loss);
  }
  EXPECT_EQ(Name(SelectionCriterion::kFBeta), "f_beta");
  EXPECT_EQ(FromName<PredictorType>("regressor"), PredictorType::kRegressor);
  EXPECT_EQ(FromName<PredictorType>("Regressor"), std::nullopt);
}

TEST(HyperparametersTest, DefaultNumModelsFollowTheTask) {
  Hyperparameters hp;
  hp.predictor_type = PredictorType::kMulticlassClassifier;
  EXPECT_EQ(EffectiveNumModels(hp), 28);
  EXPECT_EQ(EffectiveLoss(hp), Loss::kSoftmax);
  hp.predictor_type = PredictorType::kRegressor;
  EXPECT_EQ(EffectiveNumModels(hp), 32);
  EXPECT_EQ(EffectiveLoss(hp), Loss::kSquared);
}

}  // namespace
}  // namespace ll::learner
