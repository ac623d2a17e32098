/* report/explain.c: a threat's record and what a run showed of it. */
#include "report/explain.h"

#include <string.h>

#include "base/text.h"
#include "report/summary.h"
#include "report/words.h"
#include "terminal/ladder.h"

/* ---- the record --------------------------------------------------------------------------- */

static void add_list(struct plait_text *text, const char *const *list)
{
    for (const char *const *word = list; *word; word++)
        plait_text_add(text, "%s%s", word == list ? "" : ", ", *word);
}

static void put_list(const struct plait_page *page, const char *name, const char *const *list)
{
    char room[256];
    struct plait_text text = plait_text(room, sizeof room);
    add_list(&text, list);
    plait_page_add(page, "%s %s", name, room);
}

static void put_record(const struct plait_page *page, const struct plait_threat_info *info)
{
    char heading[256];
    struct plait_text text = plait_text(heading, sizeof heading);
    plait_text_add(&text, "%s  %s", info->id, info->title);
    plait_page_strong(page, heading);
    plait_page_add(page, "          %s\n%s\n", info->source, info->summary);
    put_list(page, "from", info->positions);
    put_list(page, " · goals", info->goals);
    put_list(page, " · mechanisms", info->mechanisms);
    plait_page_add(page, " · host risk %s%s\n", info->host_risk,
                   info->full_on_kernels ? " · on a kernel with --full only" : "");
}

static void put_remark(const struct plait_page *page, const char *name, const char *text)
{
    if (*text)
        plait_page_add(page, "%-26s %s\n", name, text);
}

static json_t *json_list(const char *const *list)
{
    json_t *array = json_array();
    for (; list && *list; list++)
        json_array_append_new(array, json_string(*list));
    return array;
}

json_t *plait_threat_json(const struct plait_threat_info *info)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:s,s:b,s:s,s:s,s:o,s:s}", "id",
                     info->id, "title", info->title, "kind", info->kind, "source", info->source,
                     "section", info->section, "summary", info->summary, "positions",
                     json_list(info->positions), "goals", json_list(info->goals), "mechanisms",
                     json_list(info->mechanisms), "host_risk", info->host_risk, "full_on_kernels",
                     info->full_on_kernels, "stopped_by", info->stopped_by_text, "remains",
                     info->remains_text, "seen_as", json_list(info->seen_as), "wire_blind",
                     info->wire_blind_text);
}

static void grid_list(struct plait_grid *grid, const char *const *list)
{
    char room[256];
    struct plait_text text = plait_text(room, sizeof room);
    add_list(&text, list);
    plait_grid_cell(grid, room);
}

void plait_render_threats(const struct plait_page *page, const struct plait_threat_info *infos,
                          size_t count)
{
    static const char *const titles[] = {"ID", "kind", "from", "goals", "risk", "title"};
    struct plait_grid *grid = plait_grid_new(6);
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        plait_grid_cell(grid, titles[i]);
    for (size_t i = 0; i < count; i++) {
        plait_grid_cell(grid, infos[i].id);
        plait_grid_cell(grid, infos[i].kind);
        grid_list(grid, infos[i].positions);
        grid_list(grid, infos[i].goals);
        plait_grid_cell(grid, infos[i].host_risk);
        plait_grid_cell(grid, infos[i].title);
    }
    plait_grid_end(grid, page);
}

/* ---- the cell ----------------------------------------------------------------------------- */

static bool has_ladder(const json_t *cell)
{
    return json_array_size(json_object_get(cell, "ladder")) > 0;
}

static bool tells_more(const json_t *cell, const json_t *than)
{
    if (!than || has_ladder(cell) != has_ladder(than))
        return !than || has_ladder(cell);
    return plait_cell_compare(cell, than) > 0;
}

const json_t *plait_cell_to_explain(const json_t *document, const char *threat)
{
    const json_t *cells = json_object_get(document, "cells"), *best = NULL;
    for (size_t i = 0; i < json_array_size(cells); i++) {
        const json_t *cell = json_array_get(cells, i);
        if (!strcmp(plait_field(cell, "threat", ""), threat) && tells_more(cell, best))
            best = cell;
    }
    return best;
}

static void grid_goal(struct plait_grid *grid, const json_t *goal)
{
    char price[PLAIT_PRICE_ROOM];
    plait_price(json_object_get(goal, "cost"), price);
    plait_grid_cellf(grid, "  %s", plait_field(goal, "goal", ""));
    plait_grid_cell(grid, plait_outcome_shown(plait_field(goal, "outcome", "–")));
    plait_grid_cell(grid, price);
    plait_grid_cell(grid, plait_field(goal, "versus_tcp", "–"));
    plait_grid_cell(grid, plait_field(goal, "evidence", ""));
}

static void put_goals(const struct plait_page *page, const json_t *cell)
{
    const json_t *goals = json_object_get(cell, "goals");
    struct plait_grid *grid = plait_grid_new(5);
    for (size_t i = 0; i < json_array_size(goals); i++)
        grid_goal(grid, json_array_get(goals, i));
    plait_grid_end(grid, page);
}

static void put_tcp(const struct plait_page *page, const json_t *tcp)
{
    char price[PLAIT_PRICE_ROOM];
    const char *attack = plait_field(tcp, "attack", NULL);
    plait_price(json_object_get(tcp, "cost"), price);
    if (attack)
        plait_page_add(page, "; on TCP %s, price %s", attack, price);
    else
        plait_page_put(page, "; on TCP no attack");
}

static void put_outcome(const struct plait_page *page, const json_t *cell)
{
    char price[PLAIT_PRICE_ROOM];
    plait_price(json_object_get(cell, "cost"), price);
    plait_page_add(page, "%s: ", plait_field(cell, "id", ""));
    plait_page_strong(page, plait_outcome_shown(plait_field(cell, "outcome", "–")));
    plait_page_add(page, ", goal %s, price %s", plait_field(cell, "goal", "–"), price);
    put_tcp(page, json_object_get(cell, "tcp"));
    plait_page_add(page, ": %s\n", plait_field(cell, "versus_tcp", "not compared"));
}

static void put_stop(const struct plait_page *page, const json_t *cell)
{
    const char *stopped_by = plait_field(cell, "stopped_by", NULL);
    const char *reason = plait_field(cell, "reason", NULL);
    if (reason)
        put_remark(page, "why", reason);
    if (stopped_by)
        put_remark(page, "stopped here by", stopped_by);
}

static void put_cell(const struct plait_page *page, const json_t *cell)
{
    static const char *const rails[] = {"client", "server", "attacker", NULL};
    if (has_ladder(cell)) {
        plait_page_put(page, "\n");
        plait_render_ladder(page, rails, json_object_get(cell, "ladder"));
    }
    plait_page_put(page, "\n");
    put_outcome(page, cell);
    put_goals(page, cell);
    put_stop(page, cell);
}

void plait_render_explanation(const struct plait_page *page, const struct plait_threat_info *info,
                              const json_t *cell)
{
    put_record(page, info);
    if (cell)
        put_cell(page, cell);
    plait_page_put(page, "\n");
    put_remark(page, "stopped by", info->stopped_by_text);
    put_remark(page, "remains", info->remains_text);
    put_remark(page, "a capture need not show", info->wire_blind_text);
    const char *rerun = plait_field(cell, "rerun", NULL);
    if (rerun)
        put_remark(page, "again", rerun);
}
