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

unsigned plait_client_calls(struct plait_attack *a, const struct plait_place *to, unsigned n)
{
    struct plait_world *world = a->world;
    struct plait_end_host *host = world->ends[PLAIT_CLIENT].host;
    char from[PLAIT_ADDR_TEXT_OCTETS], place[PLAIT_ADDR_TEXT_OCTETS], answer[ANSWER_OCTETS] = "";
    plait_addr_text(&world->client_addrs[world->scenario->dialled], from);
    plait_addr_text(&to->addr, place);
    if (!host || !plait_ok(plait_end_ask(host, answer, sizeof answer,
                                         "connect p%u tcp %s 0 %s %u -", n, from, place, to->port)))
        return 0;
    const char *port = strstr(answer, "port=");
    return port ? (unsigned)strtoul(port + 5, NULL, 10) : 0;
}

void plait_client_hangs_up(struct plait_attack *a, unsigned n)
{
    char ignored[ANSWER_OCTETS];
    struct plait_end_host *host = a->world->ends[PLAIT_CLIENT].host;
    if (host)
        (void)plait_end_ask(host, ignored, sizeof ignored, "abort p%u", n);
}

/* One parity in 64 draws is no chance. */
void plait_edges_probe_ports(struct plait_attack *a)
{
    unsigned first, last, odd = 0;
    if (!range_of(a, &first, &last))
        return;
    for (unsigned n = 0; n < DRAWS; n++) {
        const struct plait_place service = plait_service(a);
        unsigned port = plait_client_calls(a, &service, n);
        plait_client_hangs_up(a, n);
        if (port < first || port > last)
            return; /* not measured */
        odd += port % 2;
    }
    bool half = odd == 0 || odd == DRAWS;
    a->edges.port_step = half ? 2 : 1;
    a->edges.port_first = first + (half && first % 2 != (odd ? 1 : 0));
    a->edges.port_count = (last - a->edges.port_first) / a->edges.port_step + 1;
}
