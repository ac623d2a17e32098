/* lab/asked.c: a key for each scenario, and a table of them. */
#include "lab/asked.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/draw.h"
#include "base/panic.h"

/* Buckets for some thirty thousand runs; beyond that chains grow longer. */
enum { KEY_OCTETS_MAX = 1024 + PLAIT_TOPOLOGY_OCTETS, TABLE_OCTETS = 1 << 19 };

struct plait_asked_runs {
    struct plait_arena arena;
    struct plait_table table;
    _Alignas(16) uint8_t memory[TABLE_OCTETS];
};

/* ---- keys --------------------------------------------------------------------------------- */

/* With its end, so that neighbours do not run together. */
static void write_text(struct plait_writer *w, const char *text)
{
    plait_write_octets(w, text, strlen(text) + 1);
}

static void write_words(struct plait_writer *w, const uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        plait_write_u64(w, words[i]);
}

#define WRITE_WORDS(w, words) write_words(w, words, sizeof(words) / sizeof(words)[0])

static void write_texts(struct plait_writer *w, const struct plait_scenario *s)
{
    write_text(w, s->script_id);
    write_text(w, s->form);
    write_text(w, s->position ? s->position->name : "-");
    plait_write_u64(w, plait_schedule_digest(&s->schedule));
}

/* A net and traffic of the user's; of the lab's own nothing. */
static void write_net(struct plait_writer *w, const struct plait_scenario *s)
{
    char net[PLAIT_TOPOLOGY_OCTETS];
    struct plait_text text = plait_text(net, sizeof net);
    if (s->topology.path_count)
        plait_topology_print(&s->topology, &text);
    if (s->traffic.is_given)
        plait_workload_print(&s->traffic, &text);
    plait_write_octets(w, net, text.length);
}

static void write_key(struct plait_writer *w, const struct plait_scenario *s, unsigned repeat)
{
    const struct plait_edges *e = &s->edges;
    const struct plait_basic_options *b = &s->basic;
    const uint64_t played[] = {
        s->spoofing,
        s->victim,
        s->workload,
        s->family,
        s->protocol,
        s->policy,
        s->target[0],
        s->target[1],
        s->grants,
        s->paths,
        s->dialled,
        s->strangers,
        s->arrives,
        s->distance,
        s->narrow,
        s->device,
        s->boxes[0],
        s->boxes[1],
        s->boxes[2],
        s->mptcp_off,
        s->wrong_mac,
        s->drop_attack,
        s->crash,
        s->eager,
        s->brief,
        s->lone_start,
        s->checksum,
        s->seed,
        repeat,
        (uint64_t)s->away_ns,
        (uint64_t)s->watch_ns,
        (uint64_t)s->control_ns,
    };
    const uint64_t edges[] = {
        (uint64_t)e->seq_beyond_window,
        (uint64_t)e->ack_below_window,
        (uint64_t)e->ack_below_acked,
        (uint64_t)e->reset_span,
        (uint64_t)e->dsn_beyond_window,
        (uint64_t)e->data_fin_span,
        e->port_first,
        e->port_step,
        e->port_count,
    };
    const uint64_t basic[] = {b->needs_number, b->inherit_window, b->reset_ends_connection,
                              b->nonce_zero_bits};
    write_texts(w, s);
    WRITE_WORDS(w, played);
    WRITE_WORDS(w, edges);
    WRITE_WORDS(w, basic);
    write_net(w, s);
    PLAIT_CHECK(!w->failed);
}

/* ---- the table ---------------------------------------------------------------------------- */

struct plait_asked_runs *plait_asked_runs_new(void)
{
    struct plait_asked_runs *runs = aligned_alloc(16, sizeof *runs);
    PLAIT_CHECK(runs);
    runs->arena = plait_arena(runs->memory, sizeof runs->memory);
    runs->table = plait_table(&runs->arena);
    return runs;
}

void plait_asked_runs_free(struct plait_asked_runs *runs)
{
    uint32_t bucket = 0;
    struct plait_table_node *node = plait_table_each(&runs->table, &bucket, NULL);
    while (node) {
        struct plait_asked *run = PLAIT_OWNER(node, struct plait_asked, node);
        node = plait_table_each(&runs->table, &bucket, node);
        json_decref(run->report);
        free(run);
    }
    free(runs);
}

static struct plait_asked *find(const struct plait_asked_runs *runs, uint64_t hash, const void *key,
                                size_t key_octets)
{
    struct plait_table_node *node = NULL;
    while ((node = plait_table_find(&runs->table, hash, node))) {
        struct plait_asked *run = PLAIT_OWNER(node, struct plait_asked, node);
        if (run->key_octets == key_octets && memcmp(run->key, key, key_octets) == 0)
            return run;
    }
    return NULL;
}

static struct plait_asked *add(struct plait_asked_runs *runs, uint64_t hash, const void *key,
                               size_t key_octets)
{
    struct plait_asked *run = malloc(sizeof *run + key_octets);
    PLAIT_CHECK(run);
    *run = (struct plait_asked){.key_octets = key_octets};
    memcpy(run->key, key, key_octets);
    PLAIT_CHECK(plait_table_insert(&runs->table, &run->node, hash));
    return run;
}

struct plait_asked *plait_asked_run(struct plait_asked_runs *runs,
                                    const struct plait_scenario *scenario, unsigned repeat,
                                    bool *is_new)
{
    static const struct plait_draw_key nobodys; /* no outsider chooses what is run */
    uint8_t key[KEY_OCTETS_MAX];
    struct plait_writer w = plait_writer(key, sizeof key);
    write_key(&w, scenario, repeat);
    size_t key_octets = plait_writer_used(&w);
    uint64_t hash = plait_siphash(&nobodys, key, key_octets);
    struct plait_asked *run = find(runs, hash, key, key_octets);
    *is_new = !run;
    return run ? run : add(runs, hash, key, key_octets);
}
