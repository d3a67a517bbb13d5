#include "services/training/input_channels.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/env.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "learner/readers/content_type.h"
#include "services/registry/registry_reads.h"

namespace ll::training {
namespace {

constexpr int kPageSize = 1000;

bool IsData(absl::string_view key) {
  const std::string name = FileNameOf(key);
  return !name.empty() && name[0] != '.' && name[0] != '_' && !absl::EndsWith(name, ".manifest");
}

InputObject ToInput(const registry::ObjectRecord& object) {
  return {.name = registry::ObjectName(object.bucket_id, object.key),
          .key = object.key,
          .sha256 = object.sha256,
          .size_bytes = object.size_bytes};
}

// Empty: only the bytes can tell, and the job will look at them.
std::string ContentTypeOf(const registry::ObjectRecord& object) {
  const absl::StatusOr<learner::ContentType> type = learner::ParseContentType(object.content_type);
  if (type.ok()) return learner::FormatContentType(*type);
  const std::optional<learner::ContentType> by_name = learner::ContentTypeOfFile(object.key);
  return by_name.has_value() ? learner::FormatContentType(*by_name) : "";
}

absl::StatusOr<std::vector<registry::ObjectRecord>> FindObjects(const registry::View& view,
                                                                const S3Location& location) {
  if (!location.prefix.empty() && !absl::EndsWith(location.prefix, "/")) {
    absl::StatusOr<registry::ObjectRecord> exact = view.objects().Get(location.bucket, location.prefix);
    if (exact.ok()) return std::vector<registry::ObjectRecord>{*std::move(exact)};
    if (!absl::IsNotFound(exact.status())) return exact.status();
  }
  std::vector<registry::ObjectRecord> found;
  registry::ListQuery query{.page_size = kPageSize};
  while (true) {
    LL_ASSIGN_OR_RETURN(const registry::Page<registry::ObjectRecord> page,
                        view.objects().List(location.bucket, location.prefix, query));
    for (const registry::ObjectRecord& object : page.records) {
      if (IsData(object.key)) found.push_back(object);
    }
    if (!page.more) return found;
    query.after = page.next;
  }
}

absl::Status NothingThere(const registry::ChannelSpec& spec, const S3Location& location) {
  return MakeError(absl::StatusCode::kNotFound, ErrorReason::kObjectNotFound,
                   {.what = absl::StrCat("cannot use channel \"", spec.name, "\""),
                    .why = absl::StrCat("no object of bucket \"", location.bucket,
                                        "\" has a key that is or begins with \"", location.prefix, "\""),
                    .remedy = absl::StrCat("List the objects with `llctl object list ", location.bucket, "`.")});
}

absl::Status MixedTypes(const registry::ChannelSpec& spec, const registry::ObjectRecord& one,
                        const registry::ObjectRecord& other) {
  const auto describe = [](const registry::ObjectRecord& object) {
    const std::string type = ContentTypeOf(object);
    return absl::StrCat("\"", object.key, "\" is ",
                        type.empty() ? "of a type that neither it nor its name tells" : type);
  };
  return MakeError(
      absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
      {.what = absl::StrCat("cannot use channel \"", spec.name, "\""),
       .why = absl::StrCat("its objects do not agree on a format: ", describe(one), " and ", describe(other)),
       .remedy = "Give the channel a content type, or name objects of one format."});
}

absl::StatusOr<InputChannel> ResolveChannel(const registry::View& view, const registry::ChannelSpec& spec) {
  LL_ASSIGN_OR_RETURN(const S3Location location, ParseS3Uri(spec.uri));
  LL_ASSIGN_OR_RETURN(const std::vector<registry::ObjectRecord> objects, FindObjects(view, location));
  if (objects.empty()) return NothingThere(spec, location);
  InputChannel channel{.name = spec.name, .content_type = spec.content_type, .shuffle_seed = spec.shuffle_seed};
  if (channel.content_type.empty()) channel.content_type = ContentTypeOf(objects[0]);
  for (const registry::ObjectRecord& object : objects) {
    if (spec.content_type.empty() && ContentTypeOf(object) != channel.content_type) {
      return MixedTypes(spec, objects[0], object);
    }
    channel.objects.push_back(ToInput(object));
  }
  return channel;
}

// As the container contract has it: a folder with a model.tar.gz in it.
InputChannel StartChannel(const registry::VersionRecord& version) {
  InputChannel channel{.name = "model"};
  channel.objects.push_back({.name = registry::VersionName(version.model_id, version.number),
                             .key = "model.tar.gz",
                             .sha256 = version.artifact_sha256,
                             .size_bytes = version.artifact_bytes});
  return channel;
}

// On an error `missing` is the digest that could not be pinned.
absl::Status PinObjects(registry::BlobStore& blobs, PinnedInputs* inputs, std::string* missing) {
  for (const InputChannel& channel : inputs->channels) {
    for (const InputObject& object : channel.objects) {
      absl::StatusOr<registry::PinnedBlob> pin = blobs.Pin(object.sha256);
      if (!pin.ok()) {
        *missing = object.sha256;
        return Annotate(pin.status(), absl::StrCat("cannot read ", object.name));
      }
      inputs->pins.push_back(*std::move(pin));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<S3Location> ParseS3Uri(absl::string_view uri) {
  absl::string_view rest = uri;
  const bool has_scheme = absl::ConsumePrefix(&rest, "s3://");
  const size_t slash = rest.find('/');
  S3Location location{.bucket = std::string(rest.substr(0, slash))};
  if (slash != absl::string_view::npos) location.prefix = std::string(rest.substr(slash + 1));
  if (has_scheme && !location.bucket.empty()) return location;
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidChannel,
                   {.what = absl::StrCat("cannot use \"", uri, "\" as a channel's uri"),
                    .why = "it does not have the form s3://bucket/key-or-prefix",
                    .remedy = "Upload the data with `llctl object put FILE s3://bucket/key` and name that."});
}

absl::StatusOr<std::vector<InputChannel>> ResolveChannels(const registry::View& view, const registry::JobSpec& spec) {
  std::vector<InputChannel> channels;
  std::vector<absl::Status> errors;
  std::vector<FieldViolation> violations;
  for (size_t i = 0; i < spec.channels.size(); ++i) {
    absl::StatusOr<InputChannel> channel = ResolveChannel(view, spec.channels[i]);
    if (channel.ok()) {
      channels.push_back(*std::move(channel));
    } else if (absl::IsNotFound(channel.status()) || absl::IsInvalidArgument(channel.status())) {
      errors.push_back(channel.status());
      violations.push_back({absl::StrCat("spec.channels[", i, "].uri"), std::string(channel.status().message())});
    } else {
      return channel.status();
    }
  }
  if (errors.empty() && spec.warm_start.has_value()) {
    LL_ASSIGN_OR_RETURN(const registry::VersionRecord start, view.models().Resolve(*spec.warm_start));
    channels.push_back(StartChannel(start));
  }
  if (errors.empty()) return channels;
  ErrorDetails details = GetErrorDetails(errors[0]).value_or(ErrorDetails{});
  details.field_violations = std::move(violations);
  const std::string all = absl::StrJoin(
      errors, " ", [](std::string* out, const absl::Status& error) { absl::StrAppend(out, error.message()); });
  return WithErrorDetails(absl::Status(errors[0].code(), all), details);
}

absl::StatusOr<PinnedInputs> PinInputs(registry::Registry& registry, registry::BlobStore& blobs,
                                       const registry::JobSpec& spec) {
  std::string missing;
  while (true) {
    PinnedInputs inputs;
    LL_ASSIGN_OR_RETURN(inputs.channels, catalog::ReadFrom(registry, [&](const registry::View& view) {
                          return ResolveChannels(view, spec);
                        }));
    const std::string missing_before = missing;
    const absl::Status pinned = PinObjects(blobs, &inputs, &missing);
    // Between the look at the rows and the pin, an object may have gone and a sweep taken its bytes; then the rows say
    // something else by now. A blob that they still name is lost.
    if (pinned.ok()) return inputs;
    if (missing == missing_before) return pinned;
  }
}

std::vector<registry::LineageInput> LineageOf(const std::vector<InputChannel>& channels) {
  std::vector<registry::LineageInput> lineage;
  for (const InputChannel& channel : channels) {
    for (const InputObject& object : channel.objects) {
      lineage.push_back({.channel = channel.name, .object = object.name, .sha256 = object.sha256});
    }
  }
  return lineage;
}

}  // namespace ll::training
