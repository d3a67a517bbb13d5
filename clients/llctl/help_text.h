// What --help shows: one line, when to use it, examples first, then usage and flags.
#ifndef LL_CLIENTS_LLCTL_HELP_TEXT_H_
#define LL_CLIENTS_LLCTL_HELP_TEXT_H_

#include <string>

#include "CLI/App.hpp"
#include "clients/llctl/command.h"

namespace ll::llctl {

std::string RootHelpText(const CLI::App& root);
std::string NounHelpText(const CLI::App& noun);
std::string CommandHelpText(const Command& command, const CLI::App& app);

// `text` in lines of at most `width` characters, each after the first indented by `indent` spaces.
std::string Wrap(const std::string& text, size_t indent, size_t width = 80);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_HELP_TEXT_H_
