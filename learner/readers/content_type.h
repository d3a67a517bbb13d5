// What a data file holds, as users name it: "text/csv", "text/csv; label_size=1", "application/x-recordio-protobuf".
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

enum class DataFormat { kRecordIo, kCsv };

struct ContentType {
  DataFormat format = DataFormat::kRecordIo;
  // label_size of CSV: leading columns of a row that are its label, 0 or 1; nullopt when it was not said.
  std::optional<int> label_columns = {};
};

// Accepts the names below in any letter case, and the parameters label_size (CSV) and charset=utf-8. INVALID_ARGUMENT
// with reason INVALID_CHANNEL lists what is accepted.
//   application/x-recordio-protobuf, application/x-labeled-vector-protobuf, protobuf
//   text/csv, csv
absl::StatusOr<ContentType> ParseContentType(absl::string_view text);

// For a file that came without a content type: CSV for "*.csv", RecordIO-protobuf for everything else.
ContentType ContentTypeOfFile(absl::string_view path);

// The names that ParseContentType accepts, the proper one of each format before its aliases.
std::vector<std::string> AcceptedContentTypes();

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_CONTENT_TYPE_H_
