/* An auditor that writes down what it says, captures and made-up talks to give it. */
#include "tests/unit/audit/fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "mechanism/mechanism.h"
#include "system/pages.h"
#include "tests/unit/dice.h"
#include "tests/unit/packets.h"
#include "wire/checksum.h"

/* ---- the ear -------------------------------------------------------------------------------- */

static void hear_event(void *owner, const struct plait_audit_event *event)
{
    struct ear *ear = owner;
    assert_true(event->kind < PLAIT_SAW_COUNT);
    if (ear->event_count < HEARD_MAX)
        ear->events[ear->event_count++] = *event;
}

static void hear_octets(void *owner, const struct plait_audit_octets *piece)
{
    struct ear *ear = owner;
    if (piece->connection > 4)
        return;
    struct heard_stream *s = &ear->stream[piece->connection - 1][piece->direction];
    assert_int_equal(s->length, piece->offset);
    if (piece->octets && s->length + piece->length <= STREAM_MAX)
        memcpy(s->octets + s->length, piece->octets, piece->length);
    s->length += piece->length;
    s->gap_octets += piece->octets ? 0 : piece->length;
    s->ambiguous += piece->is_ambiguous;
}

static void hear_alert(void *owner, const struct plait_alert *alert)
{
    struct ear *ear = owner;
    assert_true(alert->packet_count > 0);
    if (ear->alert_count < 64)
        ear->alerts[ear->alert_count++] = *alert;
}

static void hear_ended(void *owner, const struct plait_audit_connection_view *view)
{
    struct ear *ear = owner;
    if (ear->ended_count == 64)
        return;
    ear->ended[ear->ended_count] = *view;
    for (unsigned i = 0; i < view->subflow_count && i < 4; i++)
        ear->subflows[ear->ended_count][i] = view->subflows[i];
    ear->ended[ear->ended_count].subflows = ear->subflows[ear->ended_count];
    ear->ended_count++;
}

static void hear_contradiction(void *owner, const struct plait_audit_contradiction *k)
{
    struct ear *ear = owner;
    if (ear->contradiction_count < 16)
        ear->contradictions[ear->contradiction_count++] = *k;
}

/* Thousands of auditors come one after the other: the next takes the pages of the last. */
static struct plait_arena spare;

static struct plait_arena pages_for(size_t octets)
{
    if (spare.room_octets < octets) {
        plait_pages_free(&spare);
        return plait_pages(octets);
    }
    struct plait_arena arena = plait_arena(spare.start, spare.room_octets);
    spare = plait_arena(NULL, 0);
    return arena;
}

struct ear *ear_with(const struct plait_audit_limits *limits)
{
    static const struct plait_audit_sink sink = {.event = hear_event,
                                                 .octets = hear_octets,
                                                 .contradiction = hear_contradiction,
                                                 .alert = hear_alert,
                                                 .ended = hear_ended};
    struct plait_draw_key key = plait_draw_key(7);
    struct ear *ear = calloc(1, sizeof *ear);
    assert_non_null(ear);
    ear->arena = pages_for(plait_audit_arena_octets(limits));
    assert_non_null(ear->arena.start);
    ear->audit = plait_audit_new(&ear->arena, limits, &key, &sink, ear);
    assert_non_null(ear->audit);
    return ear;
}

struct ear *ear_new(void)
{
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = 4u << 20;
    return ear_with(&limits);
}

void ear_free(struct ear *ear)
{
    plait_pages_free(&spare);
    spare = ear->arena;
    free(ear);
}

struct plait_audit_place ear_cut(struct ear *ear, plait_time_ns at_ns, uint16_t input,
                                 const uint8_t *ip, size_t octets, size_t kept)
{
    if (ear->divert) {
        ear->divert(ear->divert_owner, ip, octets);
        return (struct plait_audit_place){0};
    }
    /* What was not captured is not there: a read past it must show. */
    uint8_t *copy = malloc(kept ? kept : 1);
    assert_non_null(copy);
    memcpy(copy, ip, kept);
    struct plait_seen seen = {.at_ns = at_ns,
                              .frame = ++ear->next_frame,
                              .input = input,
                              .interface = ear->interface,
                              .ip = copy,
                              .ip_octets = (uint32_t)kept,
                              .wire_octets = (uint32_t)octets};
    struct plait_audit_place place = plait_audit_packet(ear->audit, &seen);
    free(copy);
    return place;
}

