/* capture/unwrap.c: link types and what lies between a link and IP. */
#include "capture/unwrap.h"

#include "capture/unwrap_inside.h"

/* ---- Ethernet and its types ---- */

static enum plait_step step_ethernet(struct plait_walk *w)
{
    plait_read_octets(&w->r, 12);
    w->ethertype = plait_read_u16(&w->r);
    return plait_walk_on(w, PLAIT_STEP_ETHERTYPE);
}

/* LLC with SNAP (RFC 1042). */
static enum plait_step step_llc(struct plait_walk *w)
{
    uint32_t first = plait_read_u32(&w->r);
    uint16_t rest = plait_read_u16(&w->r);
    w->ethertype = plait_read_u16(&w->r);
    if (!w->r.failed &&
        (first != 0xaaaa0300 || rest != 0 || w->ethertype <= PLAIT_ETHERTYPE_LENGTH_MAX))
        return plait_walk_stop(w, PLAIT_CAPTURE_NOT_IP);
    return plait_walk_on(w, PLAIT_STEP_ETHERTYPE);
}

static const struct {
    uint16_t ethertype;
    enum plait_step step;
} by_ethertype[] = {
    {PLAIT_ETHERTYPE_IPV4, PLAIT_STEP_IP},
    {PLAIT_ETHERTYPE_IPV6, PLAIT_STEP_IP},
    {PLAIT_ETHERTYPE_VLAN, PLAIT_STEP_VLAN},
    {PLAIT_ETHERTYPE_SERVICE_VLAN, PLAIT_STEP_VLAN},
    {PLAIT_ETHERTYPE_OLD_VLAN, PLAIT_STEP_VLAN},
    {PLAIT_ETHERTYPE_OLD_VLAN_2, PLAIT_STEP_VLAN},
    {PLAIT_ETHERTYPE_MPLS, PLAIT_STEP_MPLS},
    {PLAIT_ETHERTYPE_MPLS_UPSTREAM, PLAIT_STEP_MPLS},
    {PLAIT_ETHERTYPE_PPPOE, PLAIT_STEP_PPPOE},
    {PLAIT_ETHERTYPE_PPP, PLAIT_STEP_PPP},
    {PLAIT_ETHERTYPE_ETHERNET, PLAIT_STEP_ETHERNET},
};

enum plait_step plait_step_ethertype(struct plait_walk *w)
{
    for (size_t i = 0; i < sizeof by_ethertype / sizeof by_ethertype[0]; i++)
        if (by_ethertype[i].ethertype == w->ethertype)
            return by_ethertype[i].step;
    if (w->ethertype <= PLAIT_ETHERTYPE_LENGTH_MAX)
        return PLAIT_STEP_LLC;
    return plait_walk_stop(w, w->ethertype == PLAIT_ETHERTYPE_MACSEC ? PLAIT_CAPTURE_ENCRYPTED
                                                                     : PLAIT_CAPTURE_NOT_IP);
}

static enum plait_step step_vlan(struct plait_walk *w)
{
    uint16_t tag = plait_read_u16(&w->r);
    w->ethertype = plait_read_u16(&w->r);
    if (w->r.failed)
        return plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP);
    return plait_walk_push(w, PLAIT_LAYER_VLAN, tag & 0xfff) ? PLAIT_STEP_ETHERTYPE
                                                             : PLAIT_STEP_NOTHING;
}

/* ---- MPLS ---- */

/* What a label stack carries is not said (RFC 3032 §2.2): IP by its first nibble, else Ethernet,
 * with a control word in front if the nibble is 0 (RFC 4385 §3). */
static enum plait_step payload_of_mpls(struct plait_walk *w)
{
    struct plait_reader peek = w->r;
    uint8_t nibble = plait_read_u8(&peek) >> 4;
    if (peek.failed)
        return plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP);
    if (nibble == 4 || nibble == 6)
        return PLAIT_STEP_IP;
    if (nibble == 1)
        return plait_walk_stop(w, PLAIT_CAPTURE_MPLS_PAYLOAD); /* an associated channel */
    if (nibble == 0)
        plait_read_u32(&w->r);
    return PLAIT_STEP_ETHERNET;
}

