/* audit/flatten_hello.c: handshakes of flat flows: as the first subflow made them, or written where
 * the capture lacks them. */
#include <string.h>

#include "audit/flatten_inside.h"

/* The end that sent the packet that is being looked at, if that is of the first subflow; else 2. */
unsigned plait_flat_sender(struct plait_flatten *f, const struct plait_flat *flat)
{
    const struct plait_packet *p = plait_flat_packet(f);
    if (!p)
        return 2;
    struct plait_place src = plait_flat_place(p, p->src, p->src_port);
    struct plait_place dst = plait_flat_place(p, p->dst, p->dst_port);
    for (unsigned end = 0; end < 2; end++)
        if (plait_place_equal(&flat->place[end], &src) &&
            plait_place_equal(&flat->place[!end], &dst))
            return end;
    return 2;
}

/* Numbers begin as those of the first subflow do, so that a refused offer needs no others. */
void plait_flat_learn_numbers(struct plait_flatten *f, struct plait_flat *flat, unsigned end)
{
    const struct plait_packet *p = plait_flat_packet(f);
    unsigned sender = plait_flat_sender(f, flat);
    if (sender > 1)
        return;
    if (sender == end)
        flat->isn[end] = p->seq - !plait_packet_is(p, PLAIT_SYN);
    else if (plait_packet_is(p, PLAIT_ACK))
        flat->isn[end] = p->ack - 1;
}

static void write_syn(struct plait_flatten *f, struct plait_flat *flat, unsigned end)
{
    bool is_answer = end == 1;
    struct plait_flat_segment s =
        plait_flat_segment(f, flat, end, is_answer ? PLAIT_SYN | PLAIT_ACK : PLAIT_SYN);
    s.is_first = true;
    plait_flat_write(f, flat, &s);
    flat->stage = is_answer ? PLAIT_FLAT_ANSWERED : PLAIT_FLAT_OFFERED;
    if (is_answer)
        plait_flat_add(f, PLAIT_FLAT_COUNT_CONNECTIONS, 1);
}

/* What of the handshake did not go out goes out now: the capture lacks it. */
void plait_flat_open(struct plait_flatten *f, struct plait_flat *flat)
{
    for (unsigned end = 0; end < 2; end++) {
        if (flat->stage >= (end ? PLAIT_FLAT_ANSWERED : PLAIT_FLAT_OFFERED))
            continue;
        plait_flat_learn_numbers(f, flat, end);
        write_syn(f, flat, end);
        plait_flat_add(f, PLAIT_FLAT_COUNT_INVENTED, 1);
    }
    if (flat->stage == PLAIT_FLAT_OPEN)
        return;
    const struct plait_packet *p = plait_flat_packet(f);
    bool is_third = p && plait_flat_sender(f, flat) == 0 && plait_packet_is(p, PLAIT_ACK);
    plait_flat_add(f, PLAIT_FLAT_COUNT_INVENTED, !is_third);
    plait_flat_write_flags(f, flat, 0, PLAIT_ACK);
    flat->stage = PLAIT_FLAT_OPEN;
}

enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_MSS = 2, OPTION_SCALE = 3 };

static void note_mss(struct plait_flat *flat, uint16_t mss)
{
    if (mss < PLAIT_FLAT_MSS_MIN_OCTETS)
        mss = PLAIT_FLAT_MSS_MIN_OCTETS;
    if (mss < flat->mss_octets)
        flat->mss_octets = mss;
}

/* What the SYN offers, the answer may take. */
static void read_offer(struct plait_flat *flat, const struct plait_packet *p)
{
    struct plait_reader r = plait_reader(p->options, p->options_octets);
    if (plait_packet_is(p, PLAIT_SYN) && !plait_packet_is(p, PLAIT_ACK))
        flat->has_scale = false;
    while (plait_reader_left(&r)) {
        uint8_t kind = plait_read_u8(&r);
        if (kind == OPTION_END)
            return;
        if (kind == OPTION_NOP)
            continue;
        uint8_t length = plait_read_u8(&r);
        struct plait_reader value = plait_read_part(&r, length < 2 ? SIZE_MAX : length - 2u);
        if (r.failed)
            return;
        if (kind == OPTION_MSS && length == 4)
            note_mss(flat, plait_read_u16(&value));
        if (kind == OPTION_SCALE && !plait_packet_is(p, PLAIT_ACK))
            flat->has_scale = true;
    }
}

static void take_offer(struct plait_flatten *f, struct plait_flat *flat,
                       const struct plait_packet *p)
{
    if (flat->stage == PLAIT_FLAT_NEW) {
        flat->isn[0] = p->seq;
        flat->ttl[0] = p->ttl;
        flat->syn_octets =
            p->payload_octets < UINT16_MAX ? (uint16_t)p->payload_octets : UINT16_MAX;
        flat->stage = PLAIT_FLAT_OFFERED;
        read_offer(flat, p);
    }
    if (flat->stage == PLAIT_FLAT_OFFERED)
        plait_flat_pass(f, flat->number, PLAIT_FLAT_PASSED, true);
    else
        plait_flat_add(f, PLAIT_FLAT_COUNT_REPLACED, 1);
}

/* Octets in the SYN passed with it; if they are acknowledged the stream begins behind them. */
static void take_answer(struct plait_flatten *f, struct plait_flat *flat,
                        const struct plait_packet *p)
{
    uint32_t acked = p->ack - (flat->isn[0] + 1);
    if (acked <= flat->syn_octets)
        flat->isn[0] += acked;
    flat->isn[1] = p->seq;
    flat->ttl[1] = p->ttl;
    read_offer(flat, p);
    write_syn(f, flat, 1);
}

/* A packet of the first subflow before the flat flow is open.  True: it was dealt with here. */
bool plait_flat_shake_hands(struct plait_flatten *f, struct plait_flat *flat, bool is_mptcp)
{
    const struct plait_packet *p = plait_flat_packet(f);
    unsigned sender = plait_flat_sender(f, flat);
    if (!p || sender > 1)
        return false;
    bool is_syn = plait_packet_is(p, PLAIT_SYN), is_ack = plait_packet_is(p, PLAIT_ACK);
    if (sender == 0 && is_syn && !is_ack) {
        take_offer(f, flat, p);
        return true;
    }
    bool is_end = plait_packet_is(p, PLAIT_RST) && flat->stage <= PLAIT_FLAT_OFFERED;
    if (flat->stage == PLAIT_FLAT_OFFERED && (is_end || !is_mptcp)) {
        flat->stage = PLAIT_FLAT_REFUSED;
        plait_flat_add(f, PLAIT_FLAT_COUNT_REFUSED, 1);
        plait_flat_pass(f, flat->number, PLAIT_FLAT_PASSED, true);
        return true;
    }
    if (sender == 1 && is_syn && is_ack && flat->stage == PLAIT_FLAT_OFFERED)
        take_answer(f, flat, p);
    else if (sender == 0 && is_ack && !plait_packet_is(p, PLAIT_RST))
        plait_flat_open(f, flat);
    return false;
}
