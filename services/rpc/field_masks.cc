#include "services/rpc/field_masks.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/error_reason.h"
#include "base/utf8.h"
#include "google/protobuf/descriptor.h"
#include "services/rpc/field_checks.h"

namespace ll::rpc {
namespace {

constexpr char kMaskField[] = "update_mask";

FieldSet PopulatedFields(const google::protobuf::Message& resource, absl::Span<const absl::string_view> updatable) {
  std::vector<const google::protobuf::FieldDescriptor*> populated;
  resource.GetReflection()->ListFields(resource, &populated);
  FieldSet fields;
  for (const auto* field : populated) {
    if (std::count(updatable.begin(), updatable.end(), absl::string_view(field->name())) > 0) {
      fields.insert(field->name());
    }
  }
  return fields;
}

std::string WhyNot(absl::string_view path, const google::protobuf::Descriptor& type) {
  const std::vector<std::string> parts = absl::StrSplit(path, '.');
  const auto* field = type.FindFieldByName(parts[0]);
  if (field == nullptr) return absl::StrCat(Quoted(path), " is not a field of ", type.name());
  if (parts.size() > 1) return absl::StrCat(Quoted(path), " is a part of `", parts[0], "`, which changes as a whole");
  return absl::StrCat("`", parts[0], "` cannot be changed by an update");
}

}  // namespace

absl::StatusOr<FieldSet> ParseUpdateMask(const google::protobuf::FieldMask& mask,
                                         const google::protobuf::Message& resource,
                                         absl::Span<const absl::string_view> updatable) {
  if (mask.paths().empty()) return PopulatedFields(resource, updatable);
  const FieldSet all(updatable.begin(), updatable.end());
  if (mask.paths_size() == 1 && mask.paths(0) == "*") return all;

  FieldSet fields;
  FieldChecks checks;
  for (const std::string& path : mask.paths()) {
    if (all.count(path) > 0) {
      fields.insert(path);
      continue;
    }
    const std::string problem =
        path == "*" ? "`*` stands beside other fields" : WhyNot(path, *resource.GetDescriptor());
    checks.Add(kMaskField, absl::StrCat(problem, "; name any of ", absl::StrJoin(updatable, ", "), ", or `*` alone"),
               ErrorReason::kInvalidUpdateMask);
  }
  if (absl::Status status = checks.status(); !status.ok()) return status;
  return fields;
}

}  // namespace ll::rpc
