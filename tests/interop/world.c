/* Builds the net of a case.  May touch: the sandbox it runs in, and the capture. */
#include "tests/interop/world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/draw.h"
#include "base/panic.h"

#define DELAY_NS   (1 * PLAIT_MS)
#define UNEQUAL    20
#define REORDER_NS (3 * PLAIT_MS)

/* ---- addresses ---------------------------------------------------------------------------------
 */

/* Subnet NET of the lab's ranges (198.18.0.0/15, 2001:db8::/32). */
static struct plait_addr addr_in(const struct interop_case *c, unsigned net)
{
    char text[PLAIT_ADDR_TEXT_OCTETS];
    struct plait_addr addr;
    snprintf(text, sizeof text, c->family == PLAIT_IPV4 ? "198.18.%u.1" : "2001:db8:%u::1", net);
    PLAIT_CHECK(plait_ok(plait_addr_parse(text, &addr)));
    return addr;
}

static struct plait_addr client_addr(const struct interop_case *c, unsigned path)
{
    return addr_in(c, 10 + path);
}

static struct plait_addr server_addr(const struct interop_case *c, unsigned door)
{
    return addr_in(c, 20 + door);
}

static struct plait_addr nat_addr(const struct interop_case *c)
{
    return addr_in(c, 30);
}

/* ---- links -------------------------------------------------------------------------------------
 */

static void route_to(struct interop_world *world, const struct plait_addr *addr, plait_link link)
{
    plait_net_add_route(world->net, world->router, addr, addr->family == PLAIT_IPV4 ? 32 : 128,
                        link);
}

static struct plait_link_config path_config(const struct interop_world *world, unsigned path)
{
    const struct interop_case *c = world->c;
    bool is_last = path + 1 == c->paths;
    return (struct plait_link_config){
        .delay_ns = c->unequal && is_last ? UNEQUAL * DELAY_NS : DELAY_NS,
        .rate_bits_per_s = c->rate_bits_per_s,
        .queue_octets = c->rate_bits_per_s ? 200000 : 0,
        .mtu_octets = c->offload      ? 0
                      : c->mtu_octets ? c->mtu_octets
                                      : 1500,
        .loss_per_million = c->loss_per_million,
        .duplicate_per_million = c->duplicate_per_million,
        .reorder_per_million = c->reorder_per_million,
        .reorder_ns = REORDER_NS,
        .seed = world->seed,
    };
}

/* PORT -- link -- box -- link -- router; the box is in the middle of the path. */
static plait_node through(struct interop_world *world, const char *name, plait_node node,
                          struct plait_box box)
{
    char inner[32];
    const struct plait_link_config free_of_charge = {0};
    plait_node middle = plait_net_add_box(world->net, name, &box);
    snprintf(inner, sizeof inner, "%s-inside", name);
    plait_net_add_link(world->net, inner, node, middle, &free_of_charge);
    return middle;
}

static void join_path(struct interop_world *world, unsigned path, const struct plait_port *port)
{
    const struct interop_case *c = world->c;
    const struct plait_link_config config = path_config(world, path);
    struct plait_addr outside = client_addr(c, path);
    char name[32];
    snprintf(name, sizeof name, "path%u", path + 1);
    plait_node node = plait_net_add_port(world->net, name, port);
    if (c->change && path == c->change_path)
        node = through(world, "box", node, interop_box(&world->box));
    if (c->nat && path + 1 == c->paths) {
        outside = nat_addr(c);
        node = through(world, "nat", node, plait_box_nat(&outside, world->seed));
    }
    world->paths[path] = plait_net_add_link(world->net, name, node, world->router, &config);
    route_to(world, &outside, world->paths[path]);
}

static void join_door(struct interop_world *world, unsigned door, const struct plait_port *port)
{
    const struct interop_case *c = world->c;
    const struct plait_addr addr = server_addr(c, door);
    const struct plait_link_config config = {0};
    char name[32];
    snprintf(name, sizeof name, "door%u", door + 1);
    plait_node node = plait_net_add_port(world->net, name, port);
    route_to(world, &addr, plait_net_add_link(world->net, name, node, world->router, &config));
}

void interop_world_set_path(struct interop_world *world, unsigned path, bool up)
{
    plait_net_set_link_up(world->net, world->paths[path], up);
}

/* ---- looking -----------------------------------------------------------------------------------
 */

static void see(void *self, const struct plait_sight *sight)
{
    struct interop_world *world = self;
    if (sight->fate == PLAIT_DELIVERED)
        for (unsigned path = 0; path < world->c->paths; path++)
            if (sight->link == world->paths[path])
                world->path_octets[path] += sight->packet->length_octets;
    if (sight->fate != PLAIT_ENTERED || !world->pcapng || sight->link >= INTEROP_LINKS_MAX ||
        world->interfaces[sight->link] < 0)
        return;
    plait_pcapng_packet(world->pcapng, world->interfaces[sight->link], sight->at_ns,
                        sight->way == PLAIT_A_TO_B ? PLAIT_INBOUND : PLAIT_OUTBOUND,
                        sight->packet->octets, sight->packet->length_octets, NULL);
}

