#include "learner/checkpoint.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "base/digest.h"
#include "base/error_reason.h"
#include "base/status_macros.h"
#include "base/version.h"

namespace ll::learner {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie in memory");

constexpr absl::string_view kMagic = "LLCHECKP";
constexpr size_t kDigestBytes = 64;

absl::Status Invalid(std::string why) {
  return MakeError(absl::StatusCode::kInvalidArgument, ErrorReason::kInvalidCheckpoint,
                   {.what = "cannot read the checkpoint",
                    .why = std::move(why),
                    .remedy = "Remove it to train from the beginning."});
}

// A Writer and a Reader share one list of the members of each type (Members, below): what one writes the other reads.

class Writer final {
 public:
  template <class T>
  using Of = const T;

  template <class... Ts>
  void operator()(const Ts&... values) {
    (Put(values), ...);
  }
  std::string Take() { return std::move(bytes_); }

 private:
  void Raw(const void* data, size_t size) { bytes_.append(static_cast<const char*>(data), size); }

  template <class T>
  void Put(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      bytes_.push_back(value ? 1 : 0);
    } else if constexpr (std::is_enum_v<T>) {
      Put(static_cast<int>(value));
    } else if constexpr (std::is_arithmetic_v<T>) {
      Raw(&value, sizeof value);
    } else {
      Members(*this, value);
    }
  }
  void Put(const std::string& text) {
    Put(uint64_t{text.size()});
    Raw(text.data(), text.size());
  }
  void Put(const absl::Duration& duration) { Put(absl::ToInt64Nanoseconds(duration)); }
  template <class T>
  void Put(const std::optional<T>& value) {
    Put(value.has_value());
    if (value.has_value()) Put(*value);
  }
  template <class T>
  void Put(const std::vector<T>& values) {
    Put(uint64_t{values.size()});
    if constexpr (std::is_floating_point_v<T>) {
      Raw(values.data(), values.size() * sizeof(T));
    } else {
      for (const T& value : values) Put(value);
    }
  }
  void Put(const std::map<std::string, std::string>& values) {
    Put(uint64_t{values.size()});
    for (const auto& [key, value] : values) (*this)(key, value);
  }

  std::string bytes_;
};

// After a value that cannot be, everything else is left as it is.
class Reader final {
 public:
  template <class T>
  using Of = T;

  explicit Reader(absl::string_view bytes) : bytes_(bytes) {}

  template <class... Ts>
  void operator()(Ts&... values) {
    (Get(values), ...);
  }
  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }

 private:
  void Raw(void* data, uint64_t size) {
    if (size > bytes_.size()) ok_ = false;
    if (!ok_) return;
    if (size > 0) std::memcpy(data, bytes_.data(), size);
    bytes_.remove_prefix(size);
  }
  // Of things that take at least `bytes` each.
  uint64_t Count(size_t bytes) {
    uint64_t count = 0;
    Get(count);
    if (count > bytes_.size() / bytes) ok_ = false;
    return ok_ ? count : 0;
  }

  template <class T>
  void Get(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      char byte = 0;
      Raw(&byte, 1);
      if (byte != 0 && byte != 1) ok_ = false;
      value = byte == 1;
    } else if constexpr (std::is_enum_v<T>) {
      int number = 0;
      Get(number);
      if (number < 0 || number > static_cast<int>(LastOf(value))) ok_ = false;
      if (ok_) value = static_cast<T>(number);
    } else if constexpr (std::is_arithmetic_v<T>) {
      Raw(&value, sizeof value);
    } else {
      Members(*this, value);
    }
  }
  void Get(std::string& text) {
    text.resize(Count(1));
    Raw(text.data(), text.size());
  }
  void Get(absl::Duration& duration) {
    int64_t nanoseconds = 0;
    Get(nanoseconds);
    duration = absl::Nanoseconds(nanoseconds);
  }
  template <class T>
  void Get(std::optional<T>& value) {
    bool present = false;
    Get(present);
    if (present && ok_) Get(value.emplace());
  }
  template <class T>
  void Get(std::vector<T>& values) {
    if constexpr (std::is_floating_point_v<T>) {
      values.resize(Count(sizeof(T)));
      Raw(values.data(), values.size() * sizeof(T));
    } else {
      for (uint64_t left = Count(1); left > 0 && ok_; --left) Get(values.emplace_back());
    }
  }
  void Get(std::map<std::string, std::string>& values) {
    for (uint64_t left = Count(1); left > 0 && ok_; --left) {
      std::string key, value;
      (*this)(key, value);
      values[key] = value;
    }
  }
  static Optimizer LastOf(Optimizer) { return Optimizer::kRmsprop; }

  absl::string_view bytes_;
  bool ok_ = true;
};

