/* lab/analyze.h: the one door between the lab and whoever asks it a question.
 *
 * The lab runs the cells a request selects and returns one document (docs/RECORDS.md); it prints
 * nothing, reads no command line and writes no file beside the captures it is asked for.  The list
 * of threats comes through here too, so that a command can name what it cannot find before
 * anything runs.  May touch: the lab's own namespaces, and REQUEST's out_dir. */
#ifndef PLAIT_LAB_ANALYZE_H
#define PLAIT_LAB_ANALYZE_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/target.h"
#include "lab/topology.h"
#include "lab/workload.h"
#include "live/live.h"

/* ---- what is asked ------------------------------------------------------------------------ */

/* A line that runs a cell again holds both files' names, each octet as many as four in quotes, and
 * is a text of a record (docs/RECORDS.md, "Limits"). */
#define PLAIT_FILE_NAME_OCTETS 400
#define PLAIT_RERUN_OCTETS     4096

struct plait_analysis_request {
    const char *threat_glob; /* fnmatch without flags on the catalogue's IDs; NULL = all */
    const char *position;    /* one of plait_position_names; NULL = any */
    /* fnmatch with FNM_EXTMATCH on the cell's ID (`*` crosses `/`, `@(a|b)` is either); or NULL */
    const char *cell_glob;
    enum plait_target client, server;
    uint64_t seed;
    unsigned jobs;          /* runs at a time, at least 1 */
    unsigned repeat;        /* runs of each cell, at least 1: fills the cells' `repeat` */
    bool full;              /* also the slow variants: 300 s gaps, whole retransmission trains */
    bool allow_load;        /* threats whose host_risk is "load" run instead of being skipped */
    bool allow_kernel_risk; /* the same for "crash" */
    const char *out_dir;    /* captures go to OUT_DIR/captures/, which exists; NULL = no captures.
                             * A cell's `pcapng` is relative to OUT_DIR. */
    enum plait_device device;
    /* A net and traffic of the user's; NULL = the lab's own.  Named as the command line names them.
     */
    const struct plait_topology *topology;
    const struct plait_traffic *traffic;
    const char *topology_file, *workload_file; /* at most PLAIT_FILE_NAME_OCTETS each */
    /* For tests that show that the lab bites and can be stopped: as in struct plait_scenario. */
    bool mptcp_off, wrong_mac, drop_attack;
};

struct plait_progress {
    unsigned cells_done;
    unsigned cells_total;
    unsigned runs_done;
    unsigned runs_running;
    const char *current; /* the cell last started, or NULL */
};

/* Runs the cells.  PROGRESS (may be NULL) is called with SELF whenever something has changed, and
 * at least once a second while runs go on.  NULL when nothing could run at all, with one line for
 * people in ERROR (no newline, no program name).  A request that selects nothing gives a document
 * without cells.  The caller owns the document. */
json_t *plait_analyze(const struct plait_analysis_request *request,
                      void (*progress)(void *self, const struct plait_progress *progress),
                      void *self, char *error, size_t error_octets);

/* Set by a signal handler: plait_analyze then starts nothing more, ends what runs, and returns the
 * document with "complete": false and the cells that were finished. */
extern volatile sig_atomic_t plait_analysis_interrupted;

/* Adds a column for the mechanism that the shared object FILE offers (docs/mechanisms/writing.md),
 * to all that is analyzed afterwards.  False with one line in ERROR that begins with FILE. */
bool plait_analysis_load(const char *file, char *error, size_t error_octets);

/* ---- what can be asked -------------------------------------------------------------------- */

/* One record of the catalogue.  Lists end with NULL; texts are never NULL, "" where nothing is to
 * be said. */
struct plait_threat_info {
    const char *id;      /* "T-TS-2" */
    const char *title;   /* "Keys overheard at the first handshake, used later" */
    const char *kind;    /* "threat", "baseline" or "control" */
    const char *source;  /* "RFC 6181 §6.2, RFC 7430 §5" */
    const char *section; /* heading of the catalogue, as in a cell's `section` */
    const char *summary; /* one sentence: who does what, and what comes of it */
    const char *const *positions;
    const char *const *goals;
    const char *const *mechanisms;
    const char *host_risk;       /* "none", "load" or "crash" */
    bool full_on_kernels;        /* a kernel lives in wall time: played on it with --full only */
    bool basic_on_ipv6;          /* Basic MPTCP is played over both families */
    const char *stopped_by_text; /* what stops it */
    const char *remains_text;    /* what remains then */
    const char *const *seen_as;  /* rules of the auditor that fit it; NULL: none */
    const char *wire_blind_text; /* why a capture may not show it; "": it does */
};

/* True if neither end is of this machine's kernel: nothing but memory is needed. */
bool plait_request_is_virtual(const struct plait_analysis_request *request);
const struct plait_threat_info *plait_threat_infos(size_t *count);
const char *const *plait_position_names(size_t *count);

#endif
