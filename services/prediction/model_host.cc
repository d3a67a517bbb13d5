#include "services/prediction/model_host.h"

#include <algorithm>
#include <new>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error_reason.h"
#include "registry/store_errors.h"

namespace ll::prediction {
namespace {

auto KeyOf(const std::string& endpoint, const HostedVersion& version) {
  return std::make_tuple(endpoint, version.variant, version.model_id, version.number);
}

absl::StatusOr<std::unique_ptr<const Predictor>> LoadWithoutThrowing(const LoadVersion& load,
                                                                     const HostedVersion& version) {
  try {
    return load(version);
  } catch (const std::bad_alloc&) {
    return MakeError(absl::StatusCode::kResourceExhausted, ErrorReason::kOverloaded,
                     {.what = absl::StrCat("cannot load ", version.name()),
                      .why = "the server has no memory left for it",
                      .remedy = "Delete endpoints that are not needed, or give the server more memory."});
  }
}

}  // namespace

ModelHost::ModelHost(LoadVersion load, Clock& clock, const Options& options)
    : load_(std::move(load)), clock_(clock), routes_(std::make_unique<Routes>()) {
  for (int i = 0; i < options.loader_threads; ++i) loaders_.emplace_back([this] { LoaderLoop(); });
}

ModelHost::~ModelHost() {
  SetListener(nullptr);
  Apply({});
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& loader : loaders_) loader.join();
}

void ModelHost::Apply(const HostingPlan& plan) {
  MutexLock applying(&applying_);
  std::vector<Cell*> retired;
  auto routes = std::make_unique<Routes>();
  {
    MutexLock lock(&mutex_);
    retired = RemoveUnplanned(plan);
    for (const EndpointPlan& endpoint : plan) {
      AddPlacements(endpoint);
      routes->emplace(endpoint.endpoint, RouteOf(endpoint));
    }
  }
  routes_.Exchange(std::move(routes));
  // No route leads to these any more, and no look-up that saw an older one is under way: nobody can enter.
  for (Cell* cell : retired) cell->in_flight->Close();
}

std::vector<ModelHost::Cell*> ModelHost::RemoveUnplanned(const HostingPlan& plan) {
  std::set<Key> planned;
  for (const EndpointPlan& endpoint : plan) {
    for (const Placement& placement : endpoint.placements) planned.insert(KeyOf(endpoint.endpoint, placement.version));
  }
  std::vector<Cell*> in_use;
  for (auto it = cells_.begin(); it != cells_.end();) {
    if (planned.count(it->first) > 0) {
      ++it;
      continue;
    }
    Cell* const cell = draining_.emplace_back(std::move(it->second)).get();
    it = cells_.erase(it);
    to_load_.erase(std::remove(to_load_.begin(), to_load_.end(), cell), to_load_.end());
    cell->serving = false;
    SetPhase(cell, PlacementPhase::kDraining);
    if (cell->in_flight != nullptr) {
      in_use.push_back(cell);
    } else if (!cell->being_loaded) {
      to_free_.push_back(cell);
    }
  }
  return in_use;
}

void ModelHost::AddPlacements(const EndpointPlan& plan) {
  for (const Placement& placement : plan.placements) {
    std::unique_ptr<Cell>& cell = cells_[KeyOf(plan.endpoint, placement.version)];
    if (cell == nullptr) {
      cell = std::make_unique<Cell>();
      cell->endpoint = plan.endpoint;
      cell->version = placement.version;
      QueueLoad(cell.get(), placement.attempt);
    } else if (cell->phase == PlacementPhase::kFailed && cell->attempt != placement.attempt) {
      QueueLoad(cell.get(), placement.attempt);
    }
    cell->serving = cell->phase == PlacementPhase::kReady && plan.serving == placement.version;
  }
}

ModelHost::Route ModelHost::RouteOf(const EndpointPlan& plan) {
  if (plan.serving.has_value()) {
    const auto cell = cells_.find(KeyOf(plan.endpoint, *plan.serving));
    if (cell != cells_.end() && cell->second->serving) return {.cell = cell->second.get(), .refusal = {}};
  }
  return {.cell = nullptr, .refusal = plan.refusal};
}

void ModelHost::QueueLoad(Cell* cell, const LoadAttempt& attempt) {
  cell->attempt = attempt;
  cell->error = absl::OkStatus();
  SetPhase(cell, PlacementPhase::kLoading);
  to_load_.push_back(cell);
}

