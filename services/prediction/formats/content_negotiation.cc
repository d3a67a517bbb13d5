#include "services/prediction/formats/content_negotiation.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/error_reason.h"
#include "base/utf8.h"

namespace ll::prediction {
namespace {

using learner::ReplyFormat;
using learner::ReplyType;

// In the order of our liking.
constexpr struct {
  const char* media_type;
  ReplyFormat format;
} kReplies[] = {{"application/json", ReplyFormat::kJson},
                {"application/jsonlines", ReplyFormat::kJsonLines},
                {"text/csv", ReplyFormat::kCsv},
                {"application/x-recordio-protobuf", ReplyFormat::kRecordIo}};

struct Range {
  std::string name;  // "text/csv; header=present", "*/*": without its quality
  double quality = 1;
};

Range ParseRange(absl::string_view text) {
  Range range;
  for (const absl::string_view part : absl::StrSplit(text, ';')) {
    absl::string_view trimmed = absl::StripAsciiWhitespace(part);
    absl::string_view value = trimmed;
    if (!range.name.empty() && (absl::ConsumePrefix(&value, "q=") || absl::ConsumePrefix(&value, "Q="))) {
      // What is no quality is none.
      if (!absl::SimpleAtod(value, &range.quality) || !(range.quality >= 0 && range.quality <= 1)) range.quality = 0;
      continue;
    }
    if (!trimmed.empty()) absl::StrAppend(&range.name, range.name.empty() ? "" : "; ", trimmed);
  }
  return range;
}

// "text/" of "text/*", "" of "*/*"; nullopt for a range that is a type of its own.
std::optional<std::string> WildcardPrefix(absl::string_view name) {
  if (name == "*/*" || name == "*") return "";
  if (!absl::ConsumeSuffix(&name, "/*")) return std::nullopt;
  return absl::StrCat(absl::AsciiStrToLower(name), "/");
}

// One of our formats as the header sees it.
struct Choice {
  ReplyType type;
  double quality = 0;
  size_t place = 0;        // where in the header
  size_t specificity = 0;  // of the range that says so: the closest one counts
};

void Consider(Choice choice, std::map<ReplyFormat, Choice>* choices) {
  const auto [known, added] = choices->emplace(choice.type.format, choice);
  if (!added && choice.specificity > known->second.specificity) known->second = choice;
}

}  // namespace

absl::StatusOr<learner::ContentType> RequestTypeOf(absl::string_view content_type) {
  const auto refuse = [content_type](absl::string_view why, absl::string_view remedy) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kUnsupportedMediaType,
                     {.what = absl::StrCat("cannot read a body of content type ", Quoted(content_type)),
                      .why = std::string(why),
                      .remedy = std::string(remedy)});
  };
  constexpr absl::string_view kRemedy =
      "Send text/csv, application/json, application/jsonlines, application/x-recordio-protobuf or text/libsvm.";
  const absl::StatusOr<learner::ContentType> type = learner::ParseContentType(content_type);
  if (!type.ok()) {
    return refuse(content_type.empty() ? "there is no header Content-Type"
                                       : "there is no such format of rows, or it "
                                         "has no such parameter",
                  kRemedy);
  }
  if (type->missing == learner::Imputation::kMean) {
    return refuse("a model does not keep the means of its training data, which missing=mean needs",
                  "Use missing=zero, or fill the values in.");
  }
  return type;
}

absl::StatusOr<ReplyType> NegotiateReply(absl::string_view accept) {
  std::map<ReplyFormat, Choice> choices;
  size_t place = 0;
  for (const absl::string_view text : absl::StrSplit(accept.empty() ? "*/*" : accept, ',')) {
    const Range range = ParseRange(text);
    ++place;
    if (const std::optional<std::string> prefix = WildcardPrefix(range.name)) {
      for (const auto& reply : kReplies) {
        if (!absl::StartsWith(reply.media_type, *prefix)) continue;
        Consider({{.format = reply.format}, range.quality, place, prefix->empty() ? 1u : 2u}, &choices);
      }
    } else if (const absl::StatusOr<ReplyType> type = learner::ParseReplyType(range.name);
               type.ok() && !range.name.empty()) {
      Consider({*type, range.quality, place, 3}, &choices);
    }
  }
  const Choice* best = nullptr;
  for (const auto& reply : kReplies) {
    const auto found = choices.find(reply.format);
    if (found == choices.end() || found->second.quality <= 0) continue;
    const Choice& choice = found->second;
    const bool better = best == nullptr || choice.quality > best->quality ||
                        (choice.quality == best->quality && choice.place < best->place);
    if (better) best = &choice;
  }
  if (best != nullptr) return best->type;
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kNotAcceptable,
                   {.what = "cannot answer",
                    .why = absl::StrCat("the header Accept is ", Quoted(accept), ", and there are no such predictions"),
                    .remedy = "Accept application/json, application/jsonlines, text/csv (with \"; header=present\" for "
                              "a line of names) or application/x-recordio-protobuf."});
}

std::string MediaTypeOf(const ReplyType& type) {
  const auto reply = std::find_if(std::begin(kReplies), std::end(kReplies),
                                  [&](const auto& each) { return each.format == type.format; });
  return absl::StrCat(reply->media_type, type.header ? "; header=present" : "");
}

}  // namespace ll::prediction
