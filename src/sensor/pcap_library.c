/* sensor/pcap_library.c: finding the library and what is called of it. */
#include "sensor/pcap_library.h"

#include <dlfcn.h>
#include <string.h>

struct plait_pcap plait_pcap;

static const struct {
    const char *name;
    void *place;
} functions[] = {
    {"pcap_create", &plait_pcap.create},
    {"pcap_set_snaplen", &plait_pcap.set_snaplen},
    {"pcap_set_promisc", &plait_pcap.set_promisc},
    {"pcap_set_timeout", &plait_pcap.set_timeout},
    {"pcap_set_buffer_size", &plait_pcap.set_buffer_size},
    {"pcap_set_tstamp_precision", &plait_pcap.set_tstamp_precision},
    {"pcap_get_tstamp_precision", &plait_pcap.get_tstamp_precision},
    {"pcap_activate", &plait_pcap.activate},
    {"pcap_datalink", &plait_pcap.datalink},
    {"pcap_open_dead", &plait_pcap.open_dead},
    {"pcap_compile", &plait_pcap.compile},
    {"pcap_setfilter", &plait_pcap.setfilter},
    {"pcap_offline_filter", &plait_pcap.offline_filter},
    {"pcap_freecode", &plait_pcap.freecode},
    {"pcap_dispatch", &plait_pcap.dispatch},
    {"pcap_breakloop", &plait_pcap.breakloop},
    {"pcap_stats", &plait_pcap.stats},
    {"pcap_findalldevs", &plait_pcap.findalldevs},
    {"pcap_freealldevs", &plait_pcap.freealldevs},
    {"pcap_geterr", &plait_pcap.geterr},
    {"pcap_statustostr", &plait_pcap.statustostr},
    {"pcap_close", &plait_pcap.close},
};

static void *open_library(void)
{
    static const char *const names[] = {"libpcap.so.0.8", "libpcap.so.1"};
    void *library = NULL;
    for (unsigned i = 0; i < 2 && !library; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    return library;
}

const char *plait_pcap_load(void)
{
    static void *library;
    if (!library && !(library = open_library()))
        return "libpcap is not installed; Debian has it in the package libpcap0.8";
    for (unsigned i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        void *found = dlsym(library, functions[i].name);
        if (!found)
            return "libpcap is older than 1.5";
        memcpy(functions[i].place, &found, sizeof found);
    }
    return NULL;
}
