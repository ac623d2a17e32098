/* sensor/print_table.c: the summary for people: one sentence, alerts, connections, and what could
 * not be told. */
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "base/text.h"
#include "sensor/show.h"

/* What is listed; the rest is counted, and --format jsonl has it. */
enum { CONNECTIONS_SHOWN = 1000, ALERTS_SHOWN = 200, TEXT_OCTETS = 256 };

struct table {
    struct plait_grid *connections;
    struct plait_alert alerts[ALERTS_SHOWN]; /* the gravest */
    unsigned alert_count;
    uint64_t listed, not_listed, alerts_not_listed;
};

static void begin(struct plait_show *show)
{
    struct table *t = calloc(1, sizeof *t);
    PLAIT_CHECK(t);
    t->connections = plait_grid_new(8);
    show->self = t;
}

/* ---- alerts ------------------------------------------------------------------------------- */

static unsigned least_grave(const struct table *t)
{
    unsigned least = 0;
    for (unsigned i = 1; i < t->alert_count; i++)
        if (t->alerts[i].rule->severity <= t->alerts[least].rule->severity)
            least = i;
    return least;
}

static void keep_alert(struct plait_show *show, const struct plait_alert *alert)
{
    struct table *t = show->self;
    if (t->alert_count < ALERTS_SHOWN) {
        t->alerts[t->alert_count++] = *alert;
        return;
    }
    unsigned least = least_grave(t);
    if (t->alerts[least].rule->severity < alert->rule->severity)
        t->alerts[least] = *alert;
    t->alerts_not_listed++;
}

static void print_instance(const struct plait_show *show, const struct plait_alert *alert)
{
    char room[TEXT_OCTETS + PLAIT_ALERT_TEXT_OCTETS];
    struct plait_text t = plait_text(room, sizeof room);
    plait_text_add(&t, "    %s", alert->text);
    if (alert->connection)
        plait_text_add(&t, "; connection %llu", (unsigned long long)alert->connection);
    for (unsigned i = 0; i < alert->packet_count; i++) {
        plait_text_add(&t, i ? ", " : alert->packet_count > 1 ? "; packets " : "; packet ");
        plait_ref_add(&t, show, &alert->packets[i]);
    }
    plait_page_add(&show->page, "%s\n", room);
}

static void print_rule(const struct plait_show *show, const struct table *t,
                       const struct plait_rule *rule)
{
    static const char *const words[] = {"note", "WARNING", "ALERT"};
    char head[TEXT_OCTETS];
    snprintf(head, sizeof head, "%-7s  %-9s  %s\n", words[rule->severity], rule->id, rule->title);
    plait_page_strong(&show->page, head);
    for (unsigned i = 0; i < t->alert_count; i++)
        if (t->alerts[i].rule == rule)
            print_instance(show, &t->alerts[i]);
    plait_page_add(&show->page, "    what to do: %s\n", rule->advice);
}

/* By rule, the gravest first. */
static void print_alerts(const struct plait_show *show, const struct table *t)
{
    if (t->alert_count)
        plait_page_put(&show->page, "\n");
    for (unsigned severity = PLAIT_ALERT + 1; severity-- > 0;)
        for (unsigned i = 0; i < t->alert_count; i++) {
            const struct plait_rule *rule = t->alerts[i].rule;
            bool is_first = rule->severity == severity;
            for (unsigned k = 0; k < i; k++)
                is_first = is_first && t->alerts[k].rule != rule;
            if (is_first)
                print_rule(show, t, rule);
        }
    if (t->alerts_not_listed)
        plait_page_add(&show->page, "  and %llu more: --format jsonl has all\n",
                       (unsigned long long)t->alerts_not_listed);
}

/* ---- connections -------------------------------------------------------------------------- */

static void add_octets(struct plait_grid *grid, uint64_t octets)
{
    char text[PLAIT_WORDS_OCTETS];
    plait_grid_cell(grid, plait_octets_text(octets, text));
}

