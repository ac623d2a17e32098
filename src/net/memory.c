/* net/memory.c: the room's allocations.  The net is the lab's, not libplait's: it takes its memory
 * from the system, and a lab without memory cannot judge anything, so exhaustion panics.
 * May touch: the heap. */
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "net/net_internal.h"

void *plait_net_alloc(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        plait_panic("net: memory exhausted", "%zu times %zu octets", count, size);
    return memory;
}

void *plait_net_grow(void *array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return array;
    *room = *room ? 2 * *room : 8;
    void *grown = reallocarray(array, *room, size);
    if (!grown)
        plait_panic("net: memory exhausted", "%zu times %zu octets", *room, size);
    return grown;
}

char *plait_net_name(const char *name)
{
    size_t octets = strlen(name) + 1;
    return memcpy(plait_net_alloc(octets, 1), name, octets);
}
