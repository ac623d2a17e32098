/* lab/machine_own.c: our own endpoint behind the table of ends.
 *
 * Endpoints of the path manager are opened as Linux opens them: once for each connection, from the
 * endpoint's address to where the connection was dialled; with full mesh the host does it by
 * itself.  An interface that is down takes and gives nothing.  May touch: its host, its
 * applications. */
#include "lab/machine_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "host/draws.h"
#include "lab/columns.h"
#include "lab/endpoint.h"
#include "lab/own_app.h"

enum {
    INTERFACES_MAX = 4,
    ENDPOINTS_MAX = 8,
    OPENED_MAX = 64,
    /* Of the host: more than a run holds, and little enough to be kept for the next. */
    CONNECTIONS = 128,
    PAYLOAD_OCTETS = 4 << 20,
    SUPER_OCTETS = 65160, /* the most that plait/host.h allows */
    SYN_RECEIVED = 3,
    ESTABLISHED = 1
};

struct own_end;

struct interface {
    struct own_end *end;
    char name[16];
    struct plait_port inner;
    bool up;
};

struct own_endpoint {
    bool used;
    struct plait_addr addr;
    unsigned id, flags;
};

/* What was opened for a connection: bit n = endpoint n. */
struct opened {
    const struct plait_connection *connection;
    unsigned endpoints;
};

struct own_end {
    struct plait_end_host base;
    struct plait_end_config config;
    struct plait_options options;
    void *memory;
    struct plait_host *host;
    struct plait_endpoint *ports;
    struct plait_own_apps *apps;
    unsigned interface_count;
    struct interface interfaces[INTERFACES_MAX];
    struct own_endpoint endpoints[ENDPOINTS_MAX];
    struct opened opened[OPENED_MAX];
    uint64_t refused; /* packets to an interface that was down */
    char error[128];
};

/* Whoever asks something of this end may give its host something to say. */
static struct own_end *own(struct plait_end_host *host)
{
    struct own_end *end = (struct own_end *)host;
    plait_endpoint_wake(end->ports);
    return end;
}

static plait_time_ns now_of(const struct own_end *end)
{
    return plait_net_now(end->config.net);
}

static plait_result failed(struct own_end *end, const char *what, plait_result why)
{
    if (!plait_ok(why))
        snprintf(end->error, sizeof end->error, "host %s: %s: %s", end->config.name, what,
                 plait_reason_text(why.reason));
    return why;
}

/* ---- ports -------------------------------------------------------------------------------- */

static void input(void *self, plait_time_ns now, struct plait_packet *packet)
{
    struct interface *interface = self;
    if (interface->up) {
        interface->inner.ops->input(interface->inner.self, now, packet);
        return;
    }
    interface->end->refused++;
    plait_packet_free(packet);
}

static struct plait_packet *output(void *self, plait_time_ns now)
{
    struct interface *interface = self;
    struct plait_packet *packet;
    while ((packet = interface->inner.ops->output(interface->inner.self, now))) {
        if (interface->up)
            return packet;
        plait_packet_free(packet);
    }
    return NULL;
}

static plait_time_ns deadline(void *self)
{
    struct interface *interface = self;
    return plait_earlier(interface->inner.ops->deadline(interface->inner.self),
                         plait_own_apps_deadline(interface->end->apps));
}

static void advance(void *self, plait_time_ns now)
{
    struct interface *interface = self;
    interface->inner.ops->advance(interface->inner.self, now);
    plait_own_apps_advance(interface->end->apps, now);
}

static const struct plait_port_ops port_ops = {input, output, deadline, advance};

static plait_result add_interface(struct plait_end_host *host,
                                  const struct plait_end_interface *asked, struct plait_port *port)
{
    struct own_end *end = own(host);
    if (end->interface_count == INTERFACES_MAX)
        return failed(end, asked->name, PLAIT_FAIL(TOO_MANY));
    plait_result added = plait_host_add_addr(end->host, now_of(end), &asked->addr);
    if (!plait_ok(added))
        return failed(end, asked->name, added);
    struct interface *interface = &end->interfaces[end->interface_count++];
    *interface = (struct interface){
        .end = end, .inner = plait_endpoint_port(end->ports, &asked->addr), .up = true};
    snprintf(interface->name, sizeof interface->name, "%s", asked->name);
    *port = (struct plait_port){&port_ops, interface, -1, true};
    return PLAIT_OK;
}

