/* Descriptors as sources: a FIFO, a file that grows, one that cannot be read. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/capture/build.h"

#include "capture/file.h"

#define ROOM 512

static uint8_t octets[ROOM];

/* Two packets, of which the second begins at *SECOND. */
static size_t build(size_t *second)
{
    struct build b = {plait_writer(octets, sizeof octets), true};
    put_pcap(&b, 0xa1b2c3d4, 2, 4, 101);
    put_record(&b, 1, 0, 4, 4);
    put_hex(&b, "01020304");
    *second = plait_writer_used(&b.w);
    put_record(&b, 2, 0, 3, 3);
    put_hex(&b, "010203");
    return plait_writer_used(&b.w);
}

/* Writes all packets in two parts that meet within the second, and asks between. */
static void two_parts(int to, int from, bool follow, void (*close_writer)(int))
{
    size_t second, length = build(&second);
    struct plait_capture_counts counts = {0}, none = {0};
    struct plait_descriptor_source d;
    struct plait_frame frame;
    struct plait_file *file = plait_file_new(plait_source_descriptor(&d, from, follow, &counts),
                                             PLAIT_FILE_BUFFER_MIN_OCTETS, &counts);
    assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_WAIT);
    assert_int_equal(write(to, octets, second + 5), second + 5);
    assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_FRAME);
    assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_WAIT);
    assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_WAIT);
    assert_int_equal(write(to, octets + second + 5, length - second - 5), length - second - 5);
    assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_FRAME);
    assert_int_equal(frame.length_octets, 3);
    assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_WAIT);
    if (close_writer) {
        close_writer(to);
        assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_END);
    }
    assert_memory_equal(&counts, &none, sizeof counts);
    plait_file_free(file);
}

static void close_it(int descriptor)
{
    assert_int_equal(close(descriptor), 0);
}

static void a_pipe_is_read_as_it_comes(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    two_parts(ends[1], ends[0], false, close_it);
    close(ends[0]);
}

static void a_growing_file_has_no_end(void **state)
{
    (void)state;
    char name[32];
    int writer = memfd_create("growing", MFD_CLOEXEC);
    assert_true(writer >= 0);
    snprintf(name, sizeof name, "/proc/self/fd/%d", writer);
    int reader = open(name, O_RDONLY | O_CLOEXEC); /* with an offset of its own */
    assert_true(reader >= 0);
    two_parts(writer, reader, true, NULL);
    close(reader);
    close(writer);
}

static void a_file_that_ends_too_early(void **state)
{
    (void)state;
    size_t second, length = build(&second);
    struct plait_capture_counts counts = {0};
    struct plait_descriptor_source d;
    struct plait_frame frame;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], octets, length - 1), length - 1);
    close(ends[1]);
    struct plait_file *file = plait_file_new(plait_source_descriptor(&d, ends[0], false, &counts),
                                             PLAIT_FILE_BUFFER_MIN_OCTETS, &counts);
    assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_FRAME);
    assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_END);
    assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_END);
    assert_int_equal(counts.count[PLAIT_CAPTURE_FILE_CUT], 1);
    plait_file_free(file);
    close(ends[0]);
}

static void what_cannot_be_read_is_counted(void **state)
{
    (void)state;
    struct plait_capture_counts counts = {0};
    struct plait_descriptor_source d;
    struct plait_frame frame;
    int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(folder >= 0);
    struct plait_file *file = plait_file_new(plait_source_descriptor(&d, folder, true, &counts),
                                             PLAIT_FILE_BUFFER_MIN_OCTETS, &counts);
    assert_int_equal(plait_file_next(file, &frame), PLAIT_NEXT_END);
    assert_int_equal(counts.count[PLAIT_CAPTURE_FILE_FAILED], 1);
    plait_file_free(file);
    close(folder);
}

static void memory_comes_in_pieces(void **state)
{
    (void)state;
    uint8_t to[3];
    size_t got;
    struct plait_memory_source m;
    struct plait_source s = plait_source_memory(&m, "abcd", 4);
    assert_int_equal(s.pull(s.self, to, 3, &got), PLAIT_PULL_SOME);
    assert_int_equal(got, 3);
    assert_int_equal(s.pull(s.self, to, 3, &got), PLAIT_PULL_SOME);
    assert_int_equal(got, 1);
    assert_int_equal(to[0], 'd');
    assert_int_equal(s.pull(s.self, to, 3, &got), PLAIT_PULL_END);
}

static void every_reason_has_words(void **state)
{
    (void)state;
    for (int i = 0; i < PLAIT_CAPTURE_REASON_COUNT; i++) {
        enum plait_capture_reason reason = (enum plait_capture_reason)i;
        assert_true(strlen(plait_capture_reason_text(reason)) > 5);
        assert_true(strlen(plait_capture_reason_name(reason)) > 3);
        assert_in_range(plait_capture_reason_class(reason), PLAIT_PASSED_OVER, PLAIT_AT_LIMIT);
    }
    assert_string_equal(plait_capture_reason_name(PLAIT_CAPTURE_FILE_CUT), "FILE_CUT");
    assert_int_equal(plait_capture_reason_class(PLAIT_CAPTURE_FILE_CUT), PLAIT_BROKEN);
    assert_string_equal(plait_capture_reason_name(PLAIT_CAPTURE_REASON_COUNT), "UNKNOWN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_is_read_as_it_comes),
        cmocka_unit_test(a_growing_file_has_no_end),
        cmocka_unit_test(a_file_that_ends_too_early),
        cmocka_unit_test(what_cannot_be_read_is_counted),
        cmocka_unit_test(memory_comes_in_pieces),
        cmocka_unit_test(every_reason_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
