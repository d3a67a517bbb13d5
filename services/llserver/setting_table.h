// Every setting of the server: its name, what its value looks like, what it means, and how a text becomes the value.
#ifndef LL_SERVICES_LLSERVER_SETTING_TABLE_H_
#define LL_SERVICES_LLSERVER_SETTING_TABLE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/llserver/config.h"

namespace ll::llserver {

struct SettingInfo {
  const char* name;           // "drain-timeout"
  const char* form;           // of the value, for help; empty: a switch
  const char* default_value;  // as a user would write it; empty: none, or worked out from the environment
  const char* description;
  // Puts the value into `config`, or returns what the text is instead, "not a time"; empty when nothing is wrong.
  std::string (*set)(absl::string_view text, Config* config);
};

// Where HTTP is served unless it is said otherwise. Not a default of Config: a server inside a test serves none.
inline constexpr char kDefaultHttpListen[] = "127.0.0.1:8080";

// In the order in which they are documented and printed.
absl::Span<const SettingInfo> SettingTable();

}  // namespace ll::llserver

#endif  // LL_SERVICES_LLSERVER_SETTING_TABLE_H_
