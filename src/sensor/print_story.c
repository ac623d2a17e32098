/* sensor/print_story.c: everything that happened on one connection: a ladder of its events, what
 * each path carried, and its alerts. */
#include <stdlib.h>
#include <string.h>

#include "base/panic.h"
#include "base/text.h"
#include "sensor/show.h"
#include "terminal/ladder.h"

/* Longer stories are told from the beginning; the rest is counted. */
enum { ENTRIES_MAX = 2000, ALERTS_MAX = 100 };

struct story {
    json_t *entries;
    uint64_t not_told;
    bool found;
    plait_time_ns first_ns;
    struct plait_alert alerts[ALERTS_MAX];
    unsigned alert_count;
    char *table; /* what each path carried */
    size_t table_octets;
};

static void begin(struct plait_show *show)
{
    struct story *s = calloc(1, sizeof *s);
    PLAIT_CHECK(s);
    s->entries = json_array();
    PLAIT_CHECK(s->entries);
    show->self = s;
}

static bool is_meant(const struct plait_show *show, uint64_t connection)
{
    return connection == show->job->options->connection;
}

/* ---- events in words ---------------------------------------------------------------------- */

static const char *const hello_steps[] = {"SYN MP_CAPABLE", "SYN/ACK MP_CAPABLE", "ACK MP_CAPABLE",
                                          "data MP_CAPABLE"};

/* What stands on the arrow. */
static void add_label(struct plait_text *t, const struct plait_audit_event *e)
{
    switch (e->kind) {
    case PLAIT_SAW_HELLO:
        plait_text_add(t, "%s %s", hello_steps[e->step & 3], plait_version_word(e->version));
        break;
    case PLAIT_SAW_JOIN:
        plait_text_add(t, "SYN MP_JOIN token %08x", e->token);
        break;
    case PLAIT_SAW_JOIN_PROOF:
        plait_text_add(t, "%s MP_JOIN MAC", e->step == 1 ? "SYN/ACK" : "ACK");
        break;
    case PLAIT_SAW_ADD_ADDR:
    case PLAIT_SAW_ADD_ADDR_ECHO:
    case PLAIT_SAW_REMOVE_ADDR:
        plait_text_add(t, "%s id %u", plait_audit_event_name(e->kind), e->addr_id);
        break;
    case PLAIT_SAW_REINJECTION:
    case PLAIT_SAW_CONTRADICTION:
    case PLAIT_SAW_GAP:
        plait_text_add(t, "%s %u octets", plait_audit_event_name(e->kind), e->length);
        break;
    default:
        plait_text_add(t, "%s", plait_audit_event_name(e->kind));
    }
}

static bool is_judged(enum plait_audit_event_kind kind)
{
    return kind == PLAIT_SAW_ESTABLISHED || kind == PLAIT_SAW_FASTCLOSE ||
           kind == PLAIT_SAW_JOIN_PROOF || kind == PLAIT_SAW_ADD_ADDR || kind == PLAIT_SAW_CHECKSUM;
}

static void add_places(struct plait_text *t, const struct plait_audit_event *e)
{
    char from[PLAIT_PLACE_TEXT_OCTETS], to[PLAIT_PLACE_TEXT_OCTETS];
    if (e->from.addr.family)
        plait_text_add(t, "; %s", plait_place_text(&e->from, from));
    if (e->to.addr.family)
        plait_text_add(t, " to %s", plait_place_text(&e->to, to));
}

