/* sensor/flatten_command.c: plait-audit flatten: options, what is opened, and the run. */
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "sensor/flat_output.h"
#include "sensor/inputs.h"
#include "sensor/opener.h"
#include "sensor/tap_device.h"
#include "system/pages.h"
#include "terminal/console.h"

enum { HOLD_MAX_MS = 3600000 };

/* What comes so late of a connection that closed is still its own: a subflow may send again for a
 * long while what arrived on another one, and after RFC 6298's backoff. */
enum { LINGER_S = 60 };

static const struct plait_option options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = PLAIT_OPTION_TEXT,
     .argument = "OUT",
     .help = "a pcap file, - for standard output, or a device: tap0, tun0",
     .offset = PLAIT_SENSOR_AT(flat_output)},
    {.name = "first-copy",
     .help = "where copies of an octet differ: the one that came first (so without this, too)",
     .offset = PLAIT_SENSOR_AT(first_copy)},
    {.name = "last-copy",
     .help = "... the one that came last, of what is still held",
     .offset = PLAIT_SENSOR_AT(last_copy)},
    {.name = "both",
     .help = "... the first one, and the others as connections of their own beside it",
     .offset = PLAIT_SENSOR_AT(both_copies)},
    {.name = "hold-ms",
     .kind = PLAIT_OPTION_COUNT,
     .argument = "N",
     .help = "what came before its turn waits so long at most (60000), then there is a gap",
     .offset = PLAIT_SENSOR_AT(hold_ms),
     .max = HOLD_MAX_MS},
    {.name = "hold-octets",
     .kind = PLAIT_OPTION_OCTETS,
     .argument = "OCTETS",
     .help = "... and so much of each stream at most (4M)",
     .offset = PLAIT_SENSOR_AT(hold_octets)},
    {.name = "gather-ms",
     .kind = PLAIT_OPTION_COUNT,
     .argument = "N",
     .help = "octets wait so long for others of their segment, unless acknowledged (10)",
     .offset = PLAIT_SENSOR_AT(gather_ms),
     .max = HOLD_MAX_MS},
    {.name = "one-sided",
     .help = "only one direction was captured: acknowledge what nobody is seen to receive",
     .offset = PLAIT_SENSOR_AT(one_sided)},
    {.name = "orphans",
     .kind = PLAIT_OPTION_TEXT,
     .argument = "pass|drop|FILE",
     .help = "subflows whose connection is not known: as they are (pass), not at all, or to FILE",
     .offset = PLAIT_SENSOR_AT(orphans)},
    {.name = "map",
     .kind = PLAIT_OPTION_TEXT,
     .argument = "FILE",
     .help = "JSON lines: which packets each written packet is made of",
     .offset = PLAIT_SENSOR_AT(map)},
    {.name = NULL},
};

/* ---- opening ----------------------------------------------------------------------------------
 */

static const char *contradiction_of(const struct plait_sensor_options *o)
{
    if (!o->inputs.count && !o->interfaces.count)
        return "needs FILE, DIRECTORY, - or -i INTERFACE";
    if (!o->flat_output)
        return "needs --output OUT";
    if (o->first_copy + o->last_copy + o->both_copies > 1)
        return "--first-copy, --last-copy and --both exclude each other";
    return NULL;
}

static bool is_file(const char *orphans)
{
    return orphans && strcmp(orphans, "pass") != 0 && strcmp(orphans, "drop") != 0;
}

static FILE *open_device(const struct plait_job *job, const char *name)
{
    int descriptor = plait_open_tap(job->command->name, name);
    FILE *device = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    PLAIT_CHECK(device || descriptor < 0);
    return device;
}

static bool open_flatten(struct plait_job *job)
{
    const struct plait_sensor_options *o = job->options;
    job->output = plait_is_tap_name(o->flat_output)
                      ? open_device(job, o->flat_output)
                      : plait_open_output(job, "output", o->flat_output);
    if (job->output && is_file(o->orphans))
        job->orphans = plait_open_output(job, "orphans", o->orphans);
    if (job->output && o->map)
        job->map = plait_open_output(job, "map", o->map);
    return job->output && (!is_file(o->orphans) || job->orphans) && (!o->map || job->map);
}

/* ---- running ----------------------------------------------------------------------------------
 */

struct run {
    struct plait_job *job;
    struct plait_inputs *inputs;
    struct plait_flat_output output;
    struct plait_flatten *flatten;
    struct plait_audit *audit;
    struct plait_arena arenas[2];
};

