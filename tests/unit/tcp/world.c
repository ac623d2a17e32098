/* Two stacks, a wire between them, a virtual clock. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

enum { PERIOD = 65521, BUFFER = 1 << 17, MSS_V4 = 1460, CHUNK = 16384 };

/* ---- the pattern: a prime period, so that no shift of it looks right ---- */

static const uint8_t *pattern_of(int end)
{
    static uint8_t pattern[2][2 * PERIOD];
    static bool is_made;
    if (!is_made) {
        struct plait_draw_key key = plait_draw_key(77);
        for (int e = 0; e < 2; e++)
            for (unsigned i = 0; i < PERIOD; i++)
                pattern[e][i] = pattern[e][i + PERIOD] =
                    (uint8_t)plait_draw(&key, e ? "b" : "a", "octet", i);
        is_made = true;
    }
    return pattern[end];
}

void world_pattern(int end, uint64_t offset, uint8_t *octets, size_t length)
{
    while (length) {
        size_t part = length < PERIOD ? length : PERIOD;
        memcpy(octets, pattern_of(end) + offset % PERIOD, part);
        octets += part;
        offset += part;
        length -= part;
    }
}

static bool is_pattern(int end, uint64_t offset, const uint8_t *octets, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t part = length - at < PERIOD ? length - at : PERIOD;
        if (memcmp(octets + at, pattern_of(end) + (offset + at) % PERIOD, part) != 0)
            return false;
        at += part;
    }
    return true;
}

/* ---- making ---- */

static void heard(void *self, struct plait_flow *flow, plait_time_ns now,
                  enum plait_flow_event event, uint64_t detail)
{
    struct world_end *e = self;
    (void)flow, (void)now;
    e->events[event]++;
    e->details[event] = detail;
    if (event == PLAIT_FLOW_PEER_FIN)
        e->has_peer_fin = true;
}

static struct plait_addr address(bool is_ipv6, unsigned path, int end)
{
    struct plait_addr addr = {.family = is_ipv6 ? PLAIT_IPV6 : PLAIT_IPV4};
    static const uint8_t v4[2] = {198, 18}, v6[4] = {0x20, 0x01, 0x0d, 0xb8};
    memcpy(addr.octets, is_ipv6 ? v6 : v4, is_ipv6 ? 4 : 2);
    addr.octets[is_ipv6 ? 14 : 2] = (uint8_t)path;
    addr.octets[is_ipv6 ? 15 : 3] = (uint8_t)(end + 1);
    return addr;
}

/* Memory is used again: thousands of worlds live one after the other. */
static struct block {
    struct block *next;
    size_t octets;
} * blocks;

static void *block_take(size_t octets)
{
    struct block **link = &blocks;
    while (*link && (*link)->octets != octets)
        link = &(*link)->next;
    struct block *found = *link;
    if (!found)
        return aligned_alloc(16, octets);
    *link = found->next;
    return found;
}

static void block_give(void *memory, size_t octets)
{
    struct block *block = memory;
    *block = (struct block){blocks, octets};
    blocks = block;
}

static void blocks_free(void)
{
    while (blocks) {
        struct block *block = blocks;
        blocks = block->next;
        free(block);
    }
}

static void end_init(struct world *w, int i)
{
    const struct world_config *c = &w->config;
    struct world_end *e = &w->end[i];
    size_t octets = c->memory_octets ? c->memory_octets : (size_t)64 << 20;
    e->memory = block_take(octets);
    e->arena = plait_arena(e->memory, octets);
    struct plait_stack_config config = {.tcp = c->tcp[i],
                                        .key = plait_draw_key(c->seed + (uint64_t)i),
                                        .name = i ? "b" : "a",
                                        .flows_limit = 4,
                                        .paths_limit = 8,
                                        .records_limit = c->records_limit ? c->records_limit : 8192,
                                        .chunk_octets = c->chunk_octets ? c->chunk_octets : CHUNK,
                                        .payload_limit_octets = octets / 2};
    e->stack = plait_stack(&e->arena, &config);
    for (unsigned path = 0; path < WORLD_PATHS_MAX; path++) {
        struct plait_place at[2];
        for (int k = 0; k < 2; k++)
            at[k] = (struct plait_place){address(c->is_ipv6, path, k), (uint16_t)(k ? 80 : 4000)};
        e->key[path] = (struct plait_flow_key){at[i], at[!i]};
    }
}

