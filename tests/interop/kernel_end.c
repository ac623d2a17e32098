/* The end that is this machine's kernel: a namespace, an agent in it, the kernel's path manager.
 * May touch: the host it made. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/interop/end.h"

enum { ANSWER_OCTETS = 4096, SECOND_ID = 2 };

/* ---- asking the agent --------------------------------------------------------------------------
 */

static plait_result ask(struct interop_end *end, char answer[ANSWER_OCTETS], const char *format,
                        ...) __attribute__((format(printf, 3, 4)));

static plait_result ask(struct interop_end *end, char answer[ANSWER_OCTETS], const char *format,
                        ...)
{
    char command[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    plait_result result = plait_live_agent_ask(end->host, answer, ANSWER_OCTETS, "%s", command);
    if (!plait_ok(result))
        snprintf(end->why, sizeof end->why, "%s", plait_live_error(end->live));
    return result;
}

/* The text behind "NAME=" in ANSWER, or NULL. */
static const char *field(const char *answer, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = answer; (at = strstr(at, name)); at += length)
        if ((at == answer || at[-1] == ' ') && at[length] == '=')
            return at + length + 1;
    return NULL;
}

static uint64_t number(const char *answer, const char *name)
{
    const char *text = field(answer, name);
    return text ? strtoull(text, NULL, 10) : 0;
}

static void note_error(struct interop_end *end, const char *error)
{
    if (!end->state.error[0])
        snprintf(end->state.error, sizeof end->state.error, "%.*s", (int)strcspn(error, " "),
                 error);
}

/* ---- events ------------------------------------------------------------------------------------
 */

static const char *behind(const char *text, const char *word)
{
    size_t length = strlen(word);
    return strncmp(text, word, length) == 0 ? text + length : NULL;
}

static void hear_one(struct interop_end *end, const char *event)
{
    const char *rest;
    if (behind(event, "connected c ") || behind(event, "accepted s.0 "))
        end->is_connected = true;
    else if ((rest = behind(event, "failed c ")) != NULL)
        note_error(end, rest);
    else if (strcmp(event, "gone") == 0)
        note_error(end, "agent-gone");
}

static void hear(void *self)
{
    struct interop_end *end = self;
    const char *event;
    while ((event = plait_live_agent_event(end->host)))
        hear_one(end, event);
}

static void poll_end(struct interop_end *end)
{
    char answer[ANSWER_OCTETS];
    struct interop_state *state = &end->state;
    hear(end);
    state->is_open = end->is_connected;
    if (!end->is_connected || !plait_ok(ask(end, answer, "stat %s", end->socket)))
        return;
    state->sent = number(answer, "sent");
    state->received = number(answer, "received");
    state->foreign = number(answer, "foreign");
    state->eof = number(answer, "eof") != 0;
    const char *error = field(answer, "error");
    if (error && *error != '-')
        note_error(end, error);
    /* The socket itself is gone when the kernel's own closing is through: see remains(). */
    state->is_closed = state->eof && end->has_closed && !number(answer, "unacked");
}

/* ---- what a case asks for ----------------------------------------------------------------------
 */

static const char *protocol(const struct interop_end *end)
{
    return end->c->outcome == INTEROP_TCP && end->c->roles == INTEROP_CONTROL ? "tcp" : "mptcp";
}

static plait_result listen_end(struct interop_end *end, uint16_t port)
{
    char answer[ANSWER_OCTETS];
    strcpy(end->socket, "s.0");
    PLAIT_TRY(
        ask(end, answer, "listen s %s any%u %u 16 cubic", protocol(end), end->c->family, port));
    return ask(end, answer, "keys s %llx %llx", (unsigned long long)end->send_key,
               (unsigned long long)end->receive_key);
}

static plait_result connect_end(struct interop_end *end, const struct plait_place *remote)
{
    char answer[ANSWER_OCTETS], local[PLAIT_ADDR_TEXT_OCTETS], there[PLAIT_ADDR_TEXT_OCTETS];
    strcpy(end->socket, "c");
    PLAIT_TRY(ask(end, answer, "connect c %s %s 0 %s %u cubic", protocol(end),
                  plait_addr_text(&end->addrs[0], local), plait_addr_text(&remote->addr, there),
                  remote->port));
    return ask(end, answer, "keys c %llx %llx", (unsigned long long)end->send_key,
               (unsigned long long)end->receive_key);
}

