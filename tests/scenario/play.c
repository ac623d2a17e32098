/* Both phases of a scenario, and what must hold. */
#include <inttypes.h>
#include <stdio.h>

#include "tests/scenario/scenario.h"

static void fail(struct scenario *s, const char *why)
{
    if (!s->failure)
        s->failure = why;
}

/* ---- applications ---- */

uint8_t app_pattern(uint32_t salt, uint64_t offset)
{
    uint64_t x = (offset + 1) * 0x9e3779b97f4a7c15u ^ salt * 0xbf58476d1ce4e5b9u;
    return (uint8_t)(x >> 29 ^ x >> 47);
}

static void app_write(struct app *a, plait_time_ns now)
{
    uint32_t room;
    for (uint8_t *at;
         a->sent < a->to_send && (at = plait_connection_reserve(a->c, &room)) && room;) {
        if (room > a->to_send - a->sent)
            room = (uint32_t)(a->to_send - a->sent);
        for (uint32_t i = 0; i < room; i++)
            at[i] = app_pattern(a->salt, a->sent + i);
        a->is_wrong |= !plait_ok(plait_connection_commit(a->c, now, room));
        a->sent += room;
    }
}

static void app_read(struct app *a, plait_time_ns now)
{
    uint32_t length, left = a->bite_octets;
    for (const uint8_t *at; left && (at = plait_connection_peek(a->c, &length)) && length;) {
        length = length < left ? length : left;
        for (uint32_t i = 0; i < length; i++)
            a->is_wrong |= at[i] != app_pattern(a->salt ^ 1, a->read + i);
        a->read += length;
        left -= length;
        a->is_wrong |= !plait_ok(plait_connection_consume(a->c, now, length));
    }
}

static void app_step(struct app *a, plait_time_ns now)
{
    if (!a->c || now < a->next_ns)
        return;
    a->next_ns = now + a->pause_ns;
    app_write(a, now);
    app_read(a, now);
    if (a->sent == a->to_send && plait_connection_status(a->c).stage == PLAIT_STAGE_OPEN)
        (void)plait_connection_close(a->c, now);
}

static void changed(void *user, struct plait_connection *c, plait_time_ns now)
{
    (void)c;
    app_step(user, now);
}

static void accepted(void *user, struct plait_connection *c, plait_time_ns now)
{
    ((struct app *)user)->c = c;
    app_step(user, now);
}

/* Ended, and nothing is left to read. */
static bool is_over(const struct app *a)
{
    if (!a->c)
        return false;
    struct plait_status s = plait_connection_status(a->c);
    return s.stage > PLAIT_STAGE_CLOSED ||
           (s.stage == PLAIT_STAGE_CLOSED && s.readable_octets == 0);
}

/* ---- acts ---- */

static void excuse(struct scenario *s, const char *why)
{
    if (!s->excuse)
        s->excuse = why;
}

static void lose_all(struct scenario *s, unsigned path, bool all)
{
    struct plait_link_config config = s->configs[path];
    if (all)
        config.loss_per_million = 1000000;
    plait_net_set_link(s->net, s->links[path], &config);
}

static plait_result act_on_connection(struct scenario *s, const struct act *a, plait_time_ns now)
{
    struct plait_connection *c = s->apps[a->end].c;
    struct plait_place here = scenario_place(s, a->end, a->path, 0);
    struct plait_place there = scenario_place(s, !a->end, a->path, a->end ? 5000 : 80);
    switch (a->kind) {
    case ACT_ADD_PATH:
    case ACT_SERVER_ADD_PATH:
        return plait_connection_add_path(c, now, &here, &there, a->flag);
    case ACT_REMOVE_PATH:
        excuse(s, "a path was removed, perhaps the only one that worked");
        return plait_connection_remove_path(c, now, a->path);
    case ACT_BACKUP:
        return plait_connection_set_backup(c, now, a->path, a->flag);
    case ACT_ANNOUNCE:
        return plait_connection_announce(c, now, &here);
    case ACT_ABORT:
        excuse(s, "an application aborted");
        return plait_connection_abort(c, now, a->flag);
    default:
        return PLAIT_OK;
    }
}

static void act(struct scenario *s, struct act a)
{
    plait_time_ns now = plait_net_now(s->net);
    struct plait_place own = scenario_place(s, a.end, a.path, 0);
    if (a.kind == ACT_ADD_PATH || a.kind == ACT_SERVER_ADD_PATH)
        a.end = a.kind == ACT_SERVER_ADD_PATH;
    plait_result done = PLAIT_OK; /* whether it was possible is the host's to say */
    if (a.kind == ACT_CUT || a.kind == ACT_HEAL) {
        lose_all(s, a.path, a.kind == ACT_CUT);
    } else if (a.kind == ACT_REMOVE_ADDR) {
        excuse(s, "an address went");
        done = plait_host_remove_addr(s->hosts[a.end], now, &own.addr);
    } else if (a.kind == ACT_RETURN_ADDR) {
        done = plait_host_add_addr(s->hosts[a.end], now, &own.addr);
    } else if (s->apps[a.end].c) {
        done = act_on_connection(s, &a, now);
    }
    (void)done;
}

