/* sensor/audit_command.c: plait-audit audit: what is asked, and by what it is answered. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/panic.h"
#include "sensor/auditor.h"
#include "sensor/inputs.h"
#include "sensor/opener.h"
#include "sensor/process.h"
#include "sensor/redact_run.h"
#include "sensor/show.h"
#include "sensor/streams.h"
#include "sensor/taps_run.h"
#include "sensor/whole.h"
#include "terminal/console.h"

static const char *const format_words[] = {"table", "json", "jsonl", NULL}; /* no test to report */

static const struct plait_option options[] = {
    {.name = "connection",
     .kind = PLAIT_OPTION_COUNT,
     .argument = "N",
     .help = "the whole story of one connection",
     .offset = PLAIT_SENSOR_AT(connection),
     .min = 1,
     .max = UINT32_MAX},
    {.name = "whole",
     .help = "taps at both ends' links saw every packet: tell what passed one end's link alone",
     .offset = PLAIT_SENSOR_AT(whole)},
    {.name = "all", .help = "also list plain TCP connections", .offset = PLAIT_SENSOR_AT(all)},
    {.name = "format",
     .kind = PLAIT_OPTION_WORD,
     .argument = "table|json|jsonl",
     .help = "how results are written (table); jsonl as they come, as EVE has them",
     .offset = PLAIT_SENSOR_AT(format),
     .words = format_words,
     .min = PLAIT_FORMAT_TABLE},
    {.name = "fail-on",
     .kind = PLAIT_OPTION_WORD,
     .argument = "note|warning|alert",
     .help = "status 1 if there is such a finding, or a graver one",
     .offset = PLAIT_SENSOR_AT(fail_on),
     .words = plait_level_words,
     .min = PLAIT_LEVEL_NOTE},
    {.name = "show-keys",
     .help = "keys too; whoever has them can take part in the connection",
     .offset = PLAIT_SENSOR_AT(show_keys)},
    {.name = "before",
     .kind = PLAIT_OPTION_TEXT,
     .argument = "A",
     .help = "with --after: what changed between two taps, and which fallback it caused",
     .offset = PLAIT_SENSOR_AT(before)},
    {.name = "after",
     .kind = PLAIT_OPTION_TEXT,
     .argument = "B",
     .help = "the other tap",
     .offset = PLAIT_SENSOR_AT(after)},
    {.name = "write-streams",
     .kind = PLAIT_OPTION_TEXT,
     .argument = "DIR",
     .help = "each connection's octets, over all its paths, into files of an empty folder",
     .offset = PLAIT_SENSOR_AT(write_streams)},
    {.name = "redact",
     .kind = PLAIT_OPTION_TEXT,
     .argument = "OUT",
     .help = "instead: a capture without addresses, payload and keys, to show to others",
     .offset = PLAIT_SENSOR_AT(redact)},
    {.name = NULL},
};

/* ---- opening ------------------------------------------------------------------------------ */

/* What stands instead of an audit, and the options of one that would then say nothing. */
static const char *contradiction_of(const struct plait_sensor_options *o)
{
    unsigned inputs = o->inputs.count + o->interfaces.count;
    bool asks_audit =
        o->fail_on || o->connection || o->show_keys || o->all || o->whole || o->write_streams;
    if (!o->before != !o->after)
        return "--before and --after go together";
    if (o->before && (inputs || o->redact || asks_audit))
        return "--before A --after B stand alone, with --format";
    if (o->redact && (asks_audit || o->format != PLAIT_FORMAT_TABLE))
        return "--redact OUT stands alone: it audits nothing";
    if (!o->before && !inputs)
        return "needs FILE, DIRECTORY, - or -i INTERFACE";
    return o->whole ? plait_whole_contradiction(o) : NULL;
}

static bool open_streams(struct plait_job *job)
{
    const char *name = job->options->write_streams;
    int directory =
        name ? plait_open_empty_directory(job->command->name, "write-streams", name) : -1;
    if (directory >= 0)
        job->streams = plait_streams_start(directory);
    return !name || job->streams >= 0;
}

/* Either may have been a directory. */
static bool are_two_taps(const struct plait_job *job)
{
    if (!job->options->before || job->input_count == 2)
        return true;
    plait_complain(job->command->name, "--before and --after are one file each");
    return false;
}

static bool open_audit(struct plait_job *job)
{
    const char *redact = job->options->redact;
    if (!are_two_taps(job))
        return false;
    if (redact)
        job->output = plait_open_output(job, "redact", redact);
    return (!redact || job->output) && open_streams(job);
}

