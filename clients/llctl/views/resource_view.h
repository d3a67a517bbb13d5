// How each kind of resource is shown to people: its columns in a list, and its details. NAME comes first and AGE last;
// the columns of `table` fit 80 characters for names of ordinary length, `wide` adds more before the age.
#ifndef LL_CLIENTS_LLCTL_VIEWS_RESOURCE_VIEW_H_
#define LL_CLIENTS_LLCTL_VIEWS_RESOURCE_VIEW_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "clients/llctl/table.h"
#include "clients/llctl/views/details.h"
#include "google/protobuf/timestamp.pb.h"
#include "ll/v1/endpoint.pb.h"
#include "ll/v1/event.pb.h"
#include "ll/v1/model.pb.h"
#include "ll/v1/object.pb.h"
#include "ll/v1/training_job.pb.h"

namespace ll::llctl {

template <typename Resource>
struct Column {
  std::string title;
  bool only_wide;
  std::function<Cell(const Resource& resource, absl::Time now)> cell;
  size_t width = 0;  // what its values usually need, for lines that are printed one by one
};

template <typename Resource>
struct ResourceView {
  std::string noun;    // as on the command line
  std::string plural;  // "No models found."
  std::vector<Column<Resource>> columns;
  std::function<void(const Resource& resource, absl::Time now, bool wide, Details& details)> fill;
};

// Specialised for each resource of the API.
template <typename Resource>
ResourceView<Resource> ViewOf();

template <>
ResourceView<v1::Model> ViewOf();
template <>
ResourceView<v1::ModelVersion> ViewOf();
template <>
ResourceView<v1::TrainingJob> ViewOf();
template <>
ResourceView<v1::Endpoint> ViewOf();
template <>
ResourceView<v1::Bucket> ViewOf();
template <>
ResourceView<v1::Object> ViewOf();
template <>
ResourceView<v1::Event> ViewOf();

// "5m" since `time`; empty when there is none.
std::string AgeOf(const google::protobuf::Timestamp& time, absl::Time now);

// "2026-11-24T13:05:11Z (5m ago)"; empty when there is none.
std::string TimeAndAge(const google::protobuf::Timestamp& time, absl::Time now);

// "a=1,b=2" in key order.
std::string JoinEntries(const std::map<std::string, std::string>& entries);

// A state in the colour of what it means: good, changing or bad.
Cell StateCell(const std::string& state);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_VIEWS_RESOURCE_VIEW_H_