static const char *name_of(void *self, unsigned input)
{
    return plait_inputs_name(self, input);
}

static bool is_live(const struct plait_job *job)
{
    return job->options->interfaces.count || job->options->follow;
}

static void open_output(struct run *run)
{
    const char *name = run->job->options->flat_output;
    bool is_device = plait_is_tap_name(name);
    run->output = (struct plait_flat_output){.packets = run->job->output,
                                             .orphans = run->job->orphans,
                                             .map = run->job->map,
                                             .framing = !is_device       ? PLAIT_FRAMED_PCAP
                                                        : name[1] == 'u' ? PLAIT_FRAMED_TUN
                                                                         : PLAIT_FRAMED_TAP,
                                             .at_once = is_live(run->job),
                                             .name_of = name_of,
                                             .self = run->inputs};
    plait_flat_output_begin(&run->output);
}

static struct plait_audit_limits limits_of(const struct plait_sensor_options *o)
{
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = o->memory_octets;
    limits.linger_ns = LINGER_S * PLAIT_S;
    if (o->last_copy)
        limits.copy = PLAIT_LAST_COPY;
    if (o->hold_ms != UINT_MAX)
        limits.hold_ns = (plait_time_ns)o->hold_ms * PLAIT_MS;
    if (limits.ack_grace_ns > limits.hold_ns)
        limits.ack_grace_ns = limits.hold_ns;
    if (o->hold_octets)
        limits.hold_octets = o->hold_octets < UINT32_MAX ? (uint32_t)o->hold_octets : UINT32_MAX;
    return limits;
}

static bool open_both(struct run *run, const struct plait_draw_key *key)
{
    const struct plait_sensor_options *o = run->job->options;
    struct plait_flatten_limits flat = plait_flatten_limits();
    if (o->gather_ms != UINT_MAX)
        flat.gather_ns = (plait_time_ns)o->gather_ms * PLAIT_MS;
    flat.both = o->both_copies;
    flat.one_sided = o->one_sided;
    flat.drops_orphans = o->orphans && strcmp(o->orphans, "drop") == 0;
    run->arenas[0] = plait_pages(plait_flatten_arena_octets(&flat));
    if (run->arenas[0].start)
        run->flatten =
            plait_flatten_new(&run->arenas[0], &flat, plait_flat_output_packet, &run->output);
    const struct plait_audit_limits limits = limits_of(o);
    const struct plait_audit_sink sink = plait_flatten_sink();
    run->arenas[1] = plait_pages(plait_audit_arena_octets(&limits));
    if (run->arenas[1].start && run->flatten)
        run->audit = plait_audit_new(&run->arenas[1], &limits, key, &sink, run->flatten);
    if (!run->audit)
        plait_complain(run->job->command->name, "--memory: the system has not so much");
    return run->audit;
}

static void read_all(struct run *run)
{
    struct plait_seen seen;
    while (!run->output.failed && plait_inputs_next(run->inputs, &seen)) {
        plait_flatten_begin(run->flatten, &seen);
        struct plait_audit_place place = plait_audit_packet(run->audit, &seen);
        plait_flatten_end(run->flatten, &place);
    }
    plait_audit_end(run->audit);
}

/* ---- what is said ------------------------------------------------------------------------------
 */

/* What was joined by such a clock may be in another order than it was. */
static void say_untold(const struct run *run)
{
    for (unsigned i = 0; plait_inputs_untold(run->inputs) && i < plait_inputs_count(run->inputs);
         i++) {
        const struct plait_clock *clock = plait_inputs_clock(run->inputs, i);
        const char *name = plait_inputs_shown(run->inputs, i);
        if (!clock->is_told)
            plait_complain(run->job->command->name, "the clock of %s %s: say --offset %s=MS", name,
                           plait_clock_how(clock), name);
    }
}

