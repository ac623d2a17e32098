/* Real programs on the kernel's side, made to speak Multipath TCP by mptcpize, against our host:
 * curl fetches from it, it fetches from nginx, iperf3 measures through it.
 *
 * The applications in our host are the least that serves: an HTTP/1.0 responder, an HTTP/1.0
 * requester, and a relay, which is server and client at once.  May touch: the sandbox it runs in,
 * files in the folder of its job. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/pattern.h"
#include "base/panic.h"
#include "live/sandbox.h"
#include "tests/interop/play.h"
#include "tests/interop/world.h"

#define SLICE_NS  (2 * PLAIT_MS)
#define STALL_NS  (20 * PLAIT_S)
#define QUIET_NS  (2 * PLAIT_S) /* after the client of a relay has ended */
#define LISTEN_NS (10 * PLAIT_S)
enum { HTTP_PORT = 8080, IPERF_PORT = 5201, PAIRS_MAX = 8, NAME_OCTETS = 256, HEAD_MAX = 2048 };
enum { LISTEN_STATE = 10 };

struct show;

/* One connection of our host and what its application makes of it. */
struct stream {
    struct show *show;
    struct plait_connection *connection;
    struct stream *peer; /* of a relay */
    char head[HEAD_MAX]; /* what came before the empty line */
    size_t head_octets;
    uint64_t body_octets; /* read or written */
    uint64_t foreign;
    bool has_head, wants_peer, has_closed, was_multipath, has_ended;
    unsigned paths;
};

struct show {
    const struct interop_case *c;
    const struct interop_job *job;
    struct interop_world world;
    struct interop_end *plait, *kernel, third;
    struct plait_live_program server, client;
    struct stream streams[2 * PAIRS_MAX];
    unsigned stream_count;
    uint64_t key, program_octets, program_foreign, moved;
    char *said; /* what the client printed */
    size_t said_octets, said_room;
    int status;
    bool client_ended;
    char text[512];
    struct plait_text why;
};

static void complain(struct show *show, const char *format, const char *detail)
{
    plait_text_add(&show->why, show->why.length ? "; " : "");
    plait_text_add(&show->why, format, detail);
}

static plait_time_ns now_of(const struct show *show)
{
    return plait_net_now(show->world.net);
}

/* ---- streams of our host -----------------------------------------------------------------------
 */

static struct stream *stream_new(struct show *show, struct plait_connection *c)
{
    if (show->stream_count == 2 * PAIRS_MAX)
        return NULL;
    struct stream *s = &show->streams[show->stream_count++];
    *s = (struct stream){.show = show, .connection = c};
    return s;
}

static void close_stream(struct stream *s)
{
    if (s->has_closed)
        return;
    s->has_closed = true;
    if (!plait_ok(plait_connection_close(s->connection, now_of(s->show))))
        complain(s->show, "%s", "our host refuses to close");
}

static void note_status(struct stream *s)
{
    struct plait_status status = plait_connection_status(s->connection);
    s->was_multipath = s->was_multipath || status.is_multipath;
    s->paths = status.path_count > s->paths ? status.path_count : s->paths;
    if (status.stage == PLAIT_STAGE_RESET || status.stage == PLAIT_STAGE_TIMED_OUT ||
        status.stage == PLAIT_STAGE_CLOSED)
        s->has_ended = true;
}

/* Reads up to the empty line that ends an HTTP head; true when it has come. */
static bool read_head(struct stream *s)
{
    uint32_t length;
    const uint8_t *octets;
    while (!s->has_head && (octets = plait_connection_peek(s->connection, &length)) && length) {
        if (s->head_octets + 1 >= HEAD_MAX)
            return false;
        s->head[s->head_octets++] = (char)octets[0];
        s->has_head =
            s->head_octets >= 4 && memcmp(s->head + s->head_octets - 4, "\r\n\r\n", 4) == 0;
        if (!plait_ok(plait_connection_consume(s->connection, now_of(s->show), 1)))
            return false;
    }
    return s->has_head;
}

/* ---- the HTTP responder ------------------------------------------------------------------------
 */

