#include "learner/readers/manifest.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/error_reason.h"
#include "learner/readers/data_error.h"
#include "nlohmann/json.hpp"

namespace ll::learner {
namespace {

using Json = nlohmann::json;

absl::Status Invalid(const std::string& path, std::string why) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
                   {.what = absl::StrCat("cannot use the manifest ", path),
                    .why = std::move(why),
                    .remedy = "A manifest is [{\"prefix\": \"s3://bucket/folder/\"}, \"file\", ...]."});
}

// {"source-ref": ...} lines: an augmented manifest, whose files hold no labels.
bool IsAugmented(absl::string_view text) {
  const Json line = Json::parse(text.begin(), std::find(text.begin(), text.end(), '\n'), nullptr, false);
  return line.is_object() && line.contains("source-ref");
}

bool LeavesFolder(absl::string_view path) {
  if (path.empty() || path[0] == '/') return true;
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

}  // namespace

bool IsManifest(absl::string_view path) { return absl::EndsWith(path, ".manifest"); }

absl::StatusOr<std::vector<std::string>> ParseManifest(absl::string_view text, const std::string& path) {
  const Json list = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) {
    return Invalid(path, IsAugmented(text)
                             ? "it is an augmented manifest, whose attributes are not read; write rows with "
                               "their labels as JSON Lines instead"
                             : "it is not a JSON list");
  }
  std::string prefix;
  std::vector<std::string> files;
  for (size_t i = 0; i < list.size(); ++i) {
    const Json& entry = list[i];
    if (i == 0 && entry.is_object() && entry.size() == 1 && entry.contains("prefix") && entry["prefix"].is_string()) {
      prefix = entry["prefix"].get<std::string>();
      if (absl::StrContains(prefix, "://")) prefix.clear();
    } else if (entry.is_string()) {
      files.push_back(absl::StrCat(prefix, entry.get<std::string>()));
      if (!LeavesFolder(files.back())) continue;
      return Invalid(path, absl::StrCat("its entry \"", ShownText(files.back()), "\" is not inside of its folder"));
    } else {
      return Invalid(path, absl::StrCat("its entry ", i + 1, " is not the name of a file"));
    }
  }
  if (files.empty()) return Invalid(path, "it lists no files");
  return files;
}

}  // namespace ll::learner
