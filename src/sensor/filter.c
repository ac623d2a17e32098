/* sensor/filter.c: one program for each type of link. */
#include "sensor/filter.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"
#include "capture/link.h"
#include "sensor/pcap_library.h"
#include "terminal/console.h"

enum { SNAP_OCTETS = 262144, ANY_NETMASK = -1, RAW = 12 /* as the library numbers it on Linux */ };

static const struct {
    uint16_t link_type; /* in files */
    int number;         /* the library's */
} types[] = {
    {PLAIT_LINK_ETHERNET, PLAIT_LINK_ETHERNET}, /* the first: of it errors are told */
    {PLAIT_LINK_BSD, PLAIT_LINK_BSD},
    {PLAIT_LINK_PPP, PLAIT_LINK_PPP},
    {PLAIT_LINK_RAW_BSDOS, RAW},
    {PLAIT_LINK_RAW_OPENBSD, RAW},
    {PLAIT_LINK_PPP_HDLC, PLAIT_LINK_PPP_HDLC},
    {PLAIT_LINK_PPPOE, PLAIT_LINK_PPPOE},
    {PLAIT_LINK_RAW, RAW},
    {PLAIT_LINK_CISCO_HDLC, PLAIT_LINK_CISCO_HDLC},
    {PLAIT_LINK_BSD_NETWORK_ORDER, PLAIT_LINK_BSD_NETWORK_ORDER},
    {PLAIT_LINK_COOKED, PLAIT_LINK_COOKED},
    {PLAIT_LINK_PPP_PPPD, PLAIT_LINK_PPP_PPPD},
    {PLAIT_LINK_PPP_DIRECTION, PLAIT_LINK_PPP_DIRECTION},
    {PLAIT_LINK_IPV4, PLAIT_LINK_IPV4},
    {PLAIT_LINK_IPV6, PLAIT_LINK_IPV6},
    {PLAIT_LINK_COOKED_2, PLAIT_LINK_COOKED_2},
};
#define TYPES (sizeof types / sizeof types[0])

struct plait_filter {
    bool has[TYPES]; /* the expression says something of that type of link */
    struct plait_pcap_program of[TYPES];
};

/* The text of ERROR is what the library says of an expression that it does not take. */
static bool compile(struct plait_filter *f, unsigned type, const char *text, char *error,
                    size_t error_octets)
{
    struct pcap *dead = plait_pcap.open_dead(types[type].number, SNAP_OCTETS);
    PLAIT_CHECK(dead);
    f->has[type] = plait_pcap.compile(dead, &f->of[type], text, 1, (uint32_t)ANY_NETMASK) == 0;
    if (!f->has[type])
        snprintf(error, error_octets, "%s", plait_pcap.geterr(dead));
    plait_pcap.close(dead);
    return f->has[type];
}

struct plait_filter *plait_filter_new(const char *command, const char *text)
{
    char error[256], other[256];
    const char *missing = plait_pcap_load();
    struct plait_filter *f = calloc(1, sizeof *f);
    PLAIT_CHECK(f);
    if (missing) {
        plait_complain(command, "--filter: %s", missing);
    } else {
        bool is_any = compile(f, 0, text, error, sizeof error);
        for (unsigned i = 1; i < TYPES; i++)
            is_any |= compile(f, i, text, other, sizeof other);
        if (is_any)
            return f;
        plait_complain(command, "--filter %s: %s", text, error);
    }
    plait_filter_free(f);
    return NULL;
}

void plait_filter_free(struct plait_filter *f)
{
    for (unsigned i = 0; f && i < TYPES; i++)
        if (f->has[i])
            plait_pcap.freecode(&f->of[i]);
    free(f);
}

static unsigned type_of(const struct plait_frame *frame)
{
    unsigned i = 0;
    while (i < TYPES && types[i].link_type != frame->link_type)
        i++;
    return i;
}

bool plait_filter_passes(const struct plait_filter *f, const struct plait_frame *frame,
                         struct plait_capture_counts *counts)
{
    unsigned type = f ? type_of(frame) : TYPES;
    if (type == TYPES)
        return true; /* of a type that is not known, which is counted where it is unwrapped */
    const struct plait_pcap_header header = {.captured_octets = frame->length_octets,
                                             .wire_octets = frame->wire_octets};
    bool passes = f->has[type] && plait_pcap.offline_filter(&f->of[type], &header, frame->octets);
    if (!passes)
        plait_capture_count(counts,
                            f->has[type] ? PLAIT_CAPTURE_FILTERED : PLAIT_CAPTURE_FILTER_LINK_TYPE);
    return passes;
}