static void send_octets(struct interop_end *end, uint64_t octets)
{
    char answer[ANSWER_OCTETS];
    if (!plait_ok(ask(end, answer, "send %s %llu", end->socket, (unsigned long long)octets)))
        note_error(end, "send-refused");
}

static void close_end(struct interop_end *end)
{
    char answer[ANSWER_OCTETS];
    end->has_closed = true;
    if (!plait_ok(ask(end, answer, "shutdown %s", end->socket)))
        note_error(end, "shutdown-refused");
}

static void abort_end(struct interop_end *end, bool on_ack)
{
    char answer[ANSWER_OCTETS];
    (void)on_ack; /* the kernel knows one form */
    if (!plait_ok(ask(end, answer, "abort %s", end->socket)))
        note_error(end, "abort-refused");
}

static void facts_of(struct interop_end *end, struct interop_facts *facts)
{
    char answer[ANSWER_OCTETS];
    *facts = (struct interop_facts){0};
    if (!plait_ok(ask(end, answer, "info %s", end->socket)))
        return;
    facts->is_multipath = number(answer, "mptcp") != 0;
    facts->subflows = (unsigned)number(answer, "subflows");
    facts->has_checksum = number(answer, "checksum") != 0;
}

/* ---- the path manager --------------------------------------------------------------------------
 */

static void must(struct interop_end *end, plait_result result)
{
    if (!plait_ok(result))
        note_error(end, "path-manager-refused");
}

/* The flags of its endpoints say it already. */
static void join_backups(struct interop_end *end, const struct plait_place *remote)
{
    (void)end, (void)remote;
}

static void announce(struct interop_end *end, const struct plait_addr *addr, uint16_t port)
{
    must(end, port ? plait_live_mptcp_endpoint_signal_port(end->host, addr, SECOND_ID, port)
                   : plait_live_mptcp_endpoint_add(end->host, addr, SECOND_ID,
                                                   PLAIT_ENDPOINT_SIGNAL, NULL));
}

static void withdraw(struct interop_end *end, const struct plait_addr *addr)
{
    (void)addr;
    must(end, plait_live_mptcp_endpoint_remove(end->host, SECOND_ID));
}

static void set_backup(struct interop_end *end, const struct plait_addr *addr)
{
    must(end, plait_live_mptcp_endpoint_set_backup(end->host, addr, SECOND_ID, true));
}

/* ---- looking -----------------------------------------------------------------------------------
 */

static int64_t count(struct interop_end *end, const char *name)
{
    if (!end->counters.count && !plait_ok(plait_live_counters(end->host, &end->counters)))
        return 0;
    return plait_counter_value(&end->counters, name);
}

/* Every state but LISTEN (10), CLOSE (7), TIME_WAIT (6) and NEW_SYN_RECV (12). */
static void remains(struct interop_end *end, struct plait_text *text)
{
    char answer[ANSWER_OCTETS];
    static const struct {
        unsigned state;
        const char *name;
    } states[] = {{1, "ESTABLISHED"}, {2, "SYN_SENT"},   {3, "SYN_RECV"}, {4, "FIN_WAIT1"},
                  {5, "FIN_WAIT2"},   {8, "CLOSE_WAIT"}, {9, "LAST_ACK"}, {11, "CLOSING"}};
    uint32_t sockets;
    (void)ask(end, answer, "close %s", end->socket); /* again and again does no harm */
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (plait_ok(plait_live_count_sockets(end->host, states[i].state, &sockets)) && sockets)
            plait_text_add(text, "%s%u %s", text->length ? ", " : "", sockets, states[i].name);
}

