/* capture/unwrap_tunnel.c: tunnels over GRE and UDP. */
#include "capture/unwrap_inside.h"

static enum plait_step enter(struct plait_walk *w, enum plait_layer_kind kind, uint32_t id,
                             enum plait_step next)
{
    return plait_walk_push_tunnel(w, kind, id) ? next : PLAIT_STEP_NOTHING;
}

/* ---- GRE (RFC 2784, RFC 2890; version 1: RFC 2637 §4.1) ---- */

enum {
    GRE_CHECKSUM = 0x8000,
    GRE_ROUTING = 0x4000,
    GRE_KEY = 0x2000,
    GRE_SEQUENCE = 0x1000,
    GRE_ACK = 0x0080, /* of version 1 */
    GRE_VERSION = 0x0007
};

/* Type II has a header of its own, which only the sequence number betrays; type I has none. */
static enum plait_step step_erspan(struct plait_walk *w, bool has_header)
{
    uint16_t version_vlan = 0x1000, session = 0;
    if (has_header) {
        version_vlan = plait_read_u16(&w->r);
        session = plait_read_u16(&w->r) & 0x3ff;
        plait_read_u32(&w->r);
    }
    if (w->r.failed)
        return plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP);
    if (version_vlan >> 12 != 1)
        return plait_walk_stop(w, PLAIT_CAPTURE_ERSPAN_HEADER);
    return enter(w, PLAIT_LAYER_ERSPAN, session, PLAIT_STEP_ETHERNET);
}

static enum plait_step step_erspan_3(struct plait_walk *w)
{
    enum { FRAME_TYPE_SHIFT = 10, FRAME_ETHERNET = 0, FRAME_IP = 2, HAS_SUBHEADER = 1 };
    uint16_t version_vlan = plait_read_u16(&w->r), session = plait_read_u16(&w->r) & 0x3ff;
    plait_read_octets(&w->r, 6); /* time stamp, group tag */
    uint16_t flags = plait_read_u16(&w->r);
    if (flags & HAS_SUBHEADER)
        plait_read_u64(&w->r);
    if (w->r.failed)
        return plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP);
    unsigned frame_type = flags >> FRAME_TYPE_SHIFT & 31;
    if (version_vlan >> 12 != 2 || (frame_type != FRAME_ETHERNET && frame_type != FRAME_IP))
        return plait_walk_stop(w, PLAIT_CAPTURE_ERSPAN_HEADER);
    return enter(w, PLAIT_LAYER_ERSPAN, session,
                 frame_type == FRAME_IP ? PLAIT_STEP_IP : PLAIT_STEP_ETHERNET);
}

static enum plait_step payload_of_gre(struct plait_walk *w, uint16_t flags, uint32_t key)
{
    if (w->ethertype == PLAIT_ETHERTYPE_ERSPAN)
        return step_erspan(w, flags & GRE_SEQUENCE);
    if (w->ethertype == PLAIT_ETHERTYPE_ERSPAN_3)
        return step_erspan_3(w);
    return enter(w, PLAIT_LAYER_GRE, key, PLAIT_STEP_ETHERTYPE);
}

/* Version 1 carries PPP, or only an acknowledgment; its key is a length and a call number. */
static enum plait_step step_gre_1(struct plait_walk *w, uint16_t flags)
{
    if (w->ethertype != PLAIT_ETHERTYPE_PPP || !(flags & GRE_KEY))
        return plait_walk_stop(w, PLAIT_CAPTURE_GRE_HEADER);
    uint32_t call = plait_read_u32(&w->r) & 0xffff;
    if (!(flags & GRE_SEQUENCE))
        return plait_walk_stop(w, PLAIT_CAPTURE_NOT_IP);
    plait_read_octets(&w->r, flags & GRE_ACK ? 8 : 4);
    if (w->r.failed)
        return plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP);
    return enter(w, PLAIT_LAYER_GRE, call, PLAIT_STEP_PPP);
}

enum plait_step plait_step_gre(struct plait_walk *w)
{
    uint16_t flags = plait_read_u16(&w->r);
    w->ethertype = plait_read_u16(&w->r);
    if (w->r.failed)
        return plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP);
    if ((flags & GRE_VERSION) == 1)
        return step_gre_1(w, flags);
    if ((flags & GRE_VERSION) > 1 || (flags & GRE_ROUTING))
        return plait_walk_stop(w, PLAIT_CAPTURE_GRE_HEADER);
    if (flags & GRE_CHECKSUM)
        plait_read_u32(&w->r);
    uint32_t key = flags & GRE_KEY ? plait_read_u32(&w->r) : 0;
    if (flags & GRE_SEQUENCE)
        plait_read_u32(&w->r);
    if (w->r.failed)
        return plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP);
    return payload_of_gre(w, flags, key);
}

/* ---- over UDP: what does not look like the tunnel of its port is no tunnel ---- */

