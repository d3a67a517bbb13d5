// Randomness of two kinds: a seeded generator whose numbers are the same on every machine and release (training), and
// unpredictable identifiers from the operating system (request ids, key material).
#ifndef LL_BASE_RANDOM_H_
#define LL_BASE_RANDOM_H_

#include <cstdint>
#include <random>
#include <string>

namespace ll {

// The bits of std::mt19937_64 are fixed by the C++ standard; its distributions are not, so the ones used here are
// spelt out. Not thread-safe.
class SeededRandom {
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}

  uint64_t Bits() { return engine_(); }
  // Uniform in [0, 1): the upper 53 bits over 2^53.
  double Unit() { return static_cast<double>(Bits() >> 11) * 0x1.0p-53; }
  // Uniform in [low, high).
  double Uniform(double low, double high) { return low + (high - low) * Unit(); }
  // Standard normal by the Box-Muller transform, one value per two draws.
  double Normal();
  // Uniform in [0, bound); `bound` must be positive. Rejection sampling: no modulo bias.
  uint64_t Below(uint64_t bound);

 private:
  std::mt19937_64 engine_;
};

// `bytes` random bytes from the operating system as lower-case hexadecimal.
std::string RandomHex(int bytes);

// A version 4 UUID, "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".
std::string RandomUuid();

}  // namespace ll

#endif  // LL_BASE_RANDOM_H_
