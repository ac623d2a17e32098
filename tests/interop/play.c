/* One case from its first SYN to the end of both streams.  May touch: the sandbox it runs in. */
#include "tests/interop/play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/panic.h"
#include "live/sandbox.h"
#include "tests/interop/check.h"
#include "tests/interop/listen.h"
#include "tests/interop/tcpdump.h"

#define SLICE_NS (10 * PLAIT_MS)
#define STALL_NS (20 * PLAIT_S) /* without an octet */
#define OPEN_NS  (15 * PLAIT_S)
#define PATHS_NS (5 * PLAIT_S)
#define EVENT_NS (5 * PLAIT_S)
#define CUT_NS   (1500 * PLAIT_MS)
#define END_NS   (15 * PLAIT_S)
#define GONE_NS  (60 * PLAIT_S) /* a path may still be busy with what came over another */
enum { FIRST_OCTETS = 20000 };

struct play {
    const struct interop_case *c;
    struct interop_world world;
    struct interop_dumps dumps;
    struct interop_facts facts[INTEROP_ENDS];
    uint64_t allowed[INTEROP_ENDS]; /* octets that each end was told to send */
    plait_time_ns started_ns, moved_ns, ended_ns;
    uint64_t moved;
    bool has_ended_path;
    char text[1024];
    struct plait_text why;
};

static void complain(struct play *p, const char *format, const char *detail)
{
    plait_text_add(&p->why, p->why.length ? "; " : "");
    plait_text_add(&p->why, format, detail);
}

/* ---- waiting -----------------------------------------------------------------------------------
 */

typedef bool (*condition)(struct play *p);

static plait_time_ns now_of(const struct play *p)
{
    return plait_net_now(p->world.net);
}

static void poll_ends(struct play *p)
{
    uint64_t moved = 0;
    for (unsigned which = 0; which < INTEROP_ENDS; which++) {
        struct interop_end *end = &p->world.ends[which];
        end->ops->poll(end);
        moved += end->state.received;
    }
    if (moved != p->moved)
        p->moved_ns = now_of(p);
    p->moved = moved;
}

static bool has_error(const struct play *p)
{
    return p->world.ends[0].state.error[0] || p->world.ends[1].state.error[0];
}

/* No octet of the rest can be right, unless one was changed on the way. */
static bool has_foreign(const struct play *p)
{
    uint64_t foreign = p->world.ends[0].state.foreign + p->world.ends[1].state.foreign;
    return foreign > (p->c->change == INTEROP_CORRUPT ? 1 : 0);
}

/* Lets the world move until HOLDS, an end fails, or LIMIT has passed (with octets still coming, it
 * has not). */
static bool await(struct play *p, condition holds, plait_time_ns limit_ns)
{
    p->moved_ns = now_of(p);
    for (;;) {
        poll_ends(p);
        if (holds(p))
            return true;
        if (now_of(p) - p->moved_ns >= limit_ns)
            return false;
        if ((has_error(p) && p->c->outcome != INTEROP_ABORT) || has_foreign(p))
            return false;
        plait_net_run(p->world.net, now_of(p) + SLICE_NS, NULL, NULL);
    }
}

static void describe(const struct play *p, struct plait_text *text)
{
    for (unsigned which = 0; which < INTEROP_ENDS; which++) {
        const struct interop_end *end = &p->world.ends[which];
        const struct interop_state *s = &end->state;
        plait_text_add(text, "%s%s: %s, sent %llu, received %llu, %llu of it wrong%s%s%s",
                       which ? "; " : "", end->name, s->is_open ? "open" : "not open",
                       (unsigned long long)s->sent, (unsigned long long)s->received,
                       (unsigned long long)s->foreign, s->eof ? ", end of stream" : "",
                       s->error[0] ? ", error " : "", s->error);
    }
}

static bool must_await(struct play *p, const char *what, condition holds, plait_time_ns limit_ns)
{
    char state[512];
    struct plait_text text = plait_text(state, sizeof state);
    if (await(p, holds, limit_ns))
        return true;
    describe(p, &text);
    complain(p, what, state);
    return false;
}

/* ---- conditions --------------------------------------------------------------------------------
 */

static bool both_open(struct play *p)
{
    return p->world.ends[0].state.is_open && p->world.ends[1].state.is_open;
}

static bool all_arrived(struct play *p)
{
    return p->world.ends[1].state.received >= p->allowed[0] &&
           p->world.ends[0].state.received >= p->allowed[1];
}

