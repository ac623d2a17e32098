/* audit/track.c: mappings, sums and waiting payload of one direction of a subflow. */
#include "audit/track.h"

#include <string.h>

#include "audit/data.h"
#include "audit/store.h"

/* ---- numbers -------------------------------------------------------------------------------- */

int64_t plait_offset_of_dsn(const struct plait_connection *c, unsigned d, uint64_t dsn, bool is_64)
{
    if (is_64 && !plait_has(c->flags, PLAIT_CON_LOW_0, d))
        return (int64_t)(dsn - c->base[d]);
    uint64_t near = c->base[d] + c->edge[d];
    return (int64_t)c->edge[d] + (int32_t)((uint32_t)dsn - (uint32_t)near);
}

/* ---- mappings ------------------------------------------------------------------------------- */

static bool covers(const struct plait_mapping *m, uint64_t ssn)
{
    return ssn >= m->ssn && ssn - m->ssn < m->length;
}

static struct plait_mapping *nth_newest(struct plait_track *track, unsigned n)
{
    return &track->mapping[(track->newest + PLAIT_MAPPINGS_KEPT - n) % PLAIT_MAPPINGS_KEPT];
}

struct plait_mapping *plait_track_find(struct plait_track *track, uint64_t ssn)
{
    for (unsigned n = 0; n < track->count; n++)
        if (covers(nth_newest(track, n), ssn))
            return nth_newest(track, n);
    return NULL;
}

static bool overlap(const struct plait_mapping *one, const struct plait_mapping *other)
{
    return one->ssn < other->ssn + other->length && other->ssn < one->ssn + one->length;
}

static bool is_same(const struct plait_mapping *one, const struct plait_mapping *other)
{
    return one->ssn == other->ssn && one->at == other->at && one->length == other->length;
}

const struct plait_mapping *plait_track_map(struct plait_track *track,
                                            const struct plait_mapping *m,
                                            struct plait_mapping **kept)
{
    const struct plait_mapping *against = NULL;
    /* What goes on behind all the others overlaps none. */
    unsigned older = m->ssn < track->mapped_to ? track->count : 0;
    for (unsigned n = 0; n < older; n++) {
        struct plait_mapping *old = nth_newest(track, n);
        if (is_same(old, m)) {
            *kept = old;
            return NULL;
        }
        /* Cut anew, the same octets still have the same place (C-MB-2). */
        if (overlap(old, m) && old->at - old->ssn != m->at - m->ssn && !against)
            against = old;
    }
    track->newest = (track->newest + 1) % PLAIT_MAPPINGS_KEPT;
    if (track->count < PLAIT_MAPPINGS_KEPT)
        track->count++;
    *kept = &track->mapping[track->newest];
    /* What it is compared with may be what it replaces: that is read first. */
    static const struct plait_mapping none;
    struct plait_mapping before = against ? *against : none;
    uint64_t to = m->ssn + m->length < m->ssn ? UINT64_MAX : m->ssn + m->length;
    if (track->mapped_to < to)
        track->mapped_to = to;
    bool replaced = against == *kept;
    **kept = *m;
    if (replaced)
        track->replaced = before;
    return replaced ? &track->replaced : against;
}

/* ---- checksums ------------------------------------------------------------------------------ */

static bool is_summed(const struct plait_mapping *m, uint32_t from, uint32_t to)
{
    for (unsigned i = 0; i < m->part_count; i++)
        if (from < m->parts[i][1] && m->parts[i][0] < to)
            return true;
    return false;
}

/* Parts that touch become one. */
static bool note_part(struct plait_mapping *m, uint32_t from, uint32_t to)
{
    for (unsigned i = 0; i < m->part_count; i++) {
        if (m->parts[i][1] == from || m->parts[i][0] == to) {
            m->parts[i][m->parts[i][1] == from] = m->parts[i][1] == from ? to : from;
            return true;
        }
    }
    if (m->part_count == PLAIT_MAPPING_PARTS)
        return false;
    m->parts[m->part_count][0] = from;
    m->parts[m->part_count++][1] = to;
    return true;
}

static uint32_t summed_octets(const struct plait_mapping *m)
{
    uint32_t octets = 0;
    for (unsigned i = 0; i < m->part_count; i++)
        octets += m->parts[i][1] - m->parts[i][0];
    return octets;
}