static plait_result set_interface_up(struct plait_end_host *host, const char *name, bool up)
{
    struct own_end *end = own(host);
    for (unsigned i = 0; i < end->interface_count; i++)
        if (strcmp(end->interfaces[i].name, name) == 0) {
            end->interfaces[i].up = up;
            return PLAIT_OK;
        }
    return failed(end, name, PLAIT_FAIL(NOT_FOUND));
}

/* ---- the path manager --------------------------------------------------------------------- */

/* The connection's entry, or a free one; NULL if there is neither. */
static struct opened *opened_of(struct own_end *end, const struct plait_connection *c)
{
    struct opened *free_entry = NULL;
    for (unsigned i = 0; i < OPENED_MAX; i++) {
        if (end->opened[i].connection == c)
            return &end->opened[i];
        if (!end->opened[i].connection && !free_entry)
            free_entry = &end->opened[i];
    }
    if (free_entry)
        *free_entry = (struct opened){.connection = c};
    return free_entry;
}

/* A path from it, or its address is announced. */
static bool open_endpoint(const struct own_endpoint *endpoint, struct plait_connection *c,
                          plait_time_ns now, const struct plait_place *remote)
{
    const struct plait_place local = {endpoint->addr, 0};
    if (endpoint->flags & PLAIT_ENDPOINT_SIGNAL)
        return plait_ok(plait_connection_announce(c, now, &local));
    return (endpoint->flags & PLAIT_ENDPOINT_SUBFLOW) &&
           plait_ok(plait_connection_add_path(c, now, &local, remote,
                                              endpoint->flags & PLAIT_ENDPOINT_BACKUP));
}

/* What cannot be opened yet (N12) is tried again when the connection changes. */
static void open_paths(struct own_end *end, struct plait_connection *c, plait_time_ns now)
{
    struct plait_path_status first;
    if (end->config.full_mesh || !plait_connection_status(c).is_multipath ||
        !plait_ok(plait_connection_path(c, 0, &first)))
        return;
    struct opened *opened = opened_of(end, c);
    for (unsigned i = 0; opened && i < ENDPOINTS_MAX; i++) {
        const struct own_endpoint *endpoint = &end->endpoints[i];
        if (endpoint->used && !(opened->endpoints >> i & 1) &&
            open_endpoint(endpoint, c, now, &first.remote))
            opened->endpoints |= 1u << i;
    }
}

static void connection_changed(void *self, struct plait_connection *c, plait_time_ns now)
{
    open_paths(self, c, now);
}

static void open_more(void *self, struct plait_connection *c)
{
    struct own_end *end = self;
    open_paths(end, c, now_of(end));
}

static void set_limits_of(void *self, struct plait_connection *c)
{
    const struct own_end *end = self;
    /* Plain TCP has none. */
    (void)plait_connection_set_limits(c,
                                      end->options.forbid_joins ? 0 : end->options.subflows_limit,
                                      end->options.add_addr_accepted);
}

static plait_result set_limits(struct plait_end_host *host, unsigned subflows,
                               unsigned add_addr_accepted)
{
    struct own_end *end = own(host);
    end->options.forbid_joins = subflows == 0;
    end->options.subflows_limit = subflows;
    end->options.add_addr_accepted = add_addr_accepted;
    plait_own_apps_each(end->apps, set_limits_of, end);
    return PLAIT_OK;
}

/* Nothing was opened from an endpoint that is new in its place. */
static void forget_opened(struct own_end *end, unsigned place)
{
    for (unsigned i = 0; i < OPENED_MAX; i++)
        end->opened[i].endpoints &= ~(1u << place);
}