static bool box_has_acted(struct play *p)
{
    return p->world.box.changed;
}

static bool half_arrived(struct play *p)
{
    return p->world.ends[1].state.received * 2 >= p->c->octets[0] &&
           p->world.ends[0].state.received * 2 >= p->c->octets[1];
}

static unsigned subflows_of(struct play *p, unsigned which)
{
    struct interop_end *end = &p->world.ends[which];
    end->ops->facts(end, &p->facts[which]);
    return p->facts[which].subflows;
}

static bool paths_are_up(struct play *p)
{
    unsigned wanted = p->c->paths + p->c->doors - 1;
    return subflows_of(p, 0) >= wanted && subflows_of(p, 1) >= wanted;
}

static bool paths_are_as_wanted(struct play *p)
{
    for (unsigned which = 0; which < INTEROP_ENDS; which++) {
        unsigned count = subflows_of(p, which);
        if (count < p->c->subflows_min || count > p->c->subflows_max)
            return false;
    }
    return true;
}

static bool both_closed(struct play *p)
{
    return p->world.ends[0].state.is_closed && p->world.ends[1].state.is_closed;
}

static bool client_ended(struct play *p)
{
    return p->world.ends[INTEROP_SERVER].state.eof;
}

static bool server_ended(struct play *p)
{
    return p->world.ends[INTEROP_CLIENT].state.eof;
}

static bool other_failed(struct play *p)
{
    return p->world.ends[!p->c->actor].state.error[0];
}

static void pass_time(struct play *p, plait_time_ns time_ns)
{
    plait_time_ns until_ns = now_of(p) + time_ns;
    while (now_of(p) < until_ns && !has_error(p)) {
        plait_net_run(p->world.net, plait_earlier(until_ns, now_of(p) + SLICE_NS), NULL, NULL);
        poll_ends(p);
    }
}

/* ---- steps -------------------------------------------------------------------------------------
 */

static void send_from(struct play *p, unsigned which, uint64_t octets)
{
    struct interop_end *end = &p->world.ends[which];
    p->allowed[which] += octets;
    end->ops->send(end, octets);
}

static void close_from(struct play *p, unsigned which)
{
    p->world.ends[which].ops->close(&p->world.ends[which]);
}

static struct plait_place door(const struct play *p, unsigned n, uint16_t port)
{
    return (struct plait_place){p->world.ends[INTEROP_SERVER].addrs[n], port};
}

static bool open_connection(struct play *p)
{
    struct interop_end *client = &p->world.ends[INTEROP_CLIENT];
    struct interop_end *server = &p->world.ends[INTEROP_SERVER];
    const struct plait_place remote = door(p, 0, INTEROP_PORT);
    if (!plait_ok(server->ops->listen(server, INTEROP_PORT)))
        complain(p, "listen: %s", server->why);
    else if (!plait_ok(client->ops->connect(client, &remote)))
        complain(p, "connect: %s", client->why);
    return !p->why.length && must_await(p, "no connection: %s", both_open, OPEN_NS);
}

static bool announces(const struct interop_case *c)
{
    return c->event == INTEROP_ADD_ADDR || c->event == INTEROP_ADD_ADDR_PORT;
}

static bool is_early(const struct interop_case *c, unsigned which)
{
    return which == INTEROP_CLIENT ? c->closing == INTEROP_SERVER_EARLY
                                   : c->closing == INTEROP_CLIENT_EARLY;
}

static bool second_path_cannot_be(const struct interop_case *c)
{
    return c->change_path &&
           (c->change == INTEROP_STRIP_SYN || c->change == INTEROP_STRIP_SYN_ACK ||
            c->change == INTEROP_STRIP_NON_SYN);
}

/* A first exchange, then all paths are brought up, so that they carry what follows.  An end whose
 * stream is to begin behind the other's end says nothing yet. */
