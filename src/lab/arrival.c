/* lab/arrival.c: a third host that dials, asks and is answered, or is not. */
#include "lab/arrival.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/machine_own.h"
#include "wire/tcp.h"

enum { REQUEST_OCTETS = 10, ANSWER_TEXT_OCTETS = 512, MTU_OCTETS = 1500, PREFIX = 24 };

struct plait_arrival {
    struct plait_world *world;
    struct plait_end_host *host;
    struct plait_port inner;
    struct plait_place place;
    bool dialled;
    char failed[32]; /* the application's error, or empty */
};

/* ---- its port: the host's own, which may keep resets back --------------------------------------
 */

static bool is_reset(const struct plait_packet *packet)
{
    struct plait_segment segment;
    return plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &segment)) &&
           (segment.flags & PLAIT_RST);
}

static void input(void *self, plait_time_ns now, struct plait_packet *packet)
{
    struct plait_arrival *arrival = self;
    arrival->inner.ops->input(arrival->inner.self, now, packet);
}

static struct plait_packet *output(void *self, plait_time_ns now)
{
    struct plait_arrival *arrival = self;
    bool is_silent = arrival->world->scenario->grants & PLAIT_GRANT_SILENCE;
    struct plait_packet *packet;
    while ((packet = arrival->inner.ops->output(arrival->inner.self, now))) {
        if (!is_silent || !is_reset(packet))
            return packet;
        plait_packet_free(packet);
    }
    return NULL;
}

static plait_time_ns deadline(void *self)
{
    struct plait_arrival *arrival = self;
    return arrival->inner.ops->deadline(arrival->inner.self);
}

static void advance(void *self, plait_time_ns now)
{
    struct plait_arrival *arrival = self;
    arrival->inner.ops->advance(arrival->inner.self, now);
}

static void join_net(struct plait_arrival *arrival)
{
    static const struct plait_port_ops ops = {input, output, deadline, advance};
    struct plait_world *world = arrival->world;
    const struct plait_port port = {&ops, arrival, -1, false};
    const struct plait_link_config config = {.delay_ns = 2 * PLAIT_MS, .mtu_octets = MTU_OCTETS};
    const struct plait_addr *addr = &arrival->place.addr;
    plait_node node = plait_net_add_port(world->net, "later", &port);
    plait_link link = plait_net_add_link(world->net, "later", node, world->router, &config);
    plait_net_add_route(world->net, world->router, addr, addr->family == PLAIT_IPV4 ? 32 : 128,
                        link);
}

/* ---- life ------------------------------------------------------------------------------------ */

static bool make_host(struct plait_arrival *arrival)
{
    struct plait_world *world = arrival->world;
    json_t *settings = json_object();
    json_object_set_new(world->settings, "later", settings);
    const struct plait_end_config config = {
        .name = "later",
        .mechanism = plait_protocol_option(world->scenario->protocol),
        .outside = plait_protocol_offer(world->scenario->protocol),
        .secret = plait_world_secret(world),
        .basic = world->scenario->basic,
        .net = world->net,
        .seed = plait_draw(&world->draw, "later", "machine", 0),
        .settings = settings,
    };
    const struct plait_end_interface interface = {.name = "later",
                                                  .addr = arrival->place.addr,
                                                  .prefix_bits = PREFIX,
                                                  .mtu_octets = MTU_OCTETS};
    arrival->host = plait_machine_own_new(&config);
    return arrival->host &&
           plait_ok(arrival->host->ops->add_interface(arrival->host, &interface, &arrival->inner));
}

struct plait_arrival *plait_arrival_new(struct plait_world *world)
{
    struct plait_arrival *arrival = calloc(1, sizeof *arrival);
    if (!arrival)
        return NULL;
    arrival->world = world;
    arrival->place = world->later;
    if (!make_host(arrival)) {
        plait_arrival_free(arrival);
        return NULL;
    }
    join_net(arrival);
    return arrival;
}

void plait_arrival_free(struct plait_arrival *arrival)
{
    if (arrival && arrival->host)
        arrival->host->ops->free(arrival->host);
    free(arrival);
}

/* ---- its application ---------------------------------------------------------------------------
 */

static void ask(struct plait_arrival *arrival, const char *command)
{
    char answer[ANSWER_TEXT_OCTETS] = "";
    if (!plait_ok(plait_end_ask(arrival->host, answer, sizeof answer, "%s", command)))
        snprintf(arrival->failed, sizeof arrival->failed, "%.31s", answer);
}

void plait_arrival_dial(struct plait_arrival *arrival)
{
    const struct plait_world *world = arrival->world;
    char from[PLAIT_ADDR_TEXT_OCTETS], to[PLAIT_ADDR_TEXT_OCTETS], command[256];
    plait_addr_text(&arrival->place.addr, from);
    plait_addr_text(&world->server_addr, to);
    snprintf(command, sizeof command, "connect v %s %s %u %s %u cubic",
             world->scenario->protocol == PLAIT_TCP ? "tcp" : "mptcp", from, arrival->place.port,
             to, world->server_port);
    ask(arrival, command);
    ask(arrival, "keys v 1 2"); /* nobody's: what it writes is foreign anywhere else */
    arrival->dialled = true;
}

static void hear(struct plait_arrival *arrival, const char *event)
{
    char word[16] = "", name[16] = "", rest[32] = "", command[32];
    if (sscanf(event, "%15s %15s %31s", word, name, rest) < 2)
        return;
    snprintf(command, sizeof command, "send v %d", REQUEST_OCTETS);
    if (strcmp(word, "connected") == 0)
        ask(arrival, command);
    if (strcmp(word, "failed") == 0 || strcmp(word, "error") == 0)
        snprintf(arrival->failed, sizeof arrival->failed, "%.31s", rest);
}

void plait_arrival_move(struct plait_arrival *arrival)
{
    const char *event;
    while ((event = arrival->host->ops->next_event(arrival->host)))
        hear(arrival, event);
}

bool plait_arrival_is_served(struct plait_arrival *arrival, const char **failed)
{
    char answer[ANSWER_TEXT_OCTETS] = "";
    *failed = arrival->failed[0] ? arrival->failed : NULL;
    bool asked =
        arrival->dialled && plait_ok(plait_end_ask(arrival->host, answer, sizeof answer, "stat v"));
    const char *received = strstr(answer, "received=");
    return asked && received && strtoll(received + sizeof "received=" - 1, NULL, 10) > 0;
}
