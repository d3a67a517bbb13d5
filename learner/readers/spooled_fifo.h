// A FIFO that can be read more than once: its bytes are kept in a file as they are read the first time.
#ifndef LL_LEARNER_READERS_SPOOLED_FIFO_H_
#define LL_LEARNER_READERS_SPOOLED_FIFO_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/env.h"

namespace ll::learner {

// Not thread-safe. Removes its file when it is destroyed, after the readers it gave.
class SpooledFifo final {
 public:
  SpooledFifo(Env& env, std::string fifo, std::string spool)
      : env_(env), fifo_path_(std::move(fifo)), spool_path_(std::move(spool)) {}
  ~SpooledFifo();

  // The bytes from the first one on: the first time from the FIFO, later from the file. What an earlier reader left
  // unread in the FIFO is spooled first.
  absl::StatusOr<std::unique_ptr<SequentialFile>> Open();

 private:
  class FirstReader;

  absl::StatusOr<size_t> ReadFifo(absl::Span<char> buffer);
  absl::Status Finish();

  Env& env_;
  const std::string fifo_path_;
  const std::string spool_path_;
  std::unique_ptr<SequentialFile> fifo_;
  std::unique_ptr<WritableFile> spool_;
  bool opened_ = false;
  bool complete_ = false;
};

}  // namespace ll::learner

#endif  // LL_LEARNER_READERS_SPOOLED_FIFO_H_