static bool begin(struct play *p)
{
    const struct interop_case *c = p->c;
    struct interop_end *server = &p->world.ends[INTEROP_SERVER];
    struct interop_end *client = &p->world.ends[INTEROP_CLIENT];
    for (unsigned which = 0; which < INTEROP_ENDS; which++)
        if (!is_early(c, which))
            send_from(p, which, FIRST_OCTETS < c->octets[which] ? FIRST_OCTETS : c->octets[which]);
    if (!must_await(p, "the first exchange stalls: %s", all_arrived, STALL_NS))
        return false;
    if (c->outcome == INTEROP_FALLBACK || c->outcome == INTEROP_EITHER ||
        c->outcome == INTEROP_TCP || announces(c) || second_path_cannot_be(c))
        return true;
    const struct plait_place remote = door(p, 0, INTEROP_PORT);
    if (c->backup_join)
        client->ops->join_backups(client, &remote);
    if (c->doors > 1)
        server->ops->announce(server, &server->addrs[1], 0);
    if (await(p, paths_are_up, PATHS_NS))
        return true;
    char counts[64];
    snprintf(counts, sizeof counts, "%u at the client, %u at the server", p->facts[0].subflows,
             p->facts[1].subflows);
    complain(p, "paths do not come up: %s", counts);
    return false;
}

static struct interop_end *actor_of(struct play *p)
{
    return &p->world.ends[p->c->actor];
}

/* The second address of the actor: the client's second path, or the server's second door. */
static const struct plait_addr *second_addr(struct play *p)
{
    return &actor_of(p)->addrs[1];
}

static void act_cut(struct play *p)
{
    interop_world_set_path(&p->world, p->c->actor, false);
    pass_time(p, CUT_NS);
    if (all_arrived(p))
        p->has_ended_path = true; /* before the path was healed: told, not judged */
    interop_world_set_path(&p->world, p->c->actor, true);
}

static void act_announce(struct play *p)
{
    actor_of(p)->ops->announce(actor_of(p), second_addr(p), 0);
}

static void act_announce_port(struct play *p)
{
    actor_of(p)->ops->announce(actor_of(p), second_addr(p), INTEROP_SECOND_PORT);
}

static void act_withdraw(struct play *p)
{
    actor_of(p)->ops->withdraw(actor_of(p), second_addr(p));
}

static void act_prio(struct play *p)
{
    actor_of(p)->ops->set_backup(actor_of(p), second_addr(p));
}

static void act_fastclose_rst(struct play *p)
{
    actor_of(p)->ops->abort(actor_of(p), false);
}

static void act_fastclose_ack(struct play *p)
{
    actor_of(p)->ops->abort(actor_of(p), true);
}

static void (*const acts[INTEROP_EVENTS])(struct play *p) = {
    [INTEROP_ADD_ADDR] = act_announce,
    [INTEROP_ADD_ADDR_PORT] = act_announce_port,
    [INTEROP_REMOVE_ADDR] = act_withdraw,
    [INTEROP_PRIO] = act_prio,
    [INTEROP_FASTCLOSE_RST] = act_fastclose_rst,
    [INTEROP_FASTCLOSE_ACK] = act_fastclose_ack,
    [INTEROP_CUT] = act_cut,
};

/* Whose stream the box hurts. */
static unsigned hurt_end(const struct interop_case *c)
{
    return c->change_ways == INTEROP_TO_SERVER ? INTEROP_CLIENT : INTEROP_SERVER;
}

static bool hurt_is_plain(struct play *p)
{
    (void)subflows_of(p, hurt_end(p->c));
    return !p->facts[hurt_end(p->c)].is_multipath;
}

/* What answers MP_FAIL Linux hears with payload only (docs/PROTOCOL.md), and all of it may have
 * been under way before. */
static void say_rest(struct play *p, uint64_t rest_octets)
{
    if (!must_await(p, "the transfer stalls: %s", all_arrived, STALL_NS))
        return;
    (void)await(p, hurt_is_plain, EVENT_NS); /* judged at the end */
    send_from(p, hurt_end(p->c), rest_octets);
}

/* Where a box hurts a conversation, the end that is not hurt goes on talking afterwards: an end
 * that only acknowledges does not tell Linux that it has fallen back (docs/FINDINGS.md). */
static bool talk_on(struct play *p)
{
    const struct interop_case *c = p->c;
    unsigned hurt = hurt_end(c);
    uint64_t rest = c->change == INTEROP_CORRUPT ? FIRST_OCTETS : 0;
    if (c->paths > 1 || c->change_ways == INTEROP_BOTH_WAYS || !c->change_ways)
        return false;
    send_from(p, hurt, c->octets[hurt] - rest - p->allowed[hurt]);
    if (c->octets[!hurt] / 2 > p->allowed[!hurt])
        send_from(p, !hurt, c->octets[!hurt] / 2 - p->allowed[!hurt]);
    if (must_await(p, "the box does not act: %s", box_has_acted, STALL_NS))
        send_from(p, !hurt, c->octets[!hurt] - p->allowed[!hurt]);
    if (rest && !p->why.length)
        say_rest(p, rest);
    return true;
}

