/* lab/netcat_look.c: what a netcat leaves for those who look: a capture with one interface for each
 * path, and the trace of our endpoint.  May touch: those two files. */
#include <errno.h>
#include <string.h>

#include "lab/netcat_inside.h"

enum { LINE_OCTETS = 512 };

/* As a capture on our host would be: sent when it left, received when it came. */
static void see(void *self, const struct plait_sight *sight)
{
    struct plait_netcat *n = self;
    bool is_out = sight->way == n->out_way;
    if (sight->fate != (is_out ? PLAIT_ENTERED : PLAIT_DELIVERED))
        return;
    for (unsigned path = 0; path < n->paths; path++)
        if (sight->link == n->links[path])
            plait_pcapng_packet(n->pcapng, n->interfaces[path], sight->at_ns,
                                is_out ? PLAIT_OUTBOUND : PLAIT_INBOUND, sight->packet->octets,
                                sight->packet->length_octets, NULL);
}

static plait_result open_file(struct plait_netcat *n, const char *path, FILE **file)
{
    *file = path ? fopen(path, "wb") : NULL;
    if (!path || *file)
        return PLAIT_OK;
    return plait_netcat_fail(n, PLAIT_FAIL(SYSTEM), "%s: %s", path, strerror(errno));
}

plait_result plait_netcat_look(struct plait_netcat *n)
{
    PLAIT_TRY(open_file(n, n->request->pcap, &n->pcap_file));
    return open_file(n, n->request->trace, &n->trace_file);
}

plait_result plait_netcat_capture(struct plait_netcat *n)
{
    if (!n->pcap_file)
        return PLAIT_OK;
    n->pcapng = plait_pcapng_new(n->pcap_file, "a netcat of plait, as seen by its own host");
    if (!n->pcapng)
        return plait_netcat_fail(n, PLAIT_FAIL(SYSTEM), "%s: %s", n->request->pcap,
                                 strerror(errno));
    for (unsigned path = 0; path < n->paths; path++)
        n->interfaces[path] =
            plait_pcapng_interface(n->pcapng, plait_net_link_name(n->net, n->links[path]), NULL);
    plait_net_observe(n->net, see, n);
    return PLAIT_OK;
}

void plait_netcat_trace(void *self, const struct plait_trace_event *event)
{
    struct plait_netcat *n = self;
    char line[LINE_OCTETS];
    plait_trace_json(event, line, sizeof line);
    fprintf(n->trace_file, "%s\n", line);
}

static void finish(struct plait_netcat *n, const char *path, FILE *file, bool is_written)
{
    if (!file)
        return;
    is_written = is_written && !ferror(file);
    if (fclose(file) != 0 || !is_written)
        (void)plait_netcat_fail(n, PLAIT_FAIL(SYSTEM), "%s could not be written whole", path);
}

void plait_netcat_look_end(struct plait_netcat *n)
{
    bool is_written = !n->pcapng || plait_ok(plait_pcapng_end(n->pcapng));
    n->pcapng = NULL;
    finish(n, n->request->pcap, n->pcap_file, is_written);
    finish(n, n->request->trace, n->trace_file, true);
}
