// The models in this process: loaded off the request path, swapped by one pointer, freed after their last use.
//
// Mental model: Apply() says what shall be held and served, completely and as often as one likes; loader threads bring
// it about; Observe() says how far they are. Requests meanwhile find their model with Acquire(), which reads one
// snapshot and counts itself on it: no lock, no I/O, no waiting for a load or another request.
//
//   ModelHost host(MakeModelLoader(...), Clock::Real(), {.loader_threads = 2});
//   host.Apply({{.endpoint = "mnist", .placements = {{.version = v7}}, .refusal = StillLoading()}});
//   ... the listener is called; Observe() shows v7 as kReady ...
//   host.Apply({{.endpoint = "mnist", .placements = {{.version = v7}}, .serving = v7, ...}});
//   LL_ASSIGN_OR_RETURN(PredictorHandle handle, host.Acquire("mnist"));
//
// A version that leaves the plan gets no new request once Apply() has returned. It is freed on a loader thread when the
// last handle to it is gone; until then it shows as kDraining.
#ifndef LL_SERVICES_PREDICTION_MODEL_HOST_H_
#define LL_SERVICES_PREDICTION_MODEL_HOST_H_

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "services/prediction/hosting_plan.h"
#include "services/prediction/in_flight_counter.h"
#include "services/prediction/predictor.h"
#include "services/prediction/read_mostly_ptr.h"

namespace ll::prediction {

// Brings one version into memory, verified and warm. Called by several loader threads at once; may take long.
using LoadVersion = std::function<absl::StatusOr<std::unique_ptr<const Predictor>>(const HostedVersion&)>;

// Thread-safe. Handles must be gone before it is destroyed.
class ModelHost final : public PredictorSource {
 public:
  struct Options {
    int loader_threads = 2;  // how many versions are loaded at a time
  };

  ModelHost(LoadVersion load, Clock& clock, const Options& options);
  // Waits for loads in progress and frees everything, on the loader threads.
  ~ModelHost() override;
  ModelHost(const ModelHost&) = delete;
  ModelHost& operator=(const ModelHost&) = delete;

  // Replaces the plan. Returns without waiting for loads or requests; what is to serve and is ready, serves.
  void Apply(const HostingPlan& plan);

  // Everything that is held, being loaded or has failed, in the order of endpoint and version; draining ones last.
  std::vector<PlacementStatus> Observe() const;

  // Calls `listener` after every change of Observe() that Apply() has not made, on a loader thread. It must be quick
  // and must not call the host. nullptr: none; returns when no call is in progress.
  void SetListener(std::function<void()> listener);

  absl::StatusOr<PredictorHandle> Acquire(absl::string_view endpoint_id) override;

  // Of every endpoint in the plan, sorted. Takes no lock.
  std::vector<std::string> EndpointIds();

 private:
  using Key = std::tuple<std::string, std::string, std::string, int64_t>;  // endpoint, variant, model, version

  // One version of one endpoint. What changes is guarded by mutex_; `predictor` and `in_flight` are fixed while a route
  // leads to them.
  struct Cell {
    std::string endpoint;
    HostedVersion version;
    LoadAttempt attempt;
    PlacementPhase phase = PlacementPhase::kLoading;
    absl::Time since;
    absl::Status error;
    bool serving = false;
    bool being_loaded = false;  // a loader thread works on it
    std::unique_ptr<const Predictor> predictor;
    std::unique_ptr<InFlightCounter> in_flight;
  };

  // Where requests for an endpoint go.
  struct Route {
    const Cell* cell = nullptr;  // nullptr: see refusal
    absl::Status refusal;
  };
  using Routes = absl::flat_hash_map<std::string, Route>;

  void QueueLoad(Cell* cell, const LoadAttempt& attempt) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetPhase(Cell* cell, PlacementPhase phase) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddPlacements(const EndpointPlan& plan) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Moves what the plan does not name to draining_. Returns those that requests may be using.
  std::vector<Cell*> RemoveUnplanned(const HostingPlan& plan) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Route RouteOf(const EndpointPlan& plan) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void LoaderLoop();
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Load(Cell* cell);
  void Free(Cell* cell);
  void Notify();
  static PlacementStatus StatusOf(const Cell& cell);

  const LoadVersion load_;
  Clock& clock_;
  ReadMostlyPtr<Routes> routes_;

  Mutex applying_;  // one Apply() at a time; taken before mutex_

  mutable Mutex mutex_;
  std::map<Key, std::unique_ptr<Cell>> cells_ ABSL_GUARDED_BY(mutex_);  // in the plan
  std::list<std::unique_ptr<Cell>> draining_ ABSL_GUARDED_BY(mutex_);   // not in the plan any more
  std::deque<Cell*> to_load_ ABSL_GUARDED_BY(mutex_);                   // of cells_
  std::deque<Cell*> to_free_ ABSL_GUARDED_BY(mutex_);                   // of draining_
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  Mutex listener_mutex_;  // held while calling it
  std::function<void()> listener_ ABSL_GUARDED_BY(listener_mutex_);

  std::vector<std::thread> loaders_;
};

}  // namespace ll::prediction

#endif  // LL_SERVICES_PREDICTION_MODEL_HOST_H_
