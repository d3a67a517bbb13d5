#include "learner/lltrain/score_file.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/artifact/model_formats.h"
#include "learner/readers/content_type.h"
#include "learner/readers/row_files.h"
#include "learner/reply_writer.h"

namespace ll::lltrain {
namespace {

constexpr char kStandardInput[] = "/dev/stdin";

absl::StatusOr<std::optional<learner::ContentType>> ParseInputType(const std::string& text) {
  if (text.empty()) return std::nullopt;
  LL_ASSIGN_OR_RETURN(const learner::ContentType type, learner::ParseContentType(text));
  if (type.missing == learner::Imputation::kMean) {
    return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
                     {.what = absl::StrCat("cannot read content type \"", text, "\""),
                      .why = "a model does not keep the means of its training data, which missing=mean needs",
                      .remedy = "Use missing=zero, or fill the values in."});
  }
  return type;
}

}  // namespace

absl::Status ScoreFile(const ScoreOptions& options, Env& env, const std::function<bool(absl::string_view)>& write) {
  LL_ASSIGN_OR_RETURN(const learner::ReplyType reply_type, learner::ParseReplyType(options.accept));
  LL_ASSIGN_OR_RETURN(const std::optional<learner::ContentType> input_type, ParseInputType(options.content_type));
  LL_ASSIGN_OR_RETURN(const learner::Model model, learner::LoadAnyModel(env, options.model));
  std::vector<std::string> files = {kStandardInput};
  if (options.input != "-") {
    LL_ASSIGN_OR_RETURN(files, learner::ListDataFiles(env, options.input));
  }
  LL_ASSIGN_OR_RETURN(
      const std::unique_ptr<learner::RowSource> rows,
      learner::OpenRowFiles(
          env, std::move(files), input_type,
          {.labels = false, .feature_dim = model.schema().feature_dim, .feature_dim_source = "the model"}));
  learner::ReplyWriter writer(reply_type, model.schema());
  learner::Scores scores;
  std::string body;
  writer.Begin(&body);
  while (true) {
    LL_ASSIGN_OR_RETURN(const learner::RowBlock block, rows->Next());
    if (block.rows == 0) break;
    model.Score(block.values, block.rows, &scores);
    writer.Append(scores, &body);
    if (!write(body)) return absl::OkStatus();
    body.clear();
  }
  writer.End(&body);
  write(body);
  return absl::OkStatus();
}

}  // namespace ll::lltrain
