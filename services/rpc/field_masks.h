// Update masks: which fields of a resource an Update changes.
//
//   constexpr absl::string_view kUpdatable[] = {"description", "labels", "annotations"};
//   LL_ASSIGN_OR_RETURN(FieldSet fields, ParseUpdateMask(request.update_mask(), request.model(), kUpdatable));
//   if (fields.count("labels") > 0) ...
#ifndef LL_SERVICES_RPC_FIELD_MASKS_H_
#define LL_SERVICES_RPC_FIELD_MASKS_H_

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace ll::rpc {

using FieldSet = std::set<std::string>;

// `*` gives all of `updatable`; an empty mask those of them that are populated in `resource`; otherwise the fields
// named. INVALID_ARGUMENT / INVALID_UPDATE_MASK, with every violation, for a path that is unknown, cannot be changed,
// or stands beside `*`.
absl::StatusOr<FieldSet> ParseUpdateMask(const google::protobuf::FieldMask& mask,
                                         const google::protobuf::Message& resource,
                                         absl::Span<const absl::string_view> updatable);

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_FIELD_MASKS_H_