struct plait_audit_place ear_packet(struct ear *ear, plait_time_ns at_ns, uint16_t input,
                                    const uint8_t *ip, size_t octets)
{
    return ear_cut(ear, at_ns, input, ip, octets, octets);
}

unsigned ear_events(const struct ear *ear, enum plait_audit_event_kind kind)
{
    unsigned count = 0;
    for (unsigned i = 0; i < ear->event_count; i++)
        count += ear->events[i].kind == kind;
    return count;
}

const struct plait_audit_event *ear_event(const struct ear *ear, enum plait_audit_event_kind kind,
                                          unsigned nth)
{
    for (unsigned i = 0; i < ear->event_count; i++)
        if (ear->events[i].kind == kind && nth-- == 0)
            return &ear->events[i];
    fail_msg("no event %s", plait_audit_event_name(kind));
    return NULL;
}

const struct plait_alert *ear_alert(const struct ear *ear, const char *name)
{
    assert_non_null(plait_rule_named(name));
    for (unsigned i = 0; i < ear->alert_count; i++)
        if (strcmp(ear->alerts[i].rule->name, name) == 0)
            return &ear->alerts[i];
    return NULL;
}

unsigned ear_alerts(const struct ear *ear, enum plait_severity severity)
{
    unsigned count = 0;
    for (unsigned i = 0; i < ear->alert_count; i++) {
        const struct plait_alert *alert = &ear->alerts[i];
        if (alert->rule->severity < severity)
            continue;
        count++;
        print_message("%s %s: %s (packet %u)\n", plait_severity_name(alert->rule->severity),
                      alert->rule->name, alert->text, (unsigned)alert->packets[0].frame);
    }
    return count;
}

uint64_t ear_count(const struct ear *ear, enum plait_audit_count which)
{
    return plait_audit_counts(ear->audit)->count[which];
}

void ear_stream_is(const struct ear *ear, unsigned direction, const char *text)
{
    assert_int_equal(ear->stream[0][direction].length, strlen(text));
    assert_memory_equal(ear->stream[0][direction].octets, text, strlen(text));
}

void ear_done(struct ear *ear, const char *rule)
{
    plait_audit_end(ear->audit);
    assert_int_equal(ear_alerts(ear, PLAIT_WARNING), rule ? 1 : 0);
    if (rule)
        assert_non_null(ear_alert(ear, rule));
    ear_free(ear);
}

/* ---- captures ------------------------------------------------------------------------------- */

static uint8_t *read_file(const char *name, size_t *octets)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", TEST_CAPTURES, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be read", path);
    uint8_t *content = malloc(1 << 20);
    assert_non_null(content);
    *octets = fread(content, 1, 1 << 20, file);
    fclose(file);
    return content;
}

static bool is_fed(const struct feed *f, const struct plait_ip_octets *p, uint64_t n)
{
    if (f->drop_every && n % f->drop_every == f->drop_from)
        return false;
    if (!f->only)
        return true;
    size_t header = p->ip[0] >> 4 == 4 ? (p->ip[0] & 15u) * 4 : 40;
    if (p->captured_octets < header + 4)
        return true;
    uint16_t src = (uint16_t)(p->ip[header] << 8 | p->ip[header + 1]);
    return (src == f->server_port) == (f->only == 2);
}

