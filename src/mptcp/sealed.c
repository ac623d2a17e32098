/* mptcp/sealed.c: the mechanism's payload group: the stream as protected records.
 *
 * Outgoing octets are gathered in one chunk, sealed, and written to the send queue, all of it or
 * the rest later.  Incoming records are opened once they are whole and in order, in another chunk.
 * Everything else - mappings, reinjection, acknowledgments - sees only the stream of records. */
#include <string.h>

#include "mptcp/inside.h"

static const struct plait_payload *group(const struct plait_mptcp *c)
{
    return c->mechanism ? c->mechanism->payload : NULL;
}

/* Most plain octets of a record that fits a chunk. */
static uint32_t plain_limit(const struct plait_mptcp *c)
{
    const struct plait_payload *p = group(c);
    uint32_t overhead = p->header_octets + p->trailer_octets;
    uint32_t fits = plait_mptcp_stack(c)->chunks.chunk_octets - overhead;
    return p->record_octets < fits ? p->record_octets : fits;
}

static uint32_t overhead(const struct plait_payload *p)
{
    return p->header_octets + p->trailer_octets;
}

/* ---- out ------------------------------------------------------------------------------------- */

bool plait_sealed_flush(struct plait_mptcp *c)
{
    if (c->sealed_out_sent < c->sealed_out_octets) {
        const uint8_t *from = c->sealed_out->octets + c->sealed_out_sent;
        c->sealed_out_sent +=
            plait_send_queue_write(&c->send, from, c->sealed_out_octets - c->sealed_out_sent);
    }
    return c->sealed_out_sent == c->sealed_out_octets;
}

uint8_t *plait_sealed_reserve(struct plait_mptcp *c, uint32_t *length)
{
    *length = 0;
    if (!plait_sealed_flush(c) || plait_send_queue_room(&c->send) == 0)
        return NULL;
    if (!c->sealed_out)
        c->sealed_out = plait_chunk_take(&plait_mptcp_stack(c)->chunks);
    if (!c->sealed_out)
        return NULL;
    *length = plain_limit(c);
    return c->sealed_out->octets + group(c)->header_octets;
}

void plait_sealed_commit(struct plait_mptcp *c, uint32_t length)
{
    const struct plait_payload *p = group(c);
    struct plait_payload_keys keys = {plait_proof_key(c, c->own_key),
                                      plait_proof_key(c, c->peer_key)};
    p->seal(&keys, c->send.end, c->sealed_out->octets, length);
    c->sealed_out_octets = length + overhead(p);
    c->sealed_out_sent = 0;
    (void)plait_sealed_flush(c); /* the rest when there is room */
}

uint32_t plait_sealed_put(struct plait_mptcp *c, const uint8_t *octets, uint32_t length)
{
    uint32_t taken = 0;
    while (taken < length) {
        uint32_t room;
        uint8_t *to = plait_sealed_reserve(c, &room);
        if (!to)
            break;
        uint32_t part = length - taken < room ? length - taken : room;
        memcpy(to, octets + taken, part);
        plait_sealed_commit(c, part);
        taken += part;
    }
    return taken;
}

/* ---- in -------------------------------------------------------------------------------------- */

/* LENGTH octets at the front of the queue to TO. */
static void take(struct plait_receive_queue *q, uint8_t *to, uint32_t length)
{
    while (length > 0) {
        uint32_t part;
        const uint8_t *from = plait_receive_queue_peek(q, &part);
        part = part < length ? part : length;
        memcpy(to, from, part);
        plait_receive_queue_consume(q, part);
        to += part;
        length -= part;
    }
}

static uint32_t readable(const struct plait_mptcp *c)
{
    return (uint32_t)(plait_receive_queue_edge(&c->receive) - c->receive.start);
}

/* One record; *IS_OPEN if it was whole.  False if it is not authentic. */
static bool open_one(struct plait_mptcp *c, const struct plait_payload *p, bool *is_open)
{
    struct plait_chunks *chunks = &plait_mptcp_stack(c)->chunks;
    if (!c->sealed_in) {
        c->sealed_in = plait_chunk_take(chunks);
        c->sealed_in_octets = c->sealed_in_read = 0;
    }
    if (!c->sealed_in)
        return true; /* later */
    if (!c->sealed_in_has_header) {
        if (readable(c) < p->header_octets)
            return true;
        c->sealed_in_position = c->receive.start;
        take(&c->receive, c->sealed_in->octets, p->header_octets);
        c->sealed_in_has_header = true;
    }
    uint32_t plain = p->plain_octets(c->sealed_in->octets);
    if (plain > plain_limit(c))
        return false;
    if (readable(c) < plain + p->trailer_octets)
        return true;
    take(&c->receive, c->sealed_in->octets + p->header_octets, plain + p->trailer_octets);
    c->sealed_in_has_header = false;
    struct plait_payload_keys keys = {plait_proof_key(c, c->peer_key),
                                      plait_proof_key(c, c->own_key)};
    if (!p->open(&keys, c->sealed_in_position, c->sealed_in->octets, plain))
        return false;
    c->sealed_in_octets = plain;
    c->sealed_in_read = 0;
    *is_open = true;
    return true;
}

bool plait_sealed_open(struct plait_mptcp *c)
{
    const struct plait_payload *p = group(c);
    bool is_open = p != NULL;
    /* Empty records are opened and passed over; each took octets of the queue. */
    while (is_open && c->sealed_in_read == c->sealed_in_octets) {
        is_open = false;
        if (!open_one(c, p, &is_open))
            return false;
    }
    return true;
}

const uint8_t *plait_sealed_peek(struct plait_mptcp *c, uint32_t *length)
{
    *length = c->sealed_in_octets - c->sealed_in_read;
    return *length ? c->sealed_in->octets + group(c)->header_octets + c->sealed_in_read : NULL;
}

bool plait_sealed_consume(struct plait_mptcp *c, uint32_t length)
{
    c->sealed_in_read += length;
    return plait_sealed_open(c);
}
