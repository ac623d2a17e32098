/* lab/endpoint.c: splits what one host sends by source address. */
#include "lab/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "wire/ip.h"

enum { COPIED_OCTETS_MAX = 2048 };

struct side { /* one address */
    struct plait_endpoint *endpoint;
    struct plait_addr addr;
    struct plait_packet *first, **last; /* pulled while another port was asked */
};

struct plait_endpoint {
    struct plait_host *host;
    bool offload;
    bool is_told, is_silent; /* whoever speaks to the host says so; it has nothing to send */
    plait_time_ns silent_until_ns;
    unsigned count;
    struct side sides[PLAIT_HOST_ADDRS_MAX];
    uint64_t astray;
    struct plait_packet *room; /* what the host writes its next packet into */
};

struct plait_endpoint *plait_endpoint_new(struct plait_host *host, bool offload)
{
    struct plait_endpoint *endpoint = calloc(1, sizeof *endpoint);
    if (!endpoint)
        plait_panic("lab: memory exhausted", "an endpoint");
    endpoint->host = host;
    endpoint->offload = offload;
    endpoint->room = plait_packet_new(PLAIT_PACKET_MAX_OCTETS);
    return endpoint;
}

void plait_endpoint_free(struct plait_endpoint *endpoint)
{
    for (unsigned i = 0; i < endpoint->count; i++)
        while (endpoint->sides[i].first) {
            struct plait_packet *packet = endpoint->sides[i].first;
            endpoint->sides[i].first = packet->next;
            plait_packet_free(packet);
        }
    plait_packet_free(endpoint->room);
    free(endpoint);
}

void plait_endpoint_set_offload(struct plait_endpoint *endpoint, bool offload)
{
    endpoint->offload = offload;
}

void plait_endpoint_wake(struct plait_endpoint *endpoint)
{
    endpoint->is_told = true;
    endpoint->is_silent = false;
}

uint64_t plait_endpoint_astray(const struct plait_endpoint *endpoint)
{
    return endpoint->astray;
}

/* ---- the four functions of a port ----------------------------------------------------------- */

static void input(void *self, plait_time_ns now, struct plait_packet *packet)
{
    struct side *side = self;
    side->endpoint->is_silent = false;
    plait_host_input(side->endpoint->host, now, packet->octets, packet->length_octets,
                     &packet->offload);
    plait_packet_free(packet);
}

static struct side *side_of(struct plait_endpoint *endpoint, const struct plait_packet *packet)
{
    struct plait_ip ip;
    if (!plait_ok(plait_ip_parse(packet->octets, packet->length_octets, &ip)))
        return NULL;
    for (unsigned i = 0; i < endpoint->count; i++)
        if (plait_addr_equal(&ip.src, &endpoint->sides[i].addr))
            return &endpoint->sides[i];
    return NULL;
}

/* A small packet is copied out of the room, a super-segment takes the room with it. */
static struct plait_packet *take_out(struct plait_endpoint *endpoint, const struct plait_out *out)
{
    struct plait_packet *packet = endpoint->room;
    if (out->length_octets > COPIED_OCTETS_MAX) {
        packet->length_octets = out->length_octets;
        endpoint->room = plait_packet_new(PLAIT_PACKET_MAX_OCTETS);
    } else {
        packet = plait_packet_of(out->octets, out->length_octets);
    }
    packet->offload = out->offload;
    return packet;
}

/* Every port is asked in every round of the net, and nearly always in vain. */
static void fall_silent(struct plait_endpoint *endpoint)
{
    endpoint->is_silent = endpoint->is_told;
    endpoint->silent_until_ns = plait_host_deadline(endpoint->host);
}

/* Pulls one packet out of the host into the queue of its port. */
static bool pull(struct plait_endpoint *endpoint, plait_time_ns now)
{
    struct plait_out out = {.octets = endpoint->room->octets,
                            .room_octets = endpoint->room->room_octets,
                            .offload_allowed = endpoint->offload};
    if (endpoint->is_silent)
        return false;
    if (!plait_host_output(endpoint->host, now, &out)) {
        fall_silent(endpoint);
        return false;
    }
    struct plait_packet *packet = take_out(endpoint, &out);
    struct side *side = side_of(endpoint, packet);
    if (!side) {
        endpoint->astray++;
        plait_packet_free(packet);
        return true;
    }
    *side->last = packet;
    side->last = &packet->next;
    return true;
}

static struct plait_packet *output(void *self, plait_time_ns now)
{
    struct side *side = self;
    while (!side->first)
        if (!pull(side->endpoint, now))
            return NULL;
    struct plait_packet *packet = side->first;
    side->first = packet->next;
    if (!side->first)
        side->last = &side->first;
    packet->next = NULL;
    return packet;
}

/* Every port tells the host's deadline; the first that fires advances it for all. */
static plait_time_ns deadline(void *self)
{
    struct side *side = self;
    const struct plait_endpoint *endpoint = side->endpoint;
    return endpoint->is_silent ? endpoint->silent_until_ns : plait_host_deadline(endpoint->host);
}

static void advance(void *self, plait_time_ns now)
{
    struct side *side = self;
    side->endpoint->is_silent = false;
    plait_host_advance(side->endpoint->host, now);
}

static const struct plait_port_ops ops = {input, output, deadline, advance};

struct plait_port plait_endpoint_port(struct plait_endpoint *endpoint,
                                      const struct plait_addr *addr)
{
    PLAIT_CHECK(endpoint->count < PLAIT_HOST_ADDRS_MAX);
    struct side *side = &endpoint->sides[endpoint->count++];
    *side = (struct side){.endpoint = endpoint, .addr = *addr};
    side->last = &side->first;
    return (struct plait_port){&ops, side, -1, true};
}