/* The checksum is put right again, or nothing but the first check would be tried. */
static void mend(uint8_t *ip, size_t octets)
{
    size_t header = octets ? (ip[0] & 15u) * 4 : 0;
    if (!octets || ip[0] >> 4 != 4 || header < 20 || octets < header + 20)
        return;
    uint8_t *tcp = ip + header;
    uint32_t length = (uint32_t)(octets - header);
    struct plait_addr src = {.family = PLAIT_IPV4}, dst = {.family = PLAIT_IPV4};
    memcpy(src.octets, ip + 12, 4);
    memcpy(dst.octets, ip + 16, 4);
    plait_store_u16(tcp + 16, 0);
    plait_sum sum = plait_sum_pseudo(0, &src, &dst, PLAIT_PROTOCOL_TCP, length);
    plait_store_u16(tcp + 16, plait_sum_finish(plait_sum_add(sum, tcp, length)));
}

static void feed_altered(struct ear *ear, struct dice *d, const struct packets *p)
{
    const struct plait_ip_octets *ip = &p->found.packet;
    size_t octets = ip->captured_octets;
    uint8_t *copy = malloc(octets + 1);
    assert_non_null(copy);
    memcpy(copy, ip->ip, octets);
    for (unsigned n = octets ? (unsigned)throw_below(d, 4) : 0; n; n--) {
        size_t headers = octets < 80 ? octets : 80;
        size_t at = throw_below(d, throw_below(d, 4) ? headers : octets);
        copy[at] ^= (uint8_t)(throw_below(d, 2) ? 1u << throw_below(d, 8) : throw_u64(d));
    }
    if (throw_below(d, 4))
        mend(copy, octets);
    size_t kept = throw_below(d, 8) ? octets : throw_below(d, octets + 1);
    ear_cut(ear, p->frame.at_ns, p->frame.interface, copy, octets, kept);
    free(copy);
}

static void feed_packet(struct ear *ear, const struct feed *f, const struct packets *p)
{
    const struct plait_ip_octets *ip = &p->found.packet;
    size_t kept = f->keep && f->keep < ip->captured_octets ? f->keep : ip->captured_octets;
    uint16_t input = p->frame.interface;
    ear_cut(ear, p->frame.at_ns, input, ip->ip, ip->wire_octets, kept);
    if (f->twice)
        ear_cut(ear, p->frame.at_ns, input + 100, ip->ip, ip->wire_octets, kept);
}

unsigned ear_capture(struct ear *ear, const char *name, const struct feed *feed)
{
    static const struct feed whole;
    const struct feed *f = feed ? feed : &whole;
    size_t octets;
    uint8_t *content = read_file(name, &octets);
    struct packets p;
    unsigned n = 0;
    for (packets_open(&p, content, octets); packets_next(&p);) {
        n++;
        if (p.has_ip && f->alter)
            feed_altered(ear, f->alter, &p);
        else if (p.has_ip && is_fed(f, &p.found.packet, n))
            feed_packet(ear, f, &p);
    }
    assert_int_equal(packets_faults(&p), 0);
    free(content);
    return n;
}

/* ---- talks ---------------------------------------------------------------------------------- */

static const struct plait_mechanism *mechanism(const struct talk *t)
{
    return t->version == 0 ? &plait_mechanism_v0 : &plait_mechanism_v1;
}

struct path path(const char *client, uint16_t client_port, const char *server, uint16_t server_port,
                 uint32_t seed)
{
    struct path p = {.seq = {seed * 7919 + 1000, seed * 104729 + 5000}, .ttl = {64, 63}};
    assert_ok(plait_addr_parse(client, &p.place[0].addr));
    assert_ok(plait_addr_parse(server, &p.place[1].addr));
    p.place[0].port = client_port;
    p.place[1].port = server_port;
    return p;
}

struct talk talk(struct ear *ear, uint8_t version)
{
    return (struct talk){.ear = ear,
                         .now_ns = 1000 * PLAIT_S,
                         .version = version,
                         .key = {0x23ae131cd5822cbe, 0xccefd4eac187fafb},
                         .path = {path("198.18.1.1", 40000, "198.18.2.1", 80, 1),
                                  path("198.18.3.1", 40001, "198.18.2.1", 80, 2),
                                  path("198.18.1.1", 40002, "198.18.4.1", 80, 3),
                                  path("198.18.9.9", 40003, "198.18.2.1", 80, 4)}};
}

