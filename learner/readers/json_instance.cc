#include "learner/readers/json_instance.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "fast_float/fast_float.h"
#include "learner/readers/input_buffer.h"
#include "learner/readers/row_checks.h"
#include "simdjson.h"

namespace ll::learner {
namespace {

static_assert(InputBuffer::kPaddingBytes >= simdjson::SIMDJSON_PADDING);

using simdjson::ondemand::json_type;

constexpr char kShapes[] =
    "Write {\"features\": [...]}, or {\"data\": {\"features\": {\"keys\": [...], \"shape\": [...], \"values\": "
    "[...]}}} "
    "for a sparse row.";

// The float32 nearest to a number as it is written. Rounding its double once more gives the same, unless the double
// lies half-way between two floats (the 29 bits that a float lacks are 100...0) or below the normal floats.
float NearestFloat(double value, absl::string_view token) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  constexpr uint64_t kLackingBits = (uint64_t{1} << 29) - 1, kHalfWay = uint64_t{1} << 28;
  float nearest = static_cast<float>(value);
  if ((bits & kLackingBits) == kHalfWay || std::abs(value) < std::numeric_limits<float>::min()) {
    fast_float::from_chars(token.data(), token.data() + token.size(), nearest);
  }
  return nearest;
}

}  // namespace

// Each call parses one piece and says whether it was well; what was wrong is in problem_.
class JsonInstances::Parser {
 public:
  std::optional<RowProblem> Parse(absl::string_view text, bool want_label, DecodedRow* row) {
    text_ = text;
    want_label_ = want_label;
    problem_.reset();
    keys_.clear();
    values_.clear();
    has_features_ = sparse_ = false;
    columns_ = 0;
    label_.reset();
    if (!Document()) return problem_;
    row->values = reinterpret_cast<const char*>(values_.data());
    row->count = static_cast<int64_t>(values_.size());
    row->label = label_;
    row->sparse = sparse_;
    row->keys = keys_;
    row->columns = columns_;
    return std::nullopt;
  }

  // Where in the text the problem is, where that is known.
  std::optional<uint64_t> problem_offset() const { return problem_offset_; }

 private:
  using Value = simdjson::ondemand::value;
  using Object = simdjson::ondemand::object;
  using Array = simdjson::ondemand::array;

  bool Fail(DataProblem problem, int64_t column = 0) {
    problem_ = RowProblem{std::move(problem), column};
    problem_offset_.reset();
    const char* at = nullptr;
    if (opened_ && document_.current_location().get(at) == simdjson::SUCCESS && at >= text_.data() &&
        at <= text_.data() + text_.size()) {
      problem_offset_ = static_cast<uint64_t>(at - text_.data());
    }
    return false;
  }
  bool Malformed(simdjson::error_code error, int64_t column = 0) {
    return Fail({.why = absl::StrCat("it is not well-formed JSON: ", simdjson::error_message(error)),
                 .remedy = "Correct the text.",
                 .text = ShownText(text_)},
                column);
  }
  bool Unexpected(absl::string_view what, absl::string_view wanted) {
    return Fail({.why = absl::StrCat(what, " is not ", wanted), .remedy = kShapes, .text = ShownText(text_)});
  }
  bool Twice(absl::string_view name) {
    return Fail({.why = absl::StrCat("it has \"", name, "\" twice"), .remedy = kShapes});
  }
  bool Unknown(absl::string_view key) {
    const std::string shown = ShownText(key);
    return Fail({.why = absl::StrCat("it has an unknown member \"", shown, "\""), .remedy = kShapes, .text = shown});
  }

  bool Document() {
    const simdjson::padded_string_view view(text_.data(), text_.size(), text_.size() + InputBuffer::kPaddingBytes);
    opened_ = false;
    if (const auto error = parser_.iterate(view).get(document_)) {
      const bool empty = error == simdjson::EMPTY;
      return empty ? Fail({.why = "it is empty", .remedy = kShapes}) : Malformed(error);
    }
    opened_ = true;
    json_type type;
    if (const auto error = document_.type().get(type)) return Malformed(error);
    bool well = false;
    if (type == json_type::array) {
      Array array;
      if (const auto error = document_.get_array().get(array)) return Malformed(error);
      has_features_ = true;
      well = Numbers(array, &values_);
    } else if (type == json_type::object) {
      Object object;
      if (const auto error = document_.get_object().get(object)) return Malformed(error);
      well = Members(object, /*inside_data=*/false);
    } else {
      return Unexpected("it", "an object or an array");
    }
    if (!well) return false;
    if (document_.current_location().error() != simdjson::OUT_OF_BOUNDS) return Malformed(simdjson::TRAILING_CONTENT);
    if (!has_features_) return Fail({.why = "it has no features", .remedy = kShapes, .text = ShownText(text_)});
    return true;
  }

