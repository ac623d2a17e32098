/* audit/flatten_end.c: what the ends of a flat flow say: acknowledgments, FIN, RST. */
#include "audit/flatten_inside.h"

/* ---- what the other side received --------------------------------------------------------------
 */

/* Of stream D: everything, its FIN included, that was written. */
static uint64_t edge_of(const struct plait_flat *flat, unsigned d)
{
    return flat->sent[d] + flat->fin_is_sent[d];
}

/* What the receiver acknowledged, as far as it was written. */
static uint64_t acked_of(const struct plait_flatten *f, const struct plait_flat *flat, unsigned d)
{
    uint64_t edge = edge_of(flat, d);
    uint64_t acked = f->limits.one_sided || flat->acked[d] > edge ? edge : flat->acked[d];
    return acked > flat->said[d] ? acked : flat->said[d];
}

/* What every segment has: end D sent it, and acknowledges. */
struct plait_flat_segment plait_flat_segment(const struct plait_flatten *f, struct plait_flat *flat,
                                             unsigned d, uint8_t flags)
{
    flat->said[!d] = acked_of(f, flat, !d);
    return (struct plait_flat_segment){.kind = PLAIT_FLAT_OWN,
                                       .from = (uint8_t)d,
                                       .flags = flags,
                                       .at = edge_of(flat, d),
                                       .acked = flat->said[!d]};
}

void plait_flat_write_flags(struct plait_flatten *f, struct plait_flat *flat, unsigned d,
                            uint8_t flags)
{
    struct plait_flat_segment s = plait_flat_segment(f, flat, d, flags);
    plait_flat_write(f, flat, &s);
}

void plait_flat_acknowledge(struct plait_flatten *f, struct plait_flat *flat)
{
    for (unsigned d = 0; d < 2 && flat->stage == PLAIT_FLAT_OPEN; d++)
        if (acked_of(f, flat, d) > flat->said[d])
            plait_flat_write_flags(f, flat, !d, PLAIT_ACK);
}

/* The connection goes: whatever went out was received, as far as anybody can say. */
void plait_flat_acknowledge_all(struct plait_flatten *f, struct plait_flat *flat)
{
    for (unsigned d = 0; d < 2; d++)
        plait_flat_release(f, flat, d);
    for (unsigned d = 0; d < 2; d++)
        flat->acked[d] = edge_of(flat, d);
    plait_flat_acknowledge(f, flat);
}

/* ---- ends ---------------------------------------------------------------------------------- */

static void write_fin(struct plait_flatten *f, struct plait_flat *flat, unsigned d)
{
    plait_flat_release(f, flat, d);
    plait_flat_write_flags(f, flat, d, PLAIT_FIN | PLAIT_ACK);
    flat->fin_is_sent[d] = true;
}

static uint64_t gathered_until(const struct plait_flat *flat, unsigned d)
{
    return flat->sent[d] + (flat->gathered[d] ? flat->gathered[d]->length : 0);
}

/* FIN goes out when everything before it did. */
void plait_flat_close_if_complete(struct plait_flatten *f, struct plait_flat *flat)
{
    for (unsigned d = 0; d < 2 && flat->stage == PLAIT_FLAT_OPEN; d++)
        if (flat->has_fin[d] && !flat->fin_is_sent[d] && gathered_until(flat, d) == flat->fin_at[d])
            write_fin(f, flat, d);
}

void plait_flat_reset(struct plait_flatten *f, struct plait_flat *flat)
{
    if (flat->is_reset || flat->stage < PLAIT_FLAT_ANSWERED)
        return;
    plait_flat_acknowledge_all(f, flat);
    plait_flat_write_flags(f, flat, flat->ender, PLAIT_RST | PLAIT_ACK);
    flat->is_reset = true;
}

/* Ends whose DATA_FIN was not seen, or was of another length than the stream had in the end. */
void plait_flat_close(struct plait_flatten *f, struct plait_flat *flat)
{
    for (unsigned d = 0; d < 2 && flat->stage == PLAIT_FLAT_OPEN && !flat->is_reset; d++)
        if (!flat->fin_is_sent[d])
            write_fin(f, flat, d);
}
