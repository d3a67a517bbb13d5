#include "services/endpoints/endpoint_convert.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "services/rpc/field_checks.h"
#include "services/rpc/field_masks.h"
#include "services/rpc/proto_values.h"
#include "services/rpc/resource_names.h"
#include "services/rpc/status.h"

namespace ll::endpoints {
namespace {

using registry::EndpointRecord;
using registry::VariantSpec;
using rpc::FieldChecks;

constexpr absl::string_view kUpdatable[] = {"variants", "labels", "annotations"};

std::vector<VariantSpec> VariantsOf(const v1::Endpoint& endpoint, FieldChecks* checks) {
  std::vector<VariantSpec> variants;
  for (const v1::Endpoint::Variant& variant : endpoint.variants()) {
    const std::string field = absl::StrCat("endpoint.variants[", variants.size(), "]");
    VariantSpec& spec = variants.emplace_back();
    if (!variant.name().empty()) spec.name = checks->Take(rpc::ParseId(variant.name(), absl::StrCat(field, ".name")));
    spec.version =
        checks->Take(rpc::ParseVersionReference(variant.model_version(), absl::StrCat(field, ".model_version")));
  }
  return variants;
}

}  // namespace

absl::StatusOr<EndpointRecord> FromProto(const v1::CreateEndpointRequest& request) {
  FieldChecks checks;
  EndpointRecord record;
  record.id = checks.Take(rpc::ParseId(request.endpoint_id(), "endpoint_id"));
  record.header = rpc::HeaderOf(request.endpoint(), "endpoint", &checks);
  record.variants = VariantsOf(request.endpoint(), &checks);
  LL_RETURN_IF_ERROR(checks.status());
  return record;
}

absl::StatusOr<EndpointUpdate> FromProto(const v1::UpdateEndpointRequest& request) {
  const v1::Endpoint& endpoint = request.endpoint();
  FieldChecks checks;
  EndpointUpdate update;
  update.id = checks.Take(rpc::ParseEndpointName(endpoint.name(), "endpoint.name"));
  update.etag = endpoint.etag();
  update.allow_schema_change = request.allow_schema_change();
  const rpc::FieldSet fields = checks.Take(rpc::ParseUpdateMask(request.update_mask(), endpoint, kUpdatable));
  registry::RecordHeader header = rpc::HeaderOf(endpoint, "endpoint", &checks);
  std::vector<VariantSpec> variants = VariantsOf(endpoint, &checks);
  if (fields.contains("variants")) update.variants = std::move(variants);
  if (fields.contains("labels")) update.labels = std::move(header.labels);
  if (fields.contains("annotations")) update.annotations = std::move(header.annotations);
  LL_RETURN_IF_ERROR(checks.status());
  return update;
}

v1::Endpoint ToProto(const EndpointRecord& record) {
  v1::Endpoint endpoint;
  endpoint.set_name(registry::EndpointName(record.id));
  rpc::SetHeader(record.header, &endpoint);
  for (const VariantSpec& spec : record.variants) {
    v1::Endpoint::Variant* const variant = endpoint.add_variants();
    variant->set_name(spec.name);
    variant->set_model_version(registry::VersionRefName(spec.version));
  }
  v1::Endpoint::State state = v1::Endpoint::STATE_UNSPECIFIED;
  v1::Endpoint::State_Parse(std::string(StateName(record.state)), &state);
  endpoint.set_state(state);
  if (record.error.has_value()) *endpoint.mutable_error() = rpc::ToRpcStatus(*record.error);
  for (const registry::ObservedVariant& served : record.observed) {
    v1::Endpoint::ObservedVariant* const variant = endpoint.add_observed_variants();
    variant->set_name(served.name);
    variant->set_model_version(registry::VersionName(served.model_id, served.version));
    *variant->mutable_ready_time() = rpc::ToProto(served.ready_time);
  }
  return endpoint;
}

}  // namespace ll::endpoints
