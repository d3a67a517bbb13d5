#include "clients/llctl/progress.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/llctl/human_units.h"

namespace ll::llctl {
namespace {

constexpr absl::Duration kTerminalInterval = absl::Milliseconds(100);
constexpr absl::Duration kPlainInterval = absl::Seconds(5);
constexpr int kBarWidth = 20;

}  // namespace

LiveLine::LiveLine(Session& session)
    : io_(session.io()), clock_(session.clock()), quiet_(session.flags().quiet), last_(session.clock().Now()) {}

LiveLine::~LiveLine() {
  if (shown_ && io_.err_is_terminal) io_.err << "\r\x1b[K" << std::flush;
}

bool LiveLine::IsDue() const {
  const absl::Duration interval = io_.err_is_terminal ? kTerminalInterval : kPlainInterval;
  // A terminal shows the first line at once; elsewhere something that is soon done needs no line.
  return clock_.Now() - last_ >= interval || (io_.err_is_terminal && !shown_);
}

void LiveLine::Update(const std::string& text, bool milestone) {
  if (quiet_ || !(milestone || IsDue())) return;
  last_ = clock_.Now();
  shown_ = true;
  if (io_.err_is_terminal) {
    // A line as wide as the terminal would wrap, and could then not be taken back.
    io_.err << "\r" << text.substr(0, static_cast<size_t>(std::max(io_.width - 1, 0))) << "\x1b[K" << std::flush;
  } else {
    io_.err << text << "\n" << std::flush;
  }
}

std::string Bar(double fraction, int width) {
  const int filled = static_cast<int>(std::floor(std::clamp(fraction, 0.0, 1.0) * width));
  std::string bar(static_cast<size_t>(filled), '=');
  if (filled < width) bar.push_back('>');
  bar.resize(static_cast<size_t>(width), ' ');
  return absl::StrCat("[", bar, "]");
}

TransferProgress::TransferProgress(Session& session, std::string what, int64_t total)
    : session_(session), what_(std::move(what)), total_(total), begin_(session.clock().Now()), line_(session) {}

void TransferProgress::Update(int64_t done) {
  const double seconds = absl::ToDoubleSeconds(session_.clock().Now() - begin_);
  std::string text = what_;
  if (total_ > 0) {
    const double fraction = static_cast<double>(done) / static_cast<double>(total_);
    absl::StrAppendFormat(&text, " %s %3.0f%%  %s of %s", Bar(fraction, kBarWidth), 100 * fraction, HumanBytes(done),
                          HumanBytes(total_));
  } else {
    absl::StrAppend(&text, "  ", HumanBytes(done));
  }
  if (seconds >= 0.5) {
    absl::StrAppend(&text, "  ", HumanBytes(static_cast<int64_t>(static_cast<double>(done) / seconds)), "/s");
  }
  line_.Update(text);
}

}  // namespace ll::llctl