/* ---- the auditor's sink ------------------------------------------------------------------- */

struct run {
    struct plait_show show;
    const struct plait_printer *printer;
    bool streams_failed;
};

static void on_event(void *owner, const struct plait_audit_event *event)
{
    struct run *run = owner;
    run->show.fallbacks += event->kind == PLAIT_SAW_FALLBACK;
    if (run->printer->event)
        run->printer->event(&run->show, event);
}

static void on_alert(void *owner, const struct plait_alert *alert)
{
    struct run *run = owner;
    run->show.findings[alert->rule->severity]++;
    if (run->printer->alert)
        run->printer->alert(&run->show, alert);
}

static void on_ended(void *owner, const struct plait_audit_connection_view *connection)
{
    struct run *run = owner;
    bool is_mptcp = connection->version != PLAIT_AUDIT_TCP;
    run->show.connections++;
    run->show.mptcp += is_mptcp;
    run->show.subflows += is_mptcp ? connection->subflow_count : 0;
    if (run->printer->ended)
        run->printer->ended(&run->show, connection);
}

/* Pieces are as long as the writer takes them at once. */
static void on_octets(void *owner, const struct plait_audit_octets *piece)
{
    struct run *run = owner;
    unsigned wanted = run->show.job->options->connection;
    if (run->streams_failed || (wanted && piece->connection != wanted))
        return;
    uint64_t most = piece->octets ? PLAIT_STREAM_PIECE_MAX : UINT32_MAX;
    for (uint64_t at = 0; at < piece->length && !run->streams_failed;) {
        uint64_t left = piece->length - at, now = left < most ? left : most;
        const struct plait_stream_piece part = {.connection = (uint32_t)piece->connection,
                                                .direction = piece->direction,
                                                .offset_octets = piece->offset + at,
                                                .length_octets = (uint32_t)now,
                                                .is_gap = !piece->octets};
        const uint8_t *octets = piece->octets ? piece->octets + at : NULL;
        run->streams_failed = !plait_ok(plait_streams_put(run->show.job->streams, &part, octets));
        at += now;
    }
}

/* ---- running ------------------------------------------------------------------------------ */

static const struct plait_printer *printer_of(const struct plait_sensor_options *o)
{
    if (o->format == PLAIT_FORMAT_JSON)
        return &plait_printer_json;
    if (o->format == PLAIT_FORMAT_JSONL)
        return &plait_printer_jsonl;
    return o->connection ? &plait_printer_story : &plait_printer_table;
}

static bool open_auditor(const struct plait_job *job, const struct plait_draw_key *key,
                         struct plait_auditor *auditor, struct run *run)
{
    const struct plait_audit_sink sink = {.event = on_event,
                                          .octets = job->streams >= 0 ? on_octets : NULL,
                                          .alert = on_alert,
                                          .ended = on_ended};
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = job->options->memory_octets;
    limits.is_whole = job->options->whole;
    if (plait_auditor_open(auditor, &limits, key, &sink, run))
        return true;
    plait_complain(job->command->name, "--memory: the system has not so much");
    return false;
}

/* Once it does not, it never does again. */
static void check_whole(struct run *run, struct plait_audit *audit)
{
    if (run->show.whole != PLAIT_WHOLE || plait_whole_holds(run->show.job, run->show.inputs))
        return;
    run->show.whole = PLAIT_WHOLE_NO_MORE;
    plait_audit_not_whole(audit);
}

static void read_all(struct run *run, struct plait_inputs *inputs, struct plait_audit *audit)
{
    struct plait_seen seen;
    while (!run->streams_failed && plait_inputs_next(inputs, &seen)) {
        check_whole(run, audit);
        if (run->show.first_ns == 0)
            run->show.first_ns = seen.at_ns;
        run->show.last_ns = seen.at_ns;
        plait_audit_packet(audit, &seen);
    }
    check_whole(run, audit);
    plait_audit_end(audit);
}