static void add_places(struct plait_grid *grid, const struct plait_place *place)
{
    char text[PLAIT_PLACE_TEXT_OCTETS];
    plait_grid_cell(grid, plait_place_text(&place[0], text));
    plait_grid_cell(grid, plait_place_text(&place[1], text));
}

static void describe_connection(const struct plait_show *show, struct plait_text *t,
                                const struct plait_audit_connection_view *c)
{
    plait_text_add(t, "%s", plait_audit_end_name(c->end));
    if (c->fallback_cause) {
        plait_text_add(t, "; fallback: %s, packet ", c->fallback_cause);
        plait_ref_add(t, show, &c->fallback_packet);
    }
    if (c->alerts)
        plait_text_add(t, "; %u finding%s", c->alerts, c->alerts == 1 ? "" : "s");
    if (c->gap_octets[0] + c->gap_octets[1])
        plait_text_add(t, "; %llu octets not in the capture",
                       (unsigned long long)(c->gap_octets[0] + c->gap_octets[1]));
    if (c->reinjected_octets[0] + c->reinjected_octets[1])
        plait_text_add(t, "; %llu octets sent again under new numbers",
                       (unsigned long long)(c->reinjected_octets[0] + c->reinjected_octets[1]));
    if (c->opener_is_guess)
        plait_text_add(t, "; who opened it is a guess");
}

static void add_connection(const struct plait_show *show, struct plait_grid *grid,
                           const struct plait_audit_connection_view *c)
{
    char room[TEXT_OCTETS], span[PLAIT_WORDS_OCTETS];
    struct plait_text t = plait_text(room, sizeof room);
    const struct plait_place nowhere[2] = {{.port = 0}};
    describe_connection(show, &t, c);
    plait_grid_cellf(grid, "%llu", (unsigned long long)c->number);
    plait_grid_cell(grid, plait_version_word(c->version));
    add_places(grid, c->subflow_count ? c->subflows[0].place : nowhere);
    add_octets(grid, c->octets[0]);
    add_octets(grid, c->octets[1]);
    plait_grid_cell(grid, plait_span_text(c->last_ns - c->first_ns, span));
    plait_grid_cell(grid, room);
}

static void describe_subflow(struct plait_text *t, const struct plait_audit_subflow_view *s)
{
    if (s->is_join)
        plait_text_add(t, "join, MACs: %s", plait_judgement_name(s->proof));
    else
        plait_text_add(t, "first");
    if (s->opener)
        plait_text_add(t, ", opened by the listener");
    if (s->is_backup)
        plait_text_add(t, ", backup");
    if (!s->is_established)
        plait_text_add(t, ", not established");
    if (s->is_reset)
        plait_text_add(t, ", reset");
    if (s->again_octets[0] + s->again_octets[1])
        plait_text_add(t, ", %llu octets sent again",
                       (unsigned long long)(s->again_octets[0] + s->again_octets[1]));
}

static void add_subflow(struct plait_grid *grid, const struct plait_audit_connection_view *c,
                        const struct plait_audit_subflow_view *s)
{
    char room[TEXT_OCTETS];
    struct plait_text t = plait_text(room, sizeof room);
    describe_subflow(&t, s);
    plait_grid_cellf(grid, " %llu.%u", (unsigned long long)c->number, s->number);
    plait_grid_cell(grid, NULL);
    add_places(grid, s->place);
    add_octets(grid, s->octets[0]);
    add_octets(grid, s->octets[1]);
    if (s->rtt_us)
        plait_grid_cellf(grid, "RTT %.1f ms", s->rtt_us / 1e3);
    else
        plait_grid_cell(grid, NULL);
    plait_grid_cell(grid, room);
}

