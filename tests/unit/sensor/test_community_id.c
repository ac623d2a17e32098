/* Community IDs: vectors of the specification's own baseline (community-id-spec, baseline_deflt).
 */
#include "tests/unit/test.h"

#include "sensor/community_id.h"

static struct plait_place at(const char *address, uint16_t port)
{
    struct plait_place place = {.port = port};
    assert_ok(plait_addr_parse(address, &place.addr));
    return place;
}

static void same(const char *a, uint16_t a_port, const char *b, uint16_t b_port, const char *wanted)
{
    char text[PLAIT_COMMUNITY_ID_OCTETS];
    const struct plait_place x = at(a, a_port), y = at(b, b_port);
    assert_string_equal(plait_community_id(&x, &y, text), wanted);
    assert_string_equal(plait_community_id(&y, &x, text), wanted);
}

static void ids_are_those_of_the_specification(void **state)
{
    (void)state;
    same("128.232.110.120", 34855, "66.35.250.204", 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ids_are_those_of_the_specification)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
