/* The watch over the kernel, on files that stand for its taint value and its log. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lab/splat.h"

struct files {
    char taint[40], log[40];
    struct plait_splat_watch watch;
};

static void write_file(const char *path, int flags, const char *text)
{
    int fd = open(path, O_WRONLY | flags);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void set_taint(const struct files *f, const char *value)
{
    write_file(f->taint, O_TRUNC, value);
}

static void log_line(const struct files *f, const char *line)
{
    write_file(f->log, O_APPEND, line);
}

static int open_files(void **state)
{
    static struct files f;
    f = (struct files){.taint = "/tmp/plait-taint-XXXXXX", .log = "/tmp/plait-log-XXXXXX"};
    close(mkstemp(f.taint));
    close(mkstemp(f.log));
    set_taint(&f, "0\n");
    log_line(&f, "4,1,1,-;WARNING: of yesterday\n");
    plait_splat_open(&f.watch, f.taint, f.log);
    *state = &f;
    return 0;
}

static int close_files(void **state)
{
    struct files *f = *state;
    plait_splat_close(&f->watch);
    unlink(f->taint);
    unlink(f->log);
    return 0;
}

static bool seen(struct files *f, const char *wanted)
{
    char line[200] = "";
    bool is_seen = plait_splat_seen(&f->watch, line, sizeof line);
    assert_string_equal(line, wanted);
    return is_seen;
}

static void nothing_new_is_no_splat(void **state)
{
    struct files *f = *state;
    assert_false(seen(f, "")); /* what the log held before is not new */
    log_line(f, "6,2,2,-;eth0: link becomes ready\n SUBSYSTEM=net\n");
    assert_false(seen(f, ""));
}

static void a_changed_taint_is_seen_once(void **state)
{
    struct files *f = *state;
    set_taint(f, "512\n");
    assert_true(seen(f, "the kernel's taint value changed from 0 to 512"));
    assert_false(seen(f, ""));
    set_taint(f, "640\n");
    assert_true(seen(f, "the kernel's taint value changed from 512 to 640"));
}

static void the_log_tells_what_it_was(void **state)
{
    struct files *f = *state;
    static const char warning[] = "WARNING: CPU: 1 PID: 7 at net/mptcp/protocol.c:1 f+0x1/0x2";
    char line[200];
    set_taint(f, "512\n");
    snprintf(line, sizeof line, "4,3,3,-;%s\n", warning);
    log_line(f, line);
    assert_true(seen(f, warning));
    assert_false(seen(f, ""));
}

static void every_sign_is_known(void **state)
{
    static const char *const messages[] = {
        "WARNING: CPU: 0 PID: 1 at net/core/skbuff.c:1",
        "BUG: KASAN: slab-use-after-free in mptcp_f",
        "kernel BUG at net/mptcp/subflow.c:1! BUG: x",
        "Oops: 0000 [#1] SMP",
        "general protection fault, probably for non-canonical address",
        "UBSAN: array-index-out-of-bounds in net/mptcp/options.c:1",
        "BUG: KCSAN: data-race in mptcp_f / mptcp_g",
        "refcount_t: underflow; use-after-free.",
        "watchdog: BUG: soft lockup - CPU#0 stuck for 26s!",
    };
    struct files *f = *state;
    char line[200];
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        snprintf(line, sizeof line, "3,%zu,9,-;%s\n", i + 4, messages[i]);
        log_line(f, line);
        assert_true(seen(f, messages[i]));
    }
}

static void a_sign_among_others_is_found(void **state)
{
    struct files *f = *state;
    log_line(f, "6,4,4,-;one\n6,5,5,-;two\n4,6,6,-;BUG: three\n SUBSYSTEM=net\n6,7,7,-;four\n");
    assert_true(seen(f, "BUG: three"));
    assert_false(seen(f, ""));
}

/* 12 = facility 1 (user), severity 4; 30 = facility 3 (daemon). */
static void what_a_program_logs_is_no_splat(void **state)
{
    struct files *f = *state;
    log_line(f, "12,8,8,-;WARNING: says a script\n30,9,9,-;mydaemon: BUG: not the kernel's\n");
    log_line(f, "6,10,10,-;harmless\n DEVICE=WARNING: a property\n");
    assert_false(seen(f, ""));
}

static void without_a_log_the_taint_speaks(void **state)
{
    struct files *f = *state;
    plait_splat_close(&f->watch);
    plait_splat_open(&f->watch, f->taint, "/nonexistent/kmsg");
    assert_int_equal(f->watch.log_fd, -1);
    assert_false(seen(f, ""));
    set_taint(f, "128\n");
    assert_true(seen(f, "the kernel's taint value changed from 0 to 128"));
}

static void without_both_nothing_is_seen(void **state)
{
    struct files *f = *state;
    plait_splat_close(&f->watch);
    plait_splat_open(&f->watch, "/nonexistent/tainted", "/nonexistent/kmsg");
    assert_int_equal(f->watch.taint, -1);
    assert_false(seen(f, ""));
}

static void the_kernels_own_can_be_watched(void **state)
{
    (void)state;
    struct plait_splat_watch watch;
    plait_splat_open(&watch, NULL, NULL);
    assert_true(watch.taint >= 0);
    plait_splat_close(&watch);
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, open_files, close_files)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FILES(nothing_new_is_no_splat),
        WITH_FILES(a_changed_taint_is_seen_once),
        WITH_FILES(the_log_tells_what_it_was),
        WITH_FILES(every_sign_is_known),
        WITH_FILES(a_sign_among_others_is_found),
        WITH_FILES(what_a_program_logs_is_no_splat),
        WITH_FILES(without_a_log_the_taint_speaks),
        WITH_FILES(without_both_nothing_is_seen),
        cmocka_unit_test(the_kernels_own_can_be_watched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
