#include "services/registry/event_log.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "services/registry/registry_reads.h"

namespace ll::catalog {
namespace {

using registry::Comparison;
using registry::Condition;
using registry::EventRecord;
using registry::ListQuery;
using registry::Page;
using registry::View;

// Read at once: enough to be quick, little enough that a filter which finds nothing lets others have their turn.
constexpr int kBatch = 200;

bool TextFulfils(const std::string& text, const Condition& condition) {
  return (text == condition.text) == (condition.comparison == Comparison::kEqual);
}

bool TimeFulfils(absl::Time time, const Condition& condition) {
  switch (condition.comparison) {
    case Comparison::kEqual: return time == condition.time;
    case Comparison::kNotEqual: return time != condition.time;
    case Comparison::kLess: return time < condition.time;
    case Comparison::kLessOrEqual: return time <= condition.time;
    case Comparison::kGreater: return time > condition.time;
    case Comparison::kGreaterOrEqual: return time >= condition.time;
  }
  return false;
}

bool Fulfils(const EventRecord& event, const Condition& condition) {
  if (condition.field == "time") return TimeFulfils(event.time, condition);
  if (condition.field == "resource") return TextFulfils(event.resource, condition);
  if (condition.field == "verb") return TextFulfils(event.verb, condition);
  if (condition.field == "actor") return TextFulfils(event.actor, condition);
  return TextFulfils(event.request_id, condition);
}

absl::Status NeverGiven(int64_t number, int64_t newest) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidArgument,
                   {.what = absl::StrCat("cannot continue after event ", number),
                    .why = absl::StrCat("the newest event of this server is ", newest),
                    .remedy = "Use a token of this server, or none."},
                   {.metadata = {{"newest", absl::StrCat(newest)}},
                    .field_violations = {{"resume_token", "is of an event that this server never had"}}});
}

// The number of the event after which the watch begins.
absl::StatusOr<int64_t> StartingPoint(const View& view, const WatchStart& start) {
  LL_ASSIGN_OR_RETURN(const int64_t newest, view.events().Newest());
  switch (start.from) {
    case WatchStart::kNow: return newest;
    case WatchStart::kOldest: {
      LL_ASSIGN_OR_RETURN(const Page<EventRecord> oldest, view.events().List({.page_size = 1}));
      return oldest.records.empty() ? newest : oldest.records[0].sequence - 1;
    }
    case WatchStart::kAfter: break;
  }
  if (start.after > newest) return NeverGiven(start.after, newest);
  LL_RETURN_IF_ERROR(view.events().After(start.after, 1).status());
  return start.after;
}

}  // namespace

bool Matches(const EventRecord& event, const std::vector<Condition>& conditions) {
  return std::all_of(conditions.begin(), conditions.end(),
                     [&](const Condition& condition) { return Fulfils(event, condition); });
}

absl::StatusOr<EventRecord> EventLog::Get(int64_t number) {
  return ReadFrom(registry_, [&](const View& view) -> absl::StatusOr<EventRecord> {
    absl::StatusOr<EventRecord> event = view.events().Get(number);
    if (!absl::IsNotFound(event.status())) return event;
    // Dropped, or not there yet?
    const absl::Status after = view.events().After(number - 1, 1).status();
    return absl::IsOutOfRange(after) ? after : event.status();
  });
}

absl::StatusOr<Page<EventRecord>> EventLog::List(const ListQuery& query) {
  return ReadFrom(registry_, [&](const View& view) { return view.events().List(query); });
}

absl::StatusOr<std::unique_ptr<EventWatch>> EventLog::Watch(const WatchStart& start, std::vector<Condition> conditions,
                                                            std::function<void()> wake) {
  std::unique_ptr<EventWatch> watch(new EventWatch(registry_, std::move(conditions), std::move(wake)));
  // Before the position is read: an event between the two wakes the watch once too often, never too rarely.
  EventWatch* const woken = watch.get();
  watch->subscription_ = registry_.OnCommit([woken](int64_t) { woken->wake_(); });
  LL_ASSIGN_OR_RETURN(watch->position_,
                      ReadFrom(registry_, [&](const View& view) { return StartingPoint(view, start); }));
  return watch;
}

absl::StatusOr<std::optional<EventRecord>> EventWatch::Next() {
  if (waiting_.empty()) {
    LL_ASSIGN_OR_RETURN(std::vector<EventRecord> batch,
                        ReadFrom(registry_, [&](const View& view) { return view.events().After(position_, kBatch); }));
    if (batch.empty()) return std::nullopt;
    position_ = batch.back().sequence;
    for (EventRecord& event : batch) {
      if (Matches(event, conditions_)) waiting_.push_back(std::move(event));
    }
    if (waiting_.empty()) {
      // There may be more beyond this batch.
      wake_();
      return std::nullopt;
    }
  }
  std::optional<EventRecord> next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

}  // namespace ll::catalog
