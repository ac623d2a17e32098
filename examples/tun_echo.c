/* examples/tun_echo.c: an echo server on a TUN device, for everything that the machine's own TCP or
 * Multipath TCP sends there.  Ends at the end of its standard input.
 *
 *     cc tun_echo.c $(pkg-config --cflags --libs libplait-io) -o tun_echo
 *     ./tun_echo plait0 198.18.1.2 2001:db8:1::2 &                      (as root, or in a
 * namespace) ip address add 198.18.1.1/24 dev plait0; ip link set plait0 up; nc 198.18.1.2 7 */
#include <plait/connection.h>
#include <plait/io.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { PORT = 7 };

static bool is_over;

/* Takes what has come and sends it back, as far as there is room for it. */
static void echo(void *user, struct plait_connection *c, plait_time_ns now)
{
    (void)user;
    uint32_t here;
    const uint8_t *octets;
    while ((octets = plait_connection_peek(c, &here)) && here > 0) {
        uint32_t taken = plait_connection_write(c, now, octets, here);
        if (taken == 0 || !plait_ok(plait_connection_consume(c, now, taken)))
            break; /* no room now: `changed` will call again */
    }
    struct plait_status status = plait_connection_status(c);
    if (status.peer_done && status.readable_octets == 0) {
        printf("%llu octets over %u paths of %s\n", (unsigned long long)status.received_octets,
               status.path_count, status.is_multipath ? "MPTCP" : "TCP");
        (void)plait_connection_close(c, now); /* it may have been closed before */
    }
    if (status.peer_done ? status.readable_octets == 0 : status.stage >= PLAIT_STAGE_CLOSED)
        plait_connection_free(c, now);
}

static void end(void *self, plait_time_ns now, short revents)
{
    (void)self, (void)now, (void)revents;
    is_over = true;
}

static bool stop(void *self, plait_time_ns now)
{
    (void)self, (void)now;
    return is_over;
}

static struct plait_host *new_host(void)
{
    struct plait_host_config config = {.environment.name = "echo", .super_octets = 60000};
    config.environment.memory_octets = plait_host_memory(&config.limits) & ~(size_t)15;
    config.environment.memory = aligned_alloc(16, config.environment.memory_octets);
    if (config.environment.memory == NULL ||
        getrandom(config.environment.seed, sizeof config.environment.seed, 0) < 0)
        return NULL;
    return plait_host_new(&config);
}

int main(int count, char **arguments)
{
    char name[PLAIT_IO_NAME_OCTETS] = "plait0";
    struct plait_callbacks callbacks = {.accepted = echo, .changed = echo};
    struct plait_io_clock clock = plait_io_clock();
    struct plait_io_port port = {0};
    struct plait_io_watch input = {.fd = 0, .events = POLLIN, .ready = end};
    struct plait_io_loop loop = {.host = new_host(), .clock = &clock, .stop = stop};
    if (count < 3 || loop.host == NULL)
        return 2;
    snprintf(name, sizeof name, "%s", arguments[1]);
    if (!plait_ok(plait_io_open_tun(&port.io, name, &(struct plait_io_options){.offload = true})))
        return perror(name), 2;
    for (int i = 2; i < count; i++) {
        struct plait_addr addr;
        if (!plait_ok(plait_addr_parse(arguments[i], &addr)) ||
            !plait_ok(plait_host_add_addr(loop.host, 0, &addr)))
            return fprintf(stderr, "%s: no address\n", arguments[i]), 2;
    }
    if (!plait_ok(plait_listen(loop.host, 0, NULL, PORT, NULL, 0, &callbacks, NULL, NULL)))
        return 2;
    setlinebuf(stdout);
    printf("listening on port %d of %s\n", PORT, name);
    loop.ports = &port, loop.port_count = 1;
    loop.watches = &input, loop.watch_count = 1;
    plait_result result = plait_io_run(&loop, PLAIT_NEVER);
    if (!plait_ok(result))
        fprintf(stderr, "%s: %s\n", name, plait_reason_text(result.reason));
    plait_io_close(port.io);
    return !plait_ok(result);
}