/* An address that was taken away with its endpoint comes back with it. */
static plait_result take_again(struct own_end *end, const struct plait_addr *addr)
{
    for (unsigned i = 0; i < ENDPOINTS_MAX; i++) {
        struct own_endpoint *endpoint = &end->endpoints[i];
        if (!endpoint->used && plait_addr_equal(&endpoint->addr, addr)) {
            *endpoint = (struct own_endpoint){0};
            return plait_host_add_addr(end->host, now_of(end), addr);
        }
    }
    return PLAIT_OK;
}

static plait_result add_endpoint(struct plait_end_host *host, const struct plait_addr *addr,
                                 unsigned addr_id, unsigned flags, const char *interface)
{
    (void)interface; /* the address says where it leaves */
    struct own_end *end = own(host);
    plait_result taken = take_again(end, addr);
    if (!plait_ok(taken))
        return failed(end, "endpoint", taken);
    for (unsigned i = 0; i < ENDPOINTS_MAX; i++)
        if (!end->endpoints[i].used) {
            end->endpoints[i] = (struct own_endpoint){true, *addr, addr_id, flags};
            forget_opened(end, i);
            plait_own_apps_each(end->apps, open_more, end);
            return PLAIT_OK;
        }
    return failed(end, "endpoint", PLAIT_FAIL(TOO_MANY));
}

static struct own_endpoint *endpoint_of(struct own_end *end, unsigned addr_id)
{
    for (unsigned i = 0; i < ENDPOINTS_MAX; i++)
        if (end->endpoints[i].used && end->endpoints[i].id == addr_id)
            return &end->endpoints[i];
    return NULL;
}

static plait_result remove_endpoint(struct plait_end_host *host, unsigned addr_id)
{
    struct own_end *end = own(host);
    struct own_endpoint *endpoint = endpoint_of(end, addr_id);
    if (!endpoint)
        return failed(end, "endpoint", PLAIT_FAIL(NOT_FOUND));
    endpoint->used = false;
    return failed(end, "endpoint", plait_host_remove_addr(end->host, now_of(end), &endpoint->addr));
}

struct backing {
    struct own_end *end;
    const struct plait_addr *addr;
    bool backup;
    plait_result result;
};

static void set_backups(void *self, struct plait_connection *c)
{
    struct backing *b = self;
    struct plait_path_status path;
    for (unsigned i = 0; plait_ok(plait_connection_path(c, i, &path)); i++)
        if (memcmp(&path.local.addr, b->addr, sizeof *b->addr) == 0) {
            plait_result set = plait_connection_set_backup(c, now_of(b->end), i, b->backup);
            if (!plait_ok(set))
                b->result = set;
        }
}

static plait_result set_endpoint_backup(struct plait_end_host *host, const struct plait_addr *addr,
                                        unsigned addr_id, bool backup)
{
    struct own_end *end = own(host);
    struct own_endpoint *endpoint = endpoint_of(end, addr_id);
    if (endpoint)
        endpoint->flags = backup ? endpoint->flags | PLAIT_ENDPOINT_BACKUP
                                 : endpoint->flags & ~(unsigned)PLAIT_ENDPOINT_BACKUP;
    struct backing backing = {end, addr, backup, PLAIT_OK};
    plait_own_apps_each(end->apps, set_backups, &backing);
    return failed(end, "endpoint", backing.result);
}

static void path_manager(struct plait_end_host *host, struct plait_text *text)
{
    const struct own_end *end = own(host);
    plait_text_add(text, "limits subflows=%u add_addr_accepted=%u%s", end->options.subflows_limit,
                   end->options.add_addr_accepted, end->config.full_mesh ? "; full mesh" : "");
    for (unsigned i = 0; i < ENDPOINTS_MAX; i++) {
        const struct own_endpoint *endpoint = &end->endpoints[i];
        char addr[PLAIT_ADDR_TEXT_OCTETS];
        if (endpoint->used)
            plait_text_add(text, "; id %u %s flags=%u", endpoint->id,
                           plait_addr_text(&endpoint->addr, addr), endpoint->flags);
    }
}

