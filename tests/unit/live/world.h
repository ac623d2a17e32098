/* tests/unit/live/world.h: two hosts of this kernel on the lab's net, for test bodies in a sandbox.
 *
 *   client  path1 198.18.1.1 2001:db8:1::1 ---.           .--- path1 198.18.3.1 2001:db8:3::1
 * server path2 198.18.2.1 2001:db8:2::1 --- router --- '--- path2 198.18.4.1 2001:db8:4::1      */
#ifndef PLAIT_TESTS_LIVE_WORLD_H
#define PLAIT_TESTS_LIVE_WORLD_H

#include "tests/unit/live/body.h"

#include "live/live.h"

enum { CLIENT, SERVER, HOSTS };

struct world {
    struct plait_clock clock;
    struct plait_net *net;
    struct plait_live *live;
    struct plait_live_host *hosts[HOSTS];
    plait_node router;
    plait_link links[HOSTS][2];
    uint64_t packets;       /* that entered any link */
    char said[HOSTS][8192]; /* events, '\n' behind each */
};

struct variant {
    enum plait_device device;
    bool offload;
    bool is_unobserved;  /* an observer has every packet cut */
    uint32_t mtu_octets; /* of the links */
};

static const char *const host_names[HOSTS] = {"client", "server"};
static const char *const addr_texts[HOSTS][2][2] = {
    {{"198.18.1.1", "2001:db8:1::1"}, {"198.18.2.1", "2001:db8:2::1"}},
    {{"198.18.3.1", "2001:db8:3::1"}, {"198.18.4.1", "2001:db8:4::1"}},
};

static inline struct plait_addr addr_of(const char *text)
{
    struct plait_addr addr;
    if (!plait_ok(plait_addr_parse(text, &addr)))
        abort();
    return addr;
}

static inline void count_packet(void *self, const struct plait_sight *sight)
{
    struct world *w = self;
    w->packets += sight->fate == PLAIT_ENTERED;
}

static inline plait_result world_add_path(struct world *w, int host, int path, uint32_t mtu_octets)
{
    static const char *const names[] = {"path1", "path2"};
    struct plait_live_interface interface = {
        .name = names[path], .addr_count = 2, .prefix_bits = {24, 64}};
    const struct plait_link_config config = {.delay_ns = PLAIT_MS, .mtu_octets = mtu_octets};
    struct plait_port port;
    char name[32];
    for (int i = 0; i < 2; i++)
        interface.addrs[i] = addr_of(addr_texts[host][path][i]);
    PLAIT_TRY(plait_live_add_interface(w->hosts[host], &interface, &port));
    snprintf(name, sizeof name, "%s %s", host_names[host], names[path]);
    plait_node node = plait_net_add_port(w->net, name, &port);
    w->links[host][path] = plait_net_add_link(w->net, name, node, w->router, &config);
    for (int i = 0; i < 2; i++)
        plait_net_add_route(w->net, w->router, &interface.addrs[i], interface.prefix_bits[i],
                            w->links[host][path]);
    return PLAIT_OK;
}

static inline plait_result world_open(struct world *w, struct variant variant)
{
    *w = (struct world){.clock = plait_clock_wall()};
    w->live = plait_live_new(variant.device, variant.offload, NULL);
    w->net = plait_net_new(&w->clock);
    if (!variant.is_unobserved)
        plait_net_observe(w->net, count_packet, w);
    w->router = plait_net_add_router(w->net, "router");
    for (int host = 0; host < HOSTS; host++) {
        PLAIT_TRY(plait_live_host_new(w->live, host_names[host], &w->hosts[host]));
        PLAIT_TRY(world_add_path(w, host, 0, variant.mtu_octets));
        PLAIT_TRY(world_add_path(w, host, 1, variant.mtu_octets));
    }
    return PLAIT_OK;
}

static inline void world_close(struct world *w)
{
    plait_net_free(w->net);
    plait_live_free(w->live);
}

/* ---- agents ---------------------------------------------------------------------------------- */

static inline void hear(struct world *w, int host)
{
    const char *event;
    while ((event = plait_live_agent_event(w->hosts[host])) != NULL) {
        size_t used = strlen(w->said[host]);
        snprintf(w->said[host] + used, sizeof w->said[host] - used, "%s\n", event);
    }
}

static inline void hear_client(void *self)
{
    hear(self, CLIENT);
}

static inline void hear_server(void *self)
{
    hear(self, SERVER);
}

static inline plait_result world_start_agents(struct world *w)
{
    void (*const ready[HOSTS])(void *) = {hear_client, hear_server};
    for (int host = 0; host < HOSTS; host++) {
        PLAIT_TRY(plait_live_agent_start(w->hosts[host]));
        plait_net_watch(w->net, plait_live_agent_fd(w->hosts[host]), ready[host], w);
    }
    return PLAIT_OK;
}

/* ---- running --------------------------------------------------------------------------------- */

struct wish {
    struct world *world;
    int host;
    const char *text;
    char answer[4096];
};

static inline bool was_said(void *self)
{
    struct wish *wish = self;
    hear(wish->world, wish->host);
    return strstr(wish->world->said[wish->host], wish->text) != NULL;
}

/* Moves the world until the agent of HOST says an event that contains TEXT; at most 10 s. */
static inline bool until_said(struct world *w, int host, const char *text)
{
    struct wish wish = {.world = w, .host = host, .text = text};
    return plait_net_run(w->net, plait_net_now(w->net) + 10 * PLAIT_S, was_said, &wish);
}

static inline bool world_ask(struct world *w, int host, char answer[4096], const char *command)
{
    return plait_ok(plait_live_agent_ask(w->hosts[host], answer, 4096, "%s", command));
}

/* Moves the world until COMMAND's answer contains TEXT, asking every 10 ms; at most 10 s. */
static inline bool until_answer(struct world *w, int host, const char *command, const char *text)
{
    char answer[4096] = "";
    for (int i = 0; i < 1000; i++) {
        if (world_ask(w, host, answer, command) && strstr(answer, text) != NULL)
            return true;
        plait_net_run(w->net, plait_net_now(w->net) + 10 * PLAIT_MS, NULL, NULL);
    }
    fprintf(stderr, "%s: %s: %s\n", host_names[host], command, answer);
    return false;
}

static inline void run_for(struct world *w, plait_time_ns duration_ns)
{
    plait_net_run(w->net, plait_net_now(w->net) + duration_ns, NULL, NULL);
}

#define MUST_LIVE(w, expr)                                                                         \
    do {                                                                                           \
        if (!plait_ok(expr)) {                                                                     \
            dprintf(report_fd, "%s:%d: %s: %s\n", __FILE__, __LINE__, #expr,                       \
                    plait_live_error((w)->live));                                                  \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)

#endif
