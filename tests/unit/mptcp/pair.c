/* tests/unit/mptcp/pair.c: see pair.h. */
#include "tests/unit/mptcp/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/receive_queue.h"
#include "base/send_queue.h"

#define MEMORY_OCTETS (96u << 20)

/* ---- patterns -------------------------------------------------------------------------------- */

static uint8_t pattern(unsigned side, uint64_t at)
{
    uint64_t x = (at + 1) * (side ? 0x9e3779b97f4a7c15u : 0xc2b2ae3d27d4eb4fu);
    return (uint8_t)(x >> 37);
}

/* ---- the machine ----------------------------------------------------------------------------- */

static struct plait_flow *open_flow(void *machine, struct plait_mptcp *c,
                                    const struct plait_place *local,
                                    const struct plait_place *remote,
                                    const struct plait_flow_owner *table, void *owner,
                                    plait_time_ns now)
{
    struct end *e = machine;
    (void)c;
    for (unsigned i = 0; i < END_FLOWS; i++) {
        if (e->flows[i])
            continue;
        struct plait_flow_setup setup = {
            .key = {.src = *local, .dst = *remote},
            .owner_table = table,
            .owner = owner,
            .isn = (uint32_t)plait_draw(&e->stack.key, e->stack.name, "isn", e->draws++)};
        if (setup.key.src.port == 0)
            setup.key.src.port = e->next_port++;
        e->flows[i] = plait_flow_connect(&e->stack, &setup, now);
        return e->flows[i];
    }
    return NULL;
}

static unsigned addrs_of(void *machine, struct plait_addr *addrs, unsigned room)
{
    struct end *e = machine;
    unsigned n = e->addr_count < room ? e->addr_count : room;
    memcpy(addrs, e->addrs, n * sizeof *addrs);
    return n;
}

static bool claim_token(void *machine, struct plait_mptcp *c, uint32_t token)
{
    struct end *e = machine;
    if (e->refuses_tokens)
        return false;
    for (unsigned i = 0; i < 4; i++)
        if (e->token_owners[i] && e->tokens[i] == token)
            return false;
    for (unsigned i = 0; i < 4; i++)
        if (!e->token_owners[i]) {
            e->tokens[i] = token;
            e->token_owners[i] = c;
            return true;
        }
    return false;
}

static void release_token(void *machine, struct plait_mptcp *c)
{
    struct end *e = machine;
    for (unsigned i = 0; i < 4; i++)
        if (e->token_owners[i] == c)
            e->token_owners[i] = NULL;
}

static struct plait_mptcp *find_token(void *machine, uint32_t token)
{
    struct end *e = machine;
    for (unsigned i = 0; i < 4; i++)
        if (e->token_owners[i] && e->tokens[i] == token)
            return e->token_owners[i];
    return NULL;
}

static uint32_t isn_of(void *machine, const struct plait_flow_key *key, plait_time_ns now)
{
    struct end *e = machine;
    (void)key, (void)now;
    return (uint32_t)plait_draw(&e->stack.key, e->stack.name, "pair isn", e->draws++);
}

/* A pair may be a flow of its own, which nobody opened here. */
static bool keep_flow(struct end *e, struct plait_flow *flow)
{
    struct plait_flow **room = NULL;
    for (unsigned i = 0; i < END_FLOWS; i++) {
        if (e->flows[i] == flow)
            return true;
        if (!e->flows[i])
            room = &e->flows[i];
    }
    if (room)
        *room = flow;
    return room != NULL;
}

static void path_gone(void *machine, struct plait_path *path)
{
    struct end *e = machine;
    bool was_last = !plait_flow_first_path(path->flow);
    for (unsigned i = 0; was_last && i < END_FLOWS; i++)
        if (e->flows[i] == path->flow)
            e->flows[i] = NULL;
}

static bool claim_path(void *machine, struct plait_path *path)
{
    struct end *e = machine;
    if (!keep_flow(e, path->flow))
        return false;
    for (unsigned i = 0; i < 8; i++)
        if (!e->pairs[i]) {
            e->pairs[i] = path;
            return true;
        }
    return false;
}