  // The members of the instance, or of its "data".
  bool Members(Object& object, bool inside_data) {
    for (auto field : object) {
      std::string_view key;
      Value value;
      if (const auto error = field.unescaped_key().get(key)) return Malformed(error);
      if (const auto error = field.value().get(value)) return Malformed(error);
      if (key == "features") {
        if (!Features(value)) return false;
      } else if (key == "label") {
        if (!Label(value)) return false;
      } else if (key == "data" && !inside_data) {
        if (!Data(value)) return false;
      } else if (key != "configuration" || inside_data) {
        return Unknown({key.data(), key.size()});
      }
    }
    return true;
  }

  bool Data(Value& value) {
    json_type type;
    if (const auto error = value.type().get(type)) return Malformed(error);
    if (type == json_type::array) return Features(value);
    if (type != json_type::object) return Unexpected("\"data\"", "an object or an array");
    Object object;
    if (const auto error = value.get_object().get(object)) return Malformed(error);
    return Members(object, /*inside_data=*/true);
  }

  bool Features(Value& value) {
    if (std::exchange(has_features_, true)) return Twice("features");
    json_type type;
    if (const auto error = value.type().get(type)) return Malformed(error);
    if (type == json_type::array) return ArrayOf(value, [this](Array& array) { return Numbers(array, &values_); });
    if (type != json_type::object) return Unexpected("\"features\"", "an array or an object");
    Object object;
    if (const auto error = value.get_object().get(object)) return Malformed(error);
    return Tensor(object);
  }

  // {"values": [...]} or {"keys": [...], "shape": [...], "values": [...]}, in any order.
  bool Tensor(Object& object) {
    bool has_values = false, has_shape = false;
    std::vector<uint64_t> shape;
    for (auto field : object) {
      std::string_view key;
      Value value;
      if (const auto error = field.unescaped_key().get(key)) return Malformed(error);
      if (const auto error = field.value().get(value)) return Malformed(error);
      bool again = false, well = true;
      if (key == "values") {
        again = std::exchange(has_values, true);
        well = again || ArrayOf(value, [this](Array& array) { return Numbers(array, &values_); });
      } else if (key == "keys") {
        again = std::exchange(sparse_, true);
        well = again || ArrayOf(value, [this](Array& array) { return Counts(array, "keys", &keys_); });
      } else if (key == "shape") {
        again = std::exchange(has_shape, true);
        well = again || ArrayOf(value, [&](Array& array) { return Counts(array, "shape", &shape); });
      } else {
        return Unknown({key.data(), key.size()});
      }
      if (again) return Twice({key.data(), key.size()});
      if (!well) return false;
    }
    if (!has_values) return Fail({.why = "its features have no \"values\"", .remedy = kShapes});
    return CheckShape(shape);
  }

  bool CheckShape(const std::vector<uint64_t>& shape) {
    if (sparse_ && keys_.size() != values_.size()) {
      return Fail({.why = absl::StrCat("it has ", keys_.size(), " keys and ", values_.size(), " values"),
                   .remedy = "A sparse row has one key for each value.",
                   .expected = absl::StrCat(keys_.size()),
                   .got = absl::StrCat(values_.size())});
    }
    if (shape.empty() && !sparse_) return true;
    if (shape.size() != 1) {
      return Fail({.why = shape.empty() ? "it is sparse and has no \"shape\""
                                        : absl::StrCat("its \"shape\" has ", shape.size(), " numbers"),
                   .remedy = "The shape of a row is [number of features]."});
    }
    columns_ = shape[0];
    if (sparse_ || columns_ == values_.size()) return true;
    return Fail({.why = absl::StrCat("its shape says ", columns_, " features and it holds ", values_.size()),
                 .remedy = "Correct the shape, or give the keys of a sparse row.",
                 .expected = absl::StrCat(columns_),
                 .got = absl::StrCat(values_.size())});
  }