/* ---- applications ------------------------------------------------------------------------- */

static plait_result start(struct plait_end_host *host)
{
    (void)host;
    return PLAIT_OK;
}

static plait_result ask(struct plait_end_host *host, const char *command, char *answer,
                        size_t room_octets)
{
    struct own_end *end = own(host);
    struct plait_text text = plait_text(answer, room_octets);
    plait_result result = plait_own_apps_ask(end->apps, now_of(end), command, &text);
    if (!plait_ok(result))
        snprintf(end->error, sizeof end->error, "host %s: %.60s: %.30s", end->config.name, command,
                 answer);
    return result;
}

static const char *next_event(struct plait_end_host *host)
{
    return plait_own_apps_event(((struct own_end *)host)->apps); /* in every round; it only reads */
}

static int fd(const struct plait_end_host *host)
{
    (void)host;
    return -1;
}

/* ---- looking ------------------------------------------------------------------------------ */

static const char *name(const struct plait_end_host *host)
{
    return ((const struct own_end *)host)->config.name;
}

static const char *error(const struct plait_end_host *host)
{
    return ((const struct own_end *)host)->error;
}

static const char *device(const struct plait_end_host *host)
{
    (void)host;
    return "memory";
}

/* It has no way but its ports. */
static plait_result check(struct plait_end_host *host)
{
    (void)host;
    return PLAIT_OK;
}

static plait_result counters(struct plait_end_host *host, struct plait_counters *all)
{
    const struct plait_host_counters *own_counters = plait_host_counters(own(host)->host);
    all->count = PLAIT_COUNTER_NAMES;
    for (unsigned i = 0; i < PLAIT_COUNTER_NAMES; i++) {
        struct plait_counter *counter = &all->counters[i];
        snprintf(counter->name, sizeof counter->name, "%s", plait_counter_short_name(i));
        counter->value = (int64_t)own_counters->count[i];
    }
    return PLAIT_OK;
}

static plait_result count_sockets(struct plait_end_host *host, unsigned tcp_state, uint32_t *count)
{
    struct plait_host_usage usage = plait_host_usage(own(host)->host);
    if (tcp_state != SYN_RECEIVED && tcp_state != ESTABLISHED)
        return failed(own(host), "state of sockets", PLAIT_FAIL(UNSUPPORTED));
    *count = tcp_state == SYN_RECEIVED ? usage.requests[0] : usage.flows[0];
    return PLAIT_OK;
}

static struct plait_end_losses losses(struct plait_end_host *host)
{
    const struct own_end *end = own(host);
    return (struct plait_end_losses){.invalid = plait_endpoint_astray(end->ports),
                                     .refused = end->refused};
}

/* ---- making ------------------------------------------------------------------------------- */

static void free_end(struct plait_end_host *host)
{
    struct own_end *end = (struct own_end *)host; /* which may be half made */
    if (end->apps)
        plait_own_apps_free(end->apps);
    if (end->ports)
        plait_endpoint_free(end->ports);
    free(end->memory);
    free(end);
}

static void gather(struct plait_end_host *host, bool may)
{
    plait_endpoint_set_offload(own(host)->ports, may);
    plait_own_apps_gather(own(host)->apps, may);
}

static const struct plait_end_ops ops = {
    .target = "plait",
    .free = free_end,
    .name = name,
    .error = error,
    .device = device,
    .add_interface = add_interface,
    .set_interface_up = set_interface_up,
    .set_limits = set_limits,
    .add_endpoint = add_endpoint,
    .remove_endpoint = remove_endpoint,
    .set_endpoint_backup = set_endpoint_backup,
    .start = start,
    .ask = ask,
    .next_event = next_event,
    .fd = fd,
    .gather = gather,
    .check = check,
    .counters = counters,
    .count_sockets = count_sockets,
    .path_manager = path_manager,
    .losses = losses,
};

