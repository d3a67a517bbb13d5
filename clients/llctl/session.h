// What a running command works with. Made once per invocation, after the command line was understood; nothing below it
// looks at argv, the environment, the clock or real streams.
#ifndef LL_CLIENTS_LLCTL_SESSION_H_
#define LL_CLIENTS_LLCTL_SESSION_H_

#include <optional>
#include <stop_token>
#include <utility>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/env.h"
#include "clients/cpp/client.h"
#include "clients/llctl/io_streams.h"
#include "clients/llctl/settings.h"

namespace ll::llctl {

// Flags that every command has.
struct GlobalFlags {
  SettingFlags settings;
  bool quiet = false;    // -q: only the answer and errors
  bool verbose = false;  // -v: errors with everything that is known of them
  bool no_color = false;
  absl::Duration timeout = absl::ZeroDuration();  // --timeout: of the call, or of the whole wait; 0: not given
};

// The process around llctl; main.cc passes the real one.
struct Surroundings {
  IoStreams& io;
  Variables variables;
  Env& env;
  Clock& clock;
  std::stop_token stop;  // Ctrl-C
};

class Session {
 public:
  // `client` is absent for commands that do not talk to the server.
  Session(Surroundings& surroundings, GlobalFlags flags, Settings settings, std::optional<client::Client> client)
      : surroundings_(surroundings),
        flags_(std::move(flags)),
        settings_(std::move(settings)),
        client_(std::move(client)) {}

  IoStreams& io() { return surroundings_.io; }
  Env& env() { return surroundings_.env; }
  Clock& clock() { return surroundings_.clock; }
  const Variables& variables() const { return surroundings_.variables; }
  const GlobalFlags& flags() const { return flags_; }
  const Settings& settings() const { return settings_; }
  OutputFormat format() const { return settings_.format; }
  const client::Client& client() const { return *client_; }

  bool interrupted() const { return surroundings_.stop.stop_requested(); }

  // For single calls, and for transfers and waits: what --timeout and Ctrl-C mean to them.
  client::CallOptions call() const {
    client::CallOptions options;
    if (flags_.timeout > absl::ZeroDuration()) options.timeout = flags_.timeout;
    options.stop = surroundings_.stop;
    return options;
  }
  client::WaitOptions wait() const {
    client::WaitOptions options;
    options.call = call();
    options.clock = &surroundings_.clock;
    return options;
  }

 private:
  Surroundings& surroundings_;
  const GlobalFlags flags_;
  const Settings settings_;
  const std::optional<client::Client> client_;
};

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_SESSION_H_
