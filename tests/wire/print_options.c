/* Prints each MPTCP option of a capture on a line of its own: frame number, tab, text; behind a
 * sender's key a tab, token and IDSN, as the version's mechanism computes them.
 * Usage: print_options FILE */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "mechanism/mechanism.h"
#include "tests/unit/packets.h"
#include "wire/tcp.h"

static uint8_t *load(const char *path, size_t *length_octets)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    size_t room = 1 << 16;
    uint8_t *octets = malloc(room);
    *length_octets = 0;
    while (octets) {
        size_t got = fread(octets + *length_octets, 1, room - *length_octets, file);
        *length_octets += got;
        if (!got)
            break;
        if (*length_octets == room)
            octets = realloc(octets, room *= 2);
    }
    fclose(file);
    return octets;
}

static void print_identity(const struct plait_mptcp_option *option)
{
    static const struct plait_mechanism *const mechanisms[] = {&plait_mechanism_v0,
                                                               &plait_mechanism_v1};
    const struct plait_mp_capable *c = &option->capable;
    if (option->is_raw || option->subtype != PLAIT_MP_CAPABLE || !c->has_sender_key ||
        c->version > 1)
        return;
    const struct plait_mechanism *m = mechanisms[c->version];
    printf("\ttoken=%08" PRIx32 " idsn=%016" PRIx64, m->token(c->sender_key),
           m->idsn(c->sender_key));
}

static void print_options(unsigned long frame, const struct plait_ip_octets *packet)
{
    struct plait_segment segment;
    char line[256];
    if (!plait_ok(plait_segment_parse_unsummed(packet->ip, packet->captured_octets, &segment)))
        return;
    for (unsigned i = 0; i < segment.mptcp_count; i++) {
        struct plait_text t = plait_text(line, sizeof line);
        plait_mptcp_print(&t, &segment.mptcp[i]);
        printf("%lu\t%s", frame, line);
        print_identity(&segment.mptcp[i]);
        putchar('\n');
    }
}

int main(int argc, char **argv)
{
    size_t length = 0;
    uint8_t *octets = argc == 2 ? load(argv[1], &length) : NULL;
    struct packets p;
    if (!octets) {
        fprintf(stderr, "usage: print_options FILE (pcap or pcapng)\n");
        return 2;
    }
    for (packets_open(&p, octets, length); packets_next(&p);)
        if (p.has_ip)
            print_options(p.frame.number, &p.found.packet);
    free(octets);
    return packets_faults(&p) ? 1 : 0;
}
