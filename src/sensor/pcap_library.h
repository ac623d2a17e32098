/* sensor/pcap_library.h: the system's libpcap, as its manual states it.
 *
 * Loaded when somebody asks, by the process that opens, so that a sensor needs it only for what it
 * is for: interfaces and filters.  May touch: the library. */
#ifndef PLAIT_SENSOR_PCAP_LIBRARY_H
#define PLAIT_SENSOR_PCAP_LIBRARY_H

#include <stdint.h>
#include <sys/time.h>

struct pcap;
struct plait_pcap_header {
    struct timeval at;
    uint32_t captured_octets, wire_octets;
};
struct plait_pcap_program {
    unsigned length;
    void *instructions;
};
struct plait_pcap_device {
    struct plait_pcap_device *next;
    char *name;
};
struct plait_pcap_statistics {
    unsigned received, dropped, dropped_by_interface;
};

struct plait_pcap {
    struct pcap *(*create)(const char *, char *);
    int (*set_snaplen)(struct pcap *, int);
    int (*set_promisc)(struct pcap *, int);
    int (*set_timeout)(struct pcap *, int);
    int (*set_buffer_size)(struct pcap *, int);
    int (*set_tstamp_precision)(struct pcap *, int);
    int (*get_tstamp_precision)(struct pcap *);
    int (*activate)(struct pcap *);
    int (*datalink)(struct pcap *);
    struct pcap *(*open_dead)(int, int);
    int (*compile)(struct pcap *, struct plait_pcap_program *, const char *, int, uint32_t);
    int (*setfilter)(struct pcap *, struct plait_pcap_program *);
    int (*offline_filter)(const struct plait_pcap_program *, const struct plait_pcap_header *,
                          const unsigned char *);
    void (*freecode)(struct plait_pcap_program *);
    int (*dispatch)(struct pcap *, int,
                    void (*)(unsigned char *, const struct plait_pcap_header *,
                             const unsigned char *),
                    unsigned char *);
    void (*breakloop)(struct pcap *);
    int (*stats)(struct pcap *, struct plait_pcap_statistics *);
    int (*findalldevs)(struct plait_pcap_device **, char *);
    void (*freealldevs)(struct plait_pcap_device *);
    char *(*geterr)(struct pcap *);
    const char *(*statustostr)(int);
    void (*close)(struct pcap *);
};

extern struct plait_pcap plait_pcap; /* of NULLs until it is loaded */

/* NULL, or why there is none and how to get it.  Loads it once. */
const char *plait_pcap_load(void);

#endif