/* The event comes when half has arrived and nothing is under way, so that it meets the same state
 * in each run; a cut comes in the midst of it. */
static bool transfer(struct play *p)
{
    const struct interop_case *c = p->c;
    if (talk_on(p))
        return !p->why.length;
    bool in_flow = c->event == INTEROP_CUT || c->outcome == INTEROP_ABORT || !c->event;
    for (unsigned which = 0; which < INTEROP_ENDS; which++)
        if (!is_early(c, which)) {
            uint64_t until = in_flow ? c->octets[which] : c->octets[which] / 2;
            send_from(p, which, until > p->allowed[which] ? until - p->allowed[which] : 0);
        }
    if (!c->event)
        return true;
    if (!must_await(p, "the first half stalls: %s", in_flow ? half_arrived : all_arrived, STALL_NS))
        return false;
    acts[c->event](p);
    if (c->outcome == INTEROP_ABORT)
        return must_await(p, "the other end does not hear of it: %s", other_failed, EVENT_NS);
    if (c->event != INTEROP_CUT)
        (void)await(p, paths_are_as_wanted, EVENT_NS); /* judged at the end */
    for (unsigned which = 0; which < INTEROP_ENDS; which++)
        send_from(p, which, c->octets[which] - p->allowed[which]);
    return true;
}

/* An end may close its stream before the other's begins. */
static bool end_early(struct play *p)
{
    const struct interop_case *c = p->c;
    unsigned early = c->closing == INTEROP_CLIENT_EARLY ? INTEROP_CLIENT : INTEROP_SERVER;
    if (c->closing != INTEROP_CLIENT_EARLY && c->closing != INTEROP_SERVER_EARLY)
        return true;
    close_from(p, early);
    if (!must_await(p, "the early end is not heard: %s",
                    early == INTEROP_CLIENT ? client_ended : server_ended, STALL_NS))
        return false;
    send_from(p, !early, c->octets[!early]);
    return true;
}

static bool close_both(struct play *p)
{
    unsigned first = p->c->closing == INTEROP_SERVER_FIRST || p->c->closing == INTEROP_CLIENT_EARLY
                         ? INTEROP_SERVER
                         : INTEROP_CLIENT;
    bool is_early_end =
        p->c->closing == INTEROP_CLIENT_EARLY || p->c->closing == INTEROP_SERVER_EARLY;
    close_from(p, first);
    if (p->c->closing == INTEROP_BOTH_AT_ONCE)
        close_from(p, !first);
    else if (!must_await(p, "the first end of stream is not heard: %s",
                         first == INTEROP_CLIENT ? client_ended : server_ended, END_NS))
        return false;
    else if (!is_early_end)
        close_from(p, !first);
    return must_await(p, "the streams do not end: %s", both_closed, END_NS);
}

static void check_arrived(struct play *p)
{
    for (unsigned which = 0; which < INTEROP_ENDS; which++) {
        interop_check_octets(p->c, &p->world.ends[which], p->c->octets[!which], &p->why);
        (void)subflows_of(p, which);
        interop_check_facts(p->c, &p->world.ends[which], &p->facts[which], &p->why);
    }
    if (p->facts[0].is_multipath != p->facts[1].is_multipath)
        complain(p, "%s", "the ends do not agree about Multipath TCP");
}

/* Both ends give their sockets back; nothing of the connection may be left. */
static bool nothing_remains(struct play *p)
{
    char left[256];
    for (unsigned which = 0; which < INTEROP_ENDS; which++) {
        struct plait_text text = plait_text(left, sizeof left);
        struct interop_end *end = &p->world.ends[which];
        end->ops->remains(end, &text);
        if (text.length)
            return false;
    }
    return true;
}

static void check_remains(struct play *p)
{
    char left[256];
    plait_time_ns until_ns = now_of(p) + GONE_NS;
    while (!nothing_remains(p) && now_of(p) < until_ns)
        plait_net_run(p->world.net, now_of(p) + SLICE_NS, NULL, NULL);
    for (unsigned which = 0; which < INTEROP_ENDS; which++) {
        struct plait_text text = plait_text(left, sizeof left);
        struct interop_end *end = &p->world.ends[which];
        end->ops->remains(end, &text);
        if (text.length) {
            plait_text_add(&p->why, "%s%s keeps %s", p->why.length ? "; " : "", end->name, left);
        }
    }
}

