/* Documents and pages for the tests of the report room. */
#ifndef PLAIT_TESTS_REPORT_FIXTURE_H
#define PLAIT_TESTS_REPORT_FIXTURE_H

#include <jansson.h>
#include <stdbool.h>

#include "terminal/page.h"

/* The hand-written document; the caller owns it. */
json_t *fixture_document(void);
/* A cell of it, by its place. */
json_t *fixture_cell(json_t *document, size_t index);
/* FILE beside this one, whole; the caller frees it. */
char *fixture_text(const char *file);

/* A page that writes to memory; the text is valid after fixture_page_end and freed by the caller.
 */
struct fixture_page {
    struct plait_page page;
    char *text;
    size_t length;
};
void fixture_page_begin(struct fixture_page *p, bool utf8);
char *fixture_page_end(struct fixture_page *p);
/* Compares what P got with a file in golden/, and frees it. */
void fixture_page_is(struct fixture_page *p, const char *golden);

#endif
