// The lines of a log file that may still grow.
//
//   LogLines lines(env, path);
//   LL_RETURN_IF_ERROR(lines.SkipToLast(100));
//   LL_ASSIGN_OR_RETURN(std::vector<std::string> some, lines.Next(/*complete=*/false));   // empty: nothing more now
#ifndef LL_SERVICES_TRAINING_JOB_LOG_H_
#define LL_SERVICES_TRAINING_JOB_LOG_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/env.h"

namespace ll::training {

// A file that does not exist yet is an empty one. Not thread-safe.
class LogLines {
 public:
  // One call returns about this many bytes; a longer line comes in pieces.
  static constexpr size_t kMaxBytes = 256 << 10;

  LogLines(Env& env, std::string path) : env_(env), path_(std::move(path)) {}

  // Moves to the last `lines` lines of what is there now.
  absl::Status SkipToLast(int64_t lines);

  // The next lines, without their line ends. `complete`: the file does not grow any more, so a last line without its
  // end counts, too.
  absl::StatusOr<std::vector<std::string>> Next(bool complete);

 private:
  // False when there is no file yet.
  absl::StatusOr<bool> Open();

  Env& env_;
  const std::string path_;
  std::unique_ptr<RandomAccessFile> file_;
  uint64_t offset_ = 0;  // of the next line
};

}  // namespace ll::training

#endif  // LL_SERVICES_TRAINING_JOB_LOG_H_