static struct plait_flow_setup setup_of(struct world *w, int i)
{
    struct world_end *e = &w->end[i];
    struct plait_flow_setup setup = {.key = e->key[0],
                                     .owner_table = w->config.owner[i],
                                     .owner = e,
                                     .event = heard,
                                     .isn = w->config.isn[i],
                                     .timestamp_offset = 0xfffff000u + (uint32_t)i};
    if (setup.owner_table)
        setup.owner = w->config.owner_self[i];
    return setup;
}

static struct world *make(const struct world_config *config)
{
    static bool is_tidied;
    if (!is_tidied)
        atexit(blocks_free);
    is_tidied = true;
    struct world *w = calloc(1, sizeof *w);
    w->config = *config;
    w->key = plait_draw_key(config->seed);
    w->now = PLAIT_S;
    w->buffer = malloc(BUFFER);
    for (unsigned path = 0; path < WORLD_PATHS_MAX; path++)
        w->link[path][A] = w->link[path][B] = config->link;
    end_init(w, A);
    end_init(w, B);
    struct plait_flow_setup setup = setup_of(w, A);
    w->end[A].flow = plait_flow_connect(&w->end[A].stack, &setup, w->now);
    return w;
}

struct world *world_new(const struct world_config *config)
{
    struct world *w = make(config);
    w->is_listening = true;
    return w;
}

struct world *world_new_simultaneous(const struct world_config *config)
{
    struct world *w = make(config);
    struct plait_flow_setup setup = setup_of(w, B);
    w->end[B].flow = plait_flow_connect(&w->end[B].stack, &setup, w->now);
    return w;
}

void world_add_path(struct world *w)
{
    for (int i = 0; i < 2; i++)
        plait_flow_add_path(w->end[i].flow, &w->end[i].key[1], w->now);
}

void world_free(struct world *w)
{
    while (w->first) {
        struct world_packet *p = w->first;
        w->first = p->next;
        free(p);
    }
    for (int i = 0; i < 2; i++) {
        if (w->end[i].flow)
            plait_flow_free(w->end[i].flow);
        PLAIT_CHECK(w->end[i].stack.records.alive == 0 && w->end[i].stack.paths.alive == 0);
        PLAIT_CHECK(w->end[i].stack.chunks.pool.alive == 0 && w->end[i].stack.ranges.alive == 0);
        block_give(w->end[i].memory, w->end[i].arena.room_octets);
    }
    free(w->buffer);
    free(w);
}

/* ---- the wire ---- */

static bool happens(struct world *w, const char *what, uint32_t ppm)
{
    return ppm && plait_draw_below(&w->key, "wire", what, w->draws++, 1000000) < ppm;
}

static void enqueue(struct world *w, plait_time_ns at, int to, unsigned path, const uint8_t *octets,
                    uint32_t length, const struct plait_offload *offload)
{
    struct world_packet *p = malloc(sizeof *p + length);
    *p = (struct world_packet){.at_ns = at,
                               .to = (uint8_t)to,
                               .path = (uint8_t)path,
                               .length_octets = length,
                               .offload = *offload};
    memcpy(p->octets, octets, length);
    if (!w->first || w->last->at_ns <= at) {
        if (w->first)
            w->last->next = p;
        else
            w->first = p;
        w->last = p;
        return;
    }
    struct world_packet **link = &w->first;
    while ((*link)->at_ns <= at)
        link = &(*link)->next;
    p->next = *link;
    *link = p;
}

/* When a packet that is sent now arrives; PLAIT_NEVER if the queue is full. */
static plait_time_ns arrival(struct world *w, unsigned path, int from, uint32_t length)
{
    const struct world_link *l = &w->link[path][from];
    if (!l->rate_bits_per_s)
        return w->now + l->delay_ns;
    plait_time_ns *is_free = &w->link_free_ns[path][from];
    plait_time_ns start = *is_free > w->now ? *is_free : w->now;
    uint64_t waiting = (uint64_t)(start - w->now) * l->rate_bits_per_s / 8 / 1000000000u;
    if (l->queue_octets && waiting + length > l->queue_octets)
        return PLAIT_NEVER;
    *is_free = start + (plait_time_ns)((uint64_t)length * 8 * 1000000000u / l->rate_bits_per_s);
    return *is_free + l->delay_ns;
}

