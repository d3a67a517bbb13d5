// The rows of a request's body, block by block, while it arrives: memory does not grow with the body.
//
//   RowDecoder decoder(type, std::move(body), schema.feature_dim);
//   while (true) {
//     LL_ASSIGN_OR_RETURN(const learner::RowBlock block, decoder.Next());
//     if (block.rows == 0) break;
//     ...
//   }
#ifndef LL_SERVICES_PREDICTION_FORMATS_ROW_DECODER_H_
#define LL_SERVICES_PREDICTION_FORMATS_ROW_DECODER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "base/env.h"
#include "learner/readers/content_type.h"
#include "learner/readers/row_buffer.h"
#include "learner/row_source.h"

namespace ll::prediction {

// Not thread-safe.
class RowDecoder final {
 public:
  // `type` as RequestTypeOf() gives it.
  RowDecoder(const learner::ContentType& type, std::unique_ptr<SequentialFile> body, int feature_dim);

  // The next rows, of `feature_dim` finite numbers each; none at the end. Valid until the next call. INVALID_ARGUMENT /
  // INVALID_DATA names row and column, or the byte, counted as in files (readers/data_error.h); so does a body without
  // rows. Errors of the body itself come as they are.
  absl::StatusOr<learner::RowBlock> Next();

 private:
  std::unique_ptr<learner::RowReader> reader_;
  learner::RowBuffer rows_;
  bool more_ = true;
  bool empty_ = true;  // no row has come yet
};

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_FORMATS_ROW_DECODER_H_
