/* The end that is our own host: libplait behind ports of the net, and an application in it.
 * May touch: the host it made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/pattern.h"
#include "base/panic.h"
#include "lab/endpoint.h"
#include "tests/interop/end.h"

/* ---- the pattern -------------------------------------------------------------------------------
 */

uint64_t interop_judge(const uint8_t *octets, uint64_t key, uint64_t offset, uint32_t length_octets)
{
    struct plait_pattern_reader reader = {.key = key, .received = offset};
    (void)plait_pattern_read_piece(&reader, octets, length_octets);
    return reader.foreign;
}

/* ---- the application ---------------------------------------------------------------------------
 */

static plait_time_ns now_of(const struct interop_end *end)
{
    return plait_net_now(end->net);
}

static void write_all(struct interop_end *end)
{
    struct interop_state *state = &end->state;
    while (state->sent < end->wanted) {
        uint32_t room;
        uint8_t *to = plait_connection_reserve(end->connection, &room);
        uint64_t left = end->wanted - state->sent;
        if (!to || !room)
            return;
        room = room < left ? room : (uint32_t)left;
        plait_pattern_fill(to, end->send_key, state->sent, room);
        if (!plait_ok(plait_connection_commit(end->connection, now_of(end), room)))
            return;
        state->sent += room;
    }
    if (end->closes && !end->has_closed) {
        end->has_closed = true;
        if (!plait_ok(plait_connection_close(end->connection, now_of(end))))
            snprintf(end->state.error, sizeof end->state.error, "close-refused");
    }
}

static void read_all(struct interop_end *end)
{
    struct interop_state *state = &end->state;
    const uint8_t *octets;
    uint32_t length;
    while ((octets = plait_connection_peek(end->connection, &length)) && length) {
        state->foreign += interop_judge(octets, end->receive_key, state->received, length);
        state->received += length;
        if (!plait_ok(plait_connection_consume(end->connection, now_of(end), length)))
            return;
    }
}

static void move(struct interop_end *end)
{
    if (!end->connection)
        return;
    struct interop_state *state = &end->state;
    struct plait_status status = plait_connection_status(end->connection);
    state->is_open = state->is_open || status.stage == PLAIT_STAGE_OPEN;
    if (!state->is_open && status.stage == PLAIT_STAGE_OPENING)
        return;
    read_all(end);
    write_all(end);
    status = plait_connection_status(end->connection);
    state->eof = status.peer_done && !status.readable_octets;
    state->is_closed = status.stage == PLAIT_STAGE_CLOSED;
    if ((status.stage == PLAIT_STAGE_RESET || status.stage == PLAIT_STAGE_TIMED_OUT) &&
        !state->error[0])
        snprintf(state->error, sizeof state->error, "%s", plait_stage_text(status.stage));
}

static void changed(void *user, struct plait_connection *c, plait_time_ns now)
{
    struct interop_end *end = user;
    (void)now;
    if (c == end->connection)
        move(end);
}

static void accepted(void *user, struct plait_connection *c, plait_time_ns now)
{
    struct interop_end *end = user;
    if (end->connection) { /* a stripped join is a connection of its own to the listener */
        plait_connection_free(c, now);
        return;
    }
    end->connection = c;
    move(end);
}

static const struct plait_callbacks callbacks = {accepted, changed};

/* ---- what a case asks for ----------------------------------------------------------------------
 */

static plait_result failed(struct interop_end *end, const char *what, plait_result result)
{
    if (!plait_ok(result))
        snprintf(end->why, sizeof end->why, "%s: %s", what, plait_reason_name(result.reason));
    return result;
}

static plait_result listen_end(struct interop_end *end, uint16_t port)
{
    struct plait_listener *listener;
    return failed(
        end, "plait_listen",
        plait_listen(end->plait, now_of(end), NULL, port, NULL, 0, &callbacks, end, &listener));
}

static plait_result connect_end(struct interop_end *end, const struct plait_place *remote)
{
    return failed(end, "plait_connect",
                  plait_connect(end->plait, now_of(end), NULL, remote, NULL, &callbacks, end,
                                &end->connection));
}

static void send_octets(struct interop_end *end, uint64_t octets)
{
    end->wanted += octets;
    move(end);
}

static void close_end(struct interop_end *end)
{
    end->closes = true;
    move(end);
}

static void note(struct interop_end *end, const char *what, plait_result result)
{
    if (!plait_ok(result) && !end->state.error[0])
        snprintf(end->state.error, sizeof end->state.error, "%s: %s", what,
                 plait_reason_name(result.reason));
}

static void abort_end(struct interop_end *end, bool on_ack)
{
    note(end, "abort", plait_connection_abort(end->connection, now_of(end), on_ack));
}

static void join_backups(struct interop_end *end, const struct plait_place *remote)
{
    for (unsigned n = 1; n < end->addr_count; n++) {
        const struct plait_place local = {end->addrs[n], 0};
        note(end, "add_path",
             plait_connection_add_path(end->connection, now_of(end), &local, remote, true));
    }
}

static void announce(struct interop_end *end, const struct plait_addr *addr, uint16_t port)
{
    const struct plait_place place = {*addr, port};
    struct plait_listener *listener;
    if (port) /* as the kernel does by itself */
        note(
            end, "listen",
            plait_listen(end->plait, now_of(end), addr, port, NULL, 0, &callbacks, end, &listener));
    note(end, "announce", plait_connection_announce(end->connection, now_of(end), &place));
}

static void withdraw(struct interop_end *end, const struct plait_addr *addr)
{
    bool was_announced = end->which == INTEROP_SERVER; /* else it is an address that goes away */
    note(end, "withdraw",
         was_announced ? plait_connection_withdraw(end->connection, now_of(end), addr)
                       : plait_host_remove_addr(end->plait, now_of(end), addr));
}

