/* wire/tcp.c: TCP segments, parsed, built, printed, stripped. */
#include "wire/tcp.h"

#include <inttypes.h>
#include <string.h>

#include "base/octets.h"
#include "wire/checksum.h"

enum { HEADER_OCTETS = 20, HEADER_LENGTH_AT = 12, CHECKSUM_AT = 16 };

enum { /* option kinds: RFC 9293 §3.2, RFC 7323, RFC 2018 */
       KIND_END = 0,
       KIND_NOP = 1,
       KIND_MSS = 2,
       KIND_WINDOW_SCALE = 3,
       KIND_SACK_PERMITTED = 4,
       KIND_SACK = 5,
       KIND_TIMESTAMPS = 8
};

/* ---- parse ---- */

struct raw_option { /* in place, kind and length included */
    const uint8_t *octets;
    uint8_t length;
};

/* The next option that is not a NOP.  False at the end of the list; R has failed if the list
 * breaks off. */
static bool next_option(struct plait_reader *r, struct raw_option *option)
{
    while (plait_reader_left(r) && *r->at == KIND_NOP)
        plait_read_u8(r);
    if (!plait_reader_left(r) || *r->at == KIND_END)
        return false;
    struct plait_reader peek = *r;
    plait_read_u8(&peek);
    option->length = plait_read_u8(&peek);
    r->failed = option->length < 2;
    option->octets = plait_read_octets(r, option->length);
    return !r->failed;
}

static void parse_sack(struct plait_reader *r, struct plait_tcp_options *o)
{
    o->sack_count = (uint8_t)(plait_reader_left(r) / 8);
    for (unsigned i = 0; i < o->sack_count; i++) {
        o->sack[i].left = plait_read_u32(r);
        o->sack[i].right = plait_read_u32(r);
    }
}

/* A known kind of a wrong length is no option that we know. */
static void parse_tcp_option(const struct raw_option *raw, struct plait_tcp_options *o)
{
    struct plait_reader r = plait_reader(raw->octets + 2, raw->length - 2u);
    uint8_t kind = raw->octets[0];
    if (kind == KIND_MSS && raw->length == 4) {
        o->has_mss = true;
        o->mss = plait_read_u16(&r);
    } else if (kind == KIND_WINDOW_SCALE && raw->length == 3) {
        o->has_window_scale = true;
        o->window_scale = plait_read_u8(&r);
    } else if (kind == KIND_SACK_PERMITTED && raw->length == 2) {
        o->sack_permitted = true;
    } else if (kind == KIND_SACK && raw->length >= 10 && raw->length % 8 == 2) {
        parse_sack(&r, o); /* at most 4: the list has 40 octets */
    } else if (kind == KIND_TIMESTAMPS && raw->length == 10) {
        o->has_timestamps = true;
        o->timestamp = plait_read_u32(&r);
        o->timestamp_echo = plait_read_u32(&r);
    } else {
        o->unknown_count++;
    }
}

static plait_result parse_mptcp(const struct raw_option *raw, struct plait_segment *s)
{
    if (s->mptcp_count == PLAIT_MPTCP_OPTIONS_MAX)
        return PLAIT_FAIL(TOO_MANY);
    plait_result understood =
        plait_mptcp_parse(raw->octets, raw->length, &s->mptcp[s->mptcp_count++]);
    (void)understood; /* kept raw with its reason */
    return PLAIT_OK;
}

static plait_result parse_options(struct plait_reader r, struct plait_segment *s)
{
    struct raw_option raw;
    while (next_option(&r, &raw)) {
        if (raw.octets[0] == PLAIT_OPTION_MPTCP)
            PLAIT_TRY(parse_mptcp(&raw, s));
        else
            parse_tcp_option(&raw, &s->options);
    }
    return r.failed ? PLAIT_FAIL(BAD_LENGTH) : PLAIT_OK;
}

static plait_result parse_header(struct plait_segment *s)
{
    struct plait_reader r = plait_reader(s->ip.payload, s->ip.payload_octets);
    const uint8_t *fixed = plait_read_octets(&r, HEADER_OCTETS);
    if (!fixed)
        return PLAIT_FAIL(BAD_LENGTH);
    s->src_port = plait_load_u16(fixed);
    s->dst_port = plait_load_u16(fixed + 2);
    s->seq = plait_load_u32(fixed + 4);
    s->ack = plait_load_u32(fixed + 8);
    size_t header = (size_t)(fixed[HEADER_LENGTH_AT] >> 4) * 4;
    s->flags = fixed[13];
    s->window = plait_load_u16(fixed + 14);
    s->urgent = plait_load_u16(fixed + 18);
    if (header < HEADER_OCTETS)
        return PLAIT_FAIL(BAD_LENGTH);
    struct plait_reader options = plait_read_part(&r, header - HEADER_OCTETS);
    if (r.failed)
        return PLAIT_FAIL(BAD_LENGTH);
    s->payload = r.at;
    s->payload_octets = plait_reader_left(&r);
    return parse_options(options, s);
}