static void respond(struct stream *s)
{
    const uint64_t whole = s->show->c->octets[0];
    bool had_head = s->has_head;
    if (!read_head(s))
        return;
    if (!had_head) {
        char head[160];
        int length = snprintf(head, sizeof head,
                              "HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\n"
                              "Content-Length: %llu\r\n\r\n",
                              (unsigned long long)whole);
        if (plait_connection_write(s->connection, now_of(s->show), head, (uint32_t)length) !=
            (uint32_t)length)
            complain(s->show, "%s", "no room for a head");
    }
    uint32_t room;
    uint8_t *to;
    while (s->body_octets < whole && (to = plait_connection_reserve(s->connection, &room)) &&
           room) {
        room = room < whole - s->body_octets ? room : (uint32_t)(whole - s->body_octets);
        plait_pattern_fill(to, s->show->key, s->body_octets, room);
        if (!plait_ok(plait_connection_commit(s->connection, now_of(s->show), room)))
            return;
        s->body_octets += room;
    }
    if (s->body_octets == whole)
        close_stream(s);
}

/* ---- the HTTP requester ------------------------------------------------------------------------
 */

static void request(struct stream *s)
{
    static const char get[] = "GET /file HTTP/1.0\r\n\r\n";
    struct plait_status status = plait_connection_status(s->connection);
    if (!s->wants_peer && status.stage == PLAIT_STAGE_OPEN) /* asked once */
        s->wants_peer =
            plait_connection_write(s->connection, now_of(s->show), get, sizeof get - 1) != 0;
    uint32_t length;
    const uint8_t *octets;
    if (!read_head(s))
        return;
    while ((octets = plait_connection_peek(s->connection, &length)) && length) {
        s->foreign += interop_judge(octets, s->show->key, s->body_octets, length);
        s->body_octets += length;
        if (!plait_ok(plait_connection_consume(s->connection, now_of(s->show), length)))
            return;
    }
    if (plait_connection_status(s->connection).peer_done)
        close_stream(s);
}

/* ---- the relay ---------------------------------------------------------------------------------
 */

static void carry(struct stream *from, struct stream *to)
{
    uint32_t length, took = 0;
    const uint8_t *octets;
    while ((octets = plait_connection_peek(from->connection, &length)) && length) {
        took = plait_connection_write(to->connection, now_of(from->show), octets, length);
        if (!took)
            return;
        from->body_octets += took;
        if (!plait_ok(plait_connection_consume(from->connection, now_of(from->show), took)))
            return;
    }
    struct plait_status status = plait_connection_status(from->connection);
    if (status.stage == PLAIT_STAGE_RESET && !to->has_ended)
        (void)plait_connection_abort(to->connection, now_of(from->show), false); /* best effort */
    else if (status.peer_done && !status.readable_octets)
        close_stream(to);
}

static void relay(struct stream *s)
{
    if (!s->peer)
        return;
    carry(s, s->peer);
    carry(s->peer, s);
}

/* ---- callbacks ---------------------------------------------------------------------------------
 */

static void (*const roles[])(struct stream *s) = {
    [INTEROP_CURL] = respond,
    [INTEROP_NGINX] = request,
    [INTEROP_IPERF3] = relay,
    [INTEROP_IPERF3_REVERSE] = relay,
};

static void changed(void *user, struct plait_connection *c, plait_time_ns now)
{
    struct show *show = user;
    (void)now;
    for (unsigned i = 0; i < show->stream_count; i++) {
        struct stream *s = &show->streams[i];
        if (s->connection != c)
            continue;
        roles[show->c->program](s);
        note_status(s);
    }
}

static void accepted(void *user, struct plait_connection *c, plait_time_ns now)
{
    struct stream *s = stream_new(user, c);
    if (!s) {
        plait_connection_free(c, now);
        return;
    }
    s->wants_peer = true;
    changed(user, c, now);
}

static const struct plait_callbacks callbacks = {accepted, changed};

static const struct plait_options dialling = {.subflows_limit = 3, .paths = PLAIT_PATHS_FULL_MESH};

static struct stream *dial(struct show *show, const struct plait_addr *addr, uint16_t port)
{
    const struct plait_place remote = {*addr, port};
    struct stream *s = stream_new(show, NULL);
    if (s && !plait_ok(plait_connect(show->plait->plait, now_of(show), NULL, &remote, &dialling,
                                     &callbacks, show, &s->connection)))
        complain(show, "%s", "our host refuses to dial");
    return s && s->connection ? s : NULL;
}

