// What may follow on a command line: verbs, flags, values of flags, and names of resources, which the server is asked
// for. The scripts of `llctl completion SHELL` call `llctl __complete -- WORD...` with the words typed so far.
#ifndef LL_CLIENTS_LLCTL_COMPLETION_H_
#define LL_CLIENTS_LLCTL_COMPLETION_H_

#include <functional>
#include <string>
#include <vector>

#include "clients/cpp/client.h"
#include "clients/llctl/command_tree.h"
#include "clients/llctl/resource_names.h"

namespace ll::llctl {

// The short names of the resources of a kind, as far as they can be had quickly.
using NameLookup = std::function<std::vector<std::string>(ResourceKind kind)>;

// The candidates for the last of `words`, which may be empty.
std::vector<std::string> CompleteWords(const CommandTree& tree, const std::vector<std::string>& words,
                                       const NameLookup& lookup);

// Asks the server, at most half a second and for at most 200 names; nothing when it does not answer.
std::vector<std::string> LookUpNames(const client::Client& client, ResourceKind kind);

// The script for a shell; empty when there is none for it.
std::string CompletionScript(const std::string& shell);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_COMPLETION_H_