static bool sum_is_right(const struct plait_ip *ip)
{
    plait_sum sum =
        plait_sum_pseudo(0, &ip->src, &ip->dst, PLAIT_PROTOCOL_TCP, (uint32_t)ip->payload_octets);
    return plait_sum_finish(plait_sum_add(sum, ip->payload, ip->payload_octets)) == 0;
}

static plait_result parse_ip(const void *packet, size_t length_octets, struct plait_segment *s)
{
    memset(s, 0, offsetof(struct plait_segment, mptcp)); /* options are written when counted */
    s->payload = NULL;
    s->payload_octets = 0;
    PLAIT_TRY(plait_ip_parse(packet, length_octets, &s->ip));
    return s->ip.protocol == PLAIT_PROTOCOL_TCP ? PLAIT_OK : PLAIT_FAIL(NOT_TCP);
}

plait_result plait_segment_parse(const void *packet, size_t length_octets,
                                 struct plait_segment *segment)
{
    PLAIT_TRY(parse_ip(packet, length_octets, segment));
    if (segment->ip.payload_octets >= HEADER_OCTETS && !sum_is_right(&segment->ip))
        return PLAIT_FAIL(BAD_CHECKSUM);
    return parse_header(segment);
}

plait_result plait_segment_parse_unsummed(const void *packet, size_t length_octets,
                                          struct plait_segment *segment)
{
    PLAIT_TRY(parse_ip(packet, length_octets, segment));
    return parse_header(segment);
}

/* ---- build ---- */

/* NOPs so that what follows ends at a multiple of four. */
static void align(struct plait_writer *w, size_t length_octets)
{
    for (size_t end = plait_writer_used(w) + length_octets; end % 4; end++)
        plait_write_u8(w, KIND_NOP);
}

static void begin_option(struct plait_writer *w, uint8_t kind, size_t length_octets)
{
    plait_write_u8(w, kind);
    plait_write_u8(w, (uint8_t)length_octets);
}

static void write_syn_options(struct plait_writer *w, const struct plait_tcp_options *o)
{
    if (o->has_mss) {
        align(w, 4);
        begin_option(w, KIND_MSS, 4);
        plait_write_u16(w, o->mss);
    }
    if (o->has_window_scale) {
        align(w, 3);
        begin_option(w, KIND_WINDOW_SCALE, 3);
        plait_write_u8(w, o->window_scale);
    }
    if (o->sack_permitted) {
        align(w, o->has_timestamps ? 2 + 10 : 2); /* both share three words */
        begin_option(w, KIND_SACK_PERMITTED, 2);
    }
}

static void write_tcp_options(struct plait_writer *w, const struct plait_tcp_options *o)
{
    write_syn_options(w, o);
    if (o->has_timestamps) {
        align(w, 10);
        begin_option(w, KIND_TIMESTAMPS, 10);
        plait_write_u32(w, o->timestamp);
        plait_write_u32(w, o->timestamp_echo);
    }
    if (!o->sack_count)
        return;
    align(w, 2);
    begin_option(w, KIND_SACK, 2 + 8u * o->sack_count);
    for (unsigned i = 0; i < o->sack_count && i < PLAIT_SACK_BLOCKS_MAX; i++) {
        plait_write_u32(w, o->sack[i].left);
        plait_write_u32(w, o->sack[i].right);
    }
}

static plait_result write_options(struct plait_writer *w, const struct plait_segment *s)
{
    if (s->mptcp_count > PLAIT_MPTCP_OPTIONS_MAX || s->options.sack_count > PLAIT_SACK_BLOCKS_MAX)
        return PLAIT_FAIL(TOO_MANY);
    write_tcp_options(w, &s->options);
    for (unsigned i = 0; i < s->mptcp_count; i++) {
        align(w, plait_mptcp_octets(&s->mptcp[i]));
        plait_mptcp_write(w, &s->mptcp[i]);
    }
    return plait_writer_result(w);
}

static void write_header(struct plait_writer *w, const struct plait_segment *s)
{
    uint8_t *fixed = plait_writer_take(w, HEADER_OCTETS);
    if (!fixed)
        return;
    plait_store_u16(fixed, s->src_port);
    plait_store_u16(fixed + 2, s->dst_port);
    plait_store_u32(fixed + 4, s->seq);
    plait_store_u32(fixed + 8, s->ack);
    fixed[HEADER_LENGTH_AT] = 0; /* when the options are written */
    fixed[13] = s->flags;
    plait_store_u16(fixed + 14, s->window);
    plait_store_u16(fixed + CHECKSUM_AT, 0); /* plait_segment_end */
    plait_store_u16(fixed + 18, s->urgent);
}