static enum plait_step payload_of_gpe(uint8_t next)
{
    static const enum plait_step payloads[] = {
        [1] = PLAIT_STEP_IP, [2] = PLAIT_STEP_IP, [3] = PLAIT_STEP_ETHERNET, [5] = PLAIT_STEP_MPLS};
    return next < sizeof payloads / sizeof payloads[0] ? payloads[next] : PLAIT_STEP_FOUND;
}

/* RFC 7348 §5. */
static enum plait_step step_vxlan(struct plait_walk *w)
{
    enum { HAS_VNI = 0x08 };
    uint32_t flags = plait_read_u32(&w->r) >> 24, vni = plait_read_u32(&w->r) >> 8;
    if (!(flags & HAS_VNI))
        return PLAIT_STEP_FOUND;
    return enter(w, PLAIT_LAYER_VXLAN, vni, PLAIT_STEP_ETHERNET);
}

/* draft-ietf-nvo3-vxlan-gpe §3: the same with the kind of its payload. */
static enum plait_step step_vxlan_gpe(struct plait_walk *w)
{
    enum { HAS_VNI = 0x08, HAS_NEXT = 0x04 };
    uint32_t first = plait_read_u32(&w->r), vni = plait_read_u32(&w->r) >> 8;
    enum plait_step next = payload_of_gpe((uint8_t)first);
    if (!(first >> 24 & HAS_VNI) || !(first >> 24 & HAS_NEXT) || next == PLAIT_STEP_FOUND)
        return PLAIT_STEP_FOUND;
    return enter(w, PLAIT_LAYER_VXLAN, vni, next);
}

/* RFC 8926 §3.4: version 0. */
static enum plait_step step_geneve(struct plait_walk *w)
{
    uint8_t version_length = plait_read_u8(&w->r);
    plait_read_u8(&w->r); /* flags */
    w->ethertype = plait_read_u16(&w->r);
    uint32_t vni = plait_read_u32(&w->r) >> 8;
    if (version_length >> 6)
        return PLAIT_STEP_FOUND;
    plait_read_octets(&w->r, 4 * (size_t)(version_length & 63));
    return w->r.failed ? plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP)
                       : enter(w, PLAIT_LAYER_GENEVE, vni, PLAIT_STEP_ETHERTYPE);
}

static void skip_gtp_extensions(struct plait_reader *r)
{
    plait_read_octets(r, 3);   /* sequence number, N-PDU number */
    while (plait_read_u8(r)) { /* the kind of what follows; 0: nothing, also where R failed */
        uint8_t units = plait_read_u8(r);
        if (units == 0)
            r->failed = true;
        plait_read_octets(r, units ? 4 * (size_t)units - 2 : 0);
    }
}

/* 3GPP TS 29.281 §5.1: version 1, a user's packet. */
static enum plait_step step_gtp(struct plait_walk *w)
{
    enum { VERSION_1_GTP = 0x30, VERSION_AND_TYPE = 0xf0, ANY_OPTION = 0x07, USER_PACKET = 255 };
    uint8_t flags = plait_read_u8(&w->r), message = plait_read_u8(&w->r);
    plait_read_u16(&w->r); /* length */
    uint32_t endpoint = plait_read_u32(&w->r);
    if ((flags & VERSION_AND_TYPE) != VERSION_1_GTP || message != USER_PACKET)
        return PLAIT_STEP_FOUND;
    if (flags & ANY_OPTION)
        skip_gtp_extensions(&w->r);
    struct plait_reader peek = w->r;
    uint8_t version = plait_read_u8(&peek) >> 4;
    if (peek.failed)
        return plait_walk_stop(w, PLAIT_CAPTURE_CUT_BEFORE_IP);
    if (version != 4 && version != 6)
        return plait_walk_stop(w, PLAIT_CAPTURE_GTP_HEADER); /* Ethernet, or nothing that is said */
    return enter(w, PLAIT_LAYER_GTP, endpoint, PLAIT_STEP_IP);
}

static enum plait_step step_mpls_in_udp(struct plait_walk *w)
{
    return enter(w, PLAIT_LAYER_IP, 0, PLAIT_STEP_MPLS);
}

static const struct {
    uint16_t port;
    uint8_t head_octets; /* without which nothing can be said */
    enum plait_step (*step)(struct plait_walk *w);
} by_port[] = {
    {4789, 8, step_vxlan},     {8472, 8, step_vxlan}, /* Linux before it had a number */
    {4790, 8, step_vxlan_gpe}, {6081, 8, step_geneve},
    {2152, 8, step_gtp},       {6635, 4, step_mpls_in_udp},
};

enum plait_step plait_step_udp(struct plait_walk *w)
{
    plait_read_u16(&w->r);
    uint16_t port = plait_read_u16(&w->r);
    plait_read_u32(&w->r); /* length, checksum */
    for (size_t i = 0; i < sizeof by_port / sizeof by_port[0]; i++)
        if (by_port[i].port == port)
            return plait_reader_left(&w->r) < by_port[i].head_octets ? PLAIT_STEP_FOUND
                                                                     : by_port[i].step(w);
    return PLAIT_STEP_FOUND;
}