/* To standard error: standard output may be the capture. */
static void print_counts(const struct run *run)
{
    const struct plait_flat_counts *flat = plait_flatten_counts(run->flatten);
    const struct plait_audit_counts *audit = plait_audit_counts(run->audit);
    if (run->job->options->quiet)
        return;
    fprintf(stderr, "%12" PRIu64 "  packets read\n", audit->count[PLAIT_COUNT_PACKETS]);
    for (unsigned i = 0; i < PLAIT_FLAT_COUNT_COUNT; i++)
        if (flat->count[i])
            fprintf(stderr, "%12" PRIu64 "  %s\n", flat->count[i],
                    plait_flat_count_text((enum plait_flat_count)i));
    static const enum plait_audit_count also[] = {
        PLAIT_COUNT_CONTRADICTED_OCTETS, PLAIT_COUNT_EVICTED,     PLAIT_COUNT_UNMAPPED_OCTETS,
        PLAIT_COUNT_LATE_OCTETS,         PLAIT_COUNT_FAR_OCTETS,  PLAIT_COUNT_MEMORY_SHORT,
        PLAIT_COUNT_BAD_CHECKSUM,        PLAIT_COUNT_CUT_HEADERS, PLAIT_COUNT_NO_ROOM,
        PLAIT_COUNT_TOKENS_CROWDED};
    for (unsigned i = 0; i < sizeof also / sizeof also[0]; i++)
        if (audit->count[also[i]])
            fprintf(stderr, "%12" PRIu64 "  %s\n", audit->count[also[i]],
                    plait_audit_count_text(also[i]));
    if (run->output.refused)
        fprintf(stderr, "%12" PRIu64 "  packets that the device did not take\n",
                run->output.refused);
}

/* What of the input is not, or not whole, in the output. */
static bool left_something_out(const struct run *run)
{
    static const enum plait_flat_count flat[] = {PLAIT_FLAT_COUNT_NO_ROOM, PLAIT_FLAT_COUNT_ORPHANS,
                                                 PLAIT_FLAT_COUNT_GAPS,
                                                 PLAIT_FLAT_COUNT_OTHERS_NOT};
    static const enum plait_audit_count audit[] = {
        PLAIT_COUNT_EVICTED,       PLAIT_COUNT_NO_ROOM,         PLAIT_COUNT_FAR_OCTETS,
        PLAIT_COUNT_LATE_OCTETS,   PLAIT_COUNT_UNMAPPED_OCTETS, PLAIT_COUNT_MEMORY_SHORT,
        PLAIT_COUNT_TOKENS_CROWDED};
    uint64_t sum = run->output.refused + plait_inputs_untold(run->inputs);
    for (unsigned i = 0; i < sizeof flat / sizeof flat[0]; i++)
        sum += plait_flatten_counts(run->flatten)->count[flat[i]];
    for (unsigned i = 0; i < sizeof audit / sizeof audit[0]; i++)
        sum += plait_audit_counts(run->audit)->count[audit[i]];
    return sum != 0;
}

static enum plait_status status_of(struct run *run)
{
    enum plait_status status = PLAIT_STATUS_COMPLETED;
    if (plait_audit_counts(run->audit)->count[PLAIT_COUNT_PACKETS] == 0 ||
        (run->job->options->strict && left_something_out(run)))
        status = PLAIT_STATUS_UNDECIDED;
    if (!plait_flat_output_end(&run->output)) {
        plait_complain(run->job->command->name, "the output did not take everything");
        status = PLAIT_STATUS_ENVIRONMENT;
    }
    return plait_inputs_failed(run->inputs) ? PLAIT_STATUS_ENVIRONMENT : status;
}

static enum plait_status run_flatten(struct plait_job *job)
{
    struct run run = {.job = job, .inputs = plait_inputs_new(job, &job->key)};
    if (!run.inputs)
        return PLAIT_STATUS_ENVIRONMENT;
    say_untold(&run);
    open_output(&run);
    enum plait_status status = PLAIT_STATUS_ENVIRONMENT;
    if (open_both(&run, &job->key)) {
        read_all(&run);
        status = status_of(&run);
        print_counts(&run);
    }
    plait_pages_free(&run.arenas[0]);
    plait_pages_free(&run.arenas[1]);
    plait_inputs_free(run.inputs);
    return status;
}

const struct plait_sensor_command plait_sensor_flatten = {
    .name = "flatten",
    .operands = "IN...",
    .brief = "multipath traffic as the plain TCP it amounts to, for what inspects flows",
    .summary =
        "Reads captures or interfaces, writes each Multipath TCP connection as one TCP connection "
        "without\noption 30, and everything else as it is, so that what inspects flows sees what "
        "the application sees.\nPassive; belongs before whatever spreads packets by their "
        "addresses and ports.",
    .options = options,
    .contradiction = contradiction_of,
    .open = open_flatten,
    .run = run_flatten,
};
