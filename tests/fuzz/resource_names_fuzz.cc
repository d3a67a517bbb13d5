// Names and ids: whatever a client sends is either the name that registry/records.h would build from what was parsed,
// or an error that names the field.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/error_reason.h"
#include "base/utf8.h"
#include "registry/records.h"
#include "services/rpc/resource_names.h"
#include "tests/fuzz/require.h"

namespace {

using ll::testing::Require;

// `rebuild` makes the text again from what was parsed.
template <typename T, typename Rebuild>
void Check(absl::string_view text, const absl::StatusOr<T>& parsed, Rebuild rebuild) {
  if (parsed.ok()) {
    Require(rebuild(*parsed) == text, "a name is what its parts make");
    return;
  }
  Require(ll::HasReason(parsed.status(), ll::ErrorReason::kInvalidName), "the reason is INVALID_NAME");
  const auto details = ll::GetErrorDetails(parsed.status());
  Require(details->field_violations.size() == 1 && details->field_violations[0].field == "f", "the field is named");
  Require(ll::IsUtf8(std::string(parsed.status().message())), "messages are UTF-8");
  Require(parsed.status().message().size() < 1000, "messages are short");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace rpc = ll::rpc;
  namespace registry = ll::registry;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto same = [](const std::string& id) { return id; };
  Check(text, rpc::ParseId(text, "f"), same);
  Check(text, rpc::ParseAlias(text, "f"), same);
  Check(text, rpc::ParseBucketId(text, "f"), same);
  Check(text, rpc::ParseObjectKey(text, "f"), same);
  Check(text, rpc::ParseModelName(text, "f"), registry::ModelName);
  Check(text, rpc::ParseModelParent(text, "f"), registry::ModelName);
  Check(text, rpc::ParseTrainingJobName(text, "f"), registry::JobName);
  Check(text, rpc::ParseEndpointName(text, "f"), registry::EndpointName);
  Check(text, rpc::ParseBucketName(text, "f"), registry::BucketName);
  Check(text, rpc::ParseEventName(text, "f"), [](int64_t n) { return absl::StrCat("events/", n); });
  Check(text, rpc::ParseVersionName(text, "f"), registry::VersionRefName);
  Check(text, rpc::ParseVersionReference(text, "f"), registry::VersionRefName);
  Check(text, rpc::ParseObjectName(text, "f"),
        [](const rpc::ObjectId& id) { return registry::ObjectName(id.bucket_id, id.key); });
  return 0;
}
