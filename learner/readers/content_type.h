// What a data file holds, as users name it: "text/csv", "text/csv; label_size=0; header=present", "text/libsvm".
//
//   LL_ASSIGN_OR_RETURN(ContentType type, ParseContentType("text/csv; label_size=0"));
//   type.format            // DataFormat::kCsv
//   type.label_columns     // 0
#ifndef LL_LEARNER_READERS_CONTENT_TYPE_H_
#define LL_LEARNER_READERS_CONTENT_TYPE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ll::learner {

enum class DataFormat { kRecordIo, kCsv, kLibsvm, kJsonLines, kJson };

// What stands in for a missing feature.
enum class Imputation {
  kNone,  // nothing: it is an error
  kZero,
  kMean,  // the feature's mean over the rows of the train channel that have it
};

struct ContentType {
  DataFormat format = DataFormat::kRecordIo;
  // label_size of CSV: leading columns of a row that are its label, 0 or 1; nullopt when it was not said.
  std::optional<int> label_columns = {};
  // header of CSV: whether the first line holds the columns' names.
  bool header = false;
  // index_base of libsvm: the index of the first feature, 0 or 1.
  int index_base = 1;
  // missing, of every format.
  Imputation missing = Imputation::kNone;
};

// Accepts the names below in any letter case, and after ";" the parameters label_size=0|1 and header=present|absent
// (CSV), index_base=0|1 (libsvm), missing=zero|mean|error and charset=utf-8. INVALID_ARGUMENT with reason
// INVALID_CHANNEL lists what is accepted.
//   application/x-recordio-protobuf, application/x-labeled-vector-protobuf, application/x-recordio, protobuf, recordio
//   text/csv, application/csv, csv
//   text/libsvm, text/x-libsvm, text/svmlight, libsvm, svmlight
//   application/jsonlines, application/x-jsonlines, application/jsonl, application/x-ndjson, jsonlines, jsonl
//   application/json, json
absl::StatusOr<ContentType> ParseContentType(absl::string_view text);

// By a file's name, ".gz" at its end aside: .csv; .libsvm, .svm, .svmlight; .jsonl, .jsonlines, .ndjson; .json; .pbr,
// .pb, .rec, .recordio. nullopt for any other.
std::optional<ContentType> ContentTypeOfFile(absl::string_view path);

// By a file's first bytes, unpacked, at least its first line where that is shorter than 64 KiB. nullopt when they look
// like nothing that is known here. In this order: RecordIO begins with its magic; "{" or "[" is JSON Lines, or JSON
// when the object is {"instances"; a line of "number index:value ..." is libsvm; a line with numbers or commas is CSV.
std::optional<ContentType> ContentTypeOfBytes(absl::string_view first_bytes);

// The proper name of the format with what differs from its defaults: "text/csv; header=present". It parses to `type`.
std::string FormatContentType(const ContentType& type);

// The names that ParseContentType accepts, the proper one of each format before its aliases.
std::vector<std::string> AcceptedContentTypes();

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_CONTENT_TYPE_H_