static void release_path(void *machine, struct plait_path *path)
{
    struct end *e = machine;
    for (unsigned i = 0; i < 8; i++)
        if (e->pairs[i] == path)
            e->pairs[i] = NULL;
}

static void heard(void *machine, struct plait_mptcp *c, plait_time_ns now,
                  enum plait_mptcp_event event)
{
    struct end *e = machine;
    (void)now;
    if (!e->app.connection)
        e->app.connection = c;
    e->app.events[event]++;
    if (event == PLAIT_MPTCP_IS_CLOSED)
        e->app.is_closed = true;
}

static void send_segment(struct end *e, const struct plait_segment *s);

static void send_message(void *machine, const struct plait_segment *s)
{
    send_segment(machine, s);
}

static const struct plait_machine machine = {.open = open_flow,
                                             .addrs = addrs_of,
                                             .claim_token = claim_token,
                                             .release_token = release_token,
                                             .isn = isn_of,
                                             .claim_path = claim_path,
                                             .release_path = release_path,
                                             .send = send_message,
                                             .event = heard};

/* ---- the net --------------------------------------------------------------------------------- */

/* The client's address decides the line. */
static struct line *line_of(struct pair *pair, const struct plait_segment *s)
{
    struct end *client = &pair->ends[0];
    for (unsigned i = 0; i < client->addr_count; i++)
        if (plait_addr_equal(&client->addrs[i], &s->ip.src) ||
            plait_addr_equal(&client->addrs[i], &s->ip.dst))
            return &pair->lines[i];
    return &pair->lines[0];
}

static void put_packet(struct pair *pair, const uint8_t *octets, uint32_t length,
                       plait_time_ns at_ns)
{
    if (pair->packet_count == PAIR_PACKETS)
        return; /* a full queue */
    struct packet *p = malloc(sizeof *p + length);
    assert_non_null(p);
    p->at_ns = at_ns;
    p->serial = pair->serial++;
    p->length = length;
    memcpy(p->octets, octets, length);
    pair->packets[pair->packet_count++] = p;
}

static plait_result parse(const struct pair *pair, const uint8_t *octets, uint32_t length,
                          struct plait_segment *s)
{
    return pair->super ? plait_segment_parse_unsummed(octets, length, s)
                       : plait_segment_parse(octets, length, s);
}

/* PAIR_PRINT=1 in the environment: every segment as a line. */
static void print_segment(const struct pair *pair, unsigned from, const struct plait_segment *s)
{
    char line[512];
    struct plait_text text = plait_text(line, sizeof line);
    if (!getenv("PAIR_PRINT"))
        return;
    plait_segment_print(&text, s);
    printf("%10.3f %s :%u->:%u %s\n", (double)pair->now / (double)PLAIT_MS,
           from ? "server" : "client", s->src_port, s->dst_port, line);
}

void pair_send(struct pair *pair, unsigned from, const uint8_t *octets, uint32_t length)
{
    struct plait_segment s;
    uint8_t again[2048];
    size_t again_octets;
    assert_ok(parse(pair, octets, length, &s));
    pair->sent[from]++;
    print_segment(pair, from, &s);
    struct line *line = line_of(pair, &s);
    if (pair->box && !pair->super) {
        if (!pair->box(pair, from, &s))
            return;
        assert_ok(plait_segment_build(&s, again, sizeof again, &again_octets));
        octets = again;
        length = (uint32_t)again_octets;
    }
    if (line->is_cut || throw_below(&pair->dice, 100) < line->loss_percent) {
        pair->lost++;
        return;
    }
    plait_time_ns delay_ns = line->delay_ns;
    if (throw_below(&pair->dice, 100) < line->reorder_percent)
        delay_ns += delay_ns / 2;
    put_packet(pair, octets, length, pair->now + delay_ns);
    if (throw_below(&pair->dice, 100) < line->duplicate_percent)
        put_packet(pair, octets, length, pair->now + delay_ns + PLAIT_MS);
}

