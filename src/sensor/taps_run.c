/* sensor/taps_run.c: two taps compared, two auditors asked what became of each connection. */
#include "sensor/taps_run.h"

#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "base/text.h"
#include "sensor/auditor.h"
#include "sensor/show.h"
#include "sensor/taps.h"
#include "terminal/json.h"

enum { FALLBACKS_MAX = 1024, TEXT_OCTETS = 200 };

/* What the auditor of one tap said of a connection that fell back. */
struct fallback {
    struct plait_place place[2]; /* of its first subflow */
    const char *cause;
    struct plait_packet_ref packet;
};

struct tap {
    struct plait_auditor auditor;
    struct fallback fallbacks[FALLBACKS_MAX];
    unsigned count;
};

struct run {
    struct plait_show show; /* for words */
    struct plait_taps *taps;
    struct tap tap[2];
};

/* ---- seeing ------------------------------------------------------------------------------- */

static void keep_fallback(void *owner, const struct plait_audit_connection_view *c)
{
    struct tap *tap = owner;
    if (!c->fallback_cause || !c->subflow_count || tap->count == FALLBACKS_MAX)
        return;
    struct fallback *f = &tap->fallbacks[tap->count++];
    memcpy(f->place, c->subflows[0].place, sizeof f->place);
    f->cause = c->fallback_cause;
    f->packet = c->fallback_packet;
}

static bool begin(struct run *run, const struct plait_draw_key *key)
{
    const struct plait_audit_sink sink = {.ended = keep_fallback};
    struct plait_audit_limits limits = plait_audit_limits();
    limits.memory_octets = run->show.job->options->memory_octets / 2;
    run->taps = plait_taps_new(key);
    for (unsigned i = 0; i < 2; i++)
        if (!plait_auditor_open(&run->tap[i].auditor, &limits, key, &sink, &run->tap[i]))
            return false;
    return true;
}

static void read_all(struct run *run, struct plait_inputs *inputs)
{
    struct plait_seen seen;
    struct plait_packet packet;
    while (plait_inputs_next(inputs, &seen)) {
        plait_audit_packet(run->tap[seen.input & 1].auditor.audit, &seen);
        if (plait_ok(plait_packet_read(&seen, &packet)))
            plait_taps_see(run->taps, &packet);
    }
    for (unsigned i = 0; i < 2; i++)
        plait_audit_end(run->tap[i].auditor.audit);
}

/* ---- causes ------------------------------------------------------------------------------- */

static bool is_of(const struct plait_tap_change *c, const struct fallback *f, unsigned tap)
{
    const struct plait_place *from = &c->from[tap], *to = &c->to[tap];
    return (plait_place_equal(from, &f->place[0]) && plait_place_equal(to, &f->place[1])) ||
           (plait_place_equal(from, &f->place[1]) && plait_place_equal(to, &f->place[0]));
}

/* What Multipath TCP does not survive: an option of its own, payload under a checksum or a mapping.
 */
static bool may_cause(const struct plait_tap_change *c)
{
    bool is_option = c->kind == PLAIT_TAP_OPTION_REMOVED || c->kind == PLAIT_TAP_OPTION_ALTERED;
    return (is_option && c->option == PLAIT_OPTION_MPTCP) || c->kind == PLAIT_TAP_PAYLOAD ||
           c->kind == PLAIT_TAP_RESEGMENTED;
}

/* The first such change of the connection that was not after the fallback. */
static const struct plait_tap_change *cause_of(const struct fallback *f, unsigned tap,
                                               const struct plait_tap_change *changes,
                                               unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (may_cause(&changes[i]) && is_of(&changes[i], f, tap) &&
            (changes[i].frame[tap] == 0 || changes[i].frame[tap] <= f->packet.frame))
            return &changes[i];
    return NULL;
}

static const char *describe(const struct plait_tap_change *c, char text[TEXT_OCTETS])
{
    struct plait_text t = plait_text(text, TEXT_OCTETS);
    plait_text_add(&t, "%s%s%s", c->what, *c->what ? ": " : "", plait_tap_change_text(c->kind));
    if (c->kind == PLAIT_TAP_NUMBERS)
        plait_text_add(&t, ", by %u", c->moved_by);
    return text;
}

