// The one table behind hyperparameters.h: every name with the field it fills, what it may be, when it counts and what
// it means. Parsing, validation, warnings and Describe() walk this table; defaults are those of Hyperparameters{}.
//
// To add a hyperparameter: a field in Hyperparameters and a row here.
#ifndef LL_LEARNER_HYPERPARAMETER_TABLE_H_
#define LL_LEARNER_HYPERPARAMETER_TABLE_H_

#include <optional>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "learner/hyperparameters.h"

namespace ll::learner {

// A word that users write for a value of an enumeration.
template <typename E>
struct Word {
  const char* text;
  E value;
};

// All words of an enumeration; of several for one value (a legacy name), the first is the one that Name() gives.
template <typename E>
absl::Span<const Word<E>> Words();

// The numbers a hyperparameter may take.
struct Interval {
  double low;
  double high;
  bool low_open;
  bool high_open;

  bool Contains(double value) const;
  std::string ToString() const;  // "[1, 100]", "(0, 1)", "(0, inf)"
};

// Where the value goes. An optional field may be "auto". monostate: a reserved name, which fills no field.
using HyperparameterField =
    std::variant<std::monostate, int Hyperparameters::*, std::optional<int> Hyperparameters::*,
                 double Hyperparameters::*, std::optional<double> Hyperparameters::*, bool Hyperparameters::*,
                 std::optional<bool> Hyperparameters::*, PredictorType Hyperparameters::*,
                 std::optional<Loss> Hyperparameters::*, std::optional<Optimizer> Hyperparameters::*,
                 InitMethod Hyperparameters::*, SelectionCriterion Hyperparameters::*,
                 PositiveExampleWeight Hyperparameters::*>;

// When a hyperparameter has an effect.
struct Scope {
  const char* text;  // "optimizer=adam"
  bool (*holds)(const Hyperparameters&);
};

struct HyperparameterEntry {
  const char* name;
  HyperparameterField field;
  Interval interval;  // of numbers
  Scope scope;
  const char* description;

  bool required() const { return absl::string_view(name) == "predictor_type"; }
  bool reserved() const { return name[0] == '_'; }
};

// In the order in which it is documented; reserved names last.
absl::Span<const HyperparameterEntry> HyperparameterTable();

// nullptr when there is no such name.
const HyperparameterEntry* FindHyperparameter(absl::string_view name);

}  // namespace ll::learner

#endif  // LL_LEARNER_HYPERPARAMETER_TABLE_H_
