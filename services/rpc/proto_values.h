// Times, durations, maps and the fields that all resources share, between protobuf and plain structs. For
// convert.{h,cc}.
//
//   v1::Model ToProto(const registry::ModelRecord& record) {
//     v1::Model model;
//     model.set_name(registry::ModelName(record.id));
//     SetHeader(record.header, &model);
//     ...
//   }
#ifndef LL_SERVICES_RPC_PROTO_VALUES_H_
#define LL_SERVICES_RPC_PROTO_VALUES_H_

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/map.h"
#include "google/protobuf/timestamp.pb.h"
#include "registry/records.h"
#include "services/rpc/field_checks.h"

namespace ll::rpc {

// To nanoseconds. Times and durations beyond what the messages may hold become their nearest bound.
google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration duration);
absl::Duration FromProto(const google::protobuf::Duration& duration);

template <typename Value>
std::map<std::string, Value> ToMap(const google::protobuf::Map<std::string, Value>& map) {
  return {map.begin(), map.end()};
}

template <typename Value>
void SetMap(const std::map<std::string, Value>& from, google::protobuf::Map<std::string, Value>* to) {
  for (const auto& [key, value] : from) (*to)[key] = value;
}

// Labels, annotations, times and etag.
template <typename Resource>
void SetHeader(const registry::RecordHeader& header, Resource* resource) {
  SetMap(header.labels, resource->mutable_labels());
  SetMap(header.annotations, resource->mutable_annotations());
  *resource->mutable_create_time() = ToProto(header.create_time);
  *resource->mutable_update_time() = ToProto(header.update_time);
  resource->set_etag(header.etag);
}

// Labels and annotations, checked. `field` is the path of `resource`: "model".
template <typename Resource>
registry::RecordHeader HeaderOf(const Resource& resource, absl::string_view field, FieldChecks* checks) {
  registry::RecordHeader header;
  header.labels = ToMap(resource.labels());
  header.annotations = ToMap(resource.annotations());
  CheckLabels(header.labels, absl::StrCat(field, ".labels"), checks);
  CheckAnnotations(header.annotations, absl::StrCat(field, ".annotations"), checks);
  return header;
}

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_PROTO_VALUES_H_