static void script(struct play *p)
{
    if (!open_connection(p))
        return;
    p->started_ns = now_of(p);
    if (!begin(p) || !transfer(p))
        return;
    if (p->c->outcome != INTEROP_ABORT) {
        if (!end_early(p) || !must_await(p, "the transfer stalls: %s", all_arrived, STALL_NS))
            return;
        p->ended_ns = now_of(p);
        (void)await(p, paths_are_as_wanted, EVENT_NS);
        check_arrived(p);
        if (!close_both(p))
            return;
    }
    check_remains(p);
}

/* ---- the report --------------------------------------------------------------------------------
 */

static json_t *pair(json_t *client, json_t *server)
{
    json_t *array = json_array();
    json_array_append_new(array, client);
    json_array_append_new(array, server);
    return array;
}

static json_t *hex(uint64_t value)
{
    return json_sprintf("0x%llx", (unsigned long long)value);
}

static json_t *report_of(struct play *p, json_t *counters)
{
    const struct interop_case *c = p->c;
    plait_time_ns took_ns = p->ended_ns > p->started_ns ? p->ended_ns - p->started_ns : 0;
    double bits = 8.0 * (double)(c->octets[0] + c->octets[1]);
    json_t *report = json_object(), *paths = json_array();
    for (unsigned path = 0; path < c->paths; path++)
        json_array_append_new(paths, json_integer((json_int_t)p->world.path_octets[path]));
    json_object_set_new(report, "ok", json_boolean(!p->why.length));
    json_object_set_new(report, "why", json_string(p->text));
    json_object_set_new(
        report, "multipath",
        pair(json_boolean(p->facts[0].is_multipath), json_boolean(p->facts[1].is_multipath)));
    json_object_set_new(
        report, "subflows",
        pair(json_integer(p->facts[0].subflows), json_integer(p->facts[1].subflows)));
    json_object_set_new(report, "ms", json_integer(took_ns / PLAIT_MS));
    json_object_set_new(report, "mbit_per_s",
                        json_real(took_ns ? bits * 1000.0 / (double)took_ns : 0));
    json_object_set_new(report, "path_octets", paths);
    json_object_set_new(report, "counters", counters);
    json_object_set_new(report, "keys",
                        pair(hex(p->world.ends[0].send_key), hex(p->world.ends[1].send_key)));
    json_object_set_new(report, "read",
                        pair(json_integer((json_int_t)p->world.ends[0].state.received),
                             json_integer((json_int_t)p->world.ends[1].state.received)));
    json_object_set_new(report, "captures", interop_dumps_files(&p->dumps));
    return report;
}

void interop_tell(int report_fd, json_t *report)
{
    char *text = json_dumps(report, JSON_COMPACT | JSON_REAL_PRECISION(4));
    PLAIT_CHECK(text);
    size_t left = strlen(text);
    for (const char *at = text; left;) {
        ssize_t wrote = write(report_fd, at, left);
        if (wrote <= 0)
            break;
        at += wrote;
        left -= (size_t)wrote;
    }
    free(text);
    json_decref(report);
}

int interop_play(void *argument, int report_fd)
{
    const struct interop_job *job = argument;
    static struct play p; /* its ends are too large for a stack */
    p = (struct play){.c = &job->c};
    p.why = plait_text(p.text, sizeof p.text);
    json_t *counters = json_object();
    if (!plait_ok(interop_world_open(&p.world, &job->c, job->seed, job->capture, job->trace)))
        complain(&p, "no world: %s", p.world.why);
    else if (job->taps && !interop_dumps_start(&p.dumps, &p.world, job->taps, &p.why))
        complain(&p, "%s", "tcpdump does not start");
    else if (!plait_ok(plait_sandbox_lock()))
        complain(&p, "%s", "the run could not be locked in");
    else {
        interop_listen(&p.world);
        script(&p);
        bool is_whole = !p.why.length && job->c.outcome != INTEROP_ABORT;
        interop_check_heard(&p.world, is_whole, &p.why);
        interop_check_counters(&p.world, &p.why, counters);
    }
    interop_dumps_end(&p.dumps, &p.why);
    interop_tell(report_fd, report_of(&p, counters));
    interop_world_close(&p.world);
    return 0;
}