/* ---- for people --------------------------------------------------------------------------- */

static void add_frames(struct plait_grid *grid, const struct plait_tap_change *c)
{
    for (unsigned tap = 0; tap < 2; tap++)
        if (c->frame[tap])
            plait_grid_cellf(grid, "%llu", (unsigned long long)c->frame[tap]);
        else
            plait_grid_cell(grid, NULL);
}

static void print_changes(const struct run *run, const struct plait_tap_change *changes,
                          unsigned count)
{
    static const char *const heads[] = {"flow",  "from",       "to",  "what changed",
                                        "times", "first in A", "in B"};
    struct plait_grid *grid = plait_grid_new(7);
    for (unsigned i = 0; count && i < 7; i++)
        plait_grid_cell(grid, heads[i]);
    for (unsigned i = 0; i < count; i++) {
        char text[TEXT_OCTETS], from[PLAIT_PLACE_TEXT_OCTETS], to[PLAIT_PLACE_TEXT_OCTETS];
        plait_grid_cellf(grid, "%u", changes[i].flow);
        plait_grid_cell(grid, plait_place_text(&changes[i].from[0], from));
        plait_grid_cell(grid, plait_place_text(&changes[i].to[0], to));
        plait_grid_cell(grid, describe(&changes[i], text));
        plait_grid_cellf(grid, "%llu", (unsigned long long)changes[i].count);
        add_frames(grid, &changes[i]);
    }
    plait_grid_end(grid, &run->show.page);
}

