// Flags that several commands share, declared in one place so that they mean the same everywhere.
#ifndef LL_CLIENTS_LLCTL_FLAG_GROUPS_H_
#define LL_CLIENTS_LLCTL_FLAG_GROUPS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "CLI/App.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "clients/llctl/session.h"
#include "google/protobuf/map.h"

namespace ll::llctl {

// A flag that may be given several times and takes one value each time.
CLI::Option* AddRepeatable(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                           const std::string& description);

// A duration such as "90s", "5m" or "1h30m".
CLI::Option* AddDuration(CLI::App& app, const std::string& name, absl::Duration& value, const std::string& description);

// What every list takes; passed to the API as it is. The range pages by itself.
struct ListFlags {
  std::string filter;
  std::string order_by;
  int64_t limit = 0;  // 0: all
  int page_size = 0;  // 0: the server's default

  void Parse(CLI::App& app);
  absl::Status Validate() const;

  template <typename Request>
  void Apply(Request& request) const {
    request.set_filter(filter);
    request.set_order_by(order_by);
    request.set_page_size(PageSize());
  }
  // No larger than what is going to be shown.
  int PageSize() const;
};

// `--dry-run`: the server checks and changes nothing.
void AddDryRun(CLI::App& app, bool& dry_run);

// `--wait` and `--no-wait`; on a terminal waiting is the default.
struct WaitFlags {
  bool wait = false;
  bool no_wait = false;

  void Parse(CLI::App& app, const std::string& what);
  bool IsOn(Session& session) const;
};

// `-y, --yes`, and the question asked without it.
struct ConfirmFlags {
  bool yes = false;

  void Parse(CLI::App& app);
  // Asks on a terminal; elsewhere a UsageError unless --yes was given. An answer other than yes is CANCELLED.
  absl::Status Ask(Session& session, const std::string& question) const;
};

// `--label`, `--annotation` and, for models and versions, `--description`; on updates also what removes them.
struct MetadataFlags {
  std::vector<std::string> labels;
  std::vector<std::string> annotations;
  std::vector<std::string> removed_labels;
  std::vector<std::string> removed_annotations;
  std::optional<std::string> description;

  void ParseForCreate(CLI::App& app, bool with_description);
  void ParseForUpdate(CLI::App& app, bool with_description);
  absl::Status Validate() const;
  bool empty() const;

  // Adds, replaces and removes entries; the paths of the fields that a flag named go to `changed`.
  template <typename Resource>
  void Apply(Resource& resource, std::vector<std::string>& changed) const {
    ApplyTo(*resource.mutable_labels(), labels, removed_labels, "labels", changed);
    ApplyTo(*resource.mutable_annotations(), annotations, removed_annotations, "annotations", changed);
  }

 private:
  using StringMap = google::protobuf::Map<std::string, std::string>;
  static void ApplyTo(StringMap& map, const std::vector<std::string>& entries, const std::vector<std::string>& removed,
                      const char* path, std::vector<std::string>& changed);
};

// "key=value", split at the first `=`. Usage error naming the flag when there is none or the key is empty.
absl::StatusOr<std::pair<std::string, std::string>> SplitEntry(absl::string_view flag, absl::string_view entry);

}  // namespace ll::llctl

#endif  // LL_CLIENTS_LLCTL_FLAG_GROUPS_H_
