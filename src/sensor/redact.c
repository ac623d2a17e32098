/* sensor/redact.c: a map of addresses, and writing packets anew. */
#include "sensor/redact.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "base/table.h"
#include "mechanism/mechanism.h"
#include "wire/checksum.h"

enum { ADDRESSES_MAX = 1 << 24, BLOCK_OCTETS = 1 << 20, TCP_OCTETS = 20 };

struct replaced {
    struct plait_table_node node;
    struct plait_addr addr;
    uint32_t number;
};

/* The map grows by blocks; tables live in arenas. */
struct plait_redactor {
    struct plait_draw_key key;
    struct plait_arena arena;
    struct plait_table addresses;
    uint32_t count;
};

/* ---- addresses ---------------------------------------------------------------------------- */

struct plait_redactor *plait_redactor_new(const struct plait_draw_key *key)
{
    struct plait_redactor *r = calloc(1, sizeof *r);
    size_t room = (size_t)64 * BLOCK_OCTETS;
    void *start = aligned_alloc(16, room); /* pages that are not used cost nothing */
    PLAIT_CHECK(r && start);
    r->key = *key;
    r->arena = plait_arena(start, room);
    r->addresses = plait_table(&r->arena);
    return r;
}

void plait_redactor_free(struct plait_redactor *r)
{
    free(r->arena.start);
    free(r);
}

/* 198.18.0.0/15 (RFC 2544) and 2001:db8::/32 (RFC 3849), in the order of first use. */
static struct plait_addr stand_in(uint8_t family, uint32_t number)
{
    struct plait_addr a = {.family = family};
    if (family == PLAIT_IPV4) {
        plait_store_u32(a.octets, 0xc6120000 + number);
        return a;
    }
    plait_store_u32(a.octets, 0x20010db8);
    plait_store_u32(a.octets + 12, number);
    return a;
}

static bool replace(struct plait_redactor *r, const struct plait_addr *addr, struct plait_addr *by)
{
    uint64_t hash = plait_siphash(&r->key, addr, sizeof *addr);
    struct plait_table_node *node = NULL;
    while ((node = plait_table_find(&r->addresses, hash, node))) {
        const struct replaced *known = PLAIT_OWNER(node, struct replaced, node);
        if (!plait_addr_equal(&known->addr, addr))
            continue;
        *by = stand_in(addr->family, known->number);
        return true;
    }
    struct replaced *fresh = plait_arena_take(&r->arena, 1, sizeof *fresh);
    uint32_t most = addr->family == PLAIT_IPV4 ? 0x1ffff : ADDRESSES_MAX;
    if (!fresh || r->count >= most)
        return false;
    fresh->addr = *addr;
    fresh->number = ++r->count;
    *by = stand_in(addr->family, fresh->number);
    return plait_table_insert(&r->addresses, &fresh->node, hash);
}

static bool replace_octets(struct plait_redactor *r, const uint8_t *octets, uint8_t family,
                           struct plait_addr *by)
{
    struct plait_addr addr = {.family = family};
    memcpy(addr.octets, octets, plait_addr_octets((enum plait_family)family));
    return replace(r, &addr, by);
}

/* ---- options ------------------------------------------------------------------------------ */

/* A checksum over octets that become zeros.  Where all of them are in this packet their part is
 * taken off (RFC 1624), so that one that was wrong stays wrong; a mapping over several packets gets
 * the sum of its pseudo-header, which it must be.  Only of a 32-bit DSN, whose upper half is not
 * here, that is not known: such a checksum is zero. */
static uint16_t without_data(const struct plait_packet *p, uint16_t checksum)
{
    plait_sum sum = plait_sum_u16(0, (uint16_t)~checksum);
    plait_sum data = plait_sum_add(0, p->payload, p->kept_octets);
    return plait_sum_finish(plait_sum_u16(sum, plait_sum_finish(data)));
}

static bool has_all(const struct plait_packet *p, uint32_t data_length)
{
    return p->kept_octets == p->payload_octets && p->payload_octets == data_length;
}

static void mend_dss(const struct plait_packet *p, struct plait_dss *dss)
{
    plait_sum sum = plait_dss_pseudo_sum(dss->dsn, dss->ssn, dss->data_length);
    uint32_t data_length = dss->data_length - (uint32_t)dss->data_fin;
    if (!dss->has_checksum)
        return;
    if (has_all(p, data_length))
        dss->checksum = without_data(p, dss->checksum);
    else
        dss->checksum = dss->dsn_is_64 ? plait_sum_finish(sum) : 0;
}

static void redact_capable(const struct plait_packet *p, struct plait_mp_capable *capable)
{
    capable->sender_key = capable->receiver_key = 0;
    bool has_sum = capable->has_checksum && has_all(p, capable->data_length);
    capable->checksum = has_sum ? without_data(p, capable->checksum) : 0;
}