static struct plait_options options_of(const struct plait_end_config *config)
{
    return (struct plait_options){
        /* Its applications may open plain TCP by themselves. */
        .mechanisms = {config->mechanism == PLAIT_MECHANISM_TCP ? PLAIT_MECHANISM_V1
                                                                : config->mechanism},
        .outside = config->outside,
        .secret = config->secret,
        .tcp_only = config->mptcp_off,
        .checksum = config->checksum,
        .subflows_limit = plait_end_subflows(config),
        .add_addr_accepted = plait_end_add_addr_accepted(config),
        .paths = config->full_mesh ? PLAIT_PATHS_FULL_MESH : PLAIT_PATHS_BY_HAND,
        .probe_timeout_ns = config->unprobed ? 1 : 0,
        .basic = config->basic,
    };
}

static void note_number(json_t *settings, const char *name, unsigned value)
{
    char text[16];
    snprintf(text, sizeof text, "%u", value);
    json_object_set_new(settings, name, json_string(text));
}

/* Those that are not at their default. */
static void note_switches(json_t *settings, const struct plait_basic_options *basic)
{
    if (basic->needs_number)
        json_object_set_new(settings, "needs_number", json_string("1"));
    if (basic->inherit_window)
        json_object_set_new(settings, "inherit_window", json_string("1"));
    if (basic->reset_ends_connection)
        json_object_set_new(settings, "reset_ends_connection", json_string("1"));
    if (basic->nonce_zero_bits)
        note_number(settings, "nonce_zero_bits", basic->nonce_zero_bits);
}

static void note_settings(const struct own_end *end)
{
    const struct plait_options *o = &end->options;
    json_t *settings = end->config.settings;
    json_object_set_new(settings, "mechanism",
                        json_string(o->tcp_only ? "tcp" : plait_option_name(o)));
    char ports[24];
    snprintf(ports, sizeof ports, "%d %d", PLAIT_PORT_FIRST,
             PLAIT_PORT_FIRST + PLAIT_PORT_COUNT - 1);
    json_object_set_new(settings, PLAIT_SETTING_PORTS, json_string(ports));
    note_number(settings, "subflows_limit", o->subflows_limit);
    note_number(settings, "add_addr_accepted", o->add_addr_accepted);
    json_object_set_new(settings, "paths",
                        json_string(end->config.full_mesh ? "full-mesh" : "by-hand"));
    if (o->checksum)
        json_object_set_new(settings, "checksum", json_string("1"));
    note_switches(settings, &o->basic);
}

static bool make_host(struct own_end *end)
{
    struct plait_host_config config = {
        .options = end->options,
        .heeds_hard_errors = end->config.heeds_hard_errors,
        .shares_challenges = end->config.shares_challenges,
        .heeds_any_mtu = end->config.heeds_any_mtu,
        .counts_ports = end->config.counts_ports,
        .mtu_octets = end->config.mtu_octets,
        .limits = {.connections = CONNECTIONS,
                   .flows = 2 * CONNECTIONS,
                   .segments = 64 * CONNECTIONS,
                   .payload_octets = PAYLOAD_OCTETS},
        .super_octets = SUPER_OCTETS, /* where the lab lets it (DESIGN §3) */
        .environment = {.name = end->config.name, .seed = {end->config.seed, 0}}};
    config.environment.memory_octets = plait_host_memory(&config.limits);
    end->memory = malloc(config.environment.memory_octets);
    config.environment.memory = end->memory;
    end->host = end->memory ? plait_host_new(&config) : NULL;
    return end->host != NULL;
}

struct plait_end_host *plait_machine_own_new(const struct plait_end_config *config)
{
    struct own_end *end = calloc(1, sizeof *end);
    if (!end)
        return NULL;
    *end = (struct own_end){.base = {&ops}, .config = *config, .options = options_of(config)};
    if (!make_host(end)) {
        free_end(&end->base);
        return NULL;
    }
    end->ports = plait_endpoint_new(end->host, false);
    const struct plait_own_apps_config apps = {end->host, &end->options, connection_changed, end};
    end->apps = plait_own_apps_new(&apps);
    note_settings(end);
    return &end->base;
}