static enum plait_step step_mpls(struct plait_walk *w)
{
    uint32_t entry = plait_read_u32(&w->r);
    bool is_bottom = entry & 0x100;
    if (w->r.failed)
        return plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP);
    if (!plait_walk_push(w, PLAIT_LAYER_MPLS, entry >> 12))
        return PLAIT_STEP_NOTHING;
    return is_bottom ? payload_of_mpls(w) : PLAIT_STEP_MPLS;
}

/* ---- PPP ---- */

enum { PPP_IPV4 = 0x0021, PPP_IPV6 = 0x0057, PPP_MPLS = 0x0281, PPP_CONTROL = 0x8000 };

/* RFC 1661 §2, RFC 1662: address and control may be there, the protocol may have one octet. */
static enum plait_step step_ppp(struct plait_walk *w)
{
    struct plait_reader peek = w->r;
    if (plait_read_u16(&peek) == 0xff03)
        plait_read_u16(&w->r);
    uint16_t protocol = plait_read_u8(&w->r);
    if (!(protocol & 1))
        protocol = (uint16_t)(protocol << 8 | plait_read_u8(&w->r));
    if (w->r.failed)
        return plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP);
    if (protocol == PPP_IPV4 || protocol == PPP_IPV6)
        return PLAIT_STEP_IP;
    if (protocol == PPP_MPLS)
        return PLAIT_STEP_MPLS;
    return plait_walk_stop(w, protocol >= PPP_CONTROL ? PLAIT_CAPTURE_NOT_IP
                                                      : PLAIT_CAPTURE_PPP_FRAME);
}

/* RFC 2516 §4: version 1, type 1, code 0 in a session. */
static enum plait_step step_pppoe(struct plait_walk *w)
{
    uint16_t version_code = plait_read_u16(&w->r), session = plait_read_u16(&w->r);
    plait_read_u16(&w->r); /* length */
    if (w->r.failed)
        return plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP);
    if (version_code != 0x1100)
        return plait_walk_stop(w, PLAIT_CAPTURE_PPP_FRAME);
    return plait_walk_push(w, PLAIT_LAYER_PPPOE, session) ? PLAIT_STEP_PPP : PLAIT_STEP_NOTHING;
}

/* ---- other links ---- */

static enum plait_step step_cooked(struct plait_walk *w)
{
    plait_read_octets(&w->r, 14);
    w->ethertype = plait_read_u16(&w->r);
    return plait_walk_on(w, PLAIT_STEP_ETHERTYPE);
}

static enum plait_step step_cooked_2(struct plait_walk *w)
{
    w->ethertype = plait_read_u16(&w->r);
    plait_read_octets(&w->r, 18);
    return plait_walk_on(w, PLAIT_STEP_ETHERTYPE);
}

static enum plait_step step_cisco_hdlc(struct plait_walk *w)
{
    plait_read_u16(&w->r); /* address, control */
    w->ethertype = plait_read_u16(&w->r);
    return plait_walk_on(w, PLAIT_STEP_ETHERTYPE);
}

/* The family of the capturing system in its own byte order; IPv6 has a number of its own on Linux
 * and on each BSD. */
static enum plait_step step_bsd(struct plait_walk *w)
{
    static const uint8_t families[] = {2, 10, 24, 28, 30};
    uint32_t family = plait_read_u32(&w->r);
    if (family > 0xffff)
        family = __builtin_bswap32(family);
    for (size_t i = 0; i < sizeof families; i++)
        if (family == families[i])
            return plait_walk_on(w, PLAIT_STEP_IP);
    return w->r.failed ? plait_walk_on(w, PLAIT_STEP_IP) : plait_walk_stop(w, PLAIT_CAPTURE_NOT_IP);
}

