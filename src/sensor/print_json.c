/* sensor/print_json.c: one JSON document, or JSON lines as an IDS writes them (EVE).
 *
 * The document is written as it comes, so that its size costs no memory: alerts first are kept. */
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "sensor/community_id.h"
#include "sensor/show.h"
#include "terminal/json.h"

static void put(json_t *object, const char *name, json_t *value)
{
    PLAIT_CHECK(value && json_object_set_new(object, name, value) == 0);
}

/* ---- one document ------------------------------------------------------------------------- */

struct document {
    json_t *alerts;
    uint64_t connections; /* written so far */
};

/* A value indented as part of the document. */
static void dump_part(const struct plait_show *show, json_t *value)
{
    json_dumpf(value, show->page.stream, JSON_COMPACT | JSON_REAL_PRECISION(9) | JSON_ENCODE_ANY);
    json_decref(value);
}

static void begin_document(struct plait_show *show)
{
    struct document *d = calloc(1, sizeof *d);
    PLAIT_CHECK(d);
    d->alerts = json_array();
    show->self = d;
    fputs("{\"schema\": 1, \"plait\": \"" PLAIT_VERSION "\",\n \"connections\": [",
          show->page.stream);
}

static void alert_document(struct plait_show *show, const struct plait_alert *alert)
{
    struct document *d = show->self;
    json_array_append_new(d->alerts, plait_json_alert(show, alert));
}

static void ended_document(struct plait_show *show, const struct plait_audit_connection_view *c)
{
    struct document *d = show->self;
    fputs(d->connections++ ? ",\n  " : "\n  ", show->page.stream);
    dump_part(show, plait_json_connection(show, c));
}

static void end_document(struct plait_show *show, const struct plait_audit_counts *counts)
{
    struct document *d = show->self;
    FILE *stream = show->page.stream;
    fputs("],\n \"alerts\": [", stream);
    for (size_t i = 0; i < json_array_size(d->alerts); i++) {
        fputs(i ? ",\n  " : "\n  ", stream);
        dump_part(show, json_incref(json_array_get(d->alerts, i)));
    }
    fputs("],\n \"inputs\": ", stream);
    dump_part(show, plait_json_inputs(show));
    fputs(",\n \"whole\": ", stream);
    dump_part(show, plait_json_whole(show));
    fputs(",\n \"counts\": ", stream);
    dump_part(show, plait_json_counts(show, counts));
    fputs("}\n", stream);
    json_decref(d->alerts);
    free(d);
}

const struct plait_printer plait_printer_json = {
    .begin = begin_document,
    .alert = alert_document,
    .ended = ended_document,
    .end = end_document,
};

/* ---- lines -------------------------------------------------------------------------------- */

/* Where a connection's first subflow was: alerts name it.  What is older than the room gives way.
 */
enum { ROOM = 1 << 16 };

struct known {
    uint64_t connection;
    struct plait_place place[2];
};

static void begin_lines(struct plait_show *show)
{
    show->self = calloc(ROOM, sizeof(struct known));
    PLAIT_CHECK(show->self);
}

static struct known *known_of(const struct plait_show *show, uint64_t connection)
{
    return &((struct known *)show->self)[connection % ROOM];
}

static void put_flow(json_t *line, const struct plait_place *src, const struct plait_place *dst)
{
    char address[PLAIT_ADDR_TEXT_OCTETS], id[PLAIT_COMMUNITY_ID_OCTETS];
    put(line, "src_ip", json_string(plait_addr_text(&src->addr, address)));
    put(line, "src_port", json_integer(src->port));
    put(line, "dest_ip", json_string(plait_addr_text(&dst->addr, address)));
    put(line, "dest_port", json_integer(dst->port));
    put(line, "proto", json_string("TCP"));
    put(line, "community_id", json_string(plait_community_id(src, dst, id)));
}

static json_t *line_of(plait_time_ns at_ns, const char *type)
{
    char room[PLAIT_WORDS_OCTETS];
    json_t *line = json_object();
    put(line, "timestamp", json_string(plait_moment_text(at_ns, true, room)));
    put(line, "event_type", json_string(type));
    return line;
}

static void put_line(const struct plait_show *show, json_t *line)
{
    json_dumpf(line, show->page.stream, JSON_COMPACT | JSON_REAL_PRECISION(9));
    fputc('\n', show->page.stream);
    json_decref(line);
    if (show->job->options->follow || show->job->options->interfaces.count)
        fflush(show->page.stream); /* somebody waits for it */
}