static struct packet *take_packet(struct pair *pair)
{
    unsigned best = PAIR_PACKETS;
    for (unsigned i = 0; i < pair->packet_count; i++) {
        struct packet *p = pair->packets[i];
        if (p->at_ns <= pair->now &&
            (best == PAIR_PACKETS || p->at_ns < pair->packets[best]->at_ns ||
             (p->at_ns == pair->packets[best]->at_ns && p->serial < pair->packets[best]->serial)))
            best = i;
    }
    if (best == PAIR_PACKETS)
        return NULL;
    struct packet *p = pair->packets[best];
    pair->packets[best] = pair->packets[--pair->packet_count];
    return p;
}

/* ---- listening ------------------------------------------------------------------------------- */

static void send_segment(struct end *e, const struct plait_segment *s)
{
    uint8_t octets[2048];
    size_t length;
    assert_ok(plait_segment_build(s, octets, sizeof octets, &length));
    pair_send(e->pair, e->side, octets, (uint32_t)length);
}

static struct plait_segment answer_to(const struct plait_segment *s)
{
    struct plait_segment r = {
        .ip = {.src = s->ip.dst, .dst = s->ip.src, .protocol = PLAIT_PROTOCOL_TCP, .ttl = 64},
        .src_port = s->dst_port,
        .dst_port = s->src_port};
    return r;
}

static void refuse(struct end *e, const struct plait_segment *s, uint8_t reason)
{
    struct plait_segment r = answer_to(s);
    if (s->flags & PLAIT_RST)
        return;
    r.flags = PLAIT_RST | (s->flags & PLAIT_ACK ? 0 : PLAIT_ACK);
    r.seq = s->flags & PLAIT_ACK ? s->ack : 0;
    r.ack = s->seq + plait_segment_sequence_octets(s);
    if (reason != 0xff) {
        r.mptcp_count = 1;
        r.mptcp[0] =
            (struct plait_mptcp_option){.subtype = PLAIT_MP_TCPRST, .tcprst = {.reason = reason}};
    }
    e->resets_sent++;
    e->last_reset_reason = reason;
    send_segment(e, &r);
}

static void send_syn_ack(struct end *e, const struct request *r)
{
    struct plait_segment s = {.ip = {.src = r->key.src.addr,
                                     .dst = r->key.dst.addr,
                                     .protocol = PLAIT_PROTOCOL_TCP,
                                     .ttl = 64},
                              .src_port = r->key.src.port,
                              .dst_port = r->key.dst.port,
                              .flags = PLAIT_SYN | PLAIT_ACK,
                              .seq = r->handshake.isn,
                              .ack = r->handshake.peer_isn + 1,
                              .window = 65535};
    s.options.has_mss = true;
    s.options.mss = 1440;
    s.options.sack_permitted = r->handshake.sack;
    s.options.has_window_scale = r->handshake.window_scale;
    s.options.window_scale = r->handshake.receive_shift;
    s.options.has_timestamps = r->handshake.timestamps;
    s.options.timestamp = (uint32_t)(e->pair->now / PLAIT_MS) + r->handshake.timestamp_offset;
    s.options.timestamp_echo = r->handshake.peer_timestamp;
    s.mptcp_count = (uint8_t)plait_mptcp_hello_options(&r->hello, s.mptcp);
    send_segment(e, &s);
}

static struct request *request_of(struct end *e, const struct plait_flow_key *key)
{
    for (unsigned i = 0; i < END_REQUESTS; i++)
        if (e->requests[i].is_used && plait_flow_equal(&e->requests[i].key, key))
            return &e->requests[i];
    return NULL;
}

static uint8_t shift_of(uint32_t limit)
{
    uint8_t shift = 0;
    while (shift < 14 && limit >> shift > UINT16_MAX)
        shift++;
    return shift;
}