static void set_backup(struct interop_end *end, const struct plait_addr *addr)
{
    struct plait_path_status path;
    for (unsigned i = 0; plait_ok(plait_connection_path(end->connection, i, &path)); i++)
        if (plait_addr_equal(&path.local.addr, addr)) {
            note(end, "set_backup",
                 plait_connection_set_backup(end->connection, now_of(end), i, true));
            return;
        }
    note(end, "set_backup", PLAIT_FAIL(NOT_FOUND));
}

/* ---- looking -----------------------------------------------------------------------------------
 */

static void facts_of(struct interop_end *end, struct interop_facts *facts)
{
    struct plait_path_status path;
    struct plait_status status = plait_connection_status(end->connection);
    *facts = (struct interop_facts){.is_multipath = status.is_multipath};
    for (unsigned i = 0; plait_ok(plait_connection_path(end->connection, i, &path)); i++)
        facts->subflows += path.is_established;
}

static int64_t count(struct interop_end *end, const char *name)
{
    const struct plait_host_counters *counters = plait_host_counters(end->plait);
    for (unsigned i = 0; i < PLAIT_COUNTER_NAMES; i++)
        if (strcmp(plait_counter_short_name(i), name) == 0)
            return (int64_t)counters->count[i];
    return 0;
}

/* What is left when the application has given its handle back: of a connection that ended in good
 * order flows in TIME-WAIT may be, and they hold it. */
static void remains(struct interop_end *end, struct plait_text *text)
{
    if (end->connection)
        plait_connection_free(end->connection, now_of(end));
    end->connection = NULL;
    struct plait_host_usage usage = plait_host_usage(end->plait);
    if (usage.connections[0] > (end->state.is_closed ? 1 : 0))
        plait_text_add(text, "%u connections", usage.connections[0]);
    if (usage.payload_octets[0])
        plait_text_add(text, "%s%llu octets of payload", text->length ? ", " : "",
                       (unsigned long long)usage.payload_octets[0]);
}

static void free_end(struct interop_end *end)
{
    plait_endpoint_free(end->endpoint);
    free(end->memory);
    if (end->trace)
        fclose(end->trace);
}

static void poll_end(struct interop_end *end)
{
    move(end);
}

static const struct interop_end_ops ops = {
    .listen = listen_end,
    .connect = connect_end,
    .poll = poll_end,
    .facts = facts_of,
    .send = send_octets,
    .close = close_end,
    .abort = abort_end,
    .join_backups = join_backups,
    .announce = announce,
    .withdraw = withdraw,
    .set_backup = set_backup,
    .count = count,
    .remains = remains,
    .free = free_end,
};

/* ---- making it ---------------------------------------------------------------------------------
 */

static void trace(void *self, const struct plait_trace_event *event)
{
    struct interop_end *end = self;
    char line[256];
    plait_trace_text(event, line, sizeof line);
    fprintf(end->trace, "%s\n", line);
}

/* A client joins from its further addresses by itself, unless they are what is announced. */
static enum plait_path_manager_name paths_of(const struct interop_end *end)
{
    const struct interop_case *c = end->c;
    bool announces = c->event == INTEROP_ADD_ADDR || c->event == INTEROP_ADD_ADDR_PORT;
    return end->which == INTEROP_CLIENT && !(announces && c->actor == INTEROP_CLIENT) &&
                   !c->backup_join
               ? PLAIT_PATHS_FULL_MESH
               : PLAIT_PATHS_BY_HAND;
}

static struct plait_options options_of(const struct interop_end *end)
{
    const struct interop_case *c = end->c;
    return (struct plait_options){.tcp_only = c->outcome == INTEROP_TCP,
                                  .checksum = c->checksum & INTEROP_CHECKSUM_PLAIT,
                                  .subflows_limit = INTEROP_PATHS_MAX - 1,
                                  .add_addr_accepted = INTEROP_PATHS_MAX - 1,
                                  .paths = paths_of(end)};
}

static size_t aligned(size_t octets)
{
    return (octets + 15) / 16 * 16;
}

plait_result interop_plait_new(struct interop_end *end, uint64_t seed, const char *trace_path,
                               struct plait_port ports[INTEROP_PATHS_MAX])
{
    struct plait_host_config config = {
        .options = options_of(end),
        .mtu_octets = (uint16_t)(end->c->mtu_octets ? end->c->mtu_octets : 1500),
        .super_octets = end->c->offload ? 65160 : 0,
    };
    size_t octets = aligned(plait_host_memory(&config.limits));
    end->ops = &ops;
    end->name = "plait";
    end->memory = aligned_alloc(16, octets);
    PLAIT_CHECK(end->memory);
    config.environment = (struct plait_environment){.memory = end->memory,
                                                    .memory_octets = octets,
                                                    .seed = {seed, seed ^ end->which},
                                                    .name = "plait"};
    if (trace_path && (end->trace = fopen(trace_path, "w"))) {
        config.environment.trace = trace;
        config.environment.trace_self = end;
    }
    end->plait = plait_host_new(&config);
    if (!end->plait)
        return failed(end, "plait_host_new", PLAIT_FAIL(NO_ROOM));
    end->endpoint = plait_endpoint_new(end->plait, end->c->offload);
    for (unsigned n = 0; n < end->addr_count; n++) {
        PLAIT_TRY(failed(end, "plait_host_add_addr",
                         plait_host_add_addr(end->plait, now_of(end), &end->addrs[n])));
        ports[n] = plait_endpoint_port(end->endpoint, &end->addrs[n]);
    }
    return PLAIT_OK;
}