static void ended(struct plait_show *show, const struct plait_audit_connection_view *c)
{
    static const char *const heads[] = {"",          "version",     "opened by", "to",
                                        "octets to", "octets from", "time",      "what happened"};
    struct table *t = show->self;
    if (c->version == PLAIT_AUDIT_TCP && !c->fallback_cause && !show->job->options->all)
        return;
    if (t->listed == CONNECTIONS_SHOWN) {
        t->not_listed++;
        return;
    }
    for (unsigned i = 0; t->listed == 0 && i < 8; i++)
        plait_grid_cell(t->connections, heads[i]);
    t->listed++;
    add_connection(show, t->connections, c);
    for (unsigned i = 0; c->version != PLAIT_AUDIT_TCP && i < c->subflow_count; i++)
        add_subflow(t->connections, c, &c->subflows[i]);
}

/* ---- what could not be told ----------------------------------------------------------------- */

static void print_count(const struct plait_show *show, const char *heading, bool *shown,
                        const char *text, uint64_t count)
{
    if (!count)
        return;
    if (!*shown)
        plait_page_add(&show->page, "\n%s\n", heading);
    *shown = true;
    plait_page_add(&show->page, "  %-10llu %s\n", (unsigned long long)count, text);
}

static const enum plait_audit_count cannot_tell[] = {
    PLAIT_COUNT_MACS_CANNOT_TELL, PLAIT_COUNT_CHECKSUMS_CANNOT_TELL, PLAIT_COUNT_JOINS_UNKNOWN,
    PLAIT_COUNT_JOINS_AMBIGUOUS,  PLAIT_COUNT_TOKENS_CROWDED,        PLAIT_COUNT_GAPS,
    PLAIT_COUNT_UNMAPPED_OCTETS,  PLAIT_COUNT_NOT_COMPARED_OCTETS};

static const enum plait_audit_count left_out[] = {
    PLAIT_COUNT_NOT_TCP,     PLAIT_COUNT_FRAGMENTS,
    PLAIT_COUNT_BROKEN,      PLAIT_COUNT_CUT,
    PLAIT_COUNT_CUT_HEADERS, PLAIT_COUNT_BAD_CHECKSUM,
    PLAIT_COUNT_NO_FLAGS,    PLAIT_COUNT_DUPLICATES,
    PLAIT_COUNT_TIME_BACK,   PLAIT_COUNT_OPTIONS_NOT_UNDERSTOOD,
    PLAIT_COUNT_EVICTED,     PLAIT_COUNT_NO_ROOM,
    PLAIT_COUNT_LATE_OCTETS, PLAIT_COUNT_FAR_OCTETS,
    PLAIT_COUNT_MEMORY_SHORT};