static void event_lines(struct plait_show *show, const struct plait_audit_event *e)
{
    if (e->kind == PLAIT_SAW_OPEN)
        *known_of(show, e->connection) = (struct known){e->connection, {e->from, e->to}};
    const struct known *k = known_of(show, e->connection);
    if (e->kind == PLAIT_SAW_OPEN || (e->kind == PLAIT_SAW_CLOSED && !e->cause))
        return; /* the flow's own line says so */
    json_t *line = line_of(e->packet.at_ns, "mptcp");
    if (k->connection == e->connection)
        put_flow(line, &k->place[0], &k->place[1]);
    put(line, "mptcp", plait_json_event(show, e));
    put_line(show, line);
}

/* EVE counts the other way round: 1 is the gravest. */
static int eve_severity(enum plait_severity severity)
{
    return severity == PLAIT_ALERT ? 1 : severity == PLAIT_WARNING ? 2 : 3;
}

static void alert_lines(struct plait_show *show, const struct plait_alert *alert)
{
    const struct known *k = known_of(show, alert->connection);
    plait_time_ns at_ns = alert->packet_count ? alert->packets[0].at_ns : show->last_ns;
    json_t *line = line_of(at_ns, "alert"), *object = json_object();
    if (alert->connection && k->connection == alert->connection)
        put_flow(line, &k->place[0], &k->place[1]);
    put(object, "action", json_string("allowed"));
    put(object, "signature", json_string(alert->rule->title));
    put(object, "category", json_string(alert->rule->id));
    put(object, "severity", json_integer(eve_severity(alert->rule->severity)));
    put(line, "alert", object);
    put(line, "mptcp", plait_json_alert(show, alert));
    put_line(show, line);
}

static void flow_line(const struct plait_show *show, const struct plait_audit_connection_view *c,
                      const struct plait_audit_subflow_view *s)
{
    unsigned o = s->opener, l = 1 - o;
    char first[PLAIT_WORDS_OCTETS], last[PLAIT_WORDS_OCTETS];
    json_t *line = line_of(s->last_ns, "flow"), *flow = json_object(), *mptcp = json_object();
    put_flow(line, &s->place[o], &s->place[l]);
    put(flow, "pkts_toserver", json_integer((json_int_t)s->packets[o]));
    put(flow, "pkts_toclient", json_integer((json_int_t)s->packets[l]));
    put(flow, "bytes_toserver", json_integer((json_int_t)s->octets[o]));
    put(flow, "bytes_toclient", json_integer((json_int_t)s->octets[l]));
    put(flow, "start", json_string(plait_moment_text(s->first_ns, true, first)));
    put(flow, "end", json_string(plait_moment_text(s->last_ns, true, last)));
    put(flow, "state",
        json_string(s->is_closed || s->is_reset ? "closed"
                    : s->is_established         ? "established"
                                                : "new"));
    put(line, "flow", flow);
    put(mptcp, "connection", json_integer((json_int_t)c->number));
    put(mptcp, "subflow", json_integer(s->number));
    put(mptcp, "version", json_string(plait_version_word(c->version)));
    if (s->is_join)
        put(mptcp, "join_proof", json_string(plait_judgement_name(s->proof)));
    put(line, "mptcp", mptcp);
    put_line(show, line);
}

static void ended_lines(struct plait_show *show, const struct plait_audit_connection_view *c)
{
    for (unsigned i = 0; i < c->subflow_count; i++)
        flow_line(show, c, &c->subflows[i]);
    if (c->version == PLAIT_AUDIT_TCP)
        return;
    json_t *line = line_of(c->last_ns, "mptcp");
    if (c->subflow_count)
        put_flow(line, &c->subflows[0].place[0], &c->subflows[0].place[1]);
    json_t *object = plait_json_connection(show, c);
    put(object, "event", json_string("connection"));
    put(line, "mptcp", object);
    put_line(show, line);
}

static void end_lines(struct plait_show *show, const struct plait_audit_counts *counts)
{
    json_t *line = line_of(show->last_ns, "stats"), *stats = json_object();
    put(stats, "inputs", plait_json_inputs(show));
    put(stats, "whole", plait_json_whole(show));
    put(stats, "counts", plait_json_counts(show, counts));
    put(line, "stats", stats);
    put_line(show, line);
    free(show->self);
}

const struct plait_printer plait_printer_jsonl = {
    .begin = begin_lines,
    .event = event_lines,
    .alert = alert_lines,
    .ended = ended_lines,
    .end = end_lines,
};
