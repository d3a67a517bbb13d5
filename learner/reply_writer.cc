#include "learner/reply_writer.h"

#include <charconv>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/error_reason.h"
#include "learner/readers/content_type.h"
#include "learner/readers/recordio_writer.h"

namespace ll::learner {
namespace {

// Digits of a double, a sign, a point and zeros down to 1e-4.
constexpr size_t kMaxNumberBytes = 32;

// The shortest decimal that gives the double back, in the form that Python's json module writes: with an exponent below
// 1e-4 and from 1e16 on, and with a point or an exponent always. What is not finite is null.
void AppendJsonNumber(double value, std::string* body) {
  if (!std::isfinite(value)) {
    body->append("null");
    return;
  }
  const double size = std::abs(value);
  const bool fixed = size == 0 || (size >= 1e-4 && size < 1e16);
  char digits[kMaxNumberBytes];
  const char* const end = std::to_chars(digits, digits + sizeof digits, value,
                                        fixed ? std::chars_format::fixed : std::chars_format::scientific)
                              .ptr;
  const absl::string_view text(digits, static_cast<size_t>(end - digits));
  absl::StrAppend(body, text, fixed && text.find('.') == absl::string_view::npos ? ".0" : "");
}

void AppendCsvNumber(float value, std::string* body) {
  char digits[kMaxNumberBytes];
  body->append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

absl::Status UnknownType(absl::string_view text) {
  return MakeError(
      absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
      {.what = absl::StrCat("cannot answer as \"", text, "\""),
       .why = "there is no such format of predictions",
       .remedy = "Accept application/json, application/jsonlines, text/csv (with \"; header=present\" for a "
                 "line of names) or application/x-recordio-protobuf."});
}

}  // namespace

absl::StatusOr<ReplyType> ParseReplyType(absl::string_view text) {
  if (text.empty() || text == "*/*") return ReplyType{};
  const absl::StatusOr<ContentType> type = ParseContentType(text);
  if (!type.ok() || type->label_columns.has_value() || type->missing != Imputation::kNone) return UnknownType(text);
  switch (type->format) {
    case DataFormat::kJson: return ReplyType{.format = ReplyFormat::kJson};
    case DataFormat::kJsonLines: return ReplyType{.format = ReplyFormat::kJsonLines};
    case DataFormat::kCsv: return ReplyType{.format = ReplyFormat::kCsv, .header = type->header};
    case DataFormat::kRecordIo: return ReplyType{.format = ReplyFormat::kRecordIo};
    case DataFormat::kLibsvm: break;
  }
  return UnknownType(text);
}

void ReplyWriter::Begin(std::string* body) const {
  if (type_.format == ReplyFormat::kJson) body->append("{\"predictions\": [");
  if (!type_.header) return;
  if (schema_.outputs == 1) body->append("score");
  for (int k = 0; schema_.outputs > 1 && k < schema_.outputs; ++k) absl::StrAppend(body, k > 0 ? "," : "", "score_", k);
  body->append(schema_.has_labels() ? ",predicted_label\n" : "\n");
}

void ReplyWriter::Append(const Scores& scores, std::string* body) {
  const auto outputs = static_cast<size_t>(schema_.outputs);
  for (size_t row = 0; row * outputs < scores.values.size(); ++row) {
    const float* const values = scores.values.data() + row * outputs;
    const int64_t* const label = scores.labels.empty() ? nullptr : &scores.labels[row];
    switch (type_.format) {
      case ReplyFormat::kJson:
        if (!first_) body->append(", ");
        AppendJson(values, label, body);
        break;
      case ReplyFormat::kJsonLines:
        AppendJson(values, label, body);
        body->push_back('\n');
        break;
      case ReplyFormat::kCsv: AppendCsv(values, label, body); break;
      case ReplyFormat::kRecordIo: AppendRecord(values, label, body); break;
    }
    first_ = false;
  }
}

void ReplyWriter::End(std::string* body) const {
  if (type_.format == ReplyFormat::kJson) body->append("]}");
}

void ReplyWriter::AppendCsv(const float* scores, const int64_t* label, std::string* body) const {
  for (int k = 0; k < schema_.outputs; ++k) {
    if (k > 0) body->push_back(',');
    AppendCsvNumber(scores[k], body);
  }
  if (label != nullptr) absl::StrAppend(body, ",", *label);
  body->push_back('\n');
}

void ReplyWriter::AppendJson(const float* scores, const int64_t* label, std::string* body) const {
  body->append(schema_.outputs == 1 ? "{\"score\": " : "{\"score\": [");
  for (int k = 0; k < schema_.outputs; ++k) {
    if (k > 0) body->append(", ");
    AppendJsonNumber(scores[k], body);
  }
  if (schema_.outputs > 1) body->push_back(']');
  if (label != nullptr) absl::StrAppend(body, ", \"predicted_label\": ", *label);
  body->push_back('}');
}

void ReplyWriter::AppendRecord(const float* scores, const int64_t* label, std::string* body) const {
  const NamedTensor score{"score", {scores, static_cast<size_t>(schema_.outputs)}};
  if (label == nullptr) {
    learner::AppendRecord({}, {score}, body);
    return;
  }
  const auto value = static_cast<float>(*label);
  learner::AppendRecord({}, {score, {"predicted_label", {&value, 1}}}, body);
}

}  // namespace ll::learner
