/* terminal/json.h: JSON for a stream, and a field of it.  May touch: the page's stream. */
#ifndef PLAIT_TERMINAL_JSON_H
#define PLAIT_TERMINAL_JSON_H

#include <jansson.h>

#include "terminal/page.h"

/* How JSON is written, to a stream or to a file. */
#define PLAIT_JSON_FLAGS (JSON_INDENT(1) | JSON_REAL_PRECISION(9))

/* VALUE and the end of its line.  False if STREAM did not take all, for the reason in errno, or if
 * VALUE is none. */
bool plait_json_write(FILE *stream, const json_t *value, size_t flags);
/* VALUE indented, or on one line. */
void plait_render_json(const struct plait_page *page, const json_t *value);
void plait_render_json_line(const struct plait_page *page, const json_t *value);

/* The text of a field, or OTHERWISE if it is absent, null or no text. */
const char *plait_field(const json_t *object, const char *name, const char *otherwise);

#endif
