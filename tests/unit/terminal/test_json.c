/* JSON for a stream: the octets are the library's, and what a stream does not take is said. */
#include <stdlib.h>

#include "tests/unit/test.h"

#include "terminal/json.h"

/* Larger than what is gathered, with a text that is larger by itself. */
static json_t *large_document(void)
{
    static char text[100000];
    json_t *cells = json_array();
    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < 3000; i++)
        json_array_append_new(cells, json_pack("{s:i,s:f,s:s,s:n,s:[]}", "number", i, "price",
                                               i / 7.0, "text", "\"\\\n\xc3\xa4", "none", "empty"));
    json_array_insert_new(cells, 1500, json_string(text));
    return json_pack("{s:i,s:o}", "schema", 1, "cells", cells);
}

static void what_is_written_is_what_the_library_writes(void **state)
{
    (void)state;
    json_t *document = large_document();
    char *expected = json_dumps(document, PLAIT_JSON_FLAGS), *written = NULL;
    size_t written_octets = 0;
    FILE *stream = open_memstream(&written, &written_octets);
    assert_true(plait_json_write(stream, document, PLAIT_JSON_FLAGS));
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(written_octets, strlen(expected) + 1);
    assert_memory_equal(written, expected, written_octets - 1);
    assert_int_equal(written[written_octets - 1], '\n');
    free(written);
    free(expected);
    json_decref(document);
}

static void a_full_stream_is_said(void **state)
{
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    if (!full)
        skip();
    json_t *document = large_document();
    assert_false(plait_json_write(full, document, PLAIT_JSON_FLAGS));
    json_decref(document);
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_what_the_library_writes),
        cmocka_unit_test(a_full_stream_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
