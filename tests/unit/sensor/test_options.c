/* What --offset takes. */
#include "tests/unit/test.h"

#include "sensor/options.h"

static void offsets_are_milliseconds_of_a_file(void **state)
{
    (void)state;
    int64_t ns = 0;
    assert_true(plait_offset_of("a.pcap=5000", "a.pcap", &ns));
    assert_int_equal(ns, 5000000000);
    assert_true(plait_offset_of("a=b=-0.25", "a=b", &ns));
    assert_int_equal(ns, -250000);
    assert_true(plait_offset_of("x=+1.000001", "x", &ns));
    assert_int_equal(ns, 1000001);
    assert_false(plait_offset_of("a.pcap=5", "a.pca", &ns));
    assert_false(plait_offset_of("a.pcap=5", "b.pcap", &ns));
    assert_int_equal(ns, 1000001); /* untouched */
}

static void wrong_offsets_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"a",      "=5",    "a=",           "a=5s",
                                        "a=0x10", "a=1e9", "a=2000000001", "a=nan"};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct plait_sensor_options o = plait_sensor_options_default();
        char error[200] = "";
        const struct plait_option *row = plait_sensor_common_options;
        while (strcmp(row->name, "offset"))
            row++;
        assert_false(row->read(row, &o.offsets, wrong[i], error, sizeof error));
        assert_true(strstr(error, wrong[i]) != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_are_milliseconds_of_a_file),
        cmocka_unit_test(wrong_offsets_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
