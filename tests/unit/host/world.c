/* Two hosts, a wire, applications that know what each octet must be. */
#include "tests/unit/host/world.h"

#include <stdlib.h>

/* ---- making ---- */

struct plait_host_config small_config(void)
{
    return (struct plait_host_config){
        .limits = {.connections = 16,
                   .flows = 32,
                   .listeners = 4,
                   .requests = 16,
                   .segments = 2048,
                   .chunk_octets = 2048,
                   .payload_octets = 1 << 20},
        .options = {.send_limit_octets = 128 << 10, .receive_limit_octets = 128 << 10}};
}

static void trace(void *self, const struct plait_trace_event *event)
{
    struct world *w = self;
    plait_hash_u64(&w->traces, (uint64_t)event->at_ns);
    plait_hash_u64(&w->traces,
                   (uint64_t)event->kind << 48 | (uint64_t)event->connection << 24 | event->flow);
    plait_hash_u64(&w->traces, event->a);
    plait_hash_u64(&w->traces, event->b);
    plait_hash_u64(&w->traces, event->c);
    if (getenv("PLAIT_TRACE")) {
        char line[200];
        plait_trace_text(event, line, sizeof line);
        print_message("%s\n", line);
    }
}

struct plait_place place(const char *addr, uint16_t port)
{
    struct plait_place p = {.port = port};
    assert_ok(plait_addr_parse(addr, &p.addr));
    return p;
}

struct world *world_new(const struct plait_host_config *configs[2])
{
    static const char *const addrs[2][3] = {{"198.18.1.1", "198.18.1.2", "2001:db8:1::1"},
                                            {"198.18.2.1", "198.18.2.2", "2001:db8:2::1"}};
    struct world *w = calloc(1, sizeof *w);
    w->wire = calloc(WIRE_PACKETS, sizeof *w->wire);
    w->delay_ns = 10 * PLAIT_MS;
    w->packets = w->traces = plait_hasher(0);
    for (int i = 0; i < 2; i++) {
        struct plait_host_config config = configs ? *configs[i] : small_config();
        struct plait_environment *e = &config.environment;
        if (!e->memory_octets)
            e->memory_octets = (plait_host_memory(&config.limits) + 15) & ~(size_t)15;
        e->memory = aligned_alloc(16, e->memory_octets);
        e->seed[0] = 1, e->seed[1] = 2;
        e->name = i ? "server" : "client";
        e->trace = trace;
        e->trace_self = w;
        w->memory_octets[i] = e->memory_octets;
        w->host[i] = plait_host_new(&config);
        assert_non_null(w->host[i]);
        for (int a = 0; a < 3; a++) {
            struct plait_place p = place(addrs[i][a], 0);
            assert_ok(plait_host_add_addr(w->host[i], 0, &p.addr));
        }
    }
    return w;
}

void world_free(struct world *w)
{
    for (int i = 0; i < 2; i++)
        free(w->host[i]); /* the host is the front of its memory */
    free(w->wire);
    free(w);
}

/* ---- the wire ---- */

static void send_all(struct world *w, int from)
{
    for (;;) {
        struct wire_packet *p = &w->wire[w->last % WIRE_PACKETS];
        struct plait_out out = {.octets = p->octets, .room_octets = PACKET_ROOM};
        if (!plait_host_output(w->host[from], w->now_ns, &out))
            return;
        assert_true(out.length_octets > 0 && out.length_octets <= PACKET_ROOM);
        p->length_octets = out.length_octets;
        p->at_ns = w->now_ns + w->delay_ns;
        p->to = (uint8_t)!from;
        plait_hash_octets(&w->packets, p->octets, p->length_octets);
        w->packet_count++;
        if (w->loses && w->loses(w->loses_self, p))
            continue;
        w->last++;
        assert_true(w->last - w->first < WIRE_PACKETS);
    }
}

void world_flush(struct world *w)
{
    send_all(w, 0);
    send_all(w, 1);
}

static plait_time_ns next_event(struct world *w)
{
    plait_time_ns next = w->first != w->last ? w->wire[w->first % WIRE_PACKETS].at_ns : PLAIT_NEVER;
    for (int i = 0; i < 2; i++)
        next = plait_earlier(next, plait_host_deadline(w->host[i]));
    return next;
}

void world_run(struct world *w, plait_time_ns until_ns)
{
    world_flush(w);
    for (unsigned still = 0; still < 100000; still++) {
        plait_time_ns next = next_event(w);
        if (next > until_ns)
            break;
        if (next > w->now_ns) {
            w->now_ns = next;
            still = 0;
        }
        while (w->first != w->last && w->wire[w->first % WIRE_PACKETS].at_ns <= w->now_ns) {
            struct wire_packet *p = &w->wire[w->first++ % WIRE_PACKETS];
            plait_host_input(w->host[p->to], w->now_ns, p->octets, p->length_octets, NULL);
            send_all(w, p->to);
        }
        for (int i = 0; i < 2; i++)
            plait_host_advance(w->host[i], w->now_ns);
        world_flush(w);
        if (still == 99999)
            fail_msg("time stands still at %lld ns", (long long)w->now_ns);
    }
    if (w->now_ns < until_ns && until_ns != PLAIT_NEVER)
        w->now_ns = until_ns;
}

