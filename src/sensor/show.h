/* sensor/show.h: what an audit found, as its printers have it.
 *
 * A printer is a sink's functions and an end; what all of them need is in one structure.
 * May touch: standard output. */
#ifndef PLAIT_SENSOR_SHOW_H
#define PLAIT_SENSOR_SHOW_H

#include <jansson.h>

#include "audit/audit.h"
#include "base/text.h"
#include "sensor/inputs.h"
#include "terminal/page.h"

/* Whether the capture is taken for whole (sensor/whole.h). */
enum plait_show_whole { PLAIT_NOT_WHOLE, PLAIT_WHOLE, PLAIT_WHOLE_NO_MORE };

struct plait_show {
    const struct plait_job *job;
    const struct plait_inputs *inputs;
    struct plait_page page; /* standard output */
    void *self;             /* the printer's own, from its begin */
    enum plait_show_whole whole;
    uint64_t findings[3]; /* by enum plait_severity */
    uint64_t connections, mptcp, subflows, fallbacks;
    bool is_missing; /* the one connection that was asked for is not there */
    plait_time_ns first_ns, last_ns;
};

struct plait_printer {
    void (*begin)(struct plait_show *show);
    /* Any may be NULL. */
    void (*event)(struct plait_show *show, const struct plait_audit_event *event);
    void (*alert)(struct plait_show *show, const struct plait_alert *alert);
    void (*ended)(struct plait_show *show, const struct plait_audit_connection_view *connection);
    /* Prints what is left, and frees. */
    void (*end)(struct plait_show *show, const struct plait_audit_counts *counts);
};

extern const struct plait_printer plait_printer_table, plait_printer_json, plait_printer_jsonl,
    plait_printer_story;

/* ---- in words ------------------------------------------------------------------------------ */

#define PLAIT_WORDS_OCTETS 64
/* "v1", "v0", "MPTCP", "TCP". */
const char *plait_version_word(uint8_t version);
/* "1,234 octets" is "1.2 kB" where it is long; numbers up to 9,999 stay. */
const char *plait_octets_text(uint64_t octets, char text[PLAIT_WORDS_OCTETS]);
/* "12.3 ms", "4.5 s", "3 min 20 s". */
const char *plait_span_text(plait_time_ns span_ns, char text[PLAIT_WORDS_OCTETS]);
/* "2026-11-29 19:47:01.123456" UTC; with T and an offset where OTHERS read it. */
const char *plait_moment_text(plait_time_ns at_ns, bool for_others, char text[PLAIT_WORDS_OCTETS]);
/* "packet 12 of a.pcap", of the file only where there are several. */
void plait_ref_add(struct plait_text *t, const struct plait_show *show,
                   const struct plait_packet_ref *ref);

/* The clocks of several inputs; nothing of a single one. */
void plait_print_clocks(const struct plait_show *show);

/* ---- as JSON -------------------------------------------------------------------------------- */

/* Each is the caller's to free. */
json_t *plait_json_ref(const struct plait_show *show, const struct plait_packet_ref *ref);
json_t *plait_json_event(const struct plait_show *show, const struct plait_audit_event *event);
json_t *plait_json_alert(const struct plait_show *show, const struct plait_alert *alert);
json_t *plait_json_connection(const struct plait_show *show,
                              const struct plait_audit_connection_view *connection);
json_t *plait_json_inputs(const struct plait_show *show);
/* true, false where it was stated and does not hold, else null. */
json_t *plait_json_whole(const struct plait_show *show);
/* Counts that are not 0, by their names. */
json_t *plait_json_counts(const struct plait_show *show, const struct plait_audit_counts *counts);

#endif