/* What stands beside it. */
static void add_note(struct plait_text *t, const struct plait_show *show,
                     const struct plait_audit_event *e)
{
    plait_text_add(t, "packet ");
    plait_ref_add(t, show, &e->packet);
    plait_text_add(t, ", subflow %u", e->subflow);
    if (is_judged(e->kind))
        plait_text_add(t, "; %s", plait_judgement_name(e->judgement));
    if (e->cause)
        plait_text_add(t, "; %s", e->cause);
    if (e->has_reason)
        plait_text_add(t, "; reason %u", e->reason);
    if (e->backup)
        plait_text_add(t, "; backup");
    if (e->offset)
        plait_text_add(t, "; at %llu of the stream", (unsigned long long)e->offset);
    if (e->has_key && show->job->options->show_keys)
        plait_text_add(t, "; key %016llx", (unsigned long long)e->key);
    add_places(t, e);
    if (e->other.frame) {
        plait_text_add(t, "; see packet ");
        plait_ref_add(t, show, &e->other);
    }
}

/* What no packet of one direction is: it stands beside the ladder. */
static bool is_remark(enum plait_audit_event_kind kind)
{
    return kind == PLAIT_SAW_OPEN || kind == PLAIT_SAW_ESTABLISHED || kind == PLAIT_SAW_FALLBACK ||
           kind == PLAIT_SAW_CLOSED || kind == PLAIT_SAW_JOIN_BOUND || kind == PLAIT_SAW_GAP;
}

static void tell(struct plait_show *show, const struct plait_audit_event *e)
{
    struct story *s = show->self;
    char label[128], note[512];
    if (!is_meant(show, e->connection))
        return;
    if (json_array_size(s->entries) == 0)
        s->first_ns = e->packet.at_ns;
    if (json_array_size(s->entries) >= ENTRIES_MAX) {
        s->not_told++;
        return;
    }
    struct plait_text l = plait_text(label, sizeof label), n = plait_text(note, sizeof note);
    add_label(&l, e);
    add_note(&n, show, e);
    static const char *const ends[] = {"opener", "listener"};
    json_t *entry = json_pack("{s:I,s:s,s:s}", "at_ns", (json_int_t)(e->packet.at_ns - s->first_ns),
                              "text", label, "note", note);
    PLAIT_CHECK(entry);
    if (!is_remark(e->kind)) {
        json_object_set_new(entry, "from", json_string(ends[e->direction & 1]));
        json_object_set_new(entry, "to", json_string(ends[1 - (e->direction & 1)]));
    }
    json_array_append_new(s->entries, entry);
}

static void keep(struct plait_show *show, const struct plait_alert *alert)
{
    struct story *s = show->self;
    if (is_meant(show, alert->connection) && s->alert_count < ALERTS_MAX)
        s->alerts[s->alert_count++] = *alert;
}

/* ---- paths -------------------------------------------------------------------------------- */

static double share_of(uint64_t octets, const struct plait_audit_connection_view *c, unsigned end)
{
    uint64_t all = 0;
    for (unsigned i = 0; i < c->subflow_count; i++)
        all += c->subflows[i].octets[end];
    return all ? 100.0 * (double)octets / (double)all : 0;
}

static void add_path(struct plait_grid *grid, const struct plait_audit_connection_view *c,
                     const struct plait_audit_subflow_view *s)
{
    char text[PLAIT_PLACE_TEXT_OCTETS];
    plait_grid_cellf(grid, "%u", s->number);
    plait_grid_cell(grid, plait_place_text(&s->place[0], text));
    plait_grid_cell(grid, plait_place_text(&s->place[1], text));
    for (unsigned end = 0; end < 2; end++) {
        char octets[PLAIT_WORDS_OCTETS];
        plait_grid_cellf(grid, "%llu pkt", (unsigned long long)s->packets[end]);
        plait_grid_cellf(grid, "%s (%.0f %%)", plait_octets_text(s->octets[end], octets),
                         share_of(s->octets[end], c, end));
        plait_grid_cellf(
            grid, "%.2f %%",
            s->octets[end] ? 100.0 * (double)s->again_octets[end] / (double)s->octets[end] : 0);
    }
    if (s->rtt_us)
        plait_grid_cellf(grid, "%.1f ms", s->rtt_us / 1e3);
    else
        plait_grid_cell(grid, "not seen");
    plait_grid_cell(grid, s->is_join ? plait_judgement_name(s->proof) : "first");
}

