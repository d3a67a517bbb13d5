#include <string>

#include "clients/llctl/commands/commands.h"
#include "clients/llctl/exit_codes.h"
#include "clients/llctl/watch_output.h"

namespace ll::llctl {
namespace {

class EventWatch final : public Command {
 public:
  CommandHelp help() const override {
    return {.noun = "event",
            .verb = "watch",
            .summary = "Print every change on the server as it happens",
            .when =
                "In order and without gaps, also over restarts of the server, until Ctrl-C. `-o json` prints one "
                "object a line; its resumeToken tells where to go on another time.",
            .examples = {{"event watch", "From now on"},
                         {"event watch --from-oldest --limit 100 -o json", "The oldest hundred that are kept"},
                         {"event watch --resume-token TOKEN --filter 'verb = delete'", "Go on after an event"}}};
  }

  void Parse(CLI::App& app) override {
    app.add_option("--filter", filter_, "Only what matches; see `llctl help filters`")->type_name("FILTER");
    CLI::Option* token = app.add_option("--resume-token", resume_token_, "Start after the event that has this token");
    token->type_name("TOKEN");
    app.add_flag("--from-oldest", from_oldest_, "Start with the oldest event that is kept")->excludes(token);
    app.add_option("--limit", limit_, "End after so many events; 0: never")->type_name("N");
  }

  absl::Status Validate(Session&) override {
    return limit_ < 0 ? UsageError("--limit must not be negative") : absl::OkStatus();
  }

  absl::Status Run(Session& session) override {
    v1::WatchEventsRequest request;
    request.set_filter(filter_);
    request.set_resume_token(resume_token_);
    request.set_from_oldest(from_oldest_);
    WatchOutput<v1::Event> output(session);
    int64_t count = 0;
    return session.client().events().WatchEvents(
        request,
        [&](const v1::Event& event) {
          output.Add(event);
          return ++count != limit_;
        },
        session.wait());
  }

 private:
  std::string filter_;
  std::string resume_token_;
  bool from_oldest_ = false;
  int64_t limit_ = 0;
};

}  // namespace

std::unique_ptr<Command> NewEventWatch() { return std::make_unique<EventWatch>(); }

}  // namespace ll::llctl