void world_run_for(struct world *w, plait_time_ns duration_ns)
{
    world_run(w, w->now_ns + duration_ns);
}

void world_inject(struct world *w, int to, const struct plait_segment *s)
{
    uint8_t octets[PACKET_ROOM];
    size_t length;
    assert_ok(plait_segment_build(s, octets, sizeof octets, &length));
    if (s->payload_octets)
        memcpy(octets + length - s->payload_octets, s->payload, s->payload_octets);
    plait_host_input(w->host[to], w->now_ns, octets, length, NULL);
}

bool world_take(struct world *w, int host, struct plait_segment *s, uint8_t octets[PACKET_ROOM])
{
    struct plait_out out = {.octets = octets, .room_octets = PACKET_ROOM};
    if (!plait_host_output(w->host[host], w->now_ns, &out))
        return false;
    assert_ok(plait_segment_parse(octets, out.length_octets, s));
    return true;
}

struct plait_segment segment(const struct plait_place *from, const struct plait_place *to,
                             uint8_t flags, uint32_t seq, uint32_t ack)
{
    return (struct plait_segment){
        .ip = {.src = from->addr, .dst = to->addr, .protocol = PLAIT_PROTOCOL_TCP, .ttl = 64},
        .src_port = from->port,
        .dst_port = to->port,
        .flags = flags,
        .seq = seq,
        .ack = ack,
        .window = 65535};
}

uint64_t count_of(const struct world *w, int host, enum plait_counter_name counter)
{
    return plait_host_counters(w->host[host])->count[counter];
}

/* ---- applications ---- */

uint8_t pattern(uint32_t salt, uint64_t offset)
{
    uint64_t x = (offset + 1) * 0x9e3779b97f4a7c15u ^ salt * 0xbf58476d1ce4e5b9u;
    return (uint8_t)(x >> 29 ^ x >> 47);
}

static void write_some(struct app *app, plait_time_ns now)
{
    uint32_t room;
    for (uint8_t *at;
         app->sent < app->to_send && (at = plait_connection_reserve(app->c, &room)) && room > 0;) {
        if (room > app->to_send - app->sent)
            room = (uint32_t)(app->to_send - app->sent);
        for (uint32_t i = 0; i < room; i++)
            at[i] = pattern(app->salt, app->sent + i);
        assert_ok(plait_connection_commit(app->c, now, room));
        app->sent += room;
    }
}

static void read_some(struct app *app, plait_time_ns now)
{
    uint32_t length;
    for (const uint8_t *at;
         !app->keeps && (at = plait_connection_peek(app->c, &length)) && length > 0;) {
        for (uint32_t i = 0; i < length; i++)
            app->is_wrong |= at[i] != pattern(app->salt ^ 1, app->read + i);
        app->read += length;
        assert_ok(plait_connection_consume(app->c, now, length));
    }
}

void app_step(struct app *app, plait_time_ns now)
{
    write_some(app, now);
    read_some(app, now);
    struct plait_status s = plait_connection_status(app->c);
    assert_true(s.received_octets >= app->read && s.written_octets == app->sent);
    assert_true(s.acked_octets <= s.written_octets);
    if (app->close_when_sent && app->sent == app->to_send && s.stage == PLAIT_STAGE_OPEN)
        assert_ok(plait_connection_close(app->c, now));
}

static void changed(void *user, struct plait_connection *c, plait_time_ns now)
{
    struct app *app = user;
    assert_ptr_equal(app->c, c);
    app->changes++;
    app_step(app, now);
}

static void accepted(void *user, struct plait_connection *c, plait_time_ns now)
{
    struct app *app = user;
    app->c = c;
    app->was_accepted = true;
    app_step(app, now);
}

struct plait_callbacks app_callbacks(void)
{
    return (struct plait_callbacks){.accepted = accepted, .changed = changed};
}

void world_connect(struct world *w, struct app apps[2], const struct plait_options *options)
{
    struct plait_callbacks callbacks = app_callbacks();
    struct plait_place server = place("198.18.2.1", 80);
    apps[1].salt = apps[0].salt ^ 1;
    assert_ok(
        plait_listen(w->host[1], w->now_ns, NULL, 80, options, 0, &callbacks, &apps[1], NULL));
    assert_ok(plait_connect(w->host[0], w->now_ns, NULL, &server, options, &callbacks, &apps[0],
                            &apps[0].c));
}