plait_result plait_segment_begin(const struct plait_segment *s, void *packet, size_t room_octets,
                                 struct plait_segment_head *head)
{
    head->ip_octets = s->ip.dst.family == PLAIT_IPV6 ? 40 : 20;
    if (room_octets < head->ip_octets)
        return PLAIT_FAIL(NO_ROOM);
    size_t room = room_octets - head->ip_octets;
    uint8_t *tcp = (uint8_t *)packet + head->ip_octets;
    size_t most = HEADER_OCTETS + PLAIT_TCP_OPTIONS_MAX_OCTETS;
    struct plait_writer w = plait_writer(tcp, room < most ? room : most);
    write_header(&w, s);
    PLAIT_TRY(write_options(&w, s));
    size_t tcp_octets = plait_writer_used(&w);
    tcp[HEADER_LENGTH_AT] = (uint8_t)(tcp_octets / 4 << 4);
    head->header_octets = head->ip_octets + tcp_octets;
    return PLAIT_OK;
}

void plait_segment_end(const struct plait_segment *s, const struct plait_segment_head *head,
                       uint32_t payload_octets, uint64_t sum, bool leave_checksum, void *packet)
{
    uint8_t *tcp = (uint8_t *)packet + head->ip_octets;
    size_t tcp_octets = head->header_octets - head->ip_octets;
    struct plait_ip ip = s->ip;
    ip.protocol = PLAIT_PROTOCOL_TCP;
    struct plait_writer w = plait_writer(packet, head->ip_octets);
    plait_ip_write_header(&w, &ip, tcp_octets + payload_octets);
    plait_sum pseudo = plait_sum_pseudo(0, &ip.src, &ip.dst, PLAIT_PROTOCOL_TCP,
                                        (uint32_t)(tcp_octets + payload_octets));
    uint16_t field = leave_checksum
                         ? (uint16_t)~plait_sum_finish(pseudo)
                         : plait_sum_finish(plait_sum_add(pseudo + sum, tcp, tcp_octets));
    plait_store_u16(tcp + CHECKSUM_AT, field);
}

/* Lengths that an IP header cannot say, and families that do not meet, are refused here. */
static bool is_writable(const struct plait_segment *s, const struct plait_segment_head *head)
{
    size_t counted = s->ip.dst.family == PLAIT_IPV4 ? 0 : head->ip_octets;
    return plait_addr_octets(s->ip.dst.family) && s->ip.src.family == s->ip.dst.family &&
           s->payload_octets <= UINT16_MAX &&
           head->header_octets + s->payload_octets - counted <= UINT16_MAX;
}

plait_result plait_segment_build(const struct plait_segment *s, void *packet, size_t room_octets,
                                 size_t *length_octets)
{
    struct plait_segment_head head;
    PLAIT_TRY(plait_segment_begin(s, packet, room_octets, &head));
    if (!is_writable(s, &head) || room_octets - head.header_octets < s->payload_octets)
        return PLAIT_FAIL(NO_ROOM);
    plait_sum sum = 0;
    if (s->payload_octets)
        sum = plait_sum_copy(0, (uint8_t *)packet + head.header_octets, s->payload,
                             s->payload_octets);
    plait_segment_end(s, &head, (uint32_t)s->payload_octets, sum, false, packet);
    *length_octets = head.header_octets + s->payload_octets;
    return PLAIT_OK;
}

/* ---- read ---- */

uint32_t plait_segment_sequence_octets(const struct plait_segment *s)
{
    return (uint32_t)s->payload_octets + !!(s->flags & PLAIT_SYN) + !!(s->flags & PLAIT_FIN);
}

struct plait_flow_key plait_segment_flow(const struct plait_segment *s)
{
    return (struct plait_flow_key){.src = {s->ip.src, s->src_port},
                                   .dst = {s->ip.dst, s->dst_port}};
}

const struct plait_mptcp_option *plait_segment_option(const struct plait_segment *s,
                                                      enum plait_mptcp_subtype subtype)
{
    for (unsigned i = 0; i < s->mptcp_count; i++)
        if (!s->mptcp[i].is_raw && s->mptcp[i].subtype == subtype)
            return &s->mptcp[i];
    return NULL;
}

static bool has_tcp_options(const struct plait_tcp_options *o)
{
    return o->has_mss || o->has_window_scale || o->sack_permitted || o->has_timestamps ||
           o->sack_count || o->unknown_count;
}

