/* examples/echo.c: two hosts in one process, with two addresses each, on a wire of 10 ms of virtual
 * time: the client sends its standard input over two paths, the server sends it back.
 *     cc echo.c $(pkg-config --cflags --libs libplait) -o echo && ./echo <FILE >COPY */
#include <plait/connection.h>
#include <stdio.h>
#include <stdlib.h>

enum { PORT = 7, ROOM = 1 << 14 };
static struct packet { /* under way; all in order of arrival, for the delay is one */
    plait_time_ns arrives_ns;
    uint32_t length, to;
    uint8_t octets[1500];
} wire[ROOM];
static unsigned first, last;
static struct plait_host *hosts[2]; /* client, server */

static struct plait_place place(const char *addr, uint16_t port)
{
    struct plait_place p = {.port = port};
    return plait_ok(plait_addr_parse(addr, &p.addr)) ? p : (abort(), p);
}

static struct plait_host *new_host(const char *name, const char *addr, const char *other)
{
    struct plait_host_config config = {.environment = {.name = name, .seed = {1, 2}}};
    config.environment.memory_octets = plait_host_memory(&config.limits);
    config.environment.memory = malloc(config.environment.memory_octets);
    struct plait_host *host = plait_host_new(&config); /* NULL only without memory */
    struct plait_place here = place(addr, 0), there = place(other, 0);
    (void)plait_host_add_addr(host, 0, &here.addr);
    (void)plait_host_add_addr(host, 0, &there.addr);
    return host;
}

static void echo(void *user, struct plait_connection *c, plait_time_ns now) /* the server */
{
    uint32_t here, taken = 1;
    (void)user;
    for (const uint8_t *octets; taken && (octets = plait_connection_peek(c, &here)) && here;) {
        taken = plait_connection_write(c, now, octets, here); /* 0: `changed` will come again */
        (void)plait_connection_consume(c, now, taken);
    }
    if (plait_connection_status(c).peer_done && !plait_connection_status(c).readable_octets)
        (void)plait_connection_close(c, now); /* USAGE when it is closed already */
}

static void talk(void *user, struct plait_connection *c, plait_time_ns now) /* the client */
{
    uint32_t length;
    struct plait_place from = place("198.18.1.2", 0), to = place("198.18.2.2", PORT);
    if (plait_connection_status(c).is_multipath && plait_connection_status(c).path_count == 1)
        (void)plait_connection_add_path(c, now, &from, &to, false);
    for (uint8_t *room; !feof(user) && (room = plait_connection_reserve(c, &length)) && length;)
        (void)plait_connection_commit(c, now, (uint32_t)fread(room, 1, length, user));
    for (const uint8_t *octets; (octets = plait_connection_peek(c, &length)) && length;) {
        fwrite(octets, 1, length, stdout);
        (void)plait_connection_consume(c, now, length);
    }
    if (feof((FILE *)user))
        (void)plait_connection_close(c, now);
}

static void send_all(int from, plait_time_ns now)
{
    struct plait_out out = {.octets = wire[last % ROOM].octets, .room_octets = 1500};
    while (last - first < ROOM && plait_host_output(hosts[from], now, &out)) {
        wire[last % ROOM].arrives_ns = now + 10 * PLAIT_MS;
        wire[last % ROOM].to = (uint32_t)!from;
        wire[last % ROOM].length = out.length_octets;
        out.octets = wire[++last % ROOM].octets;
    }
}

int main(void)
{
    struct plait_callbacks server = {.accepted = echo, .changed = echo}, client = {.changed = talk};
    struct plait_place to = place("198.18.2.1", PORT);
    struct plait_connection *c;
    hosts[0] = new_host("client", "198.18.1.1", "198.18.1.2");
    hosts[1] = new_host("server", "198.18.2.1", "198.18.2.2");
    if (!plait_ok(plait_listen(hosts[1], 0, NULL, PORT, NULL, 0, &server, NULL, NULL)) ||
        !plait_ok(plait_connect(hosts[0], 0, NULL, &to, NULL, &client, stdin, &c)))
        return 1;
    for (plait_time_ns now = 0; plait_connection_status(c).stage < PLAIT_STAGE_CLOSED;) {
        for (int i = 0; i < 2; i++)
            plait_host_advance(hosts[i], now), send_all(i, now);
        now = first != last ? wire[first % ROOM].arrives_ns : PLAIT_NEVER;
        now = plait_earlier(now, plait_host_deadline(hosts[0]));
        now = plait_earlier(now, plait_host_deadline(hosts[1]));
        for (; first != last && wire[first % ROOM].arrives_ns <= now; first++) {
            struct packet *p = &wire[first % ROOM];
            plait_host_input(hosts[p->to], now, p->octets, p->length, NULL);
        }
    }
    struct plait_status s = plait_connection_status(c);
    fprintf(stderr, "%u octets came back over %s: %s\n", (unsigned)s.received_octets,
            s.is_multipath ? "MPTCP" : "TCP", plait_stage_text(s.stage));
    return s.stage != PLAIT_STAGE_CLOSED;
}
