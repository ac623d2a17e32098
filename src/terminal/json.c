/* terminal/json.c: writing JSON, reading a field. */
#include "terminal/json.h"

void plait_render_json(const struct plait_page *page, const json_t *value)
{
    json_dumpf(value, page->stream, PLAIT_JSON_FLAGS);
    fputc('\n', page->stream);
}

void plait_render_json_line(const struct plait_page *page, const json_t *value)
{
    json_dumpf(value, page->stream, JSON_COMPACT | JSON_REAL_PRECISION(9));
    fputc('\n', page->stream);
}

const char *plait_field(const json_t *object, const char *name, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : otherwise;
}
