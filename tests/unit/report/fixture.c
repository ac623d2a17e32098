/* Documents and pages for the tests of the report room. */
#include "tests/unit/report/fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/test.h"

static void path_of(const char *file, char path[4096])
{
    const char *folder = getenv("PLAIT_FIXTURES");
    assert_non_null(folder);
    snprintf(path, 4096, "%s/%s", folder, file);
}

json_t *fixture_document(void)
{
    char path[4096];
    path_of("document.json", path);
    json_t *document = json_load_file(path, 0, NULL);
    assert_non_null(document);
    return document;
}

json_t *fixture_cell(json_t *document, size_t index)
{
    json_t *cell = json_array_get(json_object_get(document, "cells"), index);
    assert_non_null(cell);
    return cell;
}

char *fixture_text(const char *file)
{
    char path[4096];
    path_of(file, path);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    char *text = calloc(1, 65536);
    assert_true(fread(text, 1, 65535, stream) < 65535);
    fclose(stream);
    return text;
}

void fixture_page_begin(struct fixture_page *p, bool utf8)
{
    *p = (struct fixture_page){.page = {NULL, utf8, false, 120}};
    p->page.stream = open_memstream(&p->text, &p->length);
    assert_non_null(p->page.stream);
}

char *fixture_page_end(struct fixture_page *p)
{
    fclose(p->page.stream);
    return p->text;
}

void fixture_page_is(struct fixture_page *p, const char *golden)
{
    char file[128];
    snprintf(file, sizeof file, "golden/%s", golden);
    char *wanted = fixture_text(file), *got = fixture_page_end(p);
    if (strcmp(wanted, got))
        fprintf(stderr, "%s should be:\n%s", golden, got);
    assert_string_equal(got, wanted);
    free(wanted);
    free(got);
}
