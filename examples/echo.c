/* examples/echo.c: two hosts in one process, joined by two wires of 10 ms: the client sends a file,
 * the server sends it back.  Time is virtual, there is no privilege, no thread and no socket.
 *
 *     cc echo.c $(pkg-config --cflags --libs libplait) -o echo && ./echo FILE >copy */
#include <plait/connection.h>
#include <stdio.h>
#include <stdlib.h>

enum { PORT = 7, WIRE_PACKETS = 1 << 14 };

static struct plait_host *hosts[2]; /* client, server */
static struct packet {
    plait_time_ns arrives_ns;
    int to;
    uint32_t length;
    uint8_t octets[1500];
} wire[WIRE_PACKETS]; /* all in order of arrival: the delay is one */
static unsigned first, last;

static struct plait_place place(const char *addr, uint16_t port)
{
    struct plait_place p = {.port = port};
    if (!plait_ok(plait_addr_parse(addr, &p.addr)))
        abort();
    return p;
}

static struct plait_host *new_host(const char *name, const char *addr, const char *other)
{
    struct plait_host_config config = {.environment = {.name = name, .seed = {1, 2}}};
    config.environment.memory_octets = plait_host_memory(&config.limits);
    config.environment.memory = aligned_alloc(16, config.environment.memory_octets & ~15u);
    config.environment.memory_octets &= ~15u;
    struct plait_host *host = plait_host_new(&config);
    struct plait_place here = place(addr, 0), there = place(other, 0);
    if (!host || !plait_ok(plait_host_add_addr(host, 0, &here.addr)) ||
        !plait_ok(plait_host_add_addr(host, 0, &there.addr)))
        abort();
    return host;
}

static void echo(void *user, struct plait_connection *c, plait_time_ns now) /* the server */
{
    (void)user;
    uint32_t here, room, copied;
    const uint8_t *octets;
    while ((octets = plait_connection_peek(c, &here)) && here) {
        plait_connection_reserve(c, &room);
        copied = plait_connection_write(c, now, octets, here < room ? here : room);
        if (!copied || !plait_ok(plait_connection_consume(c, now, copied)))
            return; /* no room now: `changed` will call again */
    }
    if (plait_connection_status(c).peer_done && plait_ok(plait_connection_close(c, now)))
        plait_connection_free(c, now);
}

static void talk(void *user, struct plait_connection *c, plait_time_ns now) /* the client */
{
    uint32_t length;
    struct plait_status status = plait_connection_status(c);
    struct plait_place from = place("198.18.1.2", 0), to = place("198.18.2.2", PORT);
    if (status.stage == PLAIT_STAGE_OPEN && status.path_count == 1)
        (void)plait_connection_add_path(c, now, &from, &to, false); /* tried until it is there */
    for (uint8_t *room; (room = plait_connection_reserve(c, &length)) && length;) {
        uint32_t octets = (uint32_t)fread(room, 1, length, user);
        if (octets == 0 || !plait_ok(plait_connection_commit(c, now, octets)))
            break;
    }
    if (feof((FILE *)user) && status.stage == PLAIT_STAGE_OPEN)
        (void)plait_connection_close(c, now);
    for (const uint8_t *octets; (octets = plait_connection_peek(c, &length)) && length;) {
        fwrite(octets, 1, length, stdout);
        (void)plait_connection_consume(c, now, length);
    }
}

static void send_all(int from, plait_time_ns now)
{
    for (;;) {
        struct packet *p = &wire[last % WIRE_PACKETS];
        struct plait_out out = {.octets = p->octets, .room_octets = sizeof p->octets};
        if (last - first == WIRE_PACKETS || !plait_host_output(hosts[from], now, &out))
            return;
        p->arrives_ns = now + 10 * PLAIT_MS, p->to = !from, p->length = out.length_octets;
        last++;
    }
}

int main(int count, char **arguments)
{
    FILE *file = count > 1 ? fopen(arguments[1], "rb") : stdin;
    hosts[0] = new_host("client", "198.18.1.1", "198.18.1.2");
    hosts[1] = new_host("server", "198.18.2.1", "198.18.2.2");
    struct plait_callbacks server = {.changed = echo}, client = {.changed = talk};
    server.accepted = echo;
    struct plait_place to = place("198.18.2.1", PORT);
    struct plait_connection *c;
    if (!file || !plait_ok(plait_listen(hosts[1], 0, NULL, PORT, NULL, 0, &server, NULL, NULL)) ||
        !plait_ok(plait_connect(hosts[0], 0, NULL, &to, NULL, &client, file, &c)))
        return 1;
    for (plait_time_ns now = 0; plait_connection_status(c).stage < PLAIT_STAGE_CLOSED;) {
        plait_time_ns next = first != last ? wire[first % WIRE_PACKETS].arrives_ns : PLAIT_NEVER;
        for (int i = 0; i < 2; i++)
            next = plait_earlier(next, plait_host_deadline(hosts[i]));
        now = next > now ? next : now;
        for (; first != last && wire[first % WIRE_PACKETS].arrives_ns <= now; first++) {
            struct packet *p = &wire[first % WIRE_PACKETS];
            plait_host_input(hosts[p->to], now, p->octets, p->length, NULL);
        }
        for (int i = 0; i < 2; i++)
            plait_host_advance(hosts[i], now), send_all(i, now);
    }
    struct plait_status status = plait_connection_status(c);
    fprintf(stderr, "%llu octets back, %s, %s\n", (unsigned long long)status.received_octets,
            status.is_multipath ? "MPTCP" : "TCP", plait_stage_text(status.stage));
    return status.stage != PLAIT_STAGE_CLOSED;
}