static void hear_syn(struct end *e, const struct plait_segment *s, const struct plait_flow_key *key)
{
    struct request *r = request_of(e, key);
    if (r) {
        send_syn_ack(e, r);
        return;
    }
    for (unsigned i = 0; i < END_REQUESTS && !r; i++)
        if (!e->requests[i].is_used)
            r = &e->requests[i];
    if (!r)
        return;
    struct plait_hello_draws draws = {
        .key = plait_draw(&e->stack.key, e->stack.name, "key", e->draws),
        .nonce = (uint32_t)plait_draw(&e->stack.key, e->stack.name, "nonce", e->draws++)};
    uint8_t reason = 0xff;
    *r = (struct request){.key = *key, .since_ns = e->pair->now};
    if (!plait_ok(plait_mptcp_hello(&e->stack, &e->config, s, &draws, find_token, e, &r->hello,
                                    &reason))) {
        refuse(e, s, reason);
        return;
    }
    bool scales = s->options.has_window_scale && !e->stack.config.no_window_scale;
    r->is_used = true;
    r->handshake = (struct plait_flow_handshake){
        .isn = (uint32_t)plait_draw(&e->stack.key, e->stack.name, "passive isn", e->draws++),
        .peer_isn = s->seq,
        .peer_mss = s->options.has_mss ? s->options.mss : 536,
        .sack = s->options.sack_permitted && !e->stack.config.no_sack,
        .timestamps = s->options.has_timestamps && !e->stack.config.no_timestamps,
        .window_scale = scales,
        .send_shift = scales ? s->options.window_scale : 0,
        .receive_shift = scales ? shift_of(e->stack.config.receive_limit_octets) : 0,
        .peer_timestamp = s->options.timestamp,
        .send_window_octets = s->window,
        .syn_ack_at_ns = e->pair->now};
    send_syn_ack(e, r);
}

static void hear_third(struct end *e, struct request *r, const struct plait_segment *s)
{
    uint8_t reason = 0xff;
    if (s->flags & PLAIT_RST) {
        plait_mptcp_hello_forget(&r->hello);
        r->is_used = false;
        return;
    }
    if (!(s->flags & PLAIT_ACK) || s->ack != r->handshake.isn + 1)
        return;
    plait_result result = plait_mptcp_hello_completed(&e->stack, &r->hello, s, &reason);
    if (result.reason == PLAIT_REASON_NOT_FOUND)
        return;
    struct plait_hello hello = r->hello;
    plait_mptcp_hello_forget(&r->hello);
    r->is_used = false;
    if (!plait_ok(result)) {
        refuse(e, s, reason);
        return;
    }
    unsigned slot = 0;
    while (slot < END_FLOWS && e->flows[slot])
        slot++;
    assert_true(slot < END_FLOWS);
    struct plait_flow_setup setup = {.key = r->key};
    struct plait_mptcp *c = hello.kind == PLAIT_HELLO_JOIN ? hello.connection : NULL;
    if (hello.kind == PLAIT_HELLO_CAPABLE) {
        c = plait_mptcp_accept(&e->world, &e->config, &hello, e->pair->now);
        assert_non_null(c);
        e->app.connection = c;
    }
    if (!c && e->plain) {
        refuse(e, s, 0xff);
        return;
    }
    if (c) {
        setup.owner_table = plait_mptcp_owner_table();
        setup.owner = plait_mptcp_new_owner(c, &hello, e->pair->now);
        if (!setup.owner) {
            refuse(e, s, 2);
            return;
        }
    }
    r->handshake.peer_timestamp = s->options.timestamp;
    e->flows[slot] = plait_flow_accept(&e->stack, &setup, &r->handshake, e->pair->now);
    assert_non_null(e->flows[slot]);
    if (!c) {
        e->plain = e->flows[slot];
        e->app.events[PLAIT_MPTCP_IS_ESTABLISHED]++;
    }
    plait_flow_input(e->flows[slot], plait_flow_first_path(e->flows[slot]), e->pair->now, s);
}