static void free_end(struct interop_end *end)
{
    (void)end; /* the host ends with live */
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

static const struct {
    const char *name, *value;
} settings[] = {
    {"net/ipv4/tcp_rmem", "4096 131072 6291456"},
    {"net/ipv4/tcp_wmem", "4096 16384 4194304"},
    {"net/ipv4/tcp_no_metrics_save", "1"},
    {"net/ipv4/conf/all/rp_filter", "0"},
    {"net/ipv4/conf/default/rp_filter", "0"},
    {"net/ipv4/ip_local_port_range", "32768 60999"},
    {"net/mptcp/enabled", "1"},
    {"net/mptcp/add_addr_timeout", "120"},
    {"net/mptcp/close_timeout", "60"},
    {"net/mptcp/stale_loss_cnt", "4"},
    {"net/mptcp/path_manager", "kernel"},
    {"net/mptcp/scheduler", "default"},
};

static plait_result set(struct interop_end *end, const char *name, const char *value)
{
    char read_back[64];
    return plait_live_set(end->host, name, value, read_back);
}

static plait_result apply_settings(struct interop_end *end)
{
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        PLAIT_TRY(set(end, settings[i].name, settings[i].value));
    PLAIT_TRY(set(end, "net/mptcp/checksum_enabled",
                  end->c->checksum & INTEROP_CHECKSUM_KERNEL ? "1" : "0"));
    /* Timestamps and an IPv6 address with port and HMAC do not fit into 40 octets: with them Linux
     * announces nothing (docs/FINDINGS.md, F-10). */
    bool is_long = end->c->event == INTEROP_ADD_ADDR_PORT && end->c->family == PLAIT_IPV6 &&
                   !end->c->timestamps;
    PLAIT_TRY(set(end, "net/ipv4/tcp_timestamps", is_long ? "0" : "1"));
    PLAIT_TRY(set(end, "net/ipv4/tcp_syncookies", end->c->syn_cookies ? "2" : "1"));
    return plait_live_mptcp_limits(end->host, INTEROP_PATHS_MAX - 1, INTEROP_PATHS_MAX - 1);
}

static plait_result add_interface(struct interop_end *end, unsigned n, struct plait_port *port)
{
    char name[16];
    snprintf(name, sizeof name, "path%u", n + 1);
    const struct plait_live_interface interface = {
        .name = name,
        .mtu_octets = end->c->mtu_octets,
        .addr_count = 1,
        .addrs = {end->addrs[n]},
        .prefix_bits = {end->c->family == PLAIT_IPV4 ? 24 : 64},
    };
    return plait_live_add_interface(end->host, &interface, port);
}

/* A client joins from its further addresses by itself, unless they are what is announced. */
static plait_result add_endpoints(struct interop_end *end)
{
    unsigned flags = PLAIT_ENDPOINT_SUBFLOW | (end->c->backup_join ? PLAIT_ENDPOINT_BACKUP : 0);
    bool announces = end->c->event == INTEROP_ADD_ADDR || end->c->event == INTEROP_ADD_ADDR_PORT;
    if (end->which != INTEROP_CLIENT || announces)
        return PLAIT_OK;
    for (unsigned n = 1; n < end->addr_count; n++)
        PLAIT_TRY(plait_live_mptcp_endpoint_add(end->host, &end->addrs[n], SECOND_ID + n - 1, flags,
                                                NULL));
    return PLAIT_OK;
}

static plait_result build(struct interop_end *end, struct plait_port ports[INTEROP_PATHS_MAX])
{
    PLAIT_TRY(plait_live_host_new(end->live, end->which == INTEROP_CLIENT ? "client" : "server",
                                  &end->host));
    PLAIT_TRY(apply_settings(end));
    for (unsigned n = 0; n < end->addr_count; n++)
        PLAIT_TRY(add_interface(end, n, &ports[n]));
    PLAIT_TRY(add_endpoints(end));
    PLAIT_TRY(plait_live_agent_start(end->host));
    PLAIT_TRY(plait_live_check(end->host));
    plait_net_watch(end->net, plait_live_agent_fd(end->host), hear, end);
    return PLAIT_OK;
}

plait_result interop_kernel_new(struct interop_end *end, struct plait_live *live,
                                struct plait_port ports[INTEROP_PATHS_MAX])
{
    end->ops = &ops;
    end->name = "kernel";
    end->live = live;
    plait_result result = build(end, ports);
    if (!plait_ok(result))
        snprintf(end->why, sizeof end->why, "%s", plait_live_error(live));
    return result;
}
