/* Keeps packets as they enter links. */
#include "tests/audit/recording.h"

#include <stdlib.h>
#include <string.h>

static void *grown(void *old, size_t octets)
{
    void *new = realloc(old, octets);
    if (!new)
        abort();
    return new;
}

static void keep(void *self, const struct plait_sight *sight)
{
    struct recording *r = self;
    const struct plait_packet *packet = sight->packet;
    if (sight->fate != PLAIT_ENTERED)
        return;
    if (r->count == r->room) {
        r->room = r->room ? 2 * r->room : 1024;
        r->packets = grown(r->packets, r->room * sizeof *r->packets);
    }
    if (r->octets_used + packet->length_octets > r->octets_room) {
        r->octets_room = 2 * r->octets_room + (1 << 20);
        r->octets = grown(r->octets, r->octets_room);
    }
    r->packets[r->count++] = (struct recorded){.at_ns = sight->at_ns,
                                               .octets_at = r->octets_used,
                                               .length_octets = packet->length_octets,
                                               .link = (uint16_t)sight->link,
                                               .way = sight->way};
    memcpy(r->octets + r->octets_used, packet->octets, packet->length_octets);
    r->octets_used += packet->length_octets;
}

void recording_start(struct recording *r, struct plait_net *net)
{
    r->count = 0;
    r->octets_used = 0;
    plait_net_observe(net, keep, r);
}

void recording_free(struct recording *r)
{
    free(r->packets);
    free(r->octets);
    *r = (struct recording){0};
}
