// `lltrain score`: a file of rows in, predictions out, with the bytes that an endpoint would answer.
#ifndef LL_LEARNER_LLTRAIN_SCORE_FILE_H_
#define LL_LEARNER_LLTRAIN_SCORE_FILE_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/env.h"

namespace ll::lltrain {

struct ScoreOptions {
  std::string model;              // as LoadAnyModel() takes it
  std::string input;              // a file, a manifest, or a folder of files; "-": standard input
  std::string content_type = {};  // empty: each file is judged by itself
  std::string accept = {};        // empty: application/json
};

// Rows have no label unless the content type says so (label_size=1), and then it is passed over. Memory does not grow
// with the input. `write` gets the reply piece by piece, and returns false when nobody listens any more, which ends the
// work and is no error. On an error some of the reply may have been written.
absl::Status ScoreFile(const ScoreOptions& options, Env& env, const std::function<bool(absl::string_view)>& write);

}  // namespace ll::lltrain

#endif  // LL_LEARNER_LLTRAIN_SCORE_FILE_H_