/* The field has the pseudo-header's sum, not complemented, as captures of the sender have it. */
static void leave_to_device(const struct plait_segment *s, uint8_t *packet, size_t length)
{
    size_t header = s->ip.src.family == PLAIT_IPV4 ? 20 : 40;
    plait_sum sum = plait_sum_pseudo(0, &s->ip.src, &s->ip.dst, PLAIT_PROTOCOL_TCP,
                                     (uint32_t)(length - header));
    plait_store_u16(packet + header + 16, (uint16_t)~plait_sum_finish(sum));
}

struct plait_audit_place say(struct talk *t, unsigned path_number, unsigned end, uint8_t flags,
                             const struct plait_mptcp_option *options, unsigned count,
                             const void *payload, size_t octets)
{
    struct path *p = &t->path[path_number];
    struct plait_segment s = {.ip = {.src = p->place[end].addr,
                                     .dst = p->place[!end].addr,
                                     .ttl = p->ttl[end],
                                     .identification = ++t->ip_id,
                                     .dont_fragment = true},
                              .src_port = p->place[end].port,
                              .dst_port = p->place[!end].port,
                              .seq = p->seq[end],
                              .ack = flags & PLAIT_ACK ? p->seq[!end] : 0,
                              .flags = flags,
                              .window = 500,
                              .mptcp_count = (uint8_t)count,
                              .payload = payload,
                              .payload_octets = octets};
    for (unsigned i = 0; i < count; i++)
        s.mptcp[i] = options[i];
    if (flags & PLAIT_SYN)
        p->isn[end] = p->seq[end];
    uint8_t packet[4096];
    size_t length;
    assert_ok(plait_segment_build(&s, packet, sizeof packet, &length));
    if (t->is_left_to_device)
        leave_to_device(&s, packet, length);
    p->seq[end] += plait_segment_sequence_octets(&s);
    t->now_ns += TICK_NS;
    return ear_packet(t->ear, t->now_ns, t->input, packet, length);
}

static struct plait_mptcp_option hello_option(const struct talk *t, enum plait_hello_step step,
                                              unsigned end)
{
    struct plait_hello_values values = {
        .sender_key = t->key[end], .receiver_key = t->key[!end], .checksum = t->checksum};
    struct plait_mptcp_option option;
    mechanism(t)->write_hello(step, &values, &option);
    return option;
}

uint64_t dsn_of(const struct talk *t, unsigned end, uint64_t offset)
{
    return mechanism(t)->idsn(t->key[end]) + 1 + offset;
}

void data_ack(struct talk *t, unsigned path_number, unsigned end)
{
    struct plait_mptcp_option o = {.subtype = PLAIT_DSS,
                                   .dss = {.has_ack = true,
                                           .ack_is_64 = true,
                                           .data_ack = dsn_of(t, !end, t->next_dsn[!end])}};
    say(t, path_number, end, PLAIT_ACK, &o, 1, NULL, 0);
}

void exchange(struct talk *t)
{
    data(t, 0, 0, "request");
    data_ack(t, 0, 1);
    data(t, 0, 1, "response");
    data_ack(t, 0, 0);
}

void hello(struct talk *t)
{
    struct plait_mptcp_option syn = hello_option(t, PLAIT_STEP_SYN, 0),
                              syn_ack = hello_option(t, PLAIT_STEP_SYN_ACK, 1),
                              ack = hello_option(t, PLAIT_STEP_THIRD_ACK, 0);
    say(t, 0, 0, PLAIT_SYN, &syn, 1, NULL, 0);
    say(t, 0, 1, PLAIT_SYN | PLAIT_ACK, &syn_ack, 1, NULL, 0);
    say(t, 0, 0, PLAIT_ACK, &ack, 1, NULL, 0);
    data_ack(t, 0, 1);
}

