/* terminal/json.c: writing JSON, reading a field. */
#include "terminal/json.h"

#include <string.h>

enum { BUFFER_OCTETS = 65536 };

/* ---- writing ------------------------------------------------------------------------------ */

/* The library hands over a quote, a name, a comma at a time: each would be a call of the stream if
 * they were not gathered first, and a full report is 50 MB of them. */
struct gathered {
    FILE *stream;
    size_t used_octets;
    char octets[BUFFER_OCTETS];
};

static int give_out(struct gathered *g)
{
    size_t octets = g->used_octets;
    g->used_octets = 0;
    return fwrite(g->octets, 1, octets, g->stream) == octets ? 0 : -1;
}

static int gather(const char *piece, size_t octets, void *self)
{
    struct gathered *g = self;
    if (octets > BUFFER_OCTETS - g->used_octets && give_out(g) != 0)
        return -1;
    if (octets > BUFFER_OCTETS)
        return fwrite(piece, 1, octets, g->stream) == octets ? 0 : -1;
    memcpy(g->octets + g->used_octets, piece, octets);
    g->used_octets += octets;
    return 0;
}

bool plait_json_write(FILE *stream, const json_t *value, size_t flags)
{
    struct gathered g;
    g.stream = stream;
    g.used_octets = 0; /* the octets are left unset */
    return json_dump_callback(value, gather, &g, flags) == 0 && give_out(&g) == 0 &&
           fputc('\n', stream) != EOF;
}

/* Whether the page could be written, whoever owns it asks its stream. */
void plait_render_json(const struct plait_page *page, const json_t *value)
{
    (void)plait_json_write(page->stream, value, PLAIT_JSON_FLAGS);
}

void plait_render_json_line(const struct plait_page *page, const json_t *value)
{
    (void)plait_json_write(page->stream, value, JSON_COMPACT | JSON_REAL_PRECISION(9));
}

/* ---- reading ------------------------------------------------------------------------------ */

const char *plait_field(const json_t *object, const char *name, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : otherwise;
}
