// Data files as a RowSource: the door of this folder.
//
//   LL_ASSIGN_OR_RETURN(std::vector<std::string> files, ListDataFiles(env, "input/data/train"));
//   LL_ASSIGN_OR_RETURN(auto rows, OpenRowFiles(env, files, std::nullopt, {.num_classes = 2}));
//   LL_ASSIGN_OR_RETURN(Dataset train, Dataset::Collect(*rows));
//
// Files are read one after the other, in the given order, through a window of constant size; nothing is kept but the
// block that Next() returned.
#ifndef LL_LEARNER_READERS_ROW_FILES_H_
#define LL_LEARNER_READERS_ROW_FILES_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/env.h"
#include "learner/dataset.h"
#include "learner/readers/content_type.h"
#include "learner/readers/row_buffer.h"

namespace ll::learner {

// The data files at `path`: the file itself, or all files of a folder and its subfolders, sorted by name. Left out are
// names that begin with "." or "_" and names that end in ".manifest": by convention they describe data and are none.
// NOT_FOUND when there is nothing at `path`; INVALID_ARGUMENT with reason INVALID_CHANNEL for a folder without data
// files or something that is no regular file.
absl::StatusOr<std::vector<std::string>> ListDataFiles(Env& env, const std::string& path);

// A reader of one file. `content_type` as in OpenRowFiles.
absl::StatusOr<std::unique_ptr<RowReader>> NewRowReader(std::unique_ptr<SequentialFile> file, const std::string& name,
                                                        const std::optional<ContentType>& content_type,
                                                        const RowRules& rules);

// The rows of `files`. Without a content type each file is read by its name (ContentTypeOfFile). A file without rows is
// passed over, but files that have no row among them are an error (INVALID_DATA). INVALID_ARGUMENT with reason
// INVALID_CHANNEL when `rules` asks for labels and the content type says there are none.
absl::StatusOr<std::unique_ptr<RowSource>> OpenRowFiles(Env& env, std::vector<std::string> files,
                                                        std::optional<ContentType> content_type, RowRules rules);

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_ROW_FILES_H_