struct plait_mptcp_option join_syn(struct talk *t, unsigned opener, uint32_t nonce, uint8_t id)
{
    return (struct plait_mptcp_option){.subtype = PLAIT_MP_JOIN,
                                       .join = {.form = PLAIT_JOIN_SYN,
                                                .addr_id = id,
                                                .token = mechanism(t)->token(t->key[!opener]),
                                                .nonce = nonce}};
}

struct plait_mptcp_option join_answer(struct talk *t, unsigned end, uint32_t own, uint32_t peer,
                                      uint8_t id)
{
    struct plait_mptcp_option o = {
        .subtype = PLAIT_MP_JOIN,
        .join = {.form = PLAIT_JOIN_SYN_ACK, .addr_id = id, .nonce = own}};
    mechanism(t)->join_proof(t->key[end], t->key[!end], own, peer, o.join.hmac);
    return o;
}

struct plait_mptcp_option join_ack(struct talk *t, unsigned end, uint32_t own, uint32_t peer)
{
    struct plait_mptcp_option o = {.subtype = PLAIT_MP_JOIN, .join = {.form = PLAIT_JOIN_ACK}};
    mechanism(t)->join_proof(t->key[end], t->key[!end], own, peer, o.join.hmac);
    return o;
}

void join(struct talk *t, unsigned path_number, unsigned opener)
{
    uint32_t own = 0x1111 + path_number, peer = 0x2222 + path_number;
    struct plait_mptcp_option syn = join_syn(t, opener, own, (uint8_t)path_number),
                              answer = join_answer(t, !opener, peer, own, 0),
                              ack = join_ack(t, opener, own, peer);
    say(t, path_number, opener, PLAIT_SYN, &syn, 1, NULL, 0);
    say(t, path_number, !opener, PLAIT_SYN | PLAIT_ACK, &answer, 1, NULL, 0);
    say(t, path_number, opener, PLAIT_ACK, &ack, 1, NULL, 0);
    data_ack(t, path_number, !opener);
}

struct plait_mptcp_option mapping(const struct talk *t, unsigned path_number, unsigned end,
                                  uint64_t offset, uint16_t length)
{
    const struct path *p = &t->path[path_number];
    return (struct plait_mptcp_option){
        .subtype = PLAIT_DSS,
        .dss = {.has_ack = true,
                .data_ack = (uint32_t)dsn_of(t, !end, t->next_dsn[!end]),
                .has_map = true,
                .dsn_is_64 = true,
                .dsn = dsn_of(t, end, offset),
                .ssn = p->seq[end] - p->isn[end],
                .data_length = length,
                .has_checksum = t->checksum}};
}

void data_at(struct talk *t, unsigned path_number, unsigned end, uint64_t offset, const char *text)
{
    size_t length = strlen(text);
    struct plait_mptcp_option o = mapping(t, path_number, end, offset, (uint16_t)length);
    if (t->checksum)
        o.dss.checksum = plait_dss_checksum(o.dss.dsn, o.dss.ssn, (uint16_t)length, text, length);
    say(t, path_number, end, PLAIT_ACK | PLAIT_PSH, &o, 1, text, length);
    if (offset + length > t->next_dsn[end])
        t->next_dsn[end] = offset + length;
}

void data(struct talk *t, unsigned path_number, unsigned end, const char *text)
{
    data_at(t, path_number, end, t->next_dsn[end], text);
}

void data_fin(struct talk *t, unsigned path_number, unsigned end)
{
    struct plait_mptcp_option o = mapping(t, path_number, end, t->next_dsn[end], 1);
    o.dss.data_fin = true;
    o.dss.ssn = 0;
    say(t, path_number, end, PLAIT_ACK, &o, 1, NULL, 0);
}

/* ---- scenes ---- */

struct scene scene(void)
{
    struct scene s = {.ear = ear_new(), .deaf = ear_new()};
    s.t = talk(s.ear, 1);
    hello(&s.t);
    return s;
}

void scene_end(struct scene *s)
{
    ear_free(s->ear);
    ear_free(s->deaf);
}