static void print_counts(const struct plait_show *show, const struct plait_audit_counts *counts)
{
    const struct plait_capture_counts capture = plait_inputs_counts(show->inputs);
    bool shown = false;
    for (unsigned i = 0; i < sizeof cannot_tell / sizeof cannot_tell[0]; i++)
        print_count(show, "Cannot tell:", &shown, plait_audit_count_text(cannot_tell[i]),
                    counts->count[cannot_tell[i]]);
    shown = false;
    for (unsigned i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
        print_count(show, "Left out, or not as it should be:", &shown,
                    plait_audit_count_text(left_out[i]), counts->count[left_out[i]]);
    for (unsigned i = 0; i < PLAIT_CAPTURE_REASON_COUNT; i++)
        print_count(show, "Left out, or not as it should be:", &shown,
                    plait_capture_reason_text((enum plait_capture_reason)i), capture.count[i]);
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_clock(const struct plait_show *show, unsigned i, const struct plait_clock *c)
{
    plait_page_add(&show->page, "  %s: %+.3f ms, ", plait_inputs_shown(show->inputs, i),
                   (double)c->offset_ns / 1e6);
    if (c->is_told)
        plait_page_add(&show->page, "at most %.3f ms off; ", (double)c->error_ns / 1e6);
    plait_page_add(&show->page, "%s\n", plait_clock_how(c));
}

void plait_print_clocks(const struct plait_show *show)
{
    unsigned count = plait_inputs_count(show->inputs);
    if (count < 2)
        return;
    if (!plait_inputs_has_clocks(show->inputs)) {
        plait_page_add(&show->page,
                       "\nClocks of %u inputs are taken as they are: at most %d are "
                       "compared.\n",
                       count, PLAIT_CLOCKS_MAX);
        return;
    }
    plait_page_put(&show->page, "\nClocks (--offset FILE=MS says better):\n");
    unsigned alone = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct plait_clock *c = plait_inputs_clock(show->inputs, i);
        if (c->is_given || c->is_contradictory || c->is_bounded[0] || c->is_bounded[1])
            print_clock(show, i, c);
        else
            alone++;
    }
    if (alone)
        plait_page_add(&show->page, "  %u input%s taken as %s: nothing in common with another\n",
                       alone, plural(alone), alone == 1 ? "it is" : "they are");
}

static void print_whole(const struct plait_show *show, const struct plait_audit_counts *counts)
{
    if (show->whole == PLAIT_WHOLE)
        plait_page_add(
            &show->page,
            "\nTaken for whole (--whole): %llu packets were looked for at their sender's "
            "link.\n",
            (unsigned long long)counts->count[PLAIT_COUNT_LOOKED_FOR]);
    if (show->whole == PLAIT_WHOLE_NO_MORE)
        plait_page_put(&show->page, "\nNot whole, as --whole states: what passed one end's link "
                                    "alone may be all that was captured of it.\n");
}

/* ---- the whole ---------------------------------------------------------------------------- */

static void print_answer(const struct plait_show *show, const struct plait_audit_counts *counts)
{
    char room[TEXT_OCTETS], first[PLAIT_WORDS_OCTETS], span[PLAIT_WORDS_OCTETS];
    const uint64_t *found = show->findings;
    uint64_t tcp = show->connections - show->mptcp;
    struct plait_text t = plait_text(room, sizeof room);
    plait_text_add(&t, "%llu Multipath TCP connection%s over %llu subflow%s: ",
                   (unsigned long long)show->mptcp, plural(show->mptcp),
                   (unsigned long long)show->subflows, plural(show->subflows));
    if (found[PLAIT_ALERT] + found[PLAIT_WARNING])
        plait_text_add(&t, "%llu alert%s, %llu warning%s", (unsigned long long)found[PLAIT_ALERT],
                       plural(found[PLAIT_ALERT]), (unsigned long long)found[PLAIT_WARNING],
                       plural(found[PLAIT_WARNING]));
    else
        plait_text_add(&t, "no alert and no warning");
    if (found[PLAIT_NOTE])
        plait_text_add(&t, ", %llu note%s", (unsigned long long)found[PLAIT_NOTE],
                       plural(found[PLAIT_NOTE]));
    if (show->fallbacks)
        plait_text_add(&t, "; %llu fell back to TCP", (unsigned long long)show->fallbacks);
    plait_text_add(&t, ".\n");
    plait_page_strong(&show->page, room);
    uint64_t packets = counts->count[PLAIT_COUNT_PACKETS];
    if (packets == 0) {
        plait_page_put(&show->page, "There is no packet to judge.\n");
        return;
    }
    plait_page_add(&show->page, "%llu packet%s over %s from %s UTC; %llu plain TCP connection%s\n",
                   (unsigned long long)packets, plural(packets),
                   plait_span_text(show->last_ns - show->first_ns, span),
                   plait_moment_text(show->first_ns, false, first), (unsigned long long)tcp,
                   plural(tcp));
}

static void end(struct plait_show *show, const struct plait_audit_counts *counts)
{
    struct table *t = show->self;
    print_answer(show, counts);
    print_alerts(show, t);
    if (t->listed)
        plait_page_put(&show->page, "\n");
    plait_grid_end(t->connections, &show->page);
    if (t->not_listed)
        plait_page_add(&show->page, "and %llu more: --format jsonl lists all\n",
                       (unsigned long long)t->not_listed);
    print_counts(show, counts);
    plait_print_clocks(show);
    print_whole(show, counts);
    if (t->listed)
        plait_page_put(&show->page, "\nNext: --connection N tells the story of one\n");
    free(t);
}

const struct plait_printer plait_printer_table = {
    .begin = begin, .alert = keep_alert, .ended = ended, .end = end};
