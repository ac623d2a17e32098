/* sensor/options.h: what the lines of plait-audit's commands can say.
 * May touch: the arguments it is given. */
#ifndef PLAIT_SENSOR_OPTIONS_H
#define PLAIT_SENSOR_OPTIONS_H

#include "terminal/options.h"

/* All commands' options; a command's own table says which it has. */
struct plait_sensor_options {
    /* of every command */
    struct plait_texts inputs;     /* files, directories, FIFOs, "-" */
    struct plait_texts interfaces; /* -i */
    struct plait_texts offsets;    /* "FILE=ms" */
    const char *filter;            /* of interfaces, in libpcap's words */
    bool follow, quiet, help, version, strict;
    uint64_t memory_octets;
    /* audit */
    unsigned format;     /* enum plait_format */
    unsigned fail_on;    /* enum plait_level */
    unsigned connection; /* number, 0: the summary */
    bool show_keys, all, whole;
    const char *before, *after; /* two taps */
    const char *write_streams, *redact;
    /* flatten */
    const char *flat_output, *orphans, *map;
    bool first_copy, last_copy, both_copies, one_sided;
    unsigned hold_ms, gather_ms; /* UINT_MAX: as usual */
    uint64_t hold_octets;
};

#define PLAIT_SENSOR_AT(member) offsetof(struct plait_sensor_options, member)

/* Ends with a NULL name. */
extern const struct plait_option plait_sensor_common_options[];

struct plait_sensor_options plait_sensor_options_default(void);
void plait_sensor_options_free(struct plait_sensor_options *options);

/* "FILE=ms" in two: true if NAME is FILE, and then *OFFSET_NS is set.  A wrong text is refused when
 * the line is read. */
bool plait_offset_of(const char *text, const char *name, int64_t *offset_ns);

#endif
