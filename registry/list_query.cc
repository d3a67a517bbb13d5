#include "registry/list_query.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "registry/store_errors.h"

namespace ll::registry {
namespace {

// More would only serve to make the database work.
constexpr size_t kMaxConditions = 32;

constexpr absl::string_view kLabels = "labels";
constexpr absl::string_view kLabelPrefix = "labels.";

struct ComparisonSpelling {
  absl::string_view text;
  Comparison comparison;
};

// Longer spellings first: "<=" must not be read as "<".
constexpr ComparisonSpelling kComparisons[] = {{"<=", Comparison::kLessOrEqual}, {">=", Comparison::kGreaterOrEqual},
                                               {"!=", Comparison::kNotEqual},    {"=", Comparison::kEqual},
                                               {"<", Comparison::kLess},         {">", Comparison::kGreater}};

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("_-.:/@+", absl::string_view(&c, 1));
}

bool Fits(Comparison comparison, bool is_time) {
  if (comparison == Comparison::kEqual) return true;
  return is_time == (comparison != Comparison::kNotEqual);
}

class FilterParser {
 public:
  FilterParser(absl::string_view filter, FilterFields fields) : filter_(filter), rest_(filter), fields_(fields) {}

  absl::StatusOr<std::vector<Condition>> Parse() {
    std::vector<Condition> conditions;
    SkipSpace();
    if (rest_.empty()) return conditions;
    while (true) {
      if (conditions.size() == kMaxConditions) {
        return Error(absl::StrCat("there are more than ", kMaxConditions, " conditions"));
      }
      LL_ASSIGN_OR_RETURN(Condition condition, ParseCondition());
      conditions.push_back(std::move(condition));
      SkipSpace();
      if (rest_.empty()) return conditions;
      const size_t before = position();
      if (TakeWord() != "AND")
        return ErrorAt(before, "expected AND between two conditions (OR and NOT are not offered)");
      SkipSpace();
    }
  }

 private:
  // Of the next character, from 1.
  size_t position() const { return filter_.size() - rest_.size() + 1; }

  absl::Status ErrorAt(size_t position, absl::string_view why) const {
    return MakeError(
        absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidFilter,
        {.what = absl::StrCat("cannot read the filter at position ", position),
         .why = std::string(why),
         .remedy = absl::StrCat("Conditions look like `state = READY AND labels.team = \"a b\"`; fields are ",
                                FieldList(), ".")},
        {.field_violations = {{"filter", absl::StrCat("position ", position, ": ", why)}}});
  }
  absl::Status Error(absl::string_view why) const { return ErrorAt(position(), why); }

  std::string FieldList() const {
    return absl::StrJoin(fields_, ", ", [](std::string* out, absl::string_view field) {
      absl::StrAppend(out, field == kLabels ? "labels.KEY" : field);
    });
  }

  void SkipSpace() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }

  absl::string_view TakeWord() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), IsWordCharacter);
    const absl::string_view word = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    rest_.remove_prefix(word.size());
    return word;
  }

  absl::StatusOr<Condition> ParseCondition() {
    Condition condition;
    LL_RETURN_IF_ERROR(ParseField(&condition));
    SkipSpace();
    const bool is_time = IsTimeField(condition.field);
    LL_RETURN_IF_ERROR(ParseComparison(is_time, &condition.comparison));
    SkipSpace();
    const size_t start = position();
    LL_ASSIGN_OR_RETURN(condition.text, ParseValue());
    if (is_time) {
      std::string why;
      if (!absl::ParseTime(absl::RFC3339_full, condition.text, &condition.time, &why)) {
        return ErrorAt(start, absl::StrCat("expected a time like 2026-11-01T00:00:00Z (", why, ")"));
      }
      condition.time = absl::FromUnixNanos(absl::ToUnixNanos(condition.time));  // what rows are stored with
      condition.text.clear();
    }
    return condition;
  }

  absl::Status ParseField(Condition* condition) {
    const size_t start = position();
    const absl::string_view word = TakeWord();
    if (word.empty()) return ErrorAt(start, "expected a field");
    const bool is_label = absl::StartsWith(word, kLabelPrefix);
    if (is_label) {
      condition->field = std::string(kLabels);
      condition->key = std::string(word.substr(kLabelPrefix.size()));
      if (condition->key.empty()) return ErrorAt(start, "expected the key of a label after \"labels.\"");
    } else {
      condition->field = std::string(word);
    }
    const bool is_known = std::find(fields_.begin(), fields_.end(), condition->field) != fields_.end();
    if (!is_known || (word == kLabels)) {
      return ErrorAt(start, absl::StrCat("\"", word, "\" is not a field of this listing"));
    }
    return absl::OkStatus();
  }

  absl::Status ParseComparison(bool is_time, Comparison* comparison) {
    for (const ComparisonSpelling& spelling : kComparisons) {
      if (!absl::StartsWith(rest_, spelling.text)) continue;
      if (!Fits(spelling.comparison, is_time)) {
        return Error(is_time ? "times cannot be compared with !=" : "texts can be compared with = and != only");
      }
      rest_.remove_prefix(spelling.text.size());
      *comparison = spelling.comparison;
      return absl::OkStatus();
    }
    return Error("expected one of = != < <= > >=");
  }

  absl::StatusOr<std::string> ParseValue() {
    if (!absl::StartsWith(rest_, "\"")) {
      const absl::string_view word = TakeWord();
      if (word.empty()) return Error("expected a value; put it in double quotes if it is more than a word");
      return std::string(word);
    }
    const size_t start = position();
    std::string text;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return text;
      }
      if (rest_[i] == '\\' && (++i == rest_.size() || (rest_[i] != '"' && rest_[i] != '\\'))) {
        return ErrorAt(start + i - 1, "only \\\" and \\\\ are escapes");
      }
      text.push_back(rest_[i]);
    }
    return ErrorAt(start, "the quoted text does not end");
  }

  const absl::string_view filter_;
  absl::string_view rest_;
  const FilterFields fields_;
};

}  // namespace

