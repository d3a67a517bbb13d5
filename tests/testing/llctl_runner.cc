#include "tests/testing/llctl_runner.h"

#include <algorithm>
#include <sstream>

#include "absl/strings/str_replace.h"
#include "clients/llctl/llctl.h"

namespace ll::testing {
namespace {

class StringInput final : public SequentialFile {
 public:
  explicit StringInput(std::string text) : text_(std::move(text)) {}
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    const size_t size = std::min(buffer.size(), text_.size() - at_);
    std::copy_n(text_.data() + at_, size, buffer.data());
    at_ += size;
    return size;
  }

 private:
  const std::string text_;
  size_t at_ = 0;
};

}  // namespace

LlctlRunner::LlctlRunner(const std::string& address)
    : address_(address), variables_{{"LL_ADDRESS", address}, {"HOME", "/home/nobody"}}, env_(&Env::Posix()) {
  clock_.Advance(absl::Minutes(5));
}

void LlctlRunner::UseTerminal(int width, bool color) {
  terminal_ = true;
  width_ = width;
  color_ = color;
}

LlctlResult LlctlRunner::Run(const std::vector<std::string>& arguments, const std::string& input) {
  StringInput in(input);
  std::ostringstream out;
  std::ostringstream err;
  llctl::IoStreams io{.in = in,
                      .out = out,
                      .err = err,
                      .in_is_terminal = terminal_,
                      .out_is_terminal = terminal_,
                      .err_is_terminal = terminal_,
                      .width = width_,
                      .color = color_};
  llctl::Surroundings surroundings{
      .io = io, .variables = variables_, .env = *env_, .clock = clock_, .stop = interrupt_.get_token()};
  LlctlResult result;
  result.code = llctl::RunLlctl(arguments, surroundings);
  result.out = absl::StrReplaceAll(out.str(), {{address_, "SERVER"}});
  result.err = absl::StrReplaceAll(err.str(), {{address_, "SERVER"}});
  return result;
}

}  // namespace ll::testing
