// The pages of `llctl help TOPIC`.
#ifndef LL_CLIENTS_LLCTL_HELP_TOPICS_H_
#define LL_CLIENTS_LLCTL_HELP_TOPICS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ll::llctl {

std::vector<std::string> HelpTopics();

// Empty when there is no such topic.
std::string HelpTopic(absl::string_view topic);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_HELP_TOPICS_H_
