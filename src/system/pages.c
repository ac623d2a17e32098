/* system/pages.c: an arena that is a mapping of its own. */
#include "system/pages.h"

#include <sys/mman.h>

struct plait_arena plait_pages(size_t octets)
{
    size_t room = (octets + 15) / 16 * 16;
    void *start = mmap(NULL, room, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return start == MAP_FAILED ? plait_arena(NULL, 0) : plait_arena(start, room);
}

void plait_pages_free(struct plait_arena *arena)
{
    if (arena->start)
        munmap(arena->start, arena->room_octets);
    *arena = plait_arena(NULL, 0);
}