  bool Label(Value& value) {
    if (label_.has_value()) return Twice("label");
    if (!want_label_) return true;
    json_type type;
    if (const auto error = value.type().get(type)) return Malformed(error);
    label_values_.clear();
    if (type == json_type::number) {
      if (!Number(value, /*column=*/0, &label_values_)) return false;
    } else if (type == json_type::array) {
      if (!ArrayOf(value, [this](Array& array) { return Numbers(array, &label_values_); })) return false;
    } else if (type == json_type::object) {
      if (!LabelTensor(value)) return false;
    } else {
      return Unexpected("\"label\"", "a number");
    }
    if (label_values_.size() != 1) {
      return Fail({.why = absl::StrCat("its label holds ", label_values_.size(), " numbers"),
                   .remedy = "A label is one number.",
                   .expected = "1",
                   .got = absl::StrCat(label_values_.size())});
    }
    label_ = label_values_[0];
    return true;
  }

  bool LabelTensor(Value& value) {
    Object object;
    if (const auto error = value.get_object().get(object)) return Malformed(error);
    for (auto field : object) {
      std::string_view key;
      Value values;
      if (const auto error = field.unescaped_key().get(key)) return Malformed(error);
      if (const auto error = field.value().get(values)) return Malformed(error);
      if (key != "values") return Unknown({key.data(), key.size()});
      if (!ArrayOf(values, [this](Array& array) { return Numbers(array, &label_values_); })) return false;
    }
    return true;
  }

  template <typename Function>
  bool ArrayOf(Value& value, Function parse) {
    Array array;
    const auto error = value.get_array().get(array);
    if (error == simdjson::INCORRECT_TYPE) return Unexpected("a list of numbers", "an array");
    return error ? Malformed(error) : parse(array);
  }

  bool Numbers(Array& array, std::vector<float>* numbers) {
    int64_t column = 0;
    for (auto element : array) {
      Value value;
      if (const auto error = element.get(value)) return Malformed(error, column + 1);
      if (!Number(value, ++column, numbers)) return false;
    }
    return true;
  }

  bool Number(Value& value, int64_t column, std::vector<float>* numbers) {
    const std::string_view token = value.raw_json_token();
    double number;
    if (value.get_double().get(number) == simdjson::SUCCESS) {
      numbers->push_back(NearestFloat(number, {token.data(), token.size()}));
      return true;
    }
    bool is_null = false;
    if (token.substr(0, 1) == "n" && value.is_null().get(is_null) == simdjson::SUCCESS && is_null) {
      numbers->push_back(std::numeric_limits<float>::quiet_NaN());
      return true;
    }
    const std::string shown = ShownText({token.data(), token.size()});
    return Fail({.why = absl::StrCat("\"", shown, "\" is not a finite number"),
                 .remedy = "Features and labels are numbers.",
                 .text = shown},
                column);
  }

  bool Counts(Array& array, absl::string_view name, std::vector<uint64_t>* counts) {
    for (auto element : array) {
      uint64_t count;
      if (element.get_uint64().get(count) != simdjson::SUCCESS) {
        return Unexpected(absl::StrCat("\"", name, "\""), "a list of counts");
      }
      counts->push_back(count);
    }
    return true;
  }

  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
  bool opened_ = false;  // document_ is that of text_
  absl::string_view text_;
  bool want_label_ = false;
  std::optional<RowProblem> problem_;
  std::optional<uint64_t> problem_offset_;

  // What was found.
  bool has_features_ = false;
  bool sparse_ = false;
  uint64_t columns_ = 0;
  std::vector<uint64_t> keys_;
  std::vector<float> values_;
  std::vector<float> label_values_;
  std::optional<float> label_;
};

absl::Status JsonInstances::Append(absl::string_view text, uint64_t offset, const DataPlace& place, RowBuffer& rows) {
  DecodedRow row;
  if (auto problem = parser_->Parse(text, rows.rules().labels, &row)) {
    DataPlace at = place;
    at.column = problem->column;
    at.byte_offset = offset + parser_->problem_offset().value_or(0);
    return DataError(at, problem->problem);
  }
  if (auto problem = appender_.Append(row, place, rows)) {
    DataPlace at = place;
    at.column = problem->column;
    return DataError(at, problem->problem);
  }
  return absl::OkStatus();
}

JsonInstances::JsonInstances() : parser_(std::make_unique<Parser>()) {}
JsonInstances::~JsonInstances() = default;

}  // namespace ll::learner
