/* capture/source.h: where the octets of a capture come from.
 *
 * One shape for files, pipes, memory and decompression, so that they stack.  A source is pulled;
 * it never seeks and never blocks longer than the descriptor it reads.
 * May touch: the octets and the descriptor that it was given. */
#ifndef PLAIT_CAPTURE_SOURCE_H
#define PLAIT_CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plait_pull {
    PLAIT_PULL_SOME,  /* at least one octet */
    PLAIT_PULL_WAIT,  /* none now, but there may be more later: ask again */
    PLAIT_PULL_END,   /* none, ever */
    PLAIT_PULL_FAILED /* none, ever: what was there could not be read; the source has counted it */
};

struct plait_source {
    /* Puts at most ROOM octets (at least one) to TO; *GOT is set with PLAIT_PULL_SOME only. */
    enum plait_pull (*pull)(void *self, uint8_t *to, size_t room_octets, size_t *got_octets);
    void *self; /* the owner's; outlives the source */
};

/* Octets in memory, which stay the caller's. */
struct plait_memory_source {
    const uint8_t *at, *end;
};
struct plait_source plait_source_memory(struct plait_memory_source *m, const void *octets,
                                        size_t length_octets);

struct plait_capture_counts;

/* An open descriptor (file, FIFO, pipe; blocking or not), which stays the caller's.  With FOLLOW
 * the end of a file is PLAIT_PULL_WAIT, because it may grow.  Where a non-blocking descriptor has
 * nothing it is PLAIT_PULL_WAIT too.  A failing read is counted as FILE_FAILED. */
struct plait_descriptor_source {
    int descriptor;
    bool follow;
    bool ended;
    struct plait_capture_counts *counts;
};
struct plait_source plait_source_descriptor(struct plait_descriptor_source *d, int descriptor,
                                            bool follow, struct plait_capture_counts *counts);

#endif
