/* capture/unpack.h: gzip (RFC 1952) and zstd (RFC 8878) as a source over a buffer.
 *
 * Several members or frames one behind the other are one stream.  What stands before an end or an
 * error is delivered; the reason is counted.  Memory: zlib's 47 KB; zstd as much as its frame asks
 * for, up to PLAIT_UNPACK_WINDOW_LOG2_MAX.
 * May touch: its buffer, the counts, the heap. */
#ifndef PLAIT_CAPTURE_UNPACK_H
#define PLAIT_CAPTURE_UNPACK_H

#include "capture/buffer.h"
#include "capture/counts.h"

/* 128 MB: what zstd itself allows, and all that `zstd --ultra` needs. */
#define PLAIT_UNPACK_WINDOW_LOG2_MAX 27

enum plait_packing { PLAIT_NOT_PACKED, PLAIT_GZIP, PLAIT_ZSTD };

struct plait_unpack;

/* By the first four octets, read in network byte order. */
enum plait_packing plait_packing_of(uint32_t head);
/* FROM and COUNTS stay the caller's and outlive it.  NULL if memory is full. */
struct plait_unpack *plait_unpack_new(enum plait_packing packing, struct plait_buffer *from,
                                      struct plait_capture_counts *counts);
void plait_unpack_free(struct plait_unpack *unpack);
struct plait_source plait_unpack_source(struct plait_unpack *unpack);

#endif
