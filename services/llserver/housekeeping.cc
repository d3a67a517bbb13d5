#include "services/llserver/housekeeping.h"

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "services/registry/registry_reads.h"

namespace ll::llserver {

Housekeeping::Housekeeping(registry::Registry& registry, registry::BlobStore& blobs, Clock& clock,
                           absl::Duration event_retention)
    : registry_(registry), blobs_(blobs), clock_(clock), event_retention_(event_retention), thread_([this] {
        Loop();
      }) {}

Housekeeping::~Housekeeping() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Housekeeping::Loop() {
  while (true) {
    for (const absl::Status& status : {SweepBlobs(), DropEvents()}) {
      if (!status.ok())
        LogWarning("housekeeping failed and will be tried again", {{"error", std::string(status.message())}});
    }
    MutexLock lock(&mutex_);
    const auto stopping = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_; };
    if (clock_.AwaitUntil(&mutex_, stopping, clock_.Now() + kInterval)) return;
  }
}

absl::Status Housekeeping::SweepBlobs() {
  LL_ASSIGN_OR_RETURN(const registry::BlobStore::SweepResult swept, blobs_.Sweep([&](const std::string& sha256) {
    return catalog::ReadFrom(registry_, [&](const registry::View& view) { return view.IsBlobNamed(sha256); });
  }));
  if (swept.removed > 0) {
    LogInfo("removed blobs that nothing names",
            {{"count", absl::StrCat(swept.removed)}, {"bytes", absl::StrCat(swept.removed_bytes)}});
  }
  return absl::OkStatus();
}

absl::Status Housekeeping::DropEvents() {
  int64_t dropped = 0;
  LL_RETURN_IF_ERROR(registry_.Write({}, [&](registry::Transaction& transaction) -> absl::Status {
    LL_ASSIGN_OR_RETURN(dropped, transaction.events().DropBefore(clock_.Now() - event_retention_));
    return absl::OkStatus();
  }));
  if (dropped > 0) LogInfo("dropped events beyond their retention", {{"count", absl::StrCat(dropped)}});
  return absl::OkStatus();
}

}  // namespace ll::llserver