void ModelHost::SetPhase(Cell* cell, PlacementPhase phase) {
  cell->phase = phase;
  cell->since = clock_.Now();
}

absl::StatusOr<PredictorHandle> ModelHost::Acquire(absl::string_view endpoint_id) {
  const ReadMostlyPtr<Routes>::ReadGuard routes(routes_);
  const auto found = routes->find(endpoint_id);
  if (found == routes->end()) return registry::EndpointNotFound(std::string(endpoint_id));
  const Route& route = found->second;
  if (route.cell == nullptr) return route.refusal;
  return PredictorHandle(route.cell->predictor.get(), &route.cell->version.variant, route.cell->in_flight->Enter());
}

std::vector<std::string> ModelHost::EndpointIds() {
  std::vector<std::string> ids;
  {
    const ReadMostlyPtr<Routes>::ReadGuard routes(routes_);
    for (const auto& [id, route] : *routes) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<PlacementStatus> ModelHost::Observe() const {
  MutexLock lock(&mutex_);
  std::vector<PlacementStatus> all;
  all.reserve(cells_.size() + draining_.size());
  for (const auto& [key, cell] : cells_) all.push_back(StatusOf(*cell));
  for (const std::unique_ptr<Cell>& cell : draining_) all.push_back(StatusOf(*cell));
  return all;
}

PlacementStatus ModelHost::StatusOf(const Cell& cell) {
  return {.endpoint = cell.endpoint,
          .version = cell.version,
          .attempt = cell.attempt,
          .phase = cell.phase,
          .since = cell.since,
          .error = cell.error,
          .serving = cell.serving,
          .in_flight = cell.in_flight == nullptr ? 0 : cell.in_flight->count(),
          .memory_bytes = cell.predictor == nullptr ? 0 : cell.predictor->memory_bytes()};
}

void ModelHost::SetListener(std::function<void()> listener) {
  MutexLock lock(&listener_mutex_);
  listener_ = std::move(listener);
}

void ModelHost::Notify() {
  MutexLock lock(&listener_mutex_);
  if (listener_) listener_();
}

bool ModelHost::HasWork() const { return !to_free_.empty() || !to_load_.empty() || (stopping_ && draining_.empty()); }

void ModelHost::LoaderLoop() {
  while (true) {
    Cell* to_free = nullptr;
    Cell* to_load = nullptr;
    {
      MutexLock lock(&mutex_);
      mutex_.Await([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return HasWork(); });
      if (!to_free_.empty()) {
        to_free = to_free_.front();
        to_free_.pop_front();
      } else if (!to_load_.empty()) {
        to_load = to_load_.front();
        to_load_.pop_front();
        to_load->being_loaded = true;
      } else {
        return;
      }
    }
    if (to_free != nullptr) Free(to_free);
    if (to_load != nullptr) Load(to_load);
  }
}

void ModelHost::Load(Cell* cell) {
  absl::StatusOr<std::unique_ptr<const Predictor>> loaded = LoadWithoutThrowing(load_, cell->version);
  {
    MutexLock lock(&mutex_);
    cell->being_loaded = false;
    if (loaded.ok()) cell->predictor = *std::move(loaded);
    if (cell->phase == PlacementPhase::kDraining) {
      to_free_.push_back(cell);  // the plan has changed meanwhile
    } else if (cell->predictor != nullptr) {
      cell->in_flight = std::make_unique<InFlightCounter>([this, cell] {
        MutexLock drained(&mutex_);
        to_free_.push_back(cell);
      });
      SetPhase(cell, PlacementPhase::kReady);
    } else {
      cell->error = loaded.status();
      SetPhase(cell, PlacementPhase::kFailed);
    }
  }
  Notify();
}

void ModelHost::Free(Cell* cell) {
  std::unique_ptr<const Predictor> predictor;
  {
    MutexLock lock(&mutex_);
    predictor = std::move(cell->predictor);
  }
  predictor.reset();  // may take a while: without the lock, and before it is gone from Observe()
  {
    MutexLock lock(&mutex_);
    draining_.remove_if([cell](const std::unique_ptr<Cell>& other) { return other.get() == cell; });
  }
  Notify();
}

}  // namespace ll::prediction
