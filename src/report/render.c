/* report/render.c: which format is written by whom; JSON and JSON lines. */
#include "report/render.h"

static void render_lines(const struct plait_page *page, const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        plait_render_json_line(page, json_array_get(array, i));
}

/* The document, and beside its cells what an expectation says of them. */
static void render_document(const struct plait_page *page, const struct plait_judgement *judgement)
{
    json_t *whole = json_copy((json_t *)(uintptr_t)judgement->document);
    if (judgement->difference)
        json_object_set(whole, "against_expectation", (json_t *)(uintptr_t)judgement->difference);
    plait_render_json(page, whole);
    json_decref(whole);
}

void plait_render(const struct plait_page *page, enum plait_format format,
                  const struct plait_view *view)
{
    const struct plait_judgement *judgement = view->judgement;
    switch (format) {
    case PLAIT_FORMAT_TABLE:
        plait_render_table(page, view);
        break;
    case PLAIT_FORMAT_JSON:
        render_document(page, judgement);
        break;
    case PLAIT_FORMAT_JSONL:
        render_lines(page, json_object_get(judgement->document, "cells"));
        break;
    case PLAIT_FORMAT_TAP:
        plait_render_tap(page, view);
        break;
    }
}

void plait_render_difference(const struct plait_page *page, enum plait_format format,
                             const json_t *difference)
{
    switch (format) {
    case PLAIT_FORMAT_TABLE:
        plait_render_difference_table(page, difference);
        break;
    case PLAIT_FORMAT_JSON:
        plait_render_json(page, difference);
        break;
    case PLAIT_FORMAT_JSONL:
        render_lines(page, json_object_get(difference, "changes"));
        break;
    case PLAIT_FORMAT_TAP:
        plait_render_difference_tap(page, difference);
        break;
    }
}