template <class A>
void Members(A& a, typename A::template Of<DataFingerprint>& data) {
  a(data.rows, data.columns, data.sha256);
}

template <class A>
void Members(A& a, typename A::template Of<Scaler>& scaler) {
  a(scaler.mean, scaler.deviation);
}

template <class A>
void Members(A& a, typename A::template Of<LabelScale>& scale) {
  a(scale.mean, scale.deviation);
}

template <class A>
void Members(A& a, typename A::template Of<Candidate>& it) {
  a(it.optimizer, it.learning_rate, it.beta_1, it.beta_2, it.use_lr_scheduler, it.lr_scheduler_step,
    it.lr_scheduler_factor, it.lr_scheduler_minimum_lr, it.l1, it.wd, it.use_bias, it.bias_lr_mult, it.bias_wd_mult,
    it.centre, it.scale, it.common_deviation, it.positive_weight);
}

template <class A>
void Members(A& a, typename A::template Of<BankState>& bank) {
  a(bank.weights, bank.first_moment, bank.second_moment, bank.bias, bank.bias_first_moment, bank.bias_second_moment);
}

template <class A>
void Members(A& a, typename A::template Of<CandidateSummary>& summary) {
  a(summary.index, summary.hyperparameters, summary.train_loss, summary.validation_loss, summary.diverged);
}

template <class A>
void Members(A& a, typename A::template Of<EarlyStopping::State>& stopping) {
  a(stopping.best, stopping.mark, stopping.stale_epochs);
}

template <class A>
void Members(A& a, typename A::template Of<KeptModel>& kept) {
  a(kept.candidate, kept.epoch, kept.train_loss, kept.function.weights, kept.function.bias);
}

template <class A>
void Members(A& a, typename A::template Of<TrainingState>& state) {
  a(state.epochs_run, state.train, state.validation, state.scaler, state.label_scale, state.candidates, state.bank,
    state.summaries, state.stopping, state.kept);
}

template <class A>
void Members(A& a, typename A::template Of<CandidateProgress>& progress) {
  a(progress.train_loss, progress.validation_loss, progress.criterion, progress.diverged);
}

template <class A>
void Members(A& a, typename A::template Of<EpochReport>& report) {
  a(report.epoch, report.epochs, report.candidates, report.best_candidate, report.criterion_name,
    report.criterion_value, report.improved, report.rows, report.mini_batches, report.duration);
}

template <class A>
void Members(A& a, typename A::template Of<TrainingIdentity>& training) {
  a(training.hyperparameters, training.seed, training.warm_start);
}

template <class A>
void Members(A& a, typename A::template Of<Checkpoint>& checkpoint) {
  a(checkpoint.training, checkpoint.state, checkpoint.history);
}

// What readers of the history and of the state rely on.
bool Consistent(const Checkpoint& checkpoint) {
  const TrainingState& state = checkpoint.state;
  const size_t models = state.candidates.size();
  const auto is_candidate = [&](int index) { return index >= 0 && static_cast<size_t>(index) < models; };
  if (state.epochs_run < 0 || checkpoint.history.size() != static_cast<size_t>(state.epochs_run)) return false;
  if (state.summaries.size() != models || (state.kept.has_value() && !is_candidate(state.kept->candidate)))
    return false;
  return std::all_of(checkpoint.history.begin(), checkpoint.history.end(), [&](const EpochReport& report) {
    return report.candidates.size() == models && is_candidate(report.best_candidate);
  });
}

std::string Value(const std::map<std::string, std::string>& values, const std::string& name) {
  const auto it = values.find(name);
  return it == values.end() ? "not set" : absl::StrCat("\"", it->second, "\"");
}

// "epochs (it had "5", now "6")", for each hyperparameter that is written differently.
std::string Differences(const std::map<std::string, std::string>& then, const std::map<std::string, std::string>& now) {
  std::map<std::string, std::string> names = then;
  names.insert(now.begin(), now.end());
  std::vector<std::string> differences;
  for (const auto& [name, value] : names) {
    const std::string before = Value(then, name), after = Value(now, name);
    if (before != after) differences.push_back(absl::StrCat(name, " was ", before, " and is ", after));
  }
  return absl::StrJoin(differences, ", ");
}