/* Dialling is nothing for a callback. */
static void dial_peers(struct show *show)
{
    bool relays = roles[show->c->program] == relay;
    for (unsigned i = 0; relays && i < show->stream_count; i++) {
        struct stream *s = &show->streams[i];
        if (!s->wants_peer || s->peer)
            continue;
        s->peer = dial(show, &show->third.addrs[0], IPERF_PORT);
        if (s->peer)
            s->peer->peer = s;
    }
}

/* ---- programs ----------------------------------------------------------------------------------
 */

static void name_file(const struct show *show, const char *what, char name[NAME_OCTETS])
{
    snprintf(name, NAME_OCTETS, "%s/%s-ipv%u-%s", show->job->folder, show->c->row, show->c->family,
             what);
}

static bool write_pattern(struct show *show, const char *name)
{
    uint8_t piece[65536];
    FILE *file = fopen(name, "wb");
    for (uint64_t done = 0; file && done < show->c->octets[0];) {
        uint64_t left = show->c->octets[0] - done;
        uint32_t part = left < sizeof piece ? (uint32_t)left : (uint32_t)sizeof piece;
        plait_pattern_fill(piece, show->key, done, part);
        if (fwrite(piece, 1, part, file) != part)
            break;
        done += part;
    }
    return file && fclose(file) == 0;
}

/* One process, nothing outside the job's folder. */
static bool write_nginx_conf(const struct show *show, const char *name, const char *root)
{
    FILE *file = fopen(name, "w");
    if (!file)
        return false;
    fprintf(file,
            "user root root; daemon off; master_process off; pid %s/pid; error_log stderr;\n"
            "events { worker_connections 64; }\n"
            "http { access_log off; default_type application/octet-stream;\n"
            "  client_body_temp_path %s/b; proxy_temp_path %s/p; fastcgi_temp_path %s/f;\n"
            "  uwsgi_temp_path %s/u; scgi_temp_path %s/s;\n"
            "  server { listen %s%d; root %s; } }\n",
            root, root, root, root, root, root,
            show->c->family == PLAIT_IPV4 ? "" : "[::]:", HTTP_PORT, root);
    return fclose(file) == 0;
}

static bool start_nginx(struct show *show)
{
    char root[NAME_OCTETS], conf[NAME_OCTETS + 16], file[NAME_OCTETS + 16];
    char resolved[PATH_MAX];
    name_file(show, "root", root);
    if ((mkdir(root, 0777) != 0 && errno != EEXIST) || !realpath(root, resolved))
        return false;
    snprintf(conf, sizeof conf, "%s/conf", root);
    snprintf(file, sizeof file, "%s/file", root);
    if (!write_pattern(show, file) || !write_nginx_conf(show, conf, resolved) ||
        !realpath(conf, resolved))
        return false;
    char *const arguments[] = {"mptcpize", "run", "nginx", "-e", "stderr", "-c", resolved, NULL};
    return plait_ok(plait_live_program_start(show->kernel->host, arguments, &show->server));
}

static bool start_iperf3_server(struct show *show)
{
    char *const arguments[] = {"mptcpize", "run", "iperf3", "-s", "-1", "-p", "5201", NULL};
    return plait_ok(plait_live_program_start(show->third.host, arguments, &show->server));
}

static bool start_curl(struct show *show)
{
    char addr[PLAIT_ADDR_TEXT_OCTETS], url[96];
    plait_addr_text(&show->plait->addrs[0], addr);
    snprintf(url, sizeof url, show->c->family == PLAIT_IPV4 ? "http://%s:%d/" : "http://[%s]:%d/",
             addr, HTTP_PORT);
    char *const arguments[] = {"mptcpize",  "run", "curl", "-q",  "-g", "-s", "-S",
                               "--noproxy", "*",   "-m",   "120", url,  NULL};
    return plait_ok(plait_live_program_start(show->kernel->host, arguments, &show->client));
}

static bool start_iperf3_client(struct show *show)
{
    char addr[PLAIT_ADDR_TEXT_OCTETS], octets[24];
    plait_addr_text(&show->plait->addrs[0], addr);
    snprintf(octets, sizeof octets, "%llu", (unsigned long long)show->c->octets[0]);
    char *const arguments[] = {"mptcpize",
                               "run",
                               "iperf3",
                               "-J",
                               "-p",
                               "5201",
                               "-c",
                               addr,
                               "-n",
                               octets,
                               show->c->program == INTEROP_IPERF3_REVERSE ? "-R" : NULL,
                               NULL};
    return plait_ok(plait_live_program_start(show->kernel->host, arguments, &show->client));
}

