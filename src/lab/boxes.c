/* lab/boxes.c: the table of middleboxes. */
#include "lab/boxes.h"

#include "base/panic.h"
#include "wire/tcp.h"

enum {
    PIECE_OCTETS = 500,
    LOW_WINDOW = 32,   /* 4 KiB at the scale that our endpoint and Linux use: a few segments */
    EDITED_EVERY = 20, /* so that something passes unharmed, too */
    STRETCHED_EVERY = 20011, /* a prime: no write of the lab's ends there */
    SYN_BITS = PLAIT_SYN | PLAIT_ACK
};

/* ---- what a stripper chooses: without memory, so that it needs no place for any ---------------
 */

static bool is_syn(void *self, plait_time_ns now, int side, const struct plait_segment *segment)
{
    (void)self, (void)now, (void)side;
    return (segment->flags & SYN_BITS) == PLAIT_SYN;
}

static bool is_syn_ack(void *self, plait_time_ns now, int side, const struct plait_segment *segment)
{
    (void)self, (void)now, (void)side;
    return (segment->flags & SYN_BITS) == SYN_BITS;
}

/* The client's, and what it says before the server answered, are the only ones without payload
 * that repeat what a handshake said. */
static bool is_third_ack(void *self, plait_time_ns now, int side,
                         const struct plait_segment *segment)
{
    (void)self, (void)now;
    return side == 0 && (segment->flags & SYN_BITS) == PLAIT_ACK && !segment->payload_octets &&
           (plait_segment_option(segment, PLAIT_MP_CAPABLE) ||
            plait_segment_option(segment, PLAIT_MP_JOIN));
}

static bool has_payload(void *self, plait_time_ns now, int side,
                        const struct plait_segment *segment)
{
    (void)self, (void)now, (void)side;
    return segment->payload_octets > 0;
}

/* ---- making them ----------------------------------------------------------------------------- */

struct want {
    const struct plait_addr *public_addr;
    uint64_t seed;
};

static struct plait_box nat(const struct want *w)
{
    return plait_box_nat(w->public_addr, w->seed);
}

static struct plait_box isn(const struct want *w)
{
    return plait_box_isn(w->seed);
}

static struct plait_box strip(const struct want *w)
{
    (void)w;
    return plait_box_strip_mptcp();
}

static struct plait_box strip_syn(const struct want *w)
{
    (void)w;
    return plait_box_strip_chosen(is_syn, NULL);
}

static struct plait_box strip_syn_ack(const struct want *w)
{
    (void)w;
    return plait_box_strip_chosen(is_syn_ack, NULL);
}

static struct plait_box strip_third_ack(const struct want *w)
{
    (void)w;
    return plait_box_strip_chosen(is_third_ack, NULL);
}

static struct plait_box strip_data(const struct want *w)
{
    (void)w;
    return plait_box_strip_chosen(has_payload, NULL);
}

static struct plait_box split(const struct want *w)
{
    (void)w;
    return plait_box_split(PIECE_OCTETS);
}

static struct plait_box coalesce(const struct want *w)
{
    (void)w;
    return plait_box_coalesce();
}

static struct plait_box ack(const struct want *w)
{
    (void)w;
    return plait_box_ack();
}

static struct plait_box window(const struct want *w)
{
    (void)w;
    return plait_box_window(LOW_WINDOW);
}

static struct plait_box edit(const struct want *w)
{
    (void)w;
    return plait_box_edit(EDITED_EVERY);
}

static struct plait_box stretch(const struct want *w)
{
    (void)w;
    return plait_box_stretch(STRETCHED_EVERY);
}

static const struct {
    const char *name;
    struct plait_box (*make)(const struct want *want);
    bool enlarges;
} boxes[PLAIT_BOX_KINDS] = {
    [PLAIT_NO_BOX] = {"none", NULL, false},
    [PLAIT_BOX_NAT] = {"nat", nat, false},
    [PLAIT_BOX_ISN] = {"firewall", isn, false},
    [PLAIT_BOX_STRIP] = {"stripper", strip, false},
    [PLAIT_BOX_STRIP_SYN] = {"stripper", strip_syn, false},
    [PLAIT_BOX_STRIP_SYN_ACK] = {"stripper", strip_syn_ack, false},
    [PLAIT_BOX_STRIP_THIRD_ACK] = {"stripper", strip_third_ack, false},
    [PLAIT_BOX_STRIP_DATA] = {"stripper", strip_data, false},
    [PLAIT_BOX_SPLIT] = {"splitter", split, false},
    [PLAIT_BOX_COALESCE] = {"coalescer", coalesce, true},
    [PLAIT_BOX_ACK] = {"proxy", ack, false},
    [PLAIT_BOX_WINDOW] = {"shaper", window, false},
    [PLAIT_BOX_EDIT] = {"gateway", edit, false},
    [PLAIT_BOX_STRETCH] = {"gateway", stretch, true},
};

const char *plait_box_name(enum plait_box_kind kind)
{
    PLAIT_CHECK((unsigned)kind < PLAIT_BOX_KINDS);
    return boxes[kind].name;
}

struct plait_box plait_box_of(enum plait_box_kind kind, const struct plait_addr *public_addr,
                              uint64_t seed)
{
    PLAIT_CHECK((unsigned)kind < PLAIT_BOX_KINDS && boxes[kind].make);
    const struct want want = {public_addr, seed};
    return boxes[kind].make(&want);
}

bool plait_box_enlarges(enum plait_box_kind kind)
{
    return boxes[kind].enlarges;
}