bool IsTimeField(absl::string_view field) { return field == "time" || absl::EndsWith(field, "_time"); }

absl::string_view ComparisonText(Comparison comparison) {
  for (const ComparisonSpelling& spelling : kComparisons) {
    if (spelling.comparison == comparison) return spelling.text;
  }
  return "?";
}

absl::StatusOr<std::vector<Condition>> ParseFilter(absl::string_view filter, FilterFields fields) {
  return FilterParser(filter, fields).Parse();
}

absl::Status ParseOrderBy(absl::string_view order_by, ListQuery* query) {
  const std::vector<absl::string_view> words = absl::StrSplit(order_by, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  const auto error = [&](absl::string_view why) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidFilter,
                     {.what = absl::StrCat("cannot order by \"", order_by, "\""),
                      .why = std::string(why),
                      .remedy = "Use name, create_time or update_time, with or without \" desc\" after it."},
                     {.field_violations = {{"order_by", std::string(why)}}});
  };
  if (words.empty()) {
    query->order = OrderField::kName;
    query->descending = false;
    return absl::OkStatus();
  }
  if (words[0] == "name") {
    query->order = OrderField::kName;
  } else if (words[0] == "create_time") {
    query->order = OrderField::kCreateTime;
  } else if (words[0] == "update_time") {
    query->order = OrderField::kUpdateTime;
  } else {
    return error(absl::StrCat("\"", words[0], "\" is not a field that listings are ordered by"));
  }
  if (words.size() > 2 || (words.size() == 2 && words[1] != "desc")) {
    return error(absl::StrCat("\"", words[1], "\" is not expected after the field"));
  }
  query->descending = words.size() == 2;
  return absl::OkStatus();
}

absl::Status CheckQuery(const ListQuery& query, FilterFields fields, absl::Span<const absl::string_view> states) {
  const auto error = [](ErrorReason reason, std::string why, std::string remedy) {
    return MakeError(absl::StatusCode::kInvalidArgument, reason,
                     {.what = "cannot list", .why = std::move(why), .remedy = std::move(remedy)});
  };
  if (query.page_size < 1) {
    return error(ErrorReason::kInvalidArgument, absl::StrCat("the page size is ", query.page_size),
                 "It must be at least 1.");
  }
  for (const Condition& condition : query.conditions) {
    const bool is_known = std::find(fields.begin(), fields.end(), condition.field) != fields.end();
    if (!is_known || !Fits(condition.comparison, IsTimeField(condition.field))) {
      return error(ErrorReason::kInvalidFilter,
                   absl::StrCat("\"", condition.field, " ", ComparisonText(condition.comparison),
                                "\" is not a condition of this listing"),
                   absl::StrCat("Its fields are ", absl::StrJoin(fields, ", "), "."));
    }
    const bool is_state = condition.field == "state";
    if (is_state && std::find(states.begin(), states.end(), condition.text) == states.end()) {
      return error(ErrorReason::kInvalidFilter, absl::StrCat("\"", condition.text, "\" is not a state"),
                   absl::StrCat("The states are ", absl::StrJoin(states, ", "), "."));
    }
  }
  return absl::OkStatus();
}

std::string VersionCursor(const std::string& model_id, int64_t number) { return absl::StrCat(model_id, "/", number); }

absl::StatusOr<std::pair<std::string, int64_t>> ParseVersionCursor(absl::string_view name) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(name, absl::MaxSplits('/', 1));
  int64_t number = 0;
  if (!absl::SimpleAtoi(parts.second, &number)) return InvalidCursor(name);
  return std::pair(std::string(parts.first), number);
}

absl::StatusOr<int64_t> ParseEventCursor(absl::string_view name) {
  int64_t sequence = 0;
  if (!absl::SimpleAtoi(name, &sequence)) return InvalidCursor(name);
  return sequence;
}

}  // namespace ll::registry
