/* lab/own_command.c: one command of agent/PROTOCOL.md in, one answer out.
 * May touch: the table of applications and its host. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab/own_stream.h"

enum { WORDS_MAX = 12, LINE_OCTETS = 512 };

struct order {
    struct plait_own_apps *apps;
    plait_time_ns now;
    char *word[WORDS_MAX]; /* word[0] is the command's */
    struct plait_text *text;
};

/* NULL, or the errno name with which the agent would answer. */
typedef const char *(*order_fn)(struct order *o);

static bool number(const char *text, int base, uint64_t most, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, base);
    return text[0] != '-' && end != text && *end == '\0' && errno == 0 && *value <= most;
}

static struct plait_own_app *named(const struct order *o)
{
    return plait_own_app(o->apps, o->word[1]);
}

/* ---- opening ------------------------------------------------------------------------------ */

static bool congestion(const char *name, struct plait_options *options)
{
    options->congestion =
        strcmp(name, "newreno") == 0 ? PLAIT_CONGESTION_NEWRENO : PLAIT_CONGESTION_CUBIC;
    return strcmp(name, "newreno") == 0 || strcmp(name, "cubic") == 0 || strcmp(name, "-") == 0;
}

static const char *protocol(const struct order *o, const char *name, const char *cc,
                            struct plait_options *options)
{
    *options = *o->apps->config.options;
    if (strcmp(name, "tcp") == 0)
        options->tcp_only = true;
    else if (strcmp(name, "mptcp") != 0)
        return "EINVAL";
    else if (options->tcp_only)
        return "EPROTONOSUPPORT"; /* as where net.mptcp.enabled is 0 */
    return congestion(cc, options) ? NULL : "ENOENT";
}

/* The errno that a socket call would give. */
static const char *errno_name(plait_result result)
{
    switch (result.reason) {
    case PLAIT_REASON_EXISTS:
        return "EADDRINUSE";
    case PLAIT_REASON_TOO_MANY:
        return "ENFILE";
    case PLAIT_REASON_NOT_FOUND:
        return "EADDRNOTAVAIL";
    default:
        return "EINVAL";
    }
}

static void answer_opened(const struct order *o, uint16_t port, const char *cc)
{
    plait_text_add(o->text, "port=%u cc=%s", port, strcmp(cc, "-") == 0 ? "cubic" : cc);
}

/* listen NAME PROTO ADDR PORT BACKLOG CC */
static const char *listen_order(struct order *o)
{
    uint64_t port, backlog;
    struct plait_options options;
    struct plait_addr addr;
    bool any = strncmp(o->word[3], "any", 3) == 0;
    if (!number(o->word[4], 10, 65535, &port) || !number(o->word[5], 10, 1000000, &backlog) ||
        (!any && !plait_ok(plait_addr_parse(o->word[3], &addr))) ||
        strlen(o->word[1]) >= PLAIT_OWN_NAME_OCTETS)
        return "EINVAL";
    const char *why = protocol(o, o->word[2], o->word[6], &options);
    struct plait_own_app *app = why ? NULL : plait_own_app_new(o->apps, o->word[1]);
    if (why || !app)
        return why ? why : "ENFILE";
    plait_result made =
        plait_listen(o->apps->config.host, o->now, any ? NULL : &addr, (uint16_t)port, &options,
                     (unsigned)backlog, &plait_own_callbacks, app, &app->listener);
    if (!plait_ok(made))
        return errno_name(made);
    app->kind = PLAIT_OWN_LISTENER;
    answer_opened(o, (uint16_t)port, o->word[6]);
    return NULL;
}

