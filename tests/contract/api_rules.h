// The rules of the API that a linter of protos does not know, checked over descriptors. Each violation is a line that
// names the rule's AIP (aip.dev), the place, and what would be right.
#ifndef LL_TESTS_CONTRACT_API_RULES_H_
#define LL_TESTS_CONTRACT_API_RULES_H_

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace ll::testing {

// Of all services, messages and enums of one file.
std::vector<std::string> ApiRuleViolations(const google::protobuf::FileDescriptor& file);

}  // namespace ll::testing

#endif  // LL_TESTS_CONTRACT_API_RULES_H_