static void put_on_wire(struct world *w, int from, unsigned path, const uint8_t *octets,
                        uint32_t length, const struct plait_offload *offload)
{
    const struct world_link *l = &w->link[path][from];
    struct plait_segment s;
    plait_result parsed = offload->needs_checksum ? plait_segment_parse_unsummed(octets, length, &s)
                                                  : plait_segment_parse(octets, length, &s);
    PLAIT_CHECK(plait_ok(parsed));
    w->end[from].packets++;
    w->end[from].octets += length;
    w->seen[from] = s;
    w->seen[from].payload = NULL;
    bool is_passed = !w->filter || w->filter(w, from, &s);
    if (!is_passed || l->is_cut || (l->mtu_octets && length > l->mtu_octets) ||
        happens(w, "loss", l->loss_ppm))
        return;
    plait_time_ns at = arrival(w, path, from, length);
    if (at == PLAIT_NEVER)
        return;
    if (happens(w, "reorder", l->reorder_ppm))
        at += (plait_time_ns)plait_draw_below(&w->key, "wire", "late", w->draws++,
                                              (uint64_t)(l->delay_ns + PLAIT_MS));
    enqueue(w, at, !from, path, octets, length, offload);
    if (happens(w, "duplicate", l->duplicate_ppm))
        enqueue(w, at + PLAIT_MS, !from, path, octets, length, offload);
}

static unsigned path_number(const struct world *w, int end, const struct plait_path *path)
{
    return plait_flow_equal(&path->key, &w->end[end].key[1]);
}

static void flush_end(struct world *w, int i)
{
    struct world_end *e = &w->end[i];
    for (struct plait_path *path; (path = plait_stack_next_ready(&e->stack));) {
        for (;;) {
            struct plait_out out = {.octets = w->buffer,
                                    .room_octets = w->config.offload ? 65535 : path->mtu_octets,
                                    .offload_allowed = w->config.offload};
            unsigned number = path_number(w, i, path);
            if (!plait_flow_output(path->flow, path, w->now, &out))
                break;
            put_on_wire(w, i, number, w->buffer, out.length_octets, &out.offload);
        }
    }
}

void world_flush(struct world *w)
{
    flush_end(w, A);
    flush_end(w, B);
}

/* ---- what host/ does ---- */

static void send_syn_ack(struct world *w)
{
    struct plait_flow_handshake *h = &w->request;
    struct world_end *e = &w->end[B];
    struct plait_segment s = {.ip = {.src = e->key[0].src.addr,
                                     .dst = e->key[0].dst.addr,
                                     .ttl = 64,
                                     .dont_fragment = true},
                              .src_port = e->key[0].src.port,
                              .dst_port = e->key[0].dst.port,
                              .seq = h->isn,
                              .ack = h->peer_isn + 1,
                              .flags = PLAIT_SYN | PLAIT_ACK};
    uint32_t limit = e->stack.config.receive_limit_octets;
    s.window = (uint16_t)(limit < UINT16_MAX ? limit : UINT16_MAX);
    s.options = (struct plait_tcp_options){
        .has_mss = true,
        .mss = (uint16_t)(e->stack.config.mtu_octets - (w->config.is_ipv6 ? 60 : 40)),
        .has_window_scale = h->window_scale,
        .window_scale = h->receive_shift,
        .sack_permitted = h->sack,
        .has_timestamps = h->timestamps,
        .timestamp = (uint32_t)(w->now / PLAIT_MS) + h->timestamp_offset,
        .timestamp_echo = h->peer_timestamp};
    size_t length;
    plait_result built = plait_segment_build(&s, w->buffer, BUFFER, &length);
    PLAIT_CHECK(plait_ok(built));
    put_on_wire(w, B, 0, w->buffer, (uint32_t)length, &(struct plait_offload){0});
    h->syn_ack_at_ns = w->request_again_ns ? PLAIT_NEVER : w->now;
    w->request_again_ns = w->now + PLAIT_S;
}

