// What a client sends, and what it wants to be answered in, by the headers of HTTP.
//
//   LL_ASSIGN_OR_RETURN(learner::ContentType type, RequestTypeOf("text/csv; header=present"));
//   LL_ASSIGN_OR_RETURN(learner::ReplyType reply, NegotiateReply("text/csv;q=0.5, application/json"));   // JSON
//   MediaTypeOf(reply)                                                                       // "application/json"
#ifndef LL_SERVICES_PREDICTION_FORMATS_CONTENT_NEGOTIATION_H_
#define LL_SERVICES_PREDICTION_FORMATS_CONTENT_NEGOTIATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "learner/readers/content_type.h"
#include "learner/reply_writer.h"

namespace ll::prediction {

// The format of rows without labels; a label column is there only if the type says so (label_size=1), and is passed
// over. INVALID_ARGUMENT / UNSUPPORTED_MEDIA_TYPE for an empty or unknown type, unknown parameters, and missing=mean,
// which a model knows no means for.
absl::StatusOr<learner::ContentType> RequestTypeOf(absl::string_view content_type);

// The format that `accept` likes best (RFC 9110, 12.5.1): the highest quality wins, then what is listed first. Of what
// a range such as text/* or */* stands for, the order is JSON, JSON Lines, CSV, RecordIO; empty is all of them, so
// JSON. A quality of 0 rules a format out. INVALID_ARGUMENT / NOT_ACCEPTABLE when nothing is left.
absl::StatusOr<learner::ReplyType> NegotiateReply(absl::string_view accept);

// The header Content-Type of a reply.
std::string MediaTypeOf(const learner::ReplyType& type);

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_FORMATS_CONTENT_NEGOTIATION_H_