const struct plait_mp_control *plait_segment_control(const struct plait_segment *segment)
{
    const struct plait_mptcp_option *o = &segment->mptcp[0];
    bool is_bare = segment->flags == PLAIT_ACK && segment->payload_octets == 0 &&
                   segment->mptcp_count == 1 && !has_tcp_options(&segment->options);
    return is_bare && !o->is_raw && o->subtype == PLAIT_MP_EXPERIMENTAL ? &o->control : NULL;
}

/* ---- print ---- */

static void print_flags(struct plait_text *t, uint8_t flags)
{
    static const struct {
        uint8_t flag;
        const char *name;
    } names[] = {{PLAIT_SYN, "SYN"}, {PLAIT_FIN, "FIN"}, {PLAIT_RST, "RST"}, {PLAIT_PSH, "PSH"},
                 {PLAIT_ACK, "ACK"}, {PLAIT_URG, "URG"}, {PLAIT_ECE, "ECE"}, {PLAIT_CWR, "CWR"}};
    const char *between = "";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!(flags & names[i].flag))
            continue;
        plait_text_add(t, "%s%s", between, names[i].name);
        between = "/";
    }
    if (!flags)
        plait_text_add(t, "no flags");
}

static void print_tcp_options(struct plait_text *t, const struct plait_tcp_options *o)
{
    if (o->has_mss)
        plait_text_add(t, " mss=%u", o->mss);
    if (o->has_window_scale)
        plait_text_add(t, " wscale=%u", o->window_scale);
    if (o->sack_permitted)
        plait_text_add(t, " sackok");
    if (o->has_timestamps)
        plait_text_add(t, " ts=%" PRIu32 "/%" PRIu32, o->timestamp, o->timestamp_echo);
    for (unsigned i = 0; i < o->sack_count && i < PLAIT_SACK_BLOCKS_MAX; i++)
        plait_text_add(t, " sack=%" PRIu32 "-%" PRIu32, o->sack[i].left, o->sack[i].right);
    if (o->unknown_count)
        plait_text_add(t, " unknown=%u", o->unknown_count);
}

void plait_segment_print(struct plait_text *t, const struct plait_segment *s)
{
    print_flags(t, s->flags);
    plait_text_add(t, " seq=%" PRIu32, s->seq);
    if (s->flags & PLAIT_ACK)
        plait_text_add(t, " ack=%" PRIu32, s->ack);
    plait_text_add(t, " win=%u", s->window);
    if (s->flags & PLAIT_URG)
        plait_text_add(t, " urg=%u", s->urgent);
    print_tcp_options(t, &s->options);
    if (s->payload_octets)
        plait_text_add(t, " len=%zu", s->payload_octets);
    for (unsigned i = 0; i < s->mptcp_count; i++) {
        plait_text_add(t, " | ");
        plait_mptcp_print(t, &s->mptcp[i]);
    }
}

/* ---- strip ---- */

/* Overwrites every option of kind 30; true if there was one. */
static bool blank_options(uint8_t *options, size_t length_octets)
{
    struct plait_reader r = plait_reader(options, length_octets);
    struct raw_option raw;
    bool found = false;
    while (next_option(&r, &raw)) {
        if (raw.octets[0] != PLAIT_OPTION_MPTCP)
            continue;
        memset(options + (raw.octets - options), KIND_NOP, raw.length);
        found = true;
    }
    return found;
}

bool plait_packet_strip_mptcp(uint8_t *packet, size_t length_octets)
{
    struct plait_ip ip;
    if (!plait_ok(plait_ip_parse(packet, length_octets, &ip)) ||
        ip.protocol != PLAIT_PROTOCOL_TCP || ip.payload_octets < HEADER_OCTETS)
        return false;
    uint8_t *tcp = packet + (ip.payload - packet);
    size_t header = (size_t)(tcp[12] >> 4) * 4;
    if (header < HEADER_OCTETS || header > ip.payload_octets)
        return false;
    uint8_t *options = tcp + HEADER_OCTETS;
    size_t option_octets = header - HEADER_OCTETS;
    uint16_t before = plait_sum_finish(plait_sum_add(0, options, option_octets));
    if (!blank_options(options, option_octets))
        return false;
    /* RFC 1624: by the difference, so that a sum that was wrong, or left to a device, stays so. */
    plait_sum sum = plait_sum_u16(0, (uint16_t)~plait_load_u16(tcp + CHECKSUM_AT));
    sum = plait_sum_add(plait_sum_u16(sum, before), options, option_octets);
    plait_store_u16(tcp + CHECKSUM_AT, plait_sum_finish(sum));
    return true;
}