static void print_fallbacks(const struct run *run, const struct plait_tap_change *changes,
                            unsigned count)
{
    for (unsigned tap = 0; tap < 2; tap++)
        for (unsigned i = 0; i < run->tap[tap].count; i++) {
            const struct fallback *f = &run->tap[tap].fallbacks[i];
            const struct plait_tap_change *cause = cause_of(f, tap, changes, count);
            char from[PLAIT_PLACE_TEXT_OCTETS], to[PLAIT_PLACE_TEXT_OCTETS], text[TEXT_OCTETS];
            plait_page_add(&run->show.page, "\n%s to %s fell back as %s has it: %s, packet %llu\n",
                           plait_place_text(&f->place[0], from), plait_place_text(&f->place[1], to),
                           tap ? "B" : "A", f->cause, (unsigned long long)f->packet.frame);
            plait_page_add(&run->show.page, "  %s%s\n",
                           cause ? "caused by: " : "nothing between the taps caused it",
                           cause ? describe(cause, text) : "");
        }
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_table(const struct run *run, const struct plait_tap_change *changes,
                        unsigned count)
{
    const struct plait_taps_summary s = plait_taps_summary(run->taps);
    const struct plait_page *page = &run->show.page;
    char head[TEXT_OCTETS];
    if (s.flows_both == 0)
        snprintf(head, sizeof head, "No flow is in both taps.\n");
    else if (count == 0)
        snprintf(head, sizeof head, "Nothing changed between the taps.\n");
    else
        snprintf(head, sizeof head, "%u kind%s of change between the taps.\n", count,
                 count == 1 ? "" : "s");
    plait_page_strong(page, head);
    plait_page_add(page,
                   "A is %s, B is %s: %llu packet%s in both, of %llu flow%s; %llu flow%s only in "
                   "A, %llu only in B\n",
                   plait_inputs_shown(run->show.inputs, 0), plait_inputs_shown(run->show.inputs, 1),
                   (unsigned long long)s.packets_same, plural(s.packets_same),
                   (unsigned long long)s.flows_both, plural(s.flows_both),
                   (unsigned long long)s.flows_only[0], plural(s.flows_only[0]),
                   (unsigned long long)s.flows_only[1]);
    if (s.packets_left_out)
        plait_page_add(page, "%llu packet%s beyond the limit of what is compared\n",
                       (unsigned long long)s.packets_left_out, plural(s.packets_left_out));
    if (count)
        plait_page_put(page, "\n");
    print_changes(run, changes, count);
    print_fallbacks(run, changes, count);
    plait_print_clocks(&run->show);
}

/* ---- as JSON ------------------------------------------------------------------------------ */

static json_t *change_object(const struct plait_tap_change *c)
{
    char a[PLAIT_PLACE_TEXT_OCTETS], b[PLAIT_PLACE_TEXT_OCTETS], text[TEXT_OCTETS];
    json_t *object = json_pack("{s:s,s:i,s:s,s:s,s:b,s:I,s:I,s:I}", "change", describe(c, text),
                               "flow", (int)c->flow, "from", plait_place_text(&c->from[0], a), "to",
                               plait_place_text(&c->to[0], b), "from_listener",
                               (int)c->from_listener, "count", (json_int_t)c->count, "frame_a",
                               (json_int_t)c->frame[0], "frame_b", (json_int_t)c->frame[1]);
    PLAIT_CHECK(object);
    return object;
}

static json_t *fallback_object(const struct fallback *f, unsigned tap,
                               const struct plait_tap_change *cause)
{
    char a[PLAIT_PLACE_TEXT_OCTETS], b[PLAIT_PLACE_TEXT_OCTETS];
    json_t *object =
        json_pack("{s:s,s:s,s:s,s:s,s:I}", "tap", tap ? "B" : "A", "opener",
                  plait_place_text(&f->place[0], a), "listener", plait_place_text(&f->place[1], b),
                  "fallback", f->cause, "frame", (json_int_t)f->packet.frame);
    PLAIT_CHECK(object);
    json_object_set_new(object, "caused_by", cause ? change_object(cause) : json_null());
    return object;
}

static void print_json(const struct run *run, const struct plait_tap_change *changes,
                       unsigned count)
{
    const struct plait_taps_summary s = plait_taps_summary(run->taps);
    json_t *list = json_array(), *fallbacks = json_array();
    for (unsigned i = 0; i < count; i++)
        json_array_append_new(list, change_object(&changes[i]));
    for (unsigned tap = 0; tap < 2; tap++)
        for (unsigned i = 0; i < run->tap[tap].count; i++) {
            const struct fallback *f = &run->tap[tap].fallbacks[i];
            json_array_append_new(fallbacks,
                                  fallback_object(f, tap, cause_of(f, tap, changes, count)));
        }
    json_t *document = json_pack(
        "{s:i,s:s,s:o,s:o,s:I,s:I,s:I,s:I,s:I,s:o}", "schema", 1, "plait", PLAIT_VERSION, "changes",
        list, "fallbacks", fallbacks, "flows_both", (json_int_t)s.flows_both, "flows_only_a",
        (json_int_t)s.flows_only[0], "flows_only_b", (json_int_t)s.flows_only[1], "packets_same",
        (json_int_t)s.packets_same, "packets_left_out", (json_int_t)s.packets_left_out, "inputs",
        plait_json_inputs(&run->show));
    PLAIT_CHECK(document);
    if (run->show.job->options->format == PLAIT_FORMAT_JSON)
        plait_render_json(&run->show.page, document);
    else
        plait_render_json_line(&run->show.page, document);
    json_decref(document);
}

/* ---- the whole ---------------------------------------------------------------------------- */

enum plait_status plait_taps_run(struct plait_job *job, struct plait_inputs *inputs,
                                 const struct plait_draw_key *key)
{
    struct run *run = calloc(1, sizeof *run);
    PLAIT_CHECK(run);
    run->show = (struct plait_show){.job = job, .inputs = inputs, .page = job->page};
    enum plait_status status = PLAIT_STATUS_ENVIRONMENT;
    unsigned count;
    if (begin(run, key)) {
        read_all(run, inputs);
        const struct plait_tap_change *changes = plait_taps_compare(run->taps, &count);
        if (!plait_inputs_failed(inputs)) {
            (job->options->format == PLAIT_FORMAT_TABLE ? print_table : print_json)(run, changes,
                                                                                    count);
            bool compared = plait_taps_summary(run->taps).flows_both > 0;
            status = compared ? PLAIT_STATUS_COMPLETED : PLAIT_STATUS_UNDECIDED;
        }
    }
    for (unsigned i = 0; i < 2; i++)
        plait_auditor_close(&run->tap[i].auditor);
    plait_taps_free(run->taps);
    free(run);
    return status;
}