static void take_syn(struct world *w, const struct plait_segment *s)
{
    const struct plait_stack *stack = &w->end[B].stack;
    const struct plait_tcp_options *o = &s->options;
    if (!w->has_request) {
        w->request = (struct plait_flow_handshake){
            .isn = w->config.isn[B],
            .peer_isn = s->seq,
            .peer_mss = o->has_mss ? o->mss : 536,
            .sack = o->sack_permitted && !stack->config.no_sack,
            .timestamps = o->has_timestamps && !stack->config.no_timestamps,
            .window_scale = o->has_window_scale && !stack->config.no_window_scale,
            .send_shift = o->window_scale,
            .receive_shift = plait_window_shift(stack),
            .timestamp_offset = 12345,
            .peer_timestamp = o->timestamp,
            .send_window_octets = s->window};
        w->has_request = true;
    }
    send_syn_ack(w);
}

static void take_third_ack(struct world *w, const struct plait_segment *s)
{
    if (!w->has_request || !(s->flags & PLAIT_ACK) || s->ack != w->request.isn + 1 ||
        s->flags & PLAIT_RST)
        return;
    w->request.send_window_octets = (uint32_t)s->window
                                    << (w->request.window_scale ? w->request.send_shift : 0);
    struct plait_flow_setup setup = setup_of(w, B);
    w->end[B].flow = plait_flow_accept(&w->end[B].stack, &setup, &w->request, w->now);
    w->has_request = false;
    plait_flow_input(w->end[B].flow, plait_flow_first_path(w->end[B].flow), w->now, s);
}

static struct plait_path *find_path(struct world *w, int to, const struct plait_segment *s)
{
    struct plait_flow_key flow = plait_segment_flow(s);
    struct plait_flow_key own = plait_flow_reversed(&flow);
    struct plait_flow *f = w->end[to].flow;
    for (struct plait_path *p = f ? plait_flow_first_path(f) : NULL; p; p = p->next)
        if (plait_flow_equal(&p->key, &own))
            return p;
    return NULL;
}

static void deliver(struct world *w, int to, const struct plait_segment *s)
{
    struct plait_path *path = find_path(w, to, s);
    if (path)
        plait_flow_input(path->flow, path, w->now, s);
    else if (to == B && w->is_listening && !w->end[B].flow && s->flags == PLAIT_SYN)
        take_syn(w, s);
    else if (to == B && !w->end[B].flow)
        take_third_ack(w, s);
}

/* ---- applications ---- */

static void write_some(struct world *w, int i)
{
    struct world_end *e = &w->end[i];
    struct plait_send_queue *q = plait_flow_send_queue(e->flow);
    bool wrote = false;
    while (e->written < e->to_write) {
        uint32_t room;
        uint8_t *at = plait_send_queue_reserve(q, &room);
        if (!at)
            break;
        uint64_t left = e->to_write - e->written;
        room = left < room ? (uint32_t)left : room;
        world_pattern(i, e->write_from + e->written, at, room);
        plait_send_queue_commit(q, room);
        e->written += room;
        wrote = true;
    }
    if (wrote)
        plait_flow_wake(e->flow);
    if (e->closes && !e->has_closed && e->written == e->to_write) {
        e->has_closed = true;
        plait_flow_close(e->flow, w->now);
    }
}

static void read_some(struct world *w, int i)
{
    struct world_end *e = &w->end[i];
    struct plait_receive_queue *q = plait_flow_receive_queue(e->flow);
    uint32_t length;
    bool has_read = false;
    for (const uint8_t *at; !e->is_deaf && (at = plait_receive_queue_peek(q, &length));) {
        e->is_corrupt |= !is_pattern(!i, w->end[!i].write_from + e->read, at, length);
        plait_receive_queue_consume(q, length);
        e->read += length;
        has_read = true;
    }
    if (has_read)
        plait_flow_consumed(e->flow);
}

static void run_applications(struct world *w)
{
    for (int i = 0; i < 2; i++) {
        struct plait_flow *f = w->end[i].flow;
        if (!f || !plait_flow_send_queue(f))
            continue;
        read_some(w, i);
        if (plait_flow_state(f) != PLAIT_FLOW_CLOSED)
            write_some(w, i);
    }
}

/* ---- time ---- */

static plait_time_ns next_time(struct world *w)
{
    plait_time_ns next = w->first ? w->first->at_ns : PLAIT_NEVER;
    for (int i = 0; i < 2; i++)
        next = plait_earlier(next, plait_timers_deadline(&w->end[i].stack.timers));
    if (w->has_request)
        next = plait_earlier(next, w->request_again_ns);
    return next;
}