static plait_time_ns wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * PLAIT_S + t.tv_nsec;
}

/* The net stands still meanwhile. */
static bool await_listener(struct interop_end *end)
{
    plait_time_ns until_ns = wall_ns() + LISTEN_NS;
    uint32_t count = 0;
    while (!count && wall_ns() < until_ns) {
        usleep(20000);
        if (!plait_ok(plait_live_count_sockets(end->host, LISTEN_STATE, &count)))
            return false;
    }
    return count > 0;
}

/* ---- what a client prints ----------------------------------------------------------------------
 */

static void keep_said(struct show *show, const char *text, size_t octets)
{
    if (show->said_octets + octets + 1 > show->said_room) {
        show->said_room = 2 * (show->said_octets + octets + 1);
        show->said = realloc(show->said, show->said_room);
        PLAIT_CHECK(show->said);
    }
    memcpy(show->said + show->said_octets, text, octets);
    show->said_octets += octets;
    show->said[show->said_octets] = '\0';
}

static void hear_client(void *self)
{
    struct show *show = self;
    static char piece[65536];
    ssize_t length;
    while ((length = read(show->client.fd, piece, sizeof piece)) > 0) {
        if (show->c->program == INTEROP_CURL)
            show->program_foreign += interop_judge((const uint8_t *)piece, show->key,
                                                   show->program_octets, (uint32_t)length);
        else
            keep_said(show, piece, (size_t)length);
        show->program_octets += (uint64_t)length;
    }
    if (length == 0)
        plait_net_unwatch(show->world.net, show->client.fd);
}

/* ---- three shows -------------------------------------------------------------------------------
 */

static bool set_stage(struct show *show)
{
    struct plait_listener *listener;
    bool relays = roles[show->c->program] == relay, serves = show->c->program != INTEROP_NGINX;
    if (relays && !plait_ok(interop_world_add_kernel(&show->world, &show->third)))
        return false;
    if (serves && !plait_ok(plait_listen(show->plait->plait, now_of(show), NULL,
                                         relays ? IPERF_PORT : HTTP_PORT, NULL, 0, &callbacks, show,
                                         &listener)))
        return false;
    if (relays)
        return start_iperf3_server(show) && await_listener(&show->third) &&
               start_iperf3_client(show);
    return serves ? start_curl(show) : start_nginx(show) && await_listener(show->kernel);
}

static bool all_ended(const struct show *show)
{
    for (unsigned i = 0; i < show->stream_count; i++)
        if (!show->streams[i].has_ended)
            return false;
    return show->stream_count > 0;
}

static uint64_t octets_so_far(const struct show *show)
{
    uint64_t sum = show->program_octets;
    for (unsigned i = 0; i < show->stream_count; i++)
        sum += show->streams[i].body_octets;
    return sum;
}

static void play_on(struct show *show)
{
    plait_time_ns moved_ns = now_of(show);
    bool has_client = show->client.pid > 0;
    bool relays = roles[show->c->program] == relay;
    plait_time_ns limit_ns = STALL_NS;
    while (now_of(show) - moved_ns < limit_ns) {
        plait_net_run(show->world.net, now_of(show) + SLICE_NS, NULL, NULL);
        dial_peers(show);
        for (unsigned i = 0; i < show->stream_count; i++)
            note_status(&show->streams[i]);
        if (octets_so_far(show) != show->moved)
            moved_ns = now_of(show);
        show->moved = octets_so_far(show);
        if (has_client && !show->client_ended)
            show->client_ended = plait_live_program_ended(&show->client, &show->status);
        if (relays && show->client_ended)
            limit_ns = QUIET_NS;
        if (all_ended(show) && (!has_client || show->client_ended))
            break;
    }
    if (has_client)
        hear_client(show);
}

/* ---- checks ------------------------------------------------------------------------------------
 */

static void check_http(struct show *show)
{
    bool is_curl = show->c->program == INTEROP_CURL;
    uint64_t octets = is_curl ? show->program_octets : show->streams[0].body_octets;
    uint64_t foreign = is_curl ? show->program_foreign : show->streams[0].foreign;
    char text[96];
    snprintf(text, sizeof text, "%llu octets, %llu of them wrong", (unsigned long long)octets,
             (unsigned long long)foreign);
    if (octets != show->c->octets[0] || foreign)
        complain(show, "the body had %s", text);
    if (!is_curl && strstr(show->streams[0].head, " 200 ") == NULL)
        complain(show, "%s", "nginx did not answer 200");
}