/* connect NAME PROTO LADDR LPORT RADDR RPORT CC */
static const char *connect_order(struct order *o)
{
    uint64_t local_port, remote_port;
    struct plait_options options;
    struct plait_place local = {0}, remote = {0};
    bool any = strncmp(o->word[3], "any", 3) == 0;
    if (!number(o->word[4], 10, 65535, &local_port) ||
        !number(o->word[6], 10, 65535, &remote_port) ||
        !plait_ok(plait_addr_parse(o->word[5], &remote.addr)) ||
        (!any && !plait_ok(plait_addr_parse(o->word[3], &local.addr))) || (any && local_port) ||
        strlen(o->word[1]) >= PLAIT_OWN_NAME_OCTETS)
        return "EINVAL";
    local.port = (uint16_t)local_port;
    remote.port = (uint16_t)remote_port;
    const char *why = protocol(o, o->word[2], o->word[7], &options);
    struct plait_own_app *app = why ? NULL : plait_own_app_new(o->apps, o->word[1]);
    if (why || !app)
        return why ? why : "ENFILE";
    plait_result made = plait_connect(o->apps->config.host, o->now, any ? NULL : &local, &remote,
                                      &options, &plait_own_callbacks, app, &app->connection);
    if (!plait_ok(made))
        return errno_name(made);
    app->kind = PLAIT_OWN_CONNECTION;
    app->connecting = true;
    plait_connection_set_user(app->connection, app);
    struct plait_path_status path = {.local = local};
    if (!plait_ok(plait_connection_path(app->connection, 0, &path)))
        path.local = local; /* nothing better is known */
    answer_opened(o, path.local.port, o->word[7]);
    return NULL;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* keys NAME SENDKEY RECEIVEKEY */
static const char *keys_order(struct order *o)
{
    struct plait_own_app *app = named(o);
    if (!app)
        return "ENOENT";
    bool good = number(o->word[2], 16, UINT64_MAX, &app->send_key) &&
                number(o->word[3], 16, UINT64_MAX, &app->reader.key);
    return good ? NULL : "EINVAL";
}

static struct plait_own_app *writable(const struct order *o, const char **why)
{
    struct plait_own_app *app = named(o);
    *why = !app                                ? "ENOENT"
           : app->kind != PLAIT_OWN_CONNECTION ? "EINVAL"
           : app->closed                       ? "EBADF"
           : app->error                        ? app->error
           : app->wants_shutdown               ? "EPIPE"
                                               : NULL;
    return *why ? NULL : app;
}

/* send NAME OCTETS */
static const char *send_order(struct order *o)
{
    const char *why;
    uint64_t octets;
    struct plait_own_app *app = writable(o, &why);
    if (!app)
        return why;
    if (!number(o->word[2], 10, UINT64_MAX, &octets))
        return "EINVAL";
    app->wanted += octets;
    plait_own_app_move(app, o->now);
    return NULL;
}

/* rate NAME CHUNK INTERVAL_US */
static const char *rate_order(struct order *o)
{
    const char *why;
    uint64_t chunk, interval_us;
    struct plait_own_app *app = writable(o, &why);
    if (!app)
        return why;
    if (!number(o->word[2], 10, UINT64_MAX, &chunk) ||
        !number(o->word[3], 10, 3600 * UINT64_C(1000000), &interval_us) ||
        (chunk > 0 && interval_us == 0))
        return "EINVAL";
    plait_own_owe(app, o->now); /* what the old one owes */
    app->chunk = chunk;
    app->interval_ns = (int64_t)interval_us * 1000;
    app->next_ns = o->now;
    plait_own_owe(app, o->now);
    plait_own_app_move(app, o->now);
    return NULL;
}

/* answer NAME REQUEST REPLY */
static const char *answer_order(struct order *o)
{
    struct plait_own_app *app = named(o);
    uint64_t request, reply;
    if (!app)
        return "ENOENT";
    if (!number(o->word[2], 10, UINT64_MAX, &request) ||
        !number(o->word[3], 10, UINT64_MAX, &reply))
        return "EINVAL";
    app->request = request;
    app->reply = reply;
    app->request_read = 0;
    return NULL;
}

/* ---- ending ------------------------------------------------------------------------------- */

static const char *shutdown_order(struct order *o)
{
    const char *why;
    struct plait_own_app *app = writable(o, &why);
    if (!app)
        return why;
    app->wants_shutdown = true;
    app->chunk = 0;
    plait_own_app_move(app, o->now);
    return NULL;
}

static const char *end_app(struct order *o, bool at_once)
{
    struct plait_own_app *app = named(o);
    if (!app)
        return "ENOENT";
    if (app->listener)
        plait_listener_close(app->listener, o->now);
    app->listener = NULL;
    app->closed = true;
    app->chunk = 0;
    app->wanted = app->sent;
    struct plait_connection *c = app->connection;
    if (!c)
        return NULL;
    if (at_once) {
        app->connection = NULL; /* what it says of itself no longer matters */
        (void)plait_connection_abort(c, o->now, false); /* it may have ended by itself */
        plait_connection_free(c, o->now);
    } else {
        (void)plait_connection_close(c, o->now); /* likewise */
        plait_own_app_move(app, o->now);
    }
    return NULL;
}

static const char *close_order(struct order *o)
{
    return end_app(o, false);
}

static const char *abort_order(struct order *o)
{
    return end_app(o, true);
}

/* ---- looking ------------------------------------------------------------------------------ */

static void add_foreign(struct plait_text *text, const struct plait_pattern_reader *reader)
{
    unsigned count = plait_pattern_foreign_span(reader);
    plait_text_add(text, " foreign=%llu", (unsigned long long)reader->foreign);
    if (reader->foreign)
        plait_text_add(
            text, " first_foreign=%llu foreign_hex=", (unsigned long long)reader->first_foreign);
    else
        plait_text_add(text, " first_foreign=- foreign_hex=");
    if (count)
        plait_text_hex(text, reader->kept, count);
    else
        plait_text_add(text, "-");
}

static const char *stat_order(struct order *o)
{
    const struct plait_own_app *app = named(o);
    if (!app)
        return "ENOENT";
    uint64_t unacked = 0;
    if (app->kind == PLAIT_OWN_CONNECTION && app->connection) {
        struct plait_status status = plait_connection_status(app->connection);
        unacked = status.written_octets - status.acked_octets;
    }
    plait_text_add(o->text, "sent=%llu received=%llu", (unsigned long long)app->sent,
                   (unsigned long long)app->reader.received);
    add_foreign(o->text, &app->reader);
    plait_text_add(o->text,
                   " eof=%d error=%s closed=%d queued=%llu last_receive_ns=%lld "
                   "longest_stall_ns=%lld unacked=%llu now_ns=%lld",
                   app->eof, app->error ? app->error : "-", app->closed,
                   (unsigned long long)(app->wanted - app->sent), (long long)app->last_receive_ns,
                   (long long)app->longest_stall_ns, (unsigned long long)unacked,
                   (long long)o->now);
    return NULL;
}

static void add_paths(struct plait_text *text, const struct plait_connection *c)
{
    struct plait_path_status path;
    char local[PLAIT_PLACE_TEXT_OCTETS], remote[PLAIT_PLACE_TEXT_OCTETS];
    for (unsigned i = 0; plait_ok(plait_connection_path(c, i, &path)); i++)
        plait_text_add(text, " subflow=%s-%s", plait_place_text(&path.local, local),
                       plait_place_text(&path.remote, remote));
}

/* What the interface says of both ends, whatever became of the pair. */
static void add_ends(struct plait_text *text, const struct plait_connection *c)
{
    struct plait_place local, remote;
    char l[PLAIT_PLACE_TEXT_OCTETS], r[PLAIT_PLACE_TEXT_OCTETS];
    if (plait_ok(plait_connection_ends(c, &local, &remote)))
        plait_text_add(text, " ends=%s-%s", plait_place_text(&local, l),
                       plait_place_text(&remote, r));
}

static const char *info_order(struct order *o)
{
    const struct plait_own_app *app = named(o);
    if (!app)
        return "ENOENT";
    if (!app->connection)
        return "EBADF";
    struct plait_status status = plait_connection_status(app->connection);
    if (status.is_multipath)
        plait_text_add(o->text, "mptcp=1 subflows=%u token=%08x write_seq=%llx snd_una=%llx",
                       status.path_count, status.own_token,
                       (unsigned long long)status.written_octets,
                       (unsigned long long)status.acked_octets);
    else
        plait_text_add(o->text, "mptcp=0 subflows=%u", status.path_count);
    add_ends(o->text, app->connection);
    add_paths(o->text, app->connection);
    return NULL;
}

static const char *counters_order(struct order *o)
{
    const struct plait_host_counters *counters = plait_host_counters(o->apps->config.host);
    for (unsigned i = 0; i < PLAIT_COUNTER_NAMES; i++)
        plait_text_add(o->text, "%s%s=%llu", i ? "\n" : "", plait_counter_short_name(i),
                       (unsigned long long)counters->count[i]);
    return NULL;
}

static const char *refuse(struct order *o)
{
    (void)o;
    return "EOPNOTSUPP";
}

static const struct {
    const char *name;
    unsigned arguments;
    order_fn run;
} orders[] = {
    {"listen", 6, listen_order},     {"connect", 7, connect_order}, {"keys", 3, keys_order},
    {"send", 2, send_order},         {"rate", 3, rate_order},       {"answer", 3, answer_order},
    {"shutdown", 1, shutdown_order}, {"close", 1, close_order},     {"abort", 1, abort_order},
    {"stat", 1, stat_order},         {"info", 1, info_order},       {"set", 3, refuse},
    {"counters", 0, counters_order}, {"read", 1, refuse},
};

static unsigned split(char *line, char **words)
{
    unsigned count = 0;
    char *at;
    for (char *word = strtok_r(line, " ", &at); word; word = strtok_r(NULL, " ", &at)) {
        if (count == WORDS_MAX)
            return 0;
        words[count++] = word;
    }
    return count;
}

static const char *obey(struct order *o, unsigned count)
{
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        if (count && strcmp(orders[i].name, o->word[0]) == 0)
            return count - 1 == orders[i].arguments ? orders[i].run(o) : "EINVAL";
    return "ENOSYS";
}

plait_result plait_own_apps_ask(struct plait_own_apps *apps, plait_time_ns now, const char *command,
                                struct plait_text *text)
{
    char line[LINE_OCTETS];
    struct order o = {.apps = apps, .now = now, .text = text};
    if (strlen(command) >= sizeof line)
        return PLAIT_FAIL(TOO_MANY);
    strcpy(line, command);
    const char *why = obey(&o, split(line, o.word));
    if (!why)
        return text->cut ? PLAIT_FAIL(NO_ROOM) : PLAIT_OK;
    plait_text_add(text, "%s", why);
    return PLAIT_FAIL(PEER);
}
