#include "clients/llctl/commands/commands.h"
#include "clients/llctl/flag_groups.h"
#include "clients/llctl/printer.h"

namespace ll::llctl {
namespace {

class EventList final : public Command {
 public:
  CommandHelp help() const override {
    return {
        .noun = "event",
        .verb = "list",
        .summary = "List what was changed on the server, by whom and when",
        .when = "Oldest first, unless --order-by 'name desc' is given. `-o json` shows each record before and after.",
        .examples = {{"event list --order-by 'name desc' --limit 20", "The last twenty changes"},
                     {"event list --filter 'resource = endpoints/digits'", "The history of one resource"}}};
  }

  void Parse(CLI::App& app) override { list_.Parse(app); }

  absl::Status Validate(Session&) override { return list_.Validate(); }

  absl::Status Run(Session& session) override {
    v1::ListEventsRequest request;
    list_.Apply(request);
    return PrintList(session, session.client().events().ListEvents(request, session.call()), list_.limit);
  }

 private:
  ListFlags list_;
};

}  // namespace

std::unique_ptr<Command> NewEventList() { return std::make_unique<EventList>(); }

}  // namespace ll::llctl