static void advance(struct world *w)
{
    for (int i = 0; i < 2; i++)
        for (struct plait_timer *t; (t = plait_timers_due(&w->end[i].stack.timers, w->now));)
            PLAIT_CHECK(plait_flow_timer(&w->end[i].stack, t, w->now));
    if (w->has_request && w->now >= w->request_again_ns)
        send_syn_ack(w);
}

/* At most a batch of packets, so that acknowledgments are sent between them, as in real life. */
static void receive(struct world *w)
{
    while (w->first && w->first->at_ns <= w->now) {
        struct world_packet *p = w->first;
        w->first = p->next;
        struct plait_segment s;
        plait_result parsed = p->offload.needs_checksum
                                  ? plait_segment_parse_unsummed(p->octets, p->length_octets, &s)
                                  : plait_segment_parse(p->octets, p->length_octets, &s);
        PLAIT_CHECK(plait_ok(parsed));
        deliver(w, p->to, &s);
        free(p);
        run_applications(w);
        world_flush(w);
    }
}

bool world_run(struct world *w, bool (*until)(const struct world *w), plait_time_ns limit_ns)
{
    plait_time_ns end = w->now + limit_ns;
    run_applications(w);
    world_flush(w);
    for (;;) {
        if (until && until(w))
            return true;
        plait_time_ns next = next_time(w);
        if (next > end) {
            w->now = end;
            return false;
        }
        if (next > w->now)
            w->now = next;
        receive(w);
        advance(w);
        run_applications(w);
        world_flush(w);
    }
}

void world_pass(struct world *w, plait_time_ns time_ns)
{
    (void)world_run(w, NULL, time_ns);
}

/* ---- asking ---- */

static enum plait_flow_state state(const struct world *w, int i)
{
    return w->end[i].flow ? plait_flow_state(w->end[i].flow) : PLAIT_FLOW_CLOSED;
}

bool world_is_open(const struct world *w)
{
    return state(w, A) >= PLAIT_FLOW_ESTABLISHED && state(w, B) >= PLAIT_FLOW_ESTABLISHED;
}

bool world_all_arrived(const struct world *w)
{
    return w->end[A].read == w->end[B].to_write && w->end[B].read == w->end[A].to_write;
}

bool world_both_closed(const struct world *w)
{
    for (int i = 0; i < 2; i++)
        if (!w->end[i].flow ||
            (state(w, i) != PLAIT_FLOW_CLOSED && state(w, i) != PLAIT_FLOW_TIME_WAIT))
            return false;
    return true;
}

bool world_is_quiet(const struct world *w)
{
    return !w->first;
}

struct plait_segment world_forge(const struct world *w, int from, uint8_t flags)
{
    const struct world_end *e = &w->end[from];
    const struct plait_flow *f = e->flow;
    struct plait_segment s = {.ip = {.src = e->key[0].src.addr, .dst = e->key[0].dst.addr},
                              .src_port = e->key[0].src.port,
                              .dst_port = e->key[0].dst.port,
                              .flags = flags,
                              .seq = f->isn + (uint32_t)f->send.next,
                              .ack = f->peer_isn + (uint32_t)f->receive.edge,
                              .window = 60000};
    s.options.has_timestamps = f->stamps.is_used;
    s.options.timestamp = (uint32_t)(w->now / PLAIT_MS) + f->stamps.offset;
    s.options.timestamp_echo = (uint32_t)f->stamps.recent;
    return s;
}

void world_inject(struct world *w, int from, const struct plait_segment *segment)
{
    struct plait_segment s;
    size_t length;
    plait_result result = plait_segment_build(segment, w->buffer, BUFFER, &length);
    PLAIT_CHECK(plait_ok(result));
    uint8_t *copy = malloc(length);
    memcpy(copy, w->buffer, length);
    result = plait_segment_parse(copy, length, &s);
    PLAIT_CHECK(plait_ok(result));
    deliver(w, !from, &s);
    run_applications(w);
    free(copy);
}

uint64_t world_count(const struct world *w, int end, enum plait_counter_name counter)
{
    return w->end[end].stack.counters.count[counter];
}
