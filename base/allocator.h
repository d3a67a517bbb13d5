// How this process's malloc treats large buffers.
#ifndef LL_BASE_ALLOCATOR_H_
#define LL_BASE_ALLOCATOR_H_

namespace ll {

// For servers that receive large messages all the time; call it once, first thing in main().
//
// By default glibc gives large freed buffers back to the kernel and takes them from it again: a stream of batches of
// 100 rows of 784 floats (306 KiB) then costs some 70 page faults a message, which halves its throughput. After this
// call buffers up to 32 MiB come from the heap, whose freed memory is kept for the next message until more than 512 MiB
// lie idle at its end. Larger buffers are mapped and unmapped as before.
void KeepFreedMemory();

}  // namespace ll

#endif  // LL_BASE_ALLOCATOR_H_