static void add_identity(const struct plait_show *show, const struct plait_page *page,
                         const struct plait_audit_connection_view *c)
{
    static const char *const ends[] = {"opener", "listener"};
    for (unsigned end = 0; end < 2; end++) {
        if (!c->has_key[end])
            plait_page_add(page, "%s's key is not in the capture\n", ends[end]);
        else if (show->job->options->show_keys)
            plait_page_add(page, "%s's key %016llx, token %08x, IDSN %016llx\n", ends[end],
                           (unsigned long long)c->key[end], c->token[end],
                           (unsigned long long)c->idsn[end]);
        else
            plait_page_add(page, "%s's token %08x, IDSN %016llx\n", ends[end], c->token[end],
                           (unsigned long long)c->idsn[end]);
    }
}

/* The view is gone when the ladder is printed, so the table is made now. */
static void ended(struct plait_show *show, const struct plait_audit_connection_view *c)
{
    static const char *const heads[] = {"subflow", "opener", "listener", "sent", "octets", "again",
                                        "got",     "octets", "again",    "RTT",  "proof"};
    struct story *s = show->self;
    if (!is_meant(show, c->number) || s->found)
        return;
    s->found = true;
    struct plait_page page = show->page;
    page.stream = open_memstream(&s->table, &s->table_octets);
    PLAIT_CHECK(page.stream);
    plait_page_add(&page, "\n%s, %s; reinjected: %llu octets to, %llu from the listener\n",
                   plait_version_word(c->version), plait_audit_end_name(c->end),
                   (unsigned long long)c->reinjected_octets[0],
                   (unsigned long long)c->reinjected_octets[1]);
    if (c->fallback_cause)
        plait_page_add(&page, "fallback: %s\n", c->fallback_cause);
    add_identity(show, &page, c);
    struct plait_grid *grid = plait_grid_new(11);
    for (unsigned i = 0; i < 11; i++)
        plait_grid_cell(grid, heads[i]);
    for (unsigned i = 0; i < c->subflow_count; i++)
        add_path(grid, c, &c->subflows[i]);
    plait_grid_end(grid, &page);
    fclose(page.stream);
}

/* ---- the whole ---------------------------------------------------------------------------- */

static void print_alerts(const struct plait_show *show, const struct story *s)
{
    for (unsigned i = 0; i < s->alert_count; i++) {
        const struct plait_alert *a = &s->alerts[i];
        plait_page_add(&show->page, "\n%s %s: %s\n  %s\n  %s\n  what to do: %s\n",
                       plait_severity_name(a->rule->severity), a->rule->id, a->rule->title, a->text,
                       a->rule->proof, a->rule->advice);
    }
}

static void end(struct plait_show *show, const struct plait_audit_counts *counts)
{
    static const char *const rails[] = {"opener", "listener", NULL};
    struct story *s = show->self;
    char moment[PLAIT_WORDS_OCTETS];
    (void)counts;
    show->is_missing = !s->found;
    if (!s->found) {
        plait_page_add(&show->page, "There is no connection %u: connections seen: %llu.\n",
                       show->job->options->connection, (unsigned long long)show->connections);
    } else {
        plait_page_add(&show->page, "Connection %u, from %s UTC\n\n",
                       show->job->options->connection,
                       plait_moment_text(s->first_ns, false, moment));
        plait_render_ladder(&show->page, rails, s->entries);
        if (s->not_told)
            plait_page_add(&show->page, "and %llu more events: --format jsonl has all\n",
                           (unsigned long long)s->not_told);
        fwrite(s->table, 1, s->table_octets, show->page.stream);
        print_alerts(show, s);
        plait_print_clocks(show);
    }
    json_decref(s->entries);
    free(s->table);
    free(s);
}

const struct plait_printer plait_printer_story = {
    .begin = begin, .event = tell, .alert = keep, .ended = ended, .end = end};
