// Collects everything that is wrong with a request, so that the caller hears of all of it at once.
//
//   FieldChecks checks;
//   record.id = checks.Take(ParseId(request.model_id(), "model_id"));
//   CheckLabels(record.header.labels, "model.labels", &checks);
//   LL_RETURN_IF_ERROR(checks.status());
//
//   -> INVALID_ARGUMENT "2 fields are not valid: `model_id`: "a b" is not an id; use 1 to 63 letters, ...;
//   `model.labels`:
//      has 70 entries; at most 64 are kept", with one BadRequest violation for each field.
//
// A description says what is wrong and, after a semicolon, what would be right.
#ifndef LL_SERVICES_RPC_FIELD_CHECKS_H_
#define LL_SERVICES_RPC_FIELD_CHECKS_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/error_reason.h"

namespace ll::rpc {

// INVALID_ARGUMENT with one field violation.
absl::Status InvalidField(absl::string_view field, absl::string_view description,
                          ErrorReason reason = ErrorReason::kInvalidArgument);

// Not thread-safe.
class FieldChecks {
 public:
  void Add(absl::string_view field, absl::string_view description, ErrorReason reason = ErrorReason::kInvalidArgument);

  // Keeps the violations of an InvalidField() error.
  void Add(const absl::Status& status);

  // The value, or an empty one after keeping the error.
  template <typename T>
  T Take(absl::StatusOr<T> parsed) {
    if (parsed.ok()) return *std::move(parsed);
    Add(parsed.status());
    return T{};
  }

  // OK when nothing was added. The reason is that of all violations, or INVALID_ARGUMENT when they differ.
  absl::Status status() const;

 private:
  std::vector<FieldViolation> violations_;
  ErrorReason reason_ = ErrorReason::kInvalidArgument;
};

// The limits that every resource documents. `labels`: at most 64, keys of 1 to 63 letters, digits and `_-.:/@+`, so
// that filters can name them, and values of up to 255 bytes. `annotations`: at most 64, keys not empty, 64 KiB in all.
// `description`: at most 4,096 bytes.
void CheckLabels(const std::map<std::string, std::string>& labels, absl::string_view field, FieldChecks* checks);
void CheckAnnotations(const std::map<std::string, std::string>& annotations, absl::string_view field,
                      FieldChecks* checks);
void CheckDescription(absl::string_view description, absl::string_view field, FieldChecks* checks);
// `bytes`: of all keys and values together.
void CheckMapBytes(const std::map<std::string, std::string>& map, size_t bytes, absl::string_view field,
                   FieldChecks* checks);
void CheckLength(absl::string_view text, size_t bytes, absl::string_view field, FieldChecks* checks);

// A SHA-256 in hexadecimal, returned in lower case.
absl::StatusOr<std::string> ParseSha256(absl::string_view hex, absl::string_view field);

}  // namespace ll::rpc

#endif  // LL_SERVICES_RPC_FIELD_CHECKS_H_