/* ---- a machine's turn ------------------------------------------------------------------------ */

static struct plait_path *path_of(struct end *e, const struct plait_flow_key *key)
{
    for (unsigned i = 0; i < END_FLOWS; i++) {
        if (!e->flows[i] || plait_flow_state(e->flows[i]) == PLAIT_FLOW_CLOSED)
            continue;
        for (struct plait_path *p = plait_flow_first_path(e->flows[i]); p; p = p->next)
            if (!p->is_detached && plait_flow_equal(&p->key, key))
                return p;
    }
    return NULL;
}

static bool is_own(const struct end *e, const struct plait_addr *addr)
{
    for (unsigned i = 0; i < e->addr_count; i++)
        if (plait_addr_equal(&e->addrs[i], addr))
            return true;
    return false;
}

static void hear(struct end *e, const struct plait_segment *s)
{
    struct plait_flow_key in = plait_segment_flow(s), key = plait_flow_reversed(&in);
    if (!is_own(e, &key.src.addr))
        return;
    struct plait_path *path = path_of(e, &key);
    struct request *r = request_of(e, &key);
    const struct plait_mp_control *control = plait_segment_control(s);
    struct plait_mptcp *c = control ? find_token(e, (uint32_t)(control->connection >> 32)) : NULL;
    if (c && plait_mptcp_has_messages(c, control->connection))
        plait_mptcp_message(c, e->pair->now, s);
    else if (path)
        plait_flow_input(path->flow, path, e->pair->now, s);
    else if (r && !(s->flags & PLAIT_SYN))
        hear_third(e, r, s);
    else if ((s->flags & (PLAIT_SYN | PLAIT_ACK)) == PLAIT_SYN)
        hear_syn(e, s, &key);
    else
        refuse(e, s, 0xff);
}

static void sweep(struct end *e)
{
    for (unsigned i = 0; i < END_FLOWS; i++)
        if (e->flows[i] && plait_flow_state(e->flows[i]) == PLAIT_FLOW_CLOSED) {
            if (e->plain == e->flows[i])
                e->plain = NULL;
            plait_flow_free(e->flows[i]);
            e->flows[i] = NULL;
        }
}

static void read_all(struct end *e)
{
    struct application *app = &e->app;
    uint32_t length;
    const uint8_t *octets;
    while (!app->holds_back && (octets = plait_mptcp_peek(app->connection, &length)) && length) {
        for (uint32_t i = 0; i < length; i++)
            app->is_wrong |= octets[i] != pattern(!e->side, app->read + i);
        app->read += length;
        plait_mptcp_consume(app->connection, e->pair->now, length);
        if (app->is_closed)
            return;
    }
}

static void write_all(struct end *e)
{
    struct application *app = &e->app;
    if (!app->events[PLAIT_MPTCP_IS_ESTABLISHED])
        return;
    while (app->written < app->to_write) {
        uint8_t octets[4096];
        uint64_t left = app->to_write - app->written;
        uint32_t n = left < sizeof octets ? (uint32_t)left : (uint32_t)sizeof octets;
        for (uint32_t i = 0; i < n; i++)
            octets[i] = pattern(e->side, app->written + i);
        uint32_t taken = plait_mptcp_put(app->connection, e->pair->now, octets, n);
        app->written += taken;
        if (taken < n)
            return;
    }
    if (app->closes)
        plait_mptcp_close(app->connection, e->pair->now);
}

static void act_plain(struct end *e)
{
    struct application *app = &e->app;
    struct plait_receive_queue *in = plait_flow_receive_queue(e->plain);
    struct plait_send_queue *out = plait_flow_send_queue(e->plain);
    uint32_t length;
    const uint8_t *octets;
    while ((octets = plait_receive_queue_peek(in, &length)) && length) {
        for (uint32_t i = 0; i < length; i++)
            app->is_wrong |= octets[i] != pattern(!e->side, app->read + i);
        app->read += length;
        plait_receive_queue_consume(in, length);
        plait_flow_consumed(e->plain);
    }
    while (app->written < app->to_write) {
        uint8_t octet = pattern(e->side, app->written);
        if (!plait_send_queue_write(out, &octet, 1))
            break;
        app->written++;
        plait_flow_wake(e->plain);
    }
}

