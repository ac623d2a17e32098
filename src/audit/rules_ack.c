/* audit/rules_ack.c: what an end has acknowledged of its peer's stream, it does not take back.
 *
 * DATA_ACK is one number of the whole connection (RFC 8684 §3.3.2).  Packets of different paths
 * overtake each other, so a lower number behind a higher one says nothing by itself.  But whoever
 * answers a packet sends after that packet was seen, and so after all that he had acknowledged by
 * then: on a subflow after its SYN, and with an acknowledgment of data after those.  Whoever speaks
 * for an end without hearing the other paths does not know the number (T-TS-2, T-REUSE-1). */
#include "audit/rules.h"

#include <inttypes.h>

#include "audit/data.h"
#include "audit/memory.h"
#include "audit/store.h"

/* Clocks that are not known well enough have no before. */
static bool has_acked(const struct plait_at *at, unsigned end)
{
    return !at->p->seen->error_ns && plait_has(at->c->flags, PLAIT_CON_ACKED_0, end) &&
           at->c->data_ack[end];
}

static struct plait_track *track_of(const struct plait_at *at, unsigned direction)
{
    struct plait_subflow_work *work =
        at->s->work ? plait_slab_at(&at->a->subflow_works, at->s->work) : NULL;
    return work ? &work->track[direction] : NULL;
}

static uint64_t before_join(const struct plait_at *at, unsigned end)
{
    return plait_fact(at->a, PLAIT_FACT_ACKED_BEFORE, at->c->number,
                      (uint64_t)at->s->number << 1 | end);
}

/* ---- what is known to be before ------------------------------------------------------------- */

void plait_rule_ack_join(struct plait_at *at)
{
    for (unsigned end = 0; end < 2; end++) {
        if (!has_acked(at, end))
            continue;
        struct plait_memory_entry *e = plait_memory_put(&at->a->facts, before_join(at, end));
        plait_memory_set_ref(e, &at->ref);
        e->value = (uint32_t)at->c->data_ack[end];
    }
}

void plait_rule_ack_sent(struct plait_at *at)
{
    struct plait_track *track = track_of(at, at->end);
    if (!track || track->sent.number || !has_acked(at, !at->end))
        return;
    track->sent = (struct plait_ack_mark){.number = (uint64_t)at->ssn + at->p->payload_octets,
                                          .acked = at->c->data_ack[!at->end],
                                          .packet = at->ref};
}

static bool acknowledges(const struct plait_at *at, const struct plait_ack_mark *mark)
{
    const struct plait_half *peer = &at->s->half[!at->end];
    return mark->number &&
           plait_unwrap_seq(at->p->ack, peer->isn, peer->edge) >= (int64_t)mark->number;
}

void plait_rule_ack_came(struct plait_at *at)
{
    struct plait_track *track = track_of(at, !at->end);
    if (!track || !acknowledges(at, &track->sent))
        return;
    track->came = track->sent;
    track->sent.number = 0;
}

/* Plain TCP's acknowledgments are of one path each. */
static bool is_of_mptcp(const struct plait_at *at)
{
    return at->has_dss && at->dss.has_ack && plait_is_mptcp(at->c);
}

/* ---- what contradicts it -------------------------------------------------------------------- */

static void raise(struct plait_at *at, const struct plait_packet_ref *before, int64_t offset,
                  uint64_t acked)
{
    plait_raise_at(at, PLAIT_RULE_ACK_BACK, before,
                   "the %s acknowledges %" PRId64 " octets on subflow %u, and had acknowledged "
                   "%" PRIu64 " before what this answers",
                   at->end ? "server" : "client", offset, at->s->number, acked);
}

static void check_join(struct plait_at *at, uint64_t offset)
{
    struct plait_memory_entry *e = plait_memory_find(&at->a->facts, before_join(at, at->end));
    if (!e || (int32_t)((uint32_t)offset - e->value) >= 0)
        return;
    struct plait_packet_ref syn = plait_memory_ref(e);
    raise(at, &syn, (int64_t)offset, offset + (e->value - (uint32_t)offset));
}

/* The first number of all is that of the octet before the stream. */
void plait_rule_ack_nowhere(struct plait_at *at, int64_t offset)
{
    if (is_of_mptcp(at) && at->c->flags & PLAIT_CON_IDSN_0 << !at->end && at->dss.ack_is_64 &&
        offset != -1)
        plait_raise_at(at, PLAIT_RULE_ACK_BACK, NULL,
                       "the %s acknowledges a number that is not of the stream",
                       at->end ? "server" : "client");
}

void plait_rule_ack_back(struct plait_at *at, uint64_t offset)
{
    if (!is_of_mptcp(at) || offset == at->c->data_ack[at->end])
        return;
    const struct plait_track *track = track_of(at, !at->end);
    if (at->s->flags & PLAIT_SUB_JOIN)
        check_join(at, offset);
    if (track && acknowledges(at, &track->came) && offset < track->came.acked)
        raise(at, &track->came.packet, (int64_t)offset, track->came.acked);
}