static bool left_something_out(const struct plait_inputs *inputs,
                               const struct plait_audit_counts *counts)
{
    const struct plait_capture_counts c = plait_inputs_counts(inputs);
    for (unsigned i = 0; i < PLAIT_CAPTURE_REASON_COUNT; i++)
        if (c.count[i] &&
            plait_capture_reason_class((enum plait_capture_reason)i) != PLAIT_PASSED_OVER)
            return true;
    static const enum plait_audit_count serious[] = {
        PLAIT_COUNT_BROKEN,        PLAIT_COUNT_CUT_HEADERS,   PLAIT_COUNT_OPTIONS_NOT_UNDERSTOOD,
        PLAIT_COUNT_EVICTED,       PLAIT_COUNT_NO_ROOM,       PLAIT_COUNT_MACS_CANNOT_TELL,
        PLAIT_COUNT_GAPS,          PLAIT_COUNT_JOINS_UNKNOWN, PLAIT_COUNT_MEMORY_SHORT,
        PLAIT_COUNT_TOKENS_CROWDED};
    for (unsigned i = 0; i < sizeof serious / sizeof serious[0]; i++)
        if (counts->count[serious[i]])
            return true;
    return plait_inputs_untold(inputs) != 0;
}

/* What was stated and does not hold is the user's to mend; what nobody could be asked, nobody told.
 */
static enum plait_status judge_whole(const struct run *run, const struct plait_audit_counts *counts)
{
    if (run->show.whole == PLAIT_WHOLE_NO_MORE)
        return PLAIT_STATUS_ENVIRONMENT;
    if (run->show.whole != PLAIT_WHOLE || counts->count[PLAIT_COUNT_LOOKED_FOR])
        return PLAIT_STATUS_COMPLETED;
    plait_complain(run->show.job->command->name,
                   "--whole: no connection passed a tap at each end's link from its beginning on");
    return PLAIT_STATUS_UNDECIDED;
}

/* Nothing was decided where there was not one packet to judge, or not what was asked for. */
static enum plait_status judge(const struct run *run, const struct plait_audit_counts *counts)
{
    const struct plait_sensor_options *o = run->show.job->options;
    enum plait_status status = PLAIT_STATUS_COMPLETED;
    for (unsigned s = PLAIT_NOTE; s <= PLAIT_ALERT; s++)
        if (o->fail_on && s + PLAIT_LEVEL_NOTE >= o->fail_on && run->show.findings[s])
            status = PLAIT_STATUS_FINDINGS;
    if (counts->count[PLAIT_COUNT_PACKETS] == 0 || run->show.is_missing ||
        (o->strict && left_something_out(run->show.inputs, counts)))
        status = plait_status_first(status, PLAIT_STATUS_UNDECIDED);
    return plait_status_first(status, judge_whole(run, counts));
}

static enum plait_status audit(struct plait_job *job, struct plait_inputs *inputs,
                               const struct plait_draw_key *key)
{
    struct run run = {.show = {.job = job, .inputs = inputs, .page = job->page},
                      .printer = printer_of(job->options)};
    struct plait_auditor auditor;
    run.show.whole = job->options->whole ? PLAIT_WHOLE : PLAIT_NOT_WHOLE;
    if (job->options->whole && !plait_whole_look(job, inputs))
        return PLAIT_STATUS_ENVIRONMENT;
    if (!open_auditor(job, key, &auditor, &run))
        return PLAIT_STATUS_ENVIRONMENT;
    run.printer->begin(&run.show);
    read_all(&run, inputs, auditor.audit);
    const struct plait_audit_counts *counts = plait_audit_counts(auditor.audit);
    if (!plait_inputs_failed(inputs))
        run.printer->end(&run.show, counts);
    enum plait_status status = judge(&run, counts);
    if (run.streams_failed || plait_inputs_failed(inputs)) /* said by whoever met it */
        status = PLAIT_STATUS_ENVIRONMENT;
    plait_auditor_close(&auditor);
    return status;
}

static enum plait_status run_audit(struct plait_job *job)
{
    const struct plait_draw_key *key = &job->key;
    struct plait_inputs *inputs = plait_inputs_new(job, key);
    if (!inputs)
        return PLAIT_STATUS_ENVIRONMENT;
    enum plait_status status = job->output            ? plait_redact_run(job, inputs, key)
                               : job->options->before ? plait_taps_run(job, inputs, key)
                                                      : audit(job, inputs, key);
    plait_inputs_free(inputs);
    return status;
}

const struct plait_sensor_command plait_sensor_audit = {
    .name = "audit",
    .operands = "FILE...",
    .brief = "what Multipath TCP in captures really did",
    .summary =
        "Reads captures (pcap, pcapng, gzip or zstd; files, directories, FIFOs, -) or interfaces; "
        "joins\nsubflows to connections, judges tokens, MACs and checksums, explains fallbacks, "
        "names attacks.",
    .options = options,
    .contradiction = contradiction_of,
    .open = open_audit,
    .run = run_audit,
};
