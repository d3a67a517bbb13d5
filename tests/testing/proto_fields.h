// Visits every field of a message type, so that a field which a conversion forgets is found by a test instead of a
// user.
//
//   EXPECT_THAT(UnsetFields(ToProto(SampleModel())), IsEmpty());
//   EXPECT_THAT(IgnoredFields(request, [](const v1::CreateModelRequest& r) { return Describe(FromProto(r)); }),
//               ElementsAre("model.name", "model.etag"));
//
// A field is named by its path, "model.labels". Messages are descended into, the first element of repeated ones too,
// but for those of google.protobuf, which count as values.
#ifndef LL_TESTS_TESTING_PROTO_FIELDS_H_
#define LL_TESTS_TESTING_PROTO_FIELDS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace ll::testing {

// The fields of `message` that have no value. Of a oneof, none counts when one is set.
std::vector<std::string> UnsetFields(const google::protobuf::Message& message);

// The fields whose value does not change `outcome`: each in turn gets another value in a copy of `message`. Left out
// are fields that a request may carry but not set (OUTPUT_ONLY), and request_id and validate_only, which every call
// handles.
std::vector<std::string> IgnoredFieldsOf(const google::protobuf::Message& message,
                                         const std::function<std::string(const google::protobuf::Message&)>& outcome);
template <typename Request>
std::vector<std::string> IgnoredFields(const Request& request,
                                       const std::function<std::string(const Request&)>& outcome) {
  return IgnoredFieldsOf(
      request, [&](const google::protobuf::Message& changed) { return outcome(static_cast<const Request&>(changed)); });
}

// The OUTPUT_ONLY fields whose value does change `outcome`: there should be none.
std::vector<std::string> HeededOutputFieldsOf(
    const google::protobuf::Message& message,
    const std::function<std::string(const google::protobuf::Message&)>& outcome);
template <typename Request>
std::vector<std::string> HeededOutputFields(const Request& request,
                                            const std::function<std::string(const Request&)>& outcome) {
  return HeededOutputFieldsOf(
      request, [&](const google::protobuf::Message& changed) { return outcome(static_cast<const Request&>(changed)); });
}

}  // namespace ll::testing

#endif  // LL_TESTS_TESTING_PROTO_FIELDS_H_