// Beside the checkpoint, from saves that a kill cut off.
absl::Status RemoveLeftovers(Env& env, const std::string& path) {
  const std::string prefix = absl::StrCat(FileNameOf(path), ".tmp.");
  LL_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.List(DirectoryOf(path)));
  for (const std::string& name : names) {
    if (!absl::StartsWith(name, prefix)) continue;
    LL_RETURN_IF_ERROR(env.RemoveFile(JoinPath(DirectoryOf(path), name)));
  }
  return absl::OkStatus();
}

}  // namespace

std::string SerializeCheckpoint(const Checkpoint& checkpoint) {
  Writer writer;
  writer(kCheckpointFormatVersion, std::string(ReleaseVersion()), checkpoint);
  std::string bytes = absl::StrCat(kMagic, writer.Take());
  return bytes += Sha256Hex(bytes);
}

absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view bytes) {
  if (!absl::StartsWith(bytes, kMagic)) return Invalid("it does not begin as one does");
  uint32_t version = 0;
  std::string release;
  Reader header(bytes.substr(kMagic.size()));
  header(version, release);
  if (header.ok() && version > kCheckpointFormatVersion) {
    return Invalid(absl::StrCat("it has format version ", version, " and was written by release ", release,
                                "; this release, ", ReleaseVersion(), ", reads versions up to ",
                                kCheckpointFormatVersion));
  }
  if (bytes.size() < kMagic.size() + kDigestBytes) return Invalid("it is cut short");
  const absl::string_view content = bytes.substr(0, bytes.size() - kDigestBytes);
  if (Sha256Hex(content) != bytes.substr(content.size())) {
    return Invalid("it is damaged or cut short: its SHA-256 differs");
  }
  Checkpoint checkpoint;
  Reader reader(content.substr(kMagic.size()));
  reader(version, release, checkpoint);
  if (!reader.ok() || !reader.at_end() || version != kCheckpointFormatVersion || !Consistent(checkpoint)) {
    return Invalid("its content is not that of a checkpoint");
  }
  return checkpoint;
}

absl::Status CheckSameTraining(const TrainingIdentity& then, const TrainingIdentity& now) {
  if (then.seed != now.seed) return OtherTraining(absl::StrCat("its seed was ", then.seed, ", and now is ", now.seed));
  if (then.warm_start != now.warm_start) {
    return OtherTraining(then.warm_start.empty()  ? "it began without a model"
                         : now.warm_start.empty() ? "it began with a model"
                                                  : "it began with another model");
  }
  const absl::StatusOr<Hyperparameters> before = ParseHyperparameters(then.hyperparameters);
  LL_ASSIGN_OR_RETURN(const Hyperparameters after, ParseHyperparameters(now.hyperparameters));
  if (before.ok() && *before == after) return absl::OkStatus();
  return OtherTraining(Differences(then.hyperparameters, now.hyperparameters));
}

absl::Status SaveCheckpoint(const Checkpoint& checkpoint, Env& env, const std::string& path) {
  LL_RETURN_IF_ERROR(RemoveLeftovers(env, path));
  return env.WriteFileAtomically(path, SerializeCheckpoint(checkpoint));
}

absl::StatusOr<Checkpoint> LoadCheckpoint(Env& env, const std::string& path) {
  LL_ASSIGN_OR_RETURN(const std::string bytes, env.ReadFile(path));
  absl::StatusOr<Checkpoint> checkpoint = ParseCheckpoint(bytes);
  if (!checkpoint.ok()) return Annotate(checkpoint.status(), path);
  return checkpoint;
}

absl::StatusOr<std::string> CheckpointDigest(Env& env, const std::string& path) {
  LL_ASSIGN_OR_RETURN(const std::unique_ptr<RandomAccessFile> file, env.NewRandomAccessFile(path));
  std::string digest(std::min<uint64_t>(kDigestBytes, file->size()), '\0');
  LL_ASSIGN_OR_RETURN(const size_t read, file->ReadAt(file->size() - digest.size(), absl::MakeSpan(digest)));
  digest.resize(read);
  return digest;
}

absl::Status RemoveCheckpoint(Env& env, const std::string& path) {
  LL_RETURN_IF_ERROR(RemoveLeftovers(env, path));
  const absl::Status removed = env.RemoveFile(path);
  return absl::IsNotFound(removed) ? absl::OkStatus() : removed;
}

}  // namespace ll::learner
