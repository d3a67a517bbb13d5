// The frame around a record of a RecordIO file, padded with zeros to a multiple of four bytes:
//
//     magic (4 bytes) | flag << 29 | length (4 bytes, little endian) | payload | padding
//
// Flag 0 is a whole record. 1, 2 and 3 are the first, a middle and the last part of a record whose payload held the
// magic; it was left out between the parts and belongs back there.
#ifndef LL_LEARNER_READERS_RECORDIO_FRAME_H_
#define LL_LEARNER_READERS_RECORDIO_FRAME_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace ll::learner::recordio {

// 0xced7230a, little endian.
inline constexpr absl::string_view kMagic("\x0a\x23\xd7\xce", 4);
inline constexpr size_t kHeaderBytes = 8;
inline constexpr int kFlagShift = 29;
inline constexpr uint32_t kLengthMask = (uint32_t{1} << kFlagShift) - 1;

inline constexpr uint32_t kWhole = 0;
inline constexpr uint32_t kFirst = 1;
inline constexpr uint32_t kMiddle = 2;
inline constexpr uint32_t kLast = 3;

constexpr size_t PaddedLength(size_t length) { return (length + 3) / 4 * 4; }

}  // namespace ll::learner::recordio

#endif  // LL_LEARNER_READERS_RECORDIO_FRAME_H_
