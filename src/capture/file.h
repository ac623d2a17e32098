/* capture/file.h: the packets of a pcap or pcapng file, one after the other, as it comes.
 *
 * Works on files, FIFOs, files that still grow and memory: whatever is a source.  Both byte orders
 * of each format, also within one pcapng file; gzip and zstd are unpacked on the way.  Octets may
 * be hostile and end anywhere: what stands before is delivered, what broke is counted.
 * May touch: its source, its buffers, the counts. */
#ifndef PLAIT_CAPTURE_FILE_H
#define PLAIT_CAPTURE_FILE_H

#include "base/time.h"
#include "capture/counts.h"
#include "capture/source.h"

/* Interfaces of one section; packets of further ones are PACKET_INTERFACE. */
/* Times are cut to what is as far from 1970, so that no difference of two overflows. */
#define PLAIT_FILE_TIME_MAX_NS    ((plait_time_ns)(INT64_MAX / 2))
#define PLAIT_FILE_INTERFACES_MAX 256u
/* What a buffer should have for every packet that tcpdump can write (262,144 octets), and least. */
#define PLAIT_FILE_BUFFER_OCTETS     (512u << 10)
#define PLAIT_FILE_BUFFER_MIN_OCTETS (4u << 10)

struct plait_file;

enum plait_next {
    PLAIT_NEXT_FRAME,
    PLAIT_NEXT_WAIT, /* the source has nothing now */
    PLAIT_NEXT_END   /* nothing will come: the end, or what broke has been counted */
};

enum plait_file_kind {
    PLAIT_FILE_UNDECIDED, /* too few octets yet */
    PLAIT_FILE_PCAP,
    PLAIT_FILE_PCAPNG,
    PLAIT_FILE_NEITHER /* empty, or something else */
};

enum plait_frame_direction { PLAIT_FRAME_UNKNOWN_DIRECTION, PLAIT_FRAME_IN, PLAIT_FRAME_OUT };

/* One packet as it lies in the file.  Pointers are valid until the next call. */
struct plait_frame {
    uint64_t number;     /* in its file, from 1; those that are left out are counted too */
    plait_time_ns at_ns; /* since 1970 */
    const uint8_t *octets;
    uint32_t length_octets; /* captured */
    uint32_t wire_octets;   /* original, at least LENGTH */
    uint16_t link_type;
    uint16_t interface; /* of its section, from 0 */
    uint32_t section;   /* from 0 */
    /* pcapng's options behind the packet; see plait_frame_comment, plait_frame_direction */
    const uint8_t *options;
    uint32_t options_octets;
    bool little_endian;
};

struct plait_file_interface {
    uint16_t link_type;
    bool is_usable;            /* false: its packets are left out and counted */
    uint64_t ticks_per_second; /* 1 .. 10^19 */
    int64_t offset_s;          /* added to every time */
    char name[32];             /* "" if the file does not say; cut */
};

/* NULL if memory is full.  SOURCE (with its owner) and COUNTS stay the caller's and outlive the
 * file.  A record longer than BUFFER_OCTETS (at least PLAIT_FILE_BUFFER_MIN_OCTETS) is passed over
 * and counted as RECORD_LONG.  Reads nothing yet. */
struct plait_file *plait_file_new(struct plait_source source, size_t buffer_octets,
                                  struct plait_capture_counts *counts);
/* The same over memory in place, without a buffer (compressed octets get one). */
struct plait_file *plait_file_memory(const void *octets, size_t length_octets,
                                     struct plait_capture_counts *counts);
void plait_file_free(struct plait_file *file);

enum plait_next plait_file_next(struct plait_file *file, struct plait_frame *frame);

/* Known after the first call of plait_file_next that is not PLAIT_NEXT_WAIT. */
enum plait_file_kind plait_file_kind(const struct plait_file *file);
/* An interface of the section being read, or NULL. */
const struct plait_file_interface *plait_file_interface(const struct plait_file *file,
                                                        unsigned number);
/* Octets of packet records so far, headers included, unpacked: for progress. */
uint64_t plait_file_octets(const struct plait_file *file);

/* The first comment of a packet (UTF-8, not terminated, hostile), or NULL. */
const char *plait_frame_comment(const struct plait_frame *frame, size_t *length_octets);
enum plait_frame_direction plait_frame_direction(const struct plait_frame *frame);

#endif