static const struct link {
    uint16_t type;
    uint8_t skip_octets;
    enum plait_step step;
} links[] = {
    {PLAIT_LINK_ETHERNET, 0, PLAIT_STEP_ETHERNET},
    {PLAIT_LINK_RAW, 0, PLAIT_STEP_IP},
    {PLAIT_LINK_COOKED, 0, PLAIT_STEP_COOKED},
    {PLAIT_LINK_COOKED_2, 0, PLAIT_STEP_COOKED_2},
    {PLAIT_LINK_BSD, 0, PLAIT_STEP_BSD},
    {PLAIT_LINK_BSD_NETWORK_ORDER, 0, PLAIT_STEP_BSD},
    {PLAIT_LINK_IPV4, 0, PLAIT_STEP_IP},
    {PLAIT_LINK_IPV6, 0, PLAIT_STEP_IP},
    {PLAIT_LINK_RAW_BSDOS, 0, PLAIT_STEP_IP},
    {PLAIT_LINK_RAW_OPENBSD, 0, PLAIT_STEP_IP},
    {PLAIT_LINK_PPP, 0, PLAIT_STEP_PPP},
    {PLAIT_LINK_PPP_HDLC, 0, PLAIT_STEP_PPP},
    {PLAIT_LINK_PPPOE, 0, PLAIT_STEP_PPPOE},
    {PLAIT_LINK_CISCO_HDLC, 0, PLAIT_STEP_CISCO_HDLC},
    {PLAIT_LINK_PPP_PPPD, 2, PLAIT_STEP_PPP}, /* direction instead of the address, control */
    {PLAIT_LINK_PPP_DIRECTION, 1, PLAIT_STEP_PPP},
};

static enum plait_step step_link(struct plait_walk *w, uint16_t type)
{
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (links[i].type == type) {
            plait_read_octets(&w->r, links[i].skip_octets);
            return plait_walk_on(w, links[i].step);
        }
    return plait_walk_stop(w, PLAIT_CAPTURE_LINK_TYPE);
}

/* ---- the walk ---- */

bool plait_walk_push(struct plait_walk *w, enum plait_layer_kind kind, uint32_t id)
{
    struct plait_outer *outer = &w->out->outer;
    if (outer->count == PLAIT_LAYERS_MAX) {
        plait_capture_count(w->u->counts, PLAIT_CAPTURE_TOO_DEEP);
        return false;
    }
    outer->layers[outer->count].kind = (uint8_t)kind;
    outer->layers[outer->count++].id = id;
    return true;
}

static enum plait_step (*const steps[PLAIT_STEP_COUNT])(struct plait_walk *) = {
    [PLAIT_STEP_IP] = plait_step_ip,
    [PLAIT_STEP_ETHERNET] = step_ethernet,
    [PLAIT_STEP_ETHERTYPE] = plait_step_ethertype,
    [PLAIT_STEP_LLC] = step_llc,
    [PLAIT_STEP_VLAN] = step_vlan,
    [PLAIT_STEP_MPLS] = step_mpls,
    [PLAIT_STEP_PPPOE] = step_pppoe,
    [PLAIT_STEP_PPP] = step_ppp,
    [PLAIT_STEP_COOKED] = step_cooked,
    [PLAIT_STEP_COOKED_2] = step_cooked_2,
    [PLAIT_STEP_BSD] = step_bsd,
    [PLAIT_STEP_CISCO_HDLC] = step_cisco_hdlc,
};

struct plait_unwrap *plait_unwrap_new(struct plait_arena *arena,
                                      const struct plait_fragment_limits *limits,
                                      const struct plait_draw_key *key,
                                      struct plait_capture_counts *counts)
{
    struct plait_unwrap *u = plait_arena_take(arena, 1, sizeof *u);
    struct plait_fragments *fragments = plait_fragments_new(arena, limits, key, counts);
    if (!u || !fragments)
        return NULL;
    u->fragments = fragments;
    u->networks = plait_networks(arena, key);
    u->counts = counts;
    return u;
}

/* Every step but those to a whole packet moves on, and whole packets and layers are limited. */
bool plait_unwrap(struct plait_unwrap *u, const struct plait_frame *frame,
                  struct plait_unwrapped *out)
{
    struct plait_walk w = {
        .r = plait_reader(frame->octets, frame->length_octets),
        .start = frame->octets,
        .wire_octets = frame->wire_octets,
        .now = frame->at_ns,
        .u = u,
        .out = out,
    };
    out->network = 0;
    out->was_fragmented = false;
    out->outer.count = out->outer.tunnel_count = 0;
    enum plait_step step = step_link(&w, frame->link_type);
    while (step > PLAIT_STEP_NOTHING)
        step = steps[step](&w);
    return step == PLAIT_STEP_FOUND;
}

void plait_unwrap_end(struct plait_unwrap *u)
{
    plait_fragments_end(u->fragments);
}
