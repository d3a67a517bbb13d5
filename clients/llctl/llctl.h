// The whole of llctl as a function of its arguments and surroundings.
//
//   int code = RunLlctl({"model", "list"}, surroundings);
#ifndef LL_CLIENTS_LLCTL_LLCTL_H_
#define LL_CLIENTS_LLCTL_LLCTL_H_

#include <string>
#include <vector>

#include "clients/llctl/session.h"

namespace ll::llctl {

// `arguments` without the program's name. Returns the exit code; see exit_codes.h.
int RunLlctl(const std::vector<std::string>& arguments, Surroundings& surroundings);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_LLCTL_H_