/* The server counts until the control connection says that the test is over, which may overtake the
 * last octets. */
static void check_iperf3(struct show *show)
{
    json_error_t error;
    json_t *said = json_loads(show->said ? show->said : "", JSON_DISABLE_EOF_CHECK, &error);
    const json_t *end = json_object_get(said, "end");
    const char *why = json_string_value(json_object_get(said, "error"));
    json_int_t sent =
        json_integer_value(json_object_get(json_object_get(end, "sum_sent"), "bytes"));
    json_int_t received =
        json_integer_value(json_object_get(json_object_get(end, "sum_received"), "bytes"));
    if (!said)
        complain(show, "iperf3 printed no report: %.80s", show->said ? show->said : "nothing");
    else if (why)
        complain(show, "iperf3 says %s", why);
    else if (sent < (json_int_t)show->c->octets[0] || !received)
        complain(show, "%s", "iperf3 counts fewer octets than asked for");
    json_decref(said);
}

static void check(struct show *show)
{
    bool has_client = show->c->program != INTEROP_NGINX;
    bool relays = roles[show->c->program] == relay;
    if (has_client && (!show->client_ended || show->status != 0))
        complain(show, "%s", show->client_ended ? "the program failed" : "the program did not end");
    /* iperf3's server may close with octets unread: Linux resets, or keeps its window shut until
     * net.mptcp.close_timeout. */
    if (!relays && !all_ended(show))
        complain(show, "%s", "connections of our host did not end");
    for (unsigned i = 0; i < show->stream_count; i++) {
        if (!show->streams[i].was_multipath)
            complain(show, "%s", "a connection was no Multipath TCP");
        if (!relays &&
            plait_connection_status(show->streams[i].connection).stage != PLAIT_STAGE_CLOSED)
            complain(show, "a connection ended: %s",
                     plait_stage_text(plait_connection_status(show->streams[i].connection).stage));
    }
    if (relays)
        check_iperf3(show);
    else
        check_http(show);
}

static json_t *report_of(const struct show *show, plait_time_ns took_ns)
{
    json_t *paths = json_array();
    for (unsigned i = 0; i < show->stream_count; i++)
        json_array_append_new(paths, json_integer(show->streams[i].paths));
    return json_pack("{s:b,s:s,s:i,s:o,s:f}", "ok", !show->why.length, "why", show->text, "ms",
                     (int)(took_ns / PLAIT_MS), "subflows", paths, "mbit_per_s",
                     8000.0 * (double)show->c->octets[0] / (double)(took_ns + 1));
}

int interop_play_program(void *argument, int report_fd)
{
    const struct interop_job *job = argument;
    static struct show show;
    show = (struct show){.c = &job->c, .job = job, .key = job->seed ^ 0x5eed};
    show.why = plait_text(show.text, sizeof show.text);
    show.server.fd = show.client.fd = -1;
    if (!plait_ok(interop_world_open(&show.world, &job->c, job->seed, job->capture, job->trace))) {
        complain(&show, "no world: %s", show.world.why);
    } else {
        bool dials = job->c.roles == INTEROP_PLAIT_DIALS;
        show.plait = &show.world.ends[dials ? INTEROP_CLIENT : INTEROP_SERVER];
        show.kernel = &show.world.ends[dials ? INTEROP_SERVER : INTEROP_CLIENT];
        if (!set_stage(&show) || !plait_ok(plait_sandbox_lock()))
            complain(&show, "the stage could not be set: %s", plait_live_error(show.world.live));
    }
    plait_time_ns start_ns = now_of(&show);
    if (!show.why.length) {
        if (show.client.fd >= 0)
            plait_net_watch(show.world.net, show.client.fd, hear_client, &show);
        if (job->c.program != INTEROP_NGINX || dial(&show, &show.kernel->addrs[0], HTTP_PORT))
            play_on(&show);
        check(&show);
    }
    interop_tell(report_fd, report_of(&show, now_of(&show) - start_ns));
    plait_live_program_close(&show.client);
    plait_live_program_close(&show.server);
    interop_world_close(&show.world);
    return 0;
}
