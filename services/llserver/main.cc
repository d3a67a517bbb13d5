// llserver: the platform in one process. Composition only; the parts are in platform.cc, the settings in config.h.
#include <signal.h>
#include <unistd.h>

#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/allocator.h"
#include "base/env.h"
#include "base/error_reason.h"
#include "base/log.h"
#include "base/shutdown.h"
#include "base/version.h"
#include "nlohmann/json.hpp"
#include "services/llserver/config.h"
#include "services/llserver/platform.h"
#include "services/rpc/server.h"

namespace ll::llserver {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

std::map<std::string, std::string> Environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const size_t equals = text.find('=');
    if (equals != std::string::npos) variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return variables;
}

int Fail(const absl::Status& status, int exit_code) {
  std::cerr << "llserver: " << absl::string_view(status.message()) << "\n";
  return exit_code;
}

// For whoever waits for the server: appears when it serves, goes when it ends.
absl::Status WriteReadyFile(const std::string& path, const Platform& platform) {
  if (path.empty()) return absl::OkStatus();
  nlohmann::json ready = {{"grpc", platform.address()}, {"pid", getpid()}};
  if (!platform.http_address().empty()) ready["http"] = platform.http_address();
  return Annotate(Env::Posix().WriteFileAtomically(path, ready.dump() + "\n"),
                  absl::StrCat("cannot write the ready file ", path, ", see --ready-file"));
}
void RemoveReadyFile(const std::string& path) {
  if (!path.empty()) Env::Posix().RemoveFile(path).IgnoreError();  // it need not be there
}

int Run(const Config& config, const ShutdownSignal& shutdown) {
  SetLogLevel(config.log_level);
  for (const Config::Setting& setting : config.settings) {
    LogInfo("setting", {{"name", setting.name}, {"value", setting.value}, {"origin", setting.origin}});
  }
  RemoveReadyFile(config.ready_file);
  const absl::StatusOr<std::unique_ptr<Platform>> platform = Platform::Start(config, {});
  if (!platform.ok()) return Fail(platform.status(), kFailed);
  if (const absl::Status ready = WriteReadyFile(config.ready_file, **platform); !ready.ok())
    return Fail(ready, kFailed);
  const std::string& http = (*platform)->http_address();
  std::cout << "llserver " << absl::string_view(ReleaseVersion()) << " serves gRPC on " << (*platform)->address()
            << (http.empty() ? "" : ", HTTP on ") << http << std::endl;
  shutdown.Wait();
  LogInfo("shutting down", {{"at most", absl::FormatDuration(config.drain_timeout)}});
  RemoveReadyFile(config.ready_file);
  (*platform)->Shutdown();
  return 0;
}

}  // namespace
}  // namespace ll::llserver

int main(int argc, char** argv) {
  using ll::llserver::Config;
  const ll::ShutdownSignal shutdown;  // before any thread exists
  signal(SIGPIPE, SIG_IGN);
  ll::KeepFreedMemory();
  ll::rpc::LogGrpcMessages();
  const absl::StatusOr<Config> config =
      ll::llserver::ParseConfig({argv + 1, argv + argc}, ll::llserver::Environment(),
                                [](const std::string& path) { return ll::Env::Posix().ReadFile(path); });
  if (!config.ok()) return ll::llserver::Fail(config.status(), ll::llserver::kWrongUsage);
  switch (config->command) {
    case Config::Command::kHelp: std::cout << ll::llserver::HelpText(); return 0;
    case Config::Command::kVersion:
      std::cout << "llserver " << absl::string_view(ll::ReleaseVersion()) << "\n";
      return 0;
    case Config::Command::kServe: break;
  }
  return ll::llserver::Run(*config, shutdown);
}
