#include "learner/hyperparameters.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error_reason.h"
#include "base/nearest_name.h"
#include "fast_float/fast_float.h"
#include "learner/hyperparameter_table.h"

namespace ll::learner {
namespace {

constexpr char kTuningMetric[] = "_tuning_objective_metric";

template <typename>
struct FieldOf;
template <typename T>
struct FieldOf<T Hyperparameters::*> {
  using type = T;
};

template <typename T>
struct OptionalOf {
  static constexpr bool kIsOptional = false;
  using type = T;
};
template <typename T>
struct OptionalOf<std::optional<T>> {
  static constexpr bool kIsOptional = true;
  using type = T;
};

std::string Quote(absl::string_view text) { return absl::StrCat("\"", text, "\""); }

// ---- One value. Each ParseInto returns what is wrong with the text, or nothing.

using Problem = std::optional<std::string>;

std::optional<double> ToNumber(absl::string_view text) {
  double value;
  const auto result = fast_float::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

Problem OutOfRange(absl::string_view text, const Interval& interval) {
  return absl::StrCat("value ", text, " not in range ", interval.ToString());
}

Problem ParseInto(absl::string_view text, const Interval& interval, double& out) {
  const std::optional<double> value = ToNumber(text);
  if (!value.has_value()) return absl::StrCat("could not parse value ", Quote(text), ": expected a number");
  if (!std::isfinite(*value)) return absl::StrCat("value ", text, " is not a finite number");
  if (!interval.Contains(*value)) return OutOfRange(text, interval);
  out = *value;
  return std::nullopt;
}

Problem ParseInto(absl::string_view text, const Interval& interval, int& out) {
  int value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = result.ptr == text.data() + text.size();
  if (whole && result.ec == std::errc::result_out_of_range) return OutOfRange(text, interval);
  if (!whole || result.ec != std::errc()) {
    const std::string problem = absl::StrCat("could not parse value ", Quote(text), ": expected an integer");
    const std::optional<double> number = ToNumber(text);
    if (!number.has_value() || *number != std::trunc(*number) || !interval.Contains(*number)) return problem;
    return absl::StrCat(problem, ", written as ", static_cast<int>(*number));
  }
  if (!interval.Contains(value)) return OutOfRange(text, interval);
  out = value;
  return std::nullopt;
}

Problem ParseInto(absl::string_view text, const Interval&, bool& out) {
  out = absl::EqualsIgnoreCase(text, "true");
  if (out || absl::EqualsIgnoreCase(text, "false")) return std::nullopt;
  return absl::StrCat(Quote(text), " is not in [true, false]");
}

Problem ParseInto(absl::string_view text, const Interval& interval, PositiveExampleWeight& out) {
  if (text == "balanced") {
    out.kind = PositiveExampleWeight::Kind::kBalanced;
  } else if (text == "auto") {
    out.kind = PositiveExampleWeight::Kind::kAuto;
  } else {
    if (!ToNumber(text).has_value()) return absl::StrCat(Quote(text), " is not in [auto, balanced] or a number");
    return ParseInto(text, interval, out.value);
  }
  return std::nullopt;
}

template <typename E>
std::vector<std::string> WordTexts() {
  std::vector<std::string> texts;
  for (const Word<E>& word : Words<E>()) {
    if (Name(word.value) == word.text) texts.emplace_back(word.text);
  }
  return texts;
}

template <typename E, typename = std::enable_if_t<std::is_enum_v<E>>>
Problem ParseInto(absl::string_view text, const Interval&, E& out) {
  if (const std::optional<E> value = FromName<E>(text)) {
    out = *value;
    return std::nullopt;
  }
  const std::vector<std::string> words = WordTexts<E>();
  std::string problem = absl::StrCat(Quote(text), " is not in [", absl::StrJoin(words, ", "), "]");
  const std::string nearest = NearestName(text, words);
  if (!nearest.empty()) absl::StrAppend(&problem, " (did you mean ", nearest, "?)");
  return problem;
}

template <typename T>
Problem ParseInto(absl::string_view text, const Interval& interval, std::optional<T>& out) {
  if (text == "auto") {
    out.reset();
    return std::nullopt;
  }
  T value{};
  if (Problem problem = ParseInto(text, interval, value)) return problem;
  out = value;
  return std::nullopt;
}

Problem ParseEntry(const HyperparameterEntry& entry, absl::string_view text, Hyperparameters& hp) {
  return std::visit(
      [&](auto field) -> Problem {
        if constexpr (std::is_same_v<decltype(field), std::monostate>) {
          if (absl::string_view(entry.name) == kTuningMetric) hp.under_tuning = !text.empty();
          return std::nullopt;
        } else {
          return ParseInto(text, entry.interval, hp.*field);
        }
      },
      entry.field);
}

template <typename T>
std::string FormatValue(const T& value) {
  if constexpr (OptionalOf<T>::kIsOptional) {
    return value.has_value() ? FormatValue(*value) : std::string("auto");
  } else if constexpr (std::is_enum_v<T>) {
    return std::string(Name(value));
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, PositiveExampleWeight>) {
    if (value.kind == PositiveExampleWeight::Kind::kBalanced) return "balanced";
    if (value.kind == PositiveExampleWeight::Kind::kAuto) return "auto";
    return absl::StrCat(value.value);
  } else {
    return absl::StrCat(value);
  }
}

// The entry's value in `hp`, as users write it; empty for a reserved name.
std::string ValueIn(const Hyperparameters& hp, const HyperparameterEntry& entry) {
  return std::visit(
      [&](auto field) -> std::string {
        if constexpr (std::is_same_v<decltype(field), std::monostate>) {
          return "";
        } else {
          return FormatValue(hp.*field);
        }
      },
      entry.field);
}

// ---- All of them together.

class Parser {
 public:
  explicit Parser(const std::map<std::string, std::string>& values) : values_(values) {}

  absl::StatusOr<Hyperparameters> Parse() {
    for (const auto& [name, text] : values_) ParseOne(name, text);
    for (const HyperparameterEntry& entry : HyperparameterTable()) {
      if (entry.required() && !Given(entry.name)) {
        Add(entry.name, "required, but missing", absl::StrCat("Missing required hyperparameter: ", entry.name));
      }
    }
    if (Sound("predictor_type")) CheckCombinations();
    if (!violations_.empty()) return Error();
    return hp_;
  }

  std::vector<std::string> Warnings() const;

 private:
  bool Given(const std::string& name) const { return values_.count(name) > 0; }
  bool Sound(const std::string& name) const { return broken_.count(name) == 0; }

  void Add(const std::string& name, std::string description, std::string sentence = "") {
    if (sentence.empty()) sentence = absl::StrCat("Hyperparameter ", name, ": ", description);
    violations_.push_back({name, std::move(description)});
    sentences_.push_back(std::move(sentence));
    broken_.insert(name);
  }

  void ParseOne(const std::string& name, const std::string& text) {
    const HyperparameterEntry* entry = FindHyperparameter(name);
    if (entry == nullptr) return AddUnknown(name);
    if (Problem problem = ParseEntry(*entry, text, hp_)) Add(name, *std::move(problem));
  }

  void AddUnknown(const std::string& name) {
    std::vector<std::string> names;
    for (const HyperparameterEntry& entry : HyperparameterTable()) {
      if (!entry.reserved()) names.emplace_back(entry.name);
    }
    const std::string nearest = NearestName(name, names);
    const std::string hint = nearest.empty() ? "" : absl::StrCat(" (did you mean ", nearest, "?)");
    Add(name, absl::StrCat("there is no such hyperparameter", hint),
        absl::StrCat("Extraneous hyperparameter found: ", name, hint));
  }

  void CheckCombinations();
  absl::Status Error() const;

  const std::map<std::string, std::string>& values_;
  Hyperparameters hp_;
  std::vector<FieldViolation> violations_;
  std::vector<std::string> sentences_;  // one per violation, naming the hyperparameter
  std::set<std::string> broken_;        // names with a violation; rules about them are not applied
};

bool LossFits(PredictorType type, Loss loss) {
  switch (type) {
    case PredictorType::kBinaryClassifier: return loss == Loss::kLogistic || loss == Loss::kHinge;
    case PredictorType::kMulticlassClassifier: return loss == Loss::kSoftmax;
    case PredictorType::kRegressor: return loss != Loss::kLogistic && loss != Loss::kHinge && loss != Loss::kSoftmax;
  }
  return false;
}

void Parser::CheckCombinations() {
  if (hp_.predictor_type == PredictorType::kMulticlassClassifier && Sound("num_classes")) {
    if (!Given("num_classes")) {
      Add("num_classes", "required for predictor_type=multiclass_classifier, but missing",
          "Missing required hyperparameter: num_classes");
    } else if (hp_.num_classes < 3) {
      Add("num_classes", absl::StrCat("value ", hp_.num_classes,
                                      " not in range [3, 1000000] for predictor_type=multiclass_classifier; for two "
                                      "classes use binary_classifier"));
    }
  }
  if (Sound("loss") && hp_.loss.has_value() && !LossFits(hp_.predictor_type, *hp_.loss)) {
    std::vector<absl::string_view> fitting = {"auto"};
    for (const Word<Loss>& word : Words<Loss>()) {
      if (LossFits(hp_.predictor_type, word.value)) fitting.push_back(word.text);
    }
    Add("loss", absl::StrCat(Name(*hp_.loss), " is not in [", absl::StrJoin(fitting, ", "),
                             "], the losses of predictor_type=", Name(hp_.predictor_type)));
  }
  if (Sound("use_bias") && !hp_.use_bias) {
    constexpr char kNeedsBias[] = "true needs use_bias=true: without an intercept the mean cannot be given back";
    if (Sound("unbias_data") && hp_.unbias_data == true) Add("unbias_data", kNeedsBias);
    if (Sound("unbias_label") && hp_.unbias_label == true && hp_.predictor_type == PredictorType::kRegressor) {
      Add("unbias_label", kNeedsBias);
    }
  }
}

std::vector<std::string> Parser::Warnings() const {
  std::vector<std::string> warnings;
  for (const HyperparameterEntry& entry : HyperparameterTable()) {
    if (!Given(entry.name) || entry.scope.holds(hp_)) continue;
    // Writing out a default asks for nothing.
    if (!entry.reserved() && ValueIn(hp_, entry) == ValueIn(Hyperparameters{}, entry)) continue;
    warnings.push_back(entry.reserved() ? absl::StrCat("Hyperparameter ", entry.name, " is reserved and has no effect.")
                                        : absl::StrCat("Hyperparameter ", entry.name,
                                                       " has no effect: it counts only for ", entry.scope.text, "."));
  }
  if (hp_.under_tuning && hp_.num_models.value_or(1) != 1) {
    warnings.push_back("Hyperparameter num_models has no effect in a tuning job: one model is trained.");
  }
  return warnings;
}

absl::Status Parser::Error() const {
  const std::string count = violations_.size() == 1 ? "" : absl::StrCat(violations_.size(), " problems: ");
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidHyperparameter,
                   {.what = "cannot train with these hyperparameters",
                    .why = absl::StrCat(count, absl::StrJoin(sentences_, "; ")),
                    .remedy = "Correct them and start again; no data was read."},
                   {.field_violations = violations_});
}

// ---- Describe.

template <typename T>
void DescribeType(const HyperparameterEntry& entry, HyperparameterInfo& info) {
  if constexpr (OptionalOf<T>::kIsOptional) {
    DescribeType<typename OptionalOf<T>::type>(entry, info);
    info.range = absl::StrCat("auto | ", info.range);
  } else if constexpr (std::is_enum_v<T>) {
    info.type = "choice";
    info.range = absl::StrJoin(WordTexts<T>(), " | ");
  } else if constexpr (std::is_same_v<T, bool>) {
    info.type = "boolean";
    info.range = "true | false";
  } else if constexpr (std::is_same_v<T, PositiveExampleWeight>) {
    info.type = "number";
    info.range = absl::StrCat("auto | balanced | ", entry.interval.ToString());
  } else {
    info.type = std::is_same_v<T, int> ? "integer" : "number";
    info.range = entry.interval.ToString();
  }
}

HyperparameterInfo Describe(const HyperparameterEntry& entry) {
  HyperparameterInfo info{.name = entry.name,
                          .type = "text",
                          .range = "any",
                          .default_value = "",
                          .applies_to = entry.scope.text,
                          .description = entry.description};
  if (!entry.required()) info.default_value = ValueIn(Hyperparameters{}, entry);
  std::visit(
      [&](auto field) {
        if constexpr (!std::is_same_v<decltype(field), std::monostate>) {
          DescribeType<typename FieldOf<decltype(field)>::type>(entry, info);
        }
      },
      entry.field);
  return info;
}

template <typename E>
absl::string_view NameOf(E value) {
  for (const Word<E>& word : Words<E>()) {
    if (word.value == value) return word.text;
  }
  return "";
}

}  // namespace

absl::StatusOr<Hyperparameters> ParseHyperparameters(const std::map<std::string, std::string>& values,
                                                     std::vector<std::string>* warnings) {
  Parser parser(values);
  absl::StatusOr<Hyperparameters> result = parser.Parse();
  if (result.ok() && warnings != nullptr) *warnings = parser.Warnings();
  return result;
}

absl::Span<const HyperparameterInfo> DescribeHyperparameters() {
  static const std::vector<HyperparameterInfo>& infos = *[] {
    auto* all = new std::vector<HyperparameterInfo>;
    for (const HyperparameterEntry& entry : HyperparameterTable()) all->push_back(Describe(entry));
    return all;
  }();
  return infos;
}

absl::string_view Name(PredictorType type) { return NameOf(type); }
absl::string_view Name(Loss loss) { return NameOf(loss); }
absl::string_view Name(Optimizer optimizer) { return NameOf(optimizer); }
absl::string_view Name(InitMethod method) { return NameOf(method); }
absl::string_view Name(SelectionCriterion criterion) { return NameOf(criterion); }

template <typename E>
std::optional<E> FromName(absl::string_view word) {
  for (const Word<E>& candidate : Words<E>()) {
    if (word == candidate.text) return candidate.value;
  }
  return std::nullopt;
}

template std::optional<PredictorType> FromName(absl::string_view word);
template std::optional<Loss> FromName(absl::string_view word);
template std::optional<Optimizer> FromName(absl::string_view word);
template std::optional<InitMethod> FromName(absl::string_view word);
template std::optional<SelectionCriterion> FromName(absl::string_view word);

Loss EffectiveLoss(const Hyperparameters& hyperparameters) {
  if (hyperparameters.loss.has_value()) return *hyperparameters.loss;
  switch (hyperparameters.predictor_type) {
    case PredictorType::kBinaryClassifier: return Loss::kLogistic;
    case PredictorType::kMulticlassClassifier: return Loss::kSoftmax;
    case PredictorType::kRegressor: return Loss::kSquared;
  }
  return Loss::kLogistic;
}

int64_t EffectiveMiniBatchSize(const Hyperparameters& hyperparameters, int64_t rows) {
  constexpr int64_t kUpdatesPerEpoch = 50;
  const int64_t automatic = std::clamp<int64_t>(rows / kUpdatesPerEpoch, 1, kLargestAutoMiniBatch);
  return std::min<int64_t>(hyperparameters.mini_batch_size.value_or(automatic), rows);
}

int EffectiveNumModels(const Hyperparameters& hyperparameters) {
  if (hyperparameters.under_tuning) return 1;
  const bool multiclass = hyperparameters.predictor_type == PredictorType::kMulticlassClassifier;
  return hyperparameters.num_models.value_or(multiclass ? 28 : 32);
}

}  // namespace ll::learner
