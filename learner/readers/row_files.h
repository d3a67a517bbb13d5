// Data files as a RowSource: the door of this folder.
//
//   LL_ASSIGN_OR_RETURN(std::vector<std::string> files, ListDataFiles(env, "input/data/train"));
//   LL_ASSIGN_OR_RETURN(auto rows, OpenRowFiles(env, files, std::nullopt, {.num_classes = 2}));
//   LL_ASSIGN_OR_RETURN(Dataset train, Dataset::Collect(*rows));
//
// Files are read one after the other, in the given order, through a window of constant size, unpacked where they are
// gzip; nothing is kept but the block that Next() or NextSparse() returned.
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

// The data files at `path`: the file itself, a manifest's list (manifest.h), or all files of a folder and its
// subfolders, sorted by name. A folder that holds a manifest is what the manifest says. Left out are other names that
// begin with "." or "_": by convention they describe data and are none. NOT_FOUND when there is nothing at `path`;
// INVALID_ARGUMENT with reason INVALID_CHANNEL for a folder without data files or with several manifests, a manifest
// that names a missing file, or something that is no regular file.
absl::StatusOr<std::vector<std::string>> ListDataFiles(Env& env, const std::string& path);

// The rows of `files`, regular ones or FIFOs. Without a content type each file is judged by its first bytes where they
// are RecordIO's, else by its name, else by its first line (content_type.h); INVALID_CHANNEL lists what is accepted
// when all of that says nothing. A file without rows is passed over, but files that have no row among them are an error
// (INVALID_DATA). INVALID_CHANNEL, too, when `rules` asks for labels and the content type says there are none.
//
// The content type's `missing` decides rules.missing: with mean, missing features stay NaN. libsvm does not say how
// many features there are: without rules.feature_dim, Next() reads such files once more, to see the largest index;
// NextSparse() does not need to.
//
// A FIFO can be read once, and dense rows of libsvm from it need rules.feature_dim. With a `spool`, the name of a file
// that is made and removed again, what a single FIFO brings is kept there for later passes.
absl::StatusOr<std::unique_ptr<RowSource>> OpenRowFiles(Env& env, std::vector<std::string> files,
                                                        std::optional<ContentType> content_type, RowRules rules,
                                                        std::string spool = "");

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_ROW_FILES_H_