/* The doors' links show nothing that the paths do not. */
static plait_result start_capture(struct interop_world *world, const char *path)
{
    char id[128];
    struct plait_text text = plait_text(id, sizeof id);
    interop_case_id(world->c, &text);
    world->file = fopen(path, "wb");
    if (!world->file) {
        snprintf(world->why, sizeof world->why, "%s: %s", path, strerror(errno));
        return PLAIT_FAIL(SYSTEM);
    }
    world->pcapng = plait_pcapng_new(world->file, id);
    PLAIT_CHECK(world->pcapng);
    for (int link = 0; link < plait_net_link_count(world->net) && link < INTEROP_LINKS_MAX;
         link++) {
        const char *name = plait_net_link_name(world->net, link);
        world->interfaces[link] =
            strncmp(name, "door", 4) == 0
                ? -1
                : plait_pcapng_interface(world->pcapng, name,
                                         "inbound = from the client, outbound = to the client");
    }
    return PLAIT_OK;
}

/* ---- ends --------------------------------------------------------------------------------------
 */

static bool is_kernel(const struct interop_case *c, unsigned which)
{
    return c->roles == INTEROP_CONTROL ||
           (c->roles == INTEROP_KERNEL_DIALS) == (which == INTEROP_CLIENT);
}

static plait_result open_end(struct interop_world *world, unsigned which, const char *trace)
{
    const struct interop_case *c = world->c;
    struct interop_end *end = &world->ends[which];
    struct plait_port ports[INTEROP_PATHS_MAX];
    bool is_client = which == INTEROP_CLIENT;
    end->which = which;
    end->c = c;
    end->net = world->net;
    end->addr_count = is_client ? c->paths : c->doors;
    for (unsigned n = 0; n < end->addr_count; n++)
        end->addrs[n] = is_client ? client_addr(c, n) : server_addr(c, n);
    plait_result result = is_kernel(c, which) ? interop_kernel_new(end, world->live, ports)
                                              : interop_plait_new(end, world->seed, trace, ports);
    if (!plait_ok(result)) {
        snprintf(world->why, sizeof world->why, "%s", end->why);
        return result;
    }
    for (unsigned n = 0; n < end->addr_count; n++) {
        if (is_client)
            join_path(world, n, &ports[n]);
        else
            join_door(world, n, &ports[n]);
    }
    return PLAIT_OK;
}

plait_result interop_world_add_kernel(struct interop_world *world, struct interop_end *end)
{
    struct plait_port ports[INTEROP_PATHS_MAX];
    const struct plait_link_config config = path_config(world, 0);
    *end = (struct interop_end){.which = INTEROP_SERVER, .c = world->c, .net = world->net};
    end->addr_count = 1;
    end->addrs[0] = addr_in(world->c, 40);
    plait_result result = interop_kernel_new(end, world->live, ports);
    if (!plait_ok(result)) {
        snprintf(world->why, sizeof world->why, "%s", end->why);
        return result;
    }
    plait_node node = plait_net_add_port(world->net, "third", &ports[0]);
    route_to(world, &end->addrs[0],
             plait_net_add_link(world->net, "third", node, world->router, &config));
    return PLAIT_OK;
}

static void draw_keys(struct interop_world *world)
{
    const struct plait_draw_key key = plait_draw_key(world->seed);
    uint64_t by_client = plait_draw(&key, "client", "pattern", 0);
    uint64_t by_server = plait_draw(&key, "server", "pattern", 0);
    world->ends[INTEROP_CLIENT].send_key = world->ends[INTEROP_SERVER].receive_key = by_client;
    world->ends[INTEROP_SERVER].send_key = world->ends[INTEROP_CLIENT].receive_key = by_server;
}

plait_result interop_world_open(struct interop_world *world, const struct interop_case *c,
                                uint64_t seed, const char *capture, const char *trace)
{
    *world = (struct interop_world){.c = c, .seed = seed, .clock = plait_clock_wall()};
    world->box.c = c;
    world->net = plait_net_new(&world->clock);
    world->router = plait_net_add_router(world->net, "router");
    world->live = plait_live_new(c->veth ? PLAIT_DEVICE_VETH : PLAIT_DEVICE_AUTO, c->offload, NULL);
    PLAIT_CHECK(world->live);
    draw_keys(world);
    for (unsigned which = 0; which < INTEROP_ENDS; which++)
        PLAIT_TRY(open_end(world, which, trace));
    if (!c->offload)
        plait_net_observe(world->net, see, world);
    return capture && !c->offload ? start_capture(world, capture) : PLAIT_OK;
}

void interop_world_close(struct interop_world *world)
{
    if (world->pcapng && !plait_ok(plait_pcapng_end(world->pcapng)))
        fprintf(stderr, "interop: the capture could not be written\n");
    if (world->file)
        fclose(world->file);
    plait_net_free(world->net);
    for (unsigned which = 0; which < INTEROP_ENDS; which++)
        if (world->ends[which].ops)
            world->ends[which].ops->free(&world->ends[which]);
    plait_live_free(world->live);
}
