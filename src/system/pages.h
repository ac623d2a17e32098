/* system/pages.h: memory straight from the kernel: an allocator may write on all of what it gives,
 * and of an arena only what is used shall cost anything.  May touch: its arguments. */
#ifndef PLAIT_SYSTEM_PAGES_H
#define PLAIT_SYSTEM_PAGES_H

#include "base/arena.h"

/* An arena of fresh pages with room for OCTETS at least; without a start if the system has not so
 * many. */
struct plait_arena plait_pages(size_t octets);
/* Gives back what plait_pages gave; nothing to do where it gave nothing. */
void plait_pages_free(struct plait_arena *arena);

#endif
