/* audit/mapped.c: what DSS and MP_CAPABLE of a packet map, and where a DATA_FIN ends the stream. */
#include "audit/mapped.h"

#include "audit/data.h"
#include "audit/rules.h"
#include "audit/stream.h"

/* ---- mappings ------------------------------------------------------------------------------- */

/* Before joins the first subflow carries the stream from its beginning: where the client's key is
 * still missing (its third ACK was lost), number 1 has the first octet. */
static uint64_t octets_before(const struct plait_at *at)
{
    const uint32_t first = PLAIT_SUB_SYN | (PLAIT_SUB_SURE_0 << at->end);
    bool is_alone = !(at->s->flags & PLAIT_SUB_JOIN) && at->c->subflow_count == 1;
    if (!is_alone || (at->s->flags & first) != first)
        return 0;
    int64_t number = at->dss.ssn ? at->dss.ssn : at->ssn; /* a DATA_FIN alone has none of its own */
    return number > 0 ? (uint64_t)number - 1 : 0;
}

void plait_mapped_choose_base(struct plait_at *at)
{
    struct plait_connection *c = at->c;
    if (plait_has(c->flags, PLAIT_CON_BASE_0, at->end))
        return;
    c->base[at->end] = at->dss.dsn - octets_before(at);
    if (!at->dss.dsn_is_64)
        c->base[at->end] = (uint32_t)c->base[at->end];
    c->flags |= (PLAIT_CON_BASE_0 | (at->dss.dsn_is_64 ? 0 : PLAIT_CON_LOW_0)) << at->end;
}

/* A 32-bit DSN counts as the 64-bit one that it stands for. */
static uint64_t whole_dsn(const struct plait_at *at, int64_t offset)
{
    return at->c->base[at->end] + (uint64_t)offset;
}

static bool mapping_of_dss(struct plait_at *at, struct plait_mapping *m)
{
    const struct plait_dss *d = &at->dss;
    if (!at->has_dss || !d->has_map || !d->data_length)
        return false;
    plait_mapped_choose_base(at);
    int64_t offset = plait_offset_of_dsn(at->c, at->end, d->dsn, d->dsn_is_64);
    uint32_t length = d->data_length - d->data_fin;
    uint64_t near = at->s->half[at->end].edge;
    *m = (struct plait_mapping){.ssn = near + (uint64_t)(int64_t)(int32_t)(d->ssn - (uint32_t)near),
                                .at = (uint64_t)offset,
                                .length = length,
                                .has_fin = d->data_fin,
                                .has_checksum = d->has_checksum,
                                .checksum = d->checksum,
                                .dsn = whole_dsn(at, offset),
                                .packet = at->ref};
    return true;
}

static bool mapping_of_hello(struct plait_at *at, struct plait_mapping *m)
{
    const struct plait_mp_capable *c = &at->capable;
    if (!at->has_capable || !c->has_data_length ||
        !plait_has(at->c->flags, PLAIT_CON_IDSN_0, at->end))
        return false;
    *m = (struct plait_mapping){.ssn = 1,
                                .length = c->data_length,
                                .has_checksum = c->has_checksum,
                                .checksum = c->checksum,
                                .dsn = at->c->base[at->end],
                                .packet = at->ref};
    return true;
}

bool plait_mapped_of_packet(struct plait_at *at, struct plait_mapping *m)
{
    return mapping_of_dss(at, m) || mapping_of_hello(at, m);
}

static void say_remapped(struct plait_at *at, const struct plait_mapping *m,
                         const struct plait_mapping *against)
{
    if (plait_is_heard(at->a)) {
        struct plait_audit_event event = plait_event(at, PLAIT_SAW_REMAPPED);
        event.offset = m->at;
        event.length = m->length;
        event.other = against->packet;
        plait_say(at, &event);
    }
    plait_rule_remapped(at, &against->packet);
}

/* Payload that came before its mapping. */
static void retry_pending(struct plait_at *at, struct plait_track *track)
{
    for (unsigned left = track->pending_count; left; left--) {
        struct plait_pending p =
            *(struct plait_pending *)plait_slab_at(&at->a->pendings, track->first_pending);
        plait_track_drop(at->a, track);
        const struct plait_mapping *m = plait_track_find(track, p.ssn);
        if (!m) {
            (void)plait_track_hold(at->a, track, p.ssn, p.octets, p.length, &p.packet);
            continue;
        }
        uint64_t into = p.ssn - m->ssn, length = m->length - into;
        struct plait_stream_copy copy = {.at = (int64_t)(m->at + into),
                                         .octets = p.octets,
                                         .length = p.length < length ? p.length : (uint32_t)length,
                                         .subflow = at->subflow_number,
                                         .packet = p.packet};
        plait_stream_write(at->a, at->connection_number, at->end, &copy);
    }
}

struct plait_mapping *plait_mapped_declare(struct plait_at *at, struct plait_track *track,
                                           const struct plait_mapping *m)
{
    struct plait_mapping *kept;
    const struct plait_mapping *against = plait_track_map(track, m, &kept);
    if (against)
        say_remapped(at, m, against);
    at->s->flags |= PLAIT_SUB_MAPPED_0 << at->end;
    if (track->plain_from)
        plait_fallback_mapped(at, track, m->ssn);
    if (track->pending_count)
        retry_pending(at, track);
    return kept;
}

/* ---- DATA_FIN ------------------------------------------------------------------------------- */

void plait_mapped_fin(struct plait_at *at, uint64_t offset)
{
    struct plait_work *work = plait_store_work(at->a, at->connection_number);
    if (!work)
        return;
    struct plait_stream *stream = &work->stream[at->end];
    if (stream->has_fin && stream->fin_at == offset)
        return;
    if (stream->has_fin && stream->fin_at > offset)
        return; /* an earlier one again, or out of order: what goes on decides */
    stream->has_fin = true;
    stream->fin_at = offset;
    stream->fin_packet = at->ref;
    at->c->flags |= PLAIT_CON_FIN_0 << at->end;
    if (!plait_is_heard(at->a))
        return;
    struct plait_audit_event event = plait_event(at, PLAIT_SAW_DATA_FIN);
    event.offset = offset;
    plait_say(at, &event);
}

void plait_mapped_check_fin(struct plait_at *at, const struct plait_mapping *m)
{
    if (!plait_has(at->c->flags, PLAIT_CON_FIN_0, at->end) || !at->c->work || !m->length)
        return;
    const struct plait_work *work = plait_slab_at(&at->a->works, at->c->work);
    const struct plait_stream *stream = &work->stream[at->end];
    int64_t beyond = (int64_t)(m->at + m->length - stream->fin_at);
    if (stream->has_fin && beyond > 0)
        plait_rule_data_behind_fin(at, &stream->fin_packet, stream->fin_at);
}