enum plait_judgement plait_track_sum(struct plait_mapping *m, uint64_t ssn, const uint8_t *octets,
                                     uint32_t length, bool *done)
{
    uint32_t from = (uint32_t)(ssn - m->ssn);
    *done = false;
    if (m->is_judged || is_summed(m, from, from + length))
        return PLAIT_CANNOT_TELL;
    plait_sum part = plait_sum_add(0, octets, length);
    m->sum += from % 2 ? plait_sum_odd(part) : part;
    if (!note_part(m, from, from + length))
        m->is_judged = true; /* too patchy to follow */
    if (summed_octets(m) < m->length)
        return PLAIT_CANNOT_TELL;
    m->is_judged = *done = true;
    plait_sum sum =
        m->sum + plait_dss_pseudo_sum(m->dsn, (uint32_t)m->ssn, (uint16_t)(m->length + m->has_fin));
    return plait_sum_finish(plait_sum_u16(sum, m->checksum)) == 0 ? PLAIT_VALID : PLAIT_INVALID;
}

/* So many right ones say that this sender's segments are not completed by a device. */
#define RIGHT_SUMS 4

bool plait_track_is_usual_sum(struct plait_track *track, enum plait_packet_verify sum)
{
    if (sum == PLAIT_SUM_GOOD && track->right_sums < RIGHT_SUMS)
        track->right_sums++;
    if (sum != PLAIT_SUM_OFFLOADED)
        return true;
    if (track->right_sums == RIGHT_SUMS && !track->has_offloaded)
        return false;
    track->has_offloaded = true;
    return true;
}

/* ---- payload without a mapping -------------------------------------------------------------- */

static bool hold_part(struct plait_audit *a, struct plait_track *track, uint64_t ssn,
                      const uint8_t *octets, uint32_t length, const struct plait_packet_ref *packet)
{
    uint32_t number =
        track->pending_count < PLAIT_PENDING_MAX ? plait_slab_take_unset(&a->pendings) : 0;
    if (!number) {
        plait_count_more(a, PLAIT_COUNT_UNMAPPED_OCTETS, length);
        return false;
    }
    struct plait_pending *p = plait_slab_at(&a->pendings, number);
    p->next = 0;
    p->length = length;
    p->ssn = ssn;
    p->packet = *packet;
    memcpy(p->octets, octets, length);
    if (track->last_pending)
        ((struct plait_pending *)plait_slab_at(&a->pendings, track->last_pending))->next = number;
    else
        track->first_pending = number;
    track->last_pending = number;
    track->pending_count++;
    return true;
}

bool plait_track_hold(struct plait_audit *a, struct plait_track *track, uint64_t ssn,
                      const uint8_t *octets, uint32_t length, const struct plait_packet_ref *packet)
{
    const uint32_t most = sizeof((struct plait_pending *)0)->octets;
    bool held = true;
    for (uint32_t done = 0, part; done < length; done += part) {
        part = length - done < most ? length - done : most;
        held = hold_part(a, track, ssn + done, octets + done, part, packet) && held;
    }
    return held;
}

uint32_t plait_track_pending(const struct plait_track *track)
{
    return track->first_pending;
}

void plait_track_drop(struct plait_audit *a, struct plait_track *track)
{
    uint32_t number = track->first_pending;
    track->first_pending = ((struct plait_pending *)plait_slab_at(&a->pendings, number))->next;
    if (!track->first_pending)
        track->last_pending = 0;
    track->pending_count--;
    plait_slab_give(&a->pendings, number);
}

/* ---- the end -------------------------------------------------------------------------------- */

void plait_track_give(struct plait_audit *a, uint32_t subflow)
{
    struct plait_subflow *s = plait_sub(a, subflow);
    if (!s->work)
        return;
    struct plait_subflow_work *work = plait_slab_at(&a->subflow_works, s->work);
    for (unsigned d = 0; d < 2; d++) {
        struct plait_track *track = &work->track[d];
        while (track->first_pending) {
            struct plait_pending *p = plait_slab_at(&a->pendings, track->first_pending);
            plait_count_more(a, PLAIT_COUNT_UNMAPPED_OCTETS, p->length);
            plait_track_drop(a, track);
        }
    }
    plait_slab_give(&a->subflow_works, s->work);
    s->work = 0;
}

void plait_track_flush(struct plait_audit *a, uint32_t connection)
{
    for (uint32_t s = plait_con(a, connection)->first_subflow; s; s = plait_sub(a, s)->next)
        if (!(plait_sub(a, s)->flags & PLAIT_SUB_ALIAS) && plait_sub(a, s)->work)
            plait_data_settle(a, connection, s);
}