static bool redact_mptcp(struct plait_redactor *r, const struct plait_packet *p,
                         struct plait_mptcp_option *o)
{
    switch (o->subtype) {
    case PLAIT_MP_CAPABLE:
        redact_capable(p, &o->capable);
        return true;
    case PLAIT_MP_FASTCLOSE:
        o->fastclose.receiver_key = 0;
        return true;
    case PLAIT_DSS:
        mend_dss(p, &o->dss);
        return true;
    case PLAIT_ADD_ADDR: {
        struct plait_addr addr = o->add_addr.addr;
        return replace(r, &addr, &o->add_addr.addr);
    }
    case PLAIT_MP_EXPERIMENTAL:
        return false;
    default:
        return true;
    }
}

enum {
    OPTION_END,
    OPTION_NOP,
    OPTION_MSS,
    OPTION_WINDOW_SCALE,
    OPTION_SACK_PERMITTED,
    OPTION_SACK,
    OPTION_TIMESTAMPS = 8
};

static bool is_harmless(uint8_t kind)
{
    return kind == OPTION_MSS || kind == OPTION_WINDOW_SCALE || kind == OPTION_SACK_PERMITTED ||
           kind == OPTION_SACK || kind == OPTION_TIMESTAMPS;
}

/* One option of LENGTH octets of P; whatever is not understood becomes NOPs of the same length. */
static void redact_option(struct plait_redactor *r, struct plait_writer *w,
                          const struct plait_packet *p, const uint8_t *at, uint8_t length)
{
    struct plait_mptcp_option o;
    if (is_harmless(at[0])) {
        plait_write_octets(w, at, length);
        return;
    }
    bool known = at[0] == PLAIT_OPTION_MPTCP && plait_ok(plait_mptcp_parse(at, length, &o)) &&
                 !o.is_raw && redact_mptcp(r, p, &o) && plait_mptcp_octets(&o) == length;
    if (known)
        plait_mptcp_write(w, &o);
    else
        for (unsigned i = 0; i < length; i++)
            plait_write_u8(w, OPTION_NOP);
}

static plait_result redact_options(struct plait_redactor *r, struct plait_writer *w,
                                   const struct plait_packet *p)
{
    struct plait_reader options = plait_reader(p->options, p->options_octets);
    while (plait_reader_left(&options)) {
        const uint8_t *at = options.at;
        uint8_t kind = plait_read_u8(&options);
        if (kind == OPTION_END)
            break;
        if (kind == OPTION_NOP) {
            plait_write_u8(w, OPTION_NOP);
            continue;
        }
        uint8_t length = plait_read_u8(&options);
        if (options.failed || length < 2 || !plait_read_octets(&options, length - 2u))
            return PLAIT_FAIL(BAD_LENGTH);
        redact_option(r, w, p, at, length);
    }
    plait_write_zeros(w, p->options_octets - (plait_writer_used(w) - TCP_OCTETS));
    return plait_writer_result(w);
}

/* ---- the packet --------------------------------------------------------------------------- */

static void write_tcp(struct plait_writer *w, const struct plait_packet *p)
{
    plait_write_u16(w, p->src_port);
    plait_write_u16(w, p->dst_port);
    plait_write_u32(w, p->seq);
    plait_write_u32(w, p->ack);
    plait_write_u8(w, (uint8_t)((TCP_OCTETS + p->options_octets) / 4 << 4));
    plait_write_u8(w, p->flags);
    plait_write_u16(w, p->window);
    plait_write_u32(w, 0); /* checksum and urgent pointer */
}

static void put_checksum(uint8_t *tcp, size_t octets, const struct plait_ip *ip)
{
    plait_sum sum = plait_sum_pseudo(0, &ip->src, &ip->dst, PLAIT_PROTOCOL_TCP, (uint32_t)octets);
    plait_store_u16(tcp + 16, plait_sum_finish(plait_sum_add(sum, tcp, octets)));
}

plait_result plait_redact(struct plait_redactor *r, const struct plait_packet *p,
                          uint8_t room[PLAIT_REDACTED_MAX_OCTETS], size_t *length_octets)
{
    struct plait_ip ip = {
        .protocol = PLAIT_PROTOCOL_TCP, .ttl = p->ttl, .identification = p->ip_id};
    if (p->options_cut || p->options_octets % 4)
        return PLAIT_FAIL(BAD_LENGTH);
    if (!replace_octets(r, p->src, p->family, &ip.src) ||
        !replace_octets(r, p->dst, p->family, &ip.dst))
        return PLAIT_FAIL(TOO_MANY);
    size_t header = p->family == PLAIT_IPV4 ? 20 : 40;
    size_t octets = TCP_OCTETS + p->options_octets + p->payload_octets;
    if (header + octets > PLAIT_REDACTED_MAX_OCTETS)
        return PLAIT_FAIL(NO_ROOM);
    struct plait_writer head = plait_writer(room, header);
    struct plait_writer w = plait_writer(room + header, octets);
    plait_ip_write_header(&head, &ip, octets);
    write_tcp(&w, p);
    PLAIT_TRY(redact_options(r, &w, p));
    plait_write_zeros(&w, p->payload_octets);
    put_checksum(room + header, octets, &ip);
    *length_octets = header + octets;
    return plait_writer_result(&w);
}
