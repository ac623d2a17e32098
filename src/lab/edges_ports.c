/* lab/edges_ports.c: which ports the client's own connect() draws (RFC 6056), and from where. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/edges.h"

enum { DRAWS = 64, ANSWER_OCTETS = 128 };

/* The range as it was read back from the host (lab/machine_live.c, lab/machine_own.c). */
static bool range_of(const struct plait_attack *a, unsigned *first, unsigned *last)
{
    const json_t *host = json_object_get(a->world->settings, plait_side_name(PLAIT_CLIENT));
    const char *text = json_string_value(json_object_get(host, PLAIT_SETTING_PORTS));
    return text && sscanf(text, "%u %u", first, last) == 2 && *first <= *last && *last <= 65535;
}

/* The port of one more connection of the client's, which is then forgotten; 0 if it has none. */
static unsigned draw_port(struct plait_attack *a, unsigned n)
{
    struct plait_world *world = a->world;
    struct plait_end_host *host = world->ends[PLAIT_CLIENT].host;
    char from[PLAIT_ADDR_TEXT_OCTETS], to[PLAIT_ADDR_TEXT_OCTETS], answer[ANSWER_OCTETS] = "";
    plait_addr_text(&world->client_addrs[world->scenario->dialled], from);
    plait_addr_text(&world->server_addr, to);
    if (!host ||
        !plait_ok(plait_end_ask(host, answer, sizeof answer, "connect p%u tcp %s 0 %s %u -", n,
                                from, to, world->server_port)))
        return 0;
    const char *port = strstr(answer, "port=");
    char ignored[ANSWER_OCTETS];
    (void)plait_end_ask(host, ignored, sizeof ignored, "abort p%u", n);
    return port ? (unsigned)strtoul(port + 5, NULL, 10) : 0;
}

/* One parity in 64 draws is no chance. */
void plait_edges_probe_ports(struct plait_attack *a)
{
    unsigned first, last, odd = 0;
    if (!range_of(a, &first, &last))
        return;
    for (unsigned n = 0; n < DRAWS; n++) {
        unsigned port = draw_port(a, n);
        if (port < first || port > last)
            return; /* not measured */
        odd += port % 2;
    }
    bool half = odd == 0 || odd == DRAWS;
    a->edges.port_step = half ? 2 : 1;
    a->edges.port_first = first + (half && first % 2 != (odd ? 1 : 0));
    a->edges.port_count = (last - a->edges.port_first) / a->edges.port_step + 1;
}