/* ---- what must hold always ---- */

static bool passes_limits(const struct scenario *s, unsigned end)
{
    const struct plait_host *h = s->hosts[end];
    struct plait_host_usage u = plait_host_usage(h);
    return plait_host_used(h) > s->memory_octets[end] || u.flows[0] > u.flows[2] ||
           u.connections[0] > u.connections[2] || u.segments[0] > u.segments[2] ||
           u.payload_octets[0] > u.payload_octets[2] || u.requests[0] > u.requests[2];
}

static void check(struct scenario *s)
{
    for (unsigned end = 0; end < 2; end++) {
        if (s->apps[end].is_wrong)
            fail(s, "an application read what its peer did not write there");
        if (s->apps[end].read > s->apps[!end].sent)
            fail(s, "more was read than written");
        if (passes_limits(s, end))
            fail(s, "a limit was passed");
    }
}

static bool stop(void *self)
{
    struct scenario *s = self;
    check(s);
    return s->failure || (is_over(&s->apps[0]) && is_over(&s->apps[1]));
}

/* ---- phases ---- */

/* Slow readers are stepped here; the net's own events do the rest. */
static bool run_until(struct scenario *s, plait_time_ns until_ns)
{
    for (;;) {
        plait_time_ns next_ns = until_ns;
        for (unsigned end = 0; end < 2; end++) {
            const struct app *a = &s->apps[end];
            if (a->pause_ns && !is_over(a))
                next_ns = plait_earlier(next_ns, plait_net_now(s->net) + a->pause_ns);
        }
        if (plait_net_run(s->net, next_ns, stop, s))
            return true;
        if (next_ns == until_ns)
            return false;
        for (unsigned end = 0; end < 2; end++)
            app_step(&s->apps[end], plait_net_now(s->net));
    }
}

static void start(struct scenario *s)
{
    if (s->stripper.ways && s->stripper.from_ns > 0) /* RFC 8684 §3.7: there may be no way back */
        excuse(s, "the options vanish in mid-connection");
    static const struct plait_callbacks callbacks = {accepted, changed};
    struct plait_place server = scenario_place(s, 1, 0, 80), client = scenario_place(s, 0, 0, 0);
    if (!plait_ok(plait_listen(s->hosts[1], 0, NULL, 80, NULL, 0, &callbacks, &s->apps[1], NULL)) ||
        !plait_ok(plait_connect(s->hosts[0], 0, &client, &server, NULL, &callbacks, &s->apps[0],
                                &s->apps[0].c)))
        fail(s, "the client cannot dial");
}

static void safety(struct scenario *s)
{
    for (unsigned i = 0; i < s->act_count; i++) {
        if (run_until(s, s->acts[i].at_ns))
            return;
        act(s, s->acts[i]);
    }
    (void)run_until(s, PHASE_1_S * PLAIT_S);
}

static void liveness(struct scenario *s)
{
    for (unsigned path = 0; path < s->path_count; path++) {
        s->configs[path].loss_per_million = 0;
        lose_all(s, path, false);
    }
    (void)run_until(s, (PHASE_1_S + PHASE_2_S) * PLAIT_S);
}

static void judge_end(struct scenario *s, unsigned end)
{
    const struct app *a = &s->apps[end];
    if (!a->c) {
        if (!s->excuse)
            fail(s, "the connection was never accepted");
        return;
    }
    struct plait_status status = plait_connection_status(a->c);
    size_t used = strlen(s->detail);
    snprintf(s->detail + used, sizeof s->detail - used,
             " %s %s, %s, sent %" PRIu64 "/%" PRIu64 ", read %" PRIu64 ";",
             end ? "server" : "client", plait_stage_text(status.stage),
             status.is_multipath ? "MPTCP" : "TCP", a->sent, a->to_send, a->read);
    if (status.stage == PLAIT_STAGE_CLOSED) {
        if (a->read != s->apps[!end].to_send || a->sent != a->to_send)
            fail(s, "closed, but not everything arrived");
    } else if (status.stage < PLAIT_STAGE_CLOSED) {
        /* A peer that ended and could not say so is waited for, for ever (RFC 9293 §3.6). */
        const struct app *other = &s->apps[!end];
        bool is_left_alone = s->excuse && status.acked_octets == status.written_octets &&
                             other->c &&
                             plait_connection_status(other->c).stage > PLAIT_STAGE_CLOSED;
        if (!is_left_alone)
            fail(s, "it does not end");
    } else if (!s->excuse) {
        fail(s, "an end without a reason");
    }
}

bool scenario_play(struct scenario *s)
{
    start(s);
    if (!s->failure)
        safety(s);
    if (!stop(s))
        liveness(s);
    check(s);
    for (unsigned end = 0; end < 2; end++)
        judge_end(s, end);
    return !s->failure;
}