static void act(struct end *e)
{
    if (e->plain) {
        act_plain(e);
        return;
    }
    if (!e->app.connection || e->app.is_closed)
        return;
    read_all(e);
    if (!e->app.is_closed)
        write_all(e);
}

void pair_step_output(struct pair *pair, unsigned side)
{
    struct end *e = &pair->ends[side];
    struct plait_path *path;
    static uint8_t octets[65536];
    act(e);
    for (unsigned guard = 0; (path = plait_stack_next_ready(&e->stack)); guard++) {
        struct plait_out out = {.octets = octets,
                                .room_octets = pair->super ? PLAIT_PACKET_MAX_OCTETS : 2048,
                                .offload_allowed = pair->super};
        assert_true(guard < 200000);
        if (plait_flow_output(path->flow, path, pair->now, &out)) {
            pair_send(pair, side, octets, out.length_octets);
            guard = 0;
        }
    }
    sweep(e);
}

static void advance(struct end *e)
{
    struct plait_timer *timer;
    while ((timer = plait_timers_due(&e->stack.timers, e->pair->now)))
        assert_true(plait_flow_timer(&e->stack, timer, e->pair->now) ||
                    plait_mptcp_timer(&e->world, timer, e->pair->now));
}

static void repeat_syn_acks(struct end *e)
{
    for (unsigned i = 0; i < END_REQUESTS; i++)
        if (e->requests[i].is_used && e->pair->now - e->requests[i].since_ns >= PLAIT_S) {
            e->requests[i].since_ns = e->pair->now;
            e->requests[i].handshake.syn_ack_at_ns = PLAIT_NEVER;
            send_syn_ack(e, &e->requests[i]);
        }
}

static plait_time_ns next_time(struct pair *pair)
{
    plait_time_ns at = PLAIT_NEVER;
    for (unsigned i = 0; i < pair->packet_count; i++)
        at = plait_earlier(at, pair->packets[i]->at_ns);
    for (unsigned side = 0; side < 2; side++) {
        struct end *e = &pair->ends[side];
        at = plait_earlier(at, plait_timers_deadline(&e->stack.timers));
        for (unsigned i = 0; i < END_REQUESTS; i++)
            if (e->requests[i].is_used)
                at = plait_earlier(at, e->requests[i].since_ns + PLAIT_S);
    }
    return at;
}

bool pair_run(struct pair *pair, plait_time_ns until_ns, bool (*done)(struct pair *pair))
{
    for (;;) {
        for (unsigned side = 0; side < 2; side++)
            pair_step_output(pair, side);
        if (done && done(pair))
            return true;
        plait_time_ns at = next_time(pair);
        if (at > until_ns) {
            pair->now = until_ns > pair->now ? until_ns : pair->now;
            return false;
        }
        if (at > pair->now)
            pair->now = at;
        struct packet *p = take_packet(pair);
        if (p) {
            struct plait_segment s;
            assert_ok(parse(pair, p->octets, p->length, &s));
            for (unsigned side = 0; side < 2; side++)
                if (is_own(&pair->ends[side], &s.ip.dst))
                    hear(&pair->ends[side], &s);
            free(p);
            continue;
        }
        for (unsigned side = 0; side < 2; side++) {
            advance(&pair->ends[side]);
            repeat_syn_acks(&pair->ends[side]);
        }
    }
}

void pair_wait(struct pair *pair, plait_time_ns for_ns)
{
    pair_run(pair, pair->now + for_ns, NULL);
}

/* ---- making ---------------------------------------------------------------------------------- */

