// llctl: the command line of the platform. Only this file touches arguments, environment and real streams.

#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/env.h"
#include "base/shutdown.h"
#include "clients/llctl/io_streams.h"
#include "clients/llctl/llctl.h"
#include "clients/llctl/standard_input.h"

namespace ll::llctl {
namespace {

Variables EnvironmentVariables() {
  Variables variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const size_t equals = text.find('=');
    if (equals != std::string::npos) variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return variables;
}

int TerminalWidth() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

int Main(const std::vector<std::string>& arguments) {
  std::stop_source interrupt;
  // The first Ctrl-C lets the command end in its own way, the second ends the process.
  const ShutdownSignal signals([&interrupt] { interrupt.request_stop(); });
  std::ios::sync_with_stdio(false);
  StandardInput input(STDIN_FILENO, interrupt.get_token());
  const Variables variables = EnvironmentVariables();
  const bool dumb = VariableOr(variables, "TERM") == "dumb";
  IoStreams io{.in = input, .out = std::cout, .err = std::cerr};
  io.in_is_terminal = isatty(STDIN_FILENO) == 1;
  io.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  io.err_is_terminal = isatty(STDERR_FILENO) == 1 && !dumb;
  io.width = TerminalWidth();
  io.color = !dumb && VariableOr(variables, "NO_COLOR").empty();
  Surroundings surroundings{
      .io = io, .variables = variables, .env = Env::Posix(), .clock = Clock::Real(), .stop = interrupt.get_token()};
  return RunLlctl(arguments, surroundings);
}

}  // namespace
}  // namespace ll::llctl

int main(int argc, char** argv) { return ll::llctl::Main({argv + 1, argv + argc}); }
