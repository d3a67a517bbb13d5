#include "services/rpc/canonical_request.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace ll::rpc {

std::string CanonicalRequest(const google::protobuf::Message& request, std::initializer_list<const char*> without) {
  const std::unique_ptr<google::protobuf::Message> reduced(request.New());
  reduced->CopyFrom(request);
  for (const char* name : without) {
    if (const auto* field = request.GetDescriptor()->FindFieldByName(name)) {
      reduced->GetReflection()->ClearField(reduced.get(), field);
    }
  }
  std::string bytes = absl::StrCat(request.GetDescriptor()->full_name(), ":");
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  reduced->SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

std::string MethodOf(const google::protobuf::Message& request) {
  const google::protobuf::Descriptor* type = request.GetDescriptor();
  while (type->containing_type() != nullptr) type = type->containing_type();
  return std::string(absl::StripSuffix(type->name(), "Request"));
}

}  // namespace ll::rpc