static void end_make(struct pair *pair, unsigned side, const struct pair_setup *setup)
{
    struct end *e = &pair->ends[side];
    *e = (struct end){.pair = pair, .side = side, .config = setup->config[side]};
    e->addr_count = setup->addrs[side] ? setup->addrs[side] : 1;
    e->next_port = 40000;
    for (unsigned i = 0; i < e->addr_count; i++) {
        char text[PLAIT_ADDR_TEXT_OCTETS];
        if (setup->ipv6)
            snprintf(text, sizeof text, "2001:db8:%u::%u", side + 1, i + 1);
        else
            snprintf(text, sizeof text, "198.18.%u.%u", side + 1, i + 1);
        assert_ok(plait_addr_parse(text, &e->addrs[i]));
    }
    /* Of the kernel: the C library would fill all of it under meson (MALLOC_PERTURB_). */
    e->memory = mmap(NULL, MEMORY_OCTETS, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(e->memory != MAP_FAILED);
    e->arena = plait_arena(e->memory, MEMORY_OCTETS);
    struct plait_stack_config config = {.tcp = setup->tcp,
                                        .key = plait_draw_key(setup->seed * 2 + side + 1),
                                        .name = side ? "server" : "client",
                                        .flows_limit = END_FLOWS,
                                        .paths_limit = END_FLOWS + 8,
                                        .records_limit =
                                            setup->records_limit ? setup->records_limit : 8192,
                                        .chunk_octets = 2048,
                                        .payload_limit_octets = 32u << 20};
    e->stack = plait_stack(&e->arena, &config);
    e->stack.path_gone = path_gone;
    e->stack.machine = e;
    plait_mptcp_world(&e->world, &e->stack, 4, &machine, e);
}

void pair_make(struct pair *pair, const struct pair_setup *setup)
{
    memset(pair, 0, sizeof *pair);
    pair->dice = dice(setup->seed);
    pair->super = setup->super;
    for (unsigned i = 0; i < END_ADDRS; i++)
        pair->lines[i].delay_ns = (10 + 5 * i) * PLAIT_MS;
    for (unsigned side = 0; side < 2; side++)
        end_make(pair, side, setup);
}

void pair_free(struct pair *pair)
{
    for (unsigned side = 0; side < 2; side++) {
        struct end *e = &pair->ends[side];
        struct plait_mptcp *c = e->app.connection;
        if (c)
            plait_mptcp_free(c);
        if (e->plain)
            plait_flow_free(e->plain);
        assert_int_equal(e->stack.chunks.pool.alive, 0); /* nothing is kept of a connection */
        assert_int_equal(e->world.mappings.alive, 0);
        assert_int_equal(e->world.subflows.alive, 0);
        munmap(e->memory, MEMORY_OCTETS);
    }
    for (unsigned i = 0; i < pair->packet_count; i++)
        free(pair->packets[i]);
}

struct plait_place pair_place(struct pair *pair, unsigned side, unsigned addr, uint16_t port)
{
    return (struct plait_place){.addr = pair->ends[side].addrs[addr], .port = port};
}

void pair_dial(struct pair *pair)
{
    struct end *e = &pair->ends[0];
    struct plait_place local = pair_place(pair, 0, 0, 0), remote = pair_place(pair, 1, 0, PORT);
    e->app.connection = plait_mptcp_connect(&e->world, &e->config, &local, &remote, pair->now);
    assert_non_null(e->app.connection);
}

bool pair_is_established(struct pair *pair)
{
    return pair->ends[0].app.events[PLAIT_MPTCP_IS_ESTABLISHED] &&
           pair->ends[1].app.events[PLAIT_MPTCP_IS_ESTABLISHED];
}

bool pair_is_transferred(struct pair *pair)
{
    return pair->ends[0].app.read >= pair->ends[1].app.to_write &&
           pair->ends[1].app.read >= pair->ends[0].app.to_write;
}

bool pair_is_closed(struct pair *pair)
{
    return pair->ends[0].app.is_closed && pair->ends[1].app.is_closed;
}

void pair_transfer(struct pair *pair, uint64_t up, uint64_t down, plait_time_ns limit_ns)
{
    pair->ends[0].app.to_write += up;
    pair->ends[1].app.to_write += down;
    bool done = pair_run(pair, pair->now + limit_ns, pair_is_transferred);
    for (unsigned side = 0; side < 2; side++)
        assert_false(pair->ends[side].app.is_wrong);
    if (!done)
        fail_msg("client read %lu of %lu, server %lu of %lu", pair->ends[0].app.read,
                 pair->ends[1].app.to_write, pair->ends[1].app.read, pair->ends[0].app.to_write);
}

void pair_open(struct pair *pair)
{
    pair_dial(pair);
    assert_true(pair_run(pair, pair->now + 10 * PLAIT_S, pair_is_established));
    pair_transfer(pair, 1, 1, 10 * PLAIT_S);
    pair_wait(pair, 100 * PLAIT_MS);
}

void pair_join(struct pair *pair, unsigned index, unsigned to)
{
    struct end *e = &pair->ends[0];
    unsigned before = pair_subflows(pair, 1);
    struct plait_place local = pair_place(pair, 0, index, 0),
                       remote = pair_place(pair, 1, to, PORT);
    assert_ok(plait_mptcp_add_subflow(e->app.connection, pair->now, &local, &remote, false));
    pair_wait(pair, 300 * PLAIT_MS);
    assert_int_equal(pair_subflows(pair, 1), before + 1);
}

/* ---- looking and forging --------------------------------------------------------------------- */

uint64_t pair_counter(const struct pair *pair, unsigned side, enum plait_counter_name counter)
{
    return pair->ends[side].stack.counters.count[counter];
}

unsigned pair_subflows(struct pair *pair, unsigned side)
{
    return plait_mptcp_info(pair->ends[side].app.connection).subflow_count;
}

struct plait_subflow_info pair_subflow(struct pair *pair, unsigned side, unsigned index)
{
    struct plait_subflow_info info;
    assert_true(plait_mptcp_subflow(pair->ends[side].app.connection, index, &info));
    return info;
}

struct plait_segment pair_forge(struct pair *pair, unsigned side, unsigned index)
{
    struct plait_flow *flow = pair_subflow(pair, side, index).flow;
    const struct plait_path *path = plait_flow_first_path(flow);
    return (struct plait_segment){
        .ip = {.src = path->key.dst.addr,
               .dst = path->key.src.addr,
               .protocol = PLAIT_PROTOCOL_TCP,
               .ttl = 64},
        .src_port = path->key.dst.port,
        .dst_port = path->key.src.port,
        .flags = PLAIT_ACK,
        .seq = (uint32_t)plait_flow_received(flow) + plait_flow_peer_isn(flow),
        .ack = (uint32_t)plait_flow_next(flow) + plait_flow_isn(flow),
        .window = (uint16_t)((plait_flow_window_edge(flow) - plait_flow_unacked(flow)) >>
                             plait_flow_send_shift(flow))};
}

void pair_inject(struct pair *pair, unsigned side, const struct plait_segment *segment)
{
    uint8_t octets[2048];
    size_t length;
    struct plait_segment s;
    assert_ok(plait_segment_build(segment, octets, sizeof octets, &length));
    assert_ok(plait_segment_parse(octets, length, &s));
    hear(&pair->ends[side], &s);
    pair_wait(pair, PLAIT_MS);
}

void pair_add_path(struct pair *pair, unsigned side, unsigned from, unsigned to)
{
    struct plait_place local = pair_place(pair, side, from, 0),
                       remote = pair_place(pair, !side, to, 0);
    assert_ok(plait_mptcp_add_subflow(pair->ends[side].app.connection, pair->now, &local, &remote,
                                      false));
}

unsigned pair_paths(struct pair *pair, unsigned side)
{
    return plait_mptcp_info(pair->ends[side].app.connection).path_count;
}
