/* A run from the nursery needs no namespaces and no privileges, is its asker's child and dies with
 * him, and once locked in it reaches nothing: no socket, no file, no other process. */
#include "tests/unit/live/body.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "live/nursery.h"

/* ---- attempts: each must fail with EPERM ------------------------------------------------------
 */

static long socket_ipv4(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}

static long socket_raw(void)
{
    return socket(AF_INET6, SOCK_RAW, IPPROTO_TCP);
}

static long socket_packet(void)
{
    return socket(AF_PACKET, SOCK_RAW, 0);
}

static long socket_netlink(void)
{
    return socket(AF_NETLINK, SOCK_RAW, 0);
}

static long socket_pair(void)
{
    int pair[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
}

static long ring(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL);
}

static long open_file(void)
{
    return open("/proc/self/status", O_RDONLY);
}

static long make_file(void)
{
    return open("/tmp/plait-forked-test", O_WRONLY | O_CREAT, 0600);
}

static long run_program(void)
{
    char *const arguments[] = {"true", NULL};
    return execv("/bin/true", arguments);
}

static long fork_again(void)
{
    long pid = syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0)
        _exit(0);
    return pid;
}

static long unshare_all(void)
{
    return unshare(CLONE_NEWUSER | CLONE_NEWNET);
}

static long trace_parent(void)
{
    return ptrace(PTRACE_ATTACH, 1, NULL, NULL);
}

static long end_parent(void)
{
    return kill(1, 0);
}

static long signal_parent(void)
{
    return syscall(SYS_tgkill, 1, 1, 0);
}

static long loose_the_lock(void)
{
    return prctl(PR_SET_DUMPABLE, 1);
}

static const struct attempt {
    const char *name;
    long (*call)(void);
} attempts[] = {
    {"socket, IPv4", socket_ipv4},
    {"socket, raw", socket_raw},
    {"socket, packet", socket_packet},
    {"socket, netlink", socket_netlink},
    {"socketpair", socket_pair},
    {"io_uring", ring},
    {"open for reading", open_file},
    {"open for writing", make_file},
    {"execve", run_program},
    {"fork", fork_again},
    {"unshare", unshare_all},
    {"ptrace", trace_parent},
    {"kill", end_parent},
    {"tgkill", signal_parent},
    {"prctl", loose_the_lock},
};

static int try_all(int report_fd)
{
    MUST_OK(plait_nursling_lock());
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        errno = 0;
        if (attempts[i].call() < 0 && errno == EPERM)
            continue;
        dprintf(report_fd, "%s: %s\n", attempts[i].name, strerrorname_np(errno));
        return 1;
    }
    return 0;
}

/* What a run does: memory, a descriptor it had, its end. */
static int work(int report_fd)
{
    FILE *file = tmpfile();
    MUST(file);
    MUST_OK(plait_nursling_lock());
    char *small = malloc(100), *large = malloc(64 << 20);
    MUST(small && large);
    memset(large, 1, 64 << 20);
    large = realloc(large, 96 << 20);
    MUST(large);
    free(large);
    free(small);
    MUST(fprintf(file, "%d", 7) == 1 && fseek(file, 0, SEEK_SET) == 0 && fgetc(file) == '7');
    MUST(fclose(file) == 0);
    return 0;
}

static int wait_for_ever(int report_fd)
{
    dprintf(report_fd, "%d", getpid());
    while (pause() < 0)
        ;
    return 0;
}

/* ---- tests ------------------------------------------------------------------------------------
 */

static int heavy; /* what the nursery must not know of */

static int tell(int report_fd)
{
    dprintf(report_fd, "%d %d", heavy, getppid());
    return 7;
}

static int (*const bodies[])(int report_fd) = {try_all, work, wait_for_ever, tell};
enum { TRY_ALL, WORK, WAIT_FOR_EVER, TELL };

/* The message is the number of the body, and octets to be echoed. */
static int body(void *message, size_t length_octets, int report_fd)
{
    if (length_octets > 1)
        return write(report_fd, message, length_octets) == (ssize_t)length_octets ? 0 : 1;
    return bodies[*(unsigned char *)message](report_fd);
}

static int run(struct plait_nursery *nursery, char number, char *text, size_t room)
{
    struct plait_sandbox sandbox;
    if (!plait_ok(plait_nursery_run(nursery, &number, 1, &sandbox)))
        return -1;
    read_all(sandbox.report_fd, text, room);
    close(sandbox.report_fd);
    int status = plait_sandbox_wait(&sandbox);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void must_pass_in_nursery(char number)
{
    char text[1024] = "";
    struct plait_nursery nursery;
    assert_true(plait_ok(plait_nursery_start(&nursery, body)));
    int status = run(&nursery, number, text, sizeof text);
    plait_nursery_end(&nursery);
    if (status != 0)
        fail_msg("status %d: %s", status, text);
}

/* Where the attempts cannot succeed anyway, their failing says nothing. */
static void the_attempts_can_fail(void **state)
{
    (void)state;
    long (*const harmless[])(void) = {socket_ipv4, socket_pair, open_file, fork_again,
                                      loose_the_lock};
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        assert_true(harmless[i]() >= 0);
}

static void a_locked_run_reaches_nothing(void **state)
{
    (void)state;
    must_pass_in_nursery(TRY_ALL);
}

static void a_locked_run_can_work(void **state)
{
    (void)state;
    must_pass_in_nursery(WORK);
}

/* An ordinary user, with user namespaces forbidden: as in a container without any right. */
static void no_privileges_are_needed(void **state)
{
    (void)state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char text[1024];
        struct plait_nursery nursery;
        bool ordinary = geteuid() != 0 || become_nobody();
        bool started = ordinary && plait_ok(plait_nursery_start(&nursery, body));
        _exit(started && run(&nursery, TRY_ALL, text, sizeof text) == 0 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* The run of a parent that is killed ends too. */
static void a_run_dies_with_its_parent(void **state)
{
    (void)state;
    int out[2];
    assert_int_equal(pipe(out), 0);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* the orphan becomes ours */
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
        struct plait_sandbox sandbox;
        struct plait_nursery nursery;
        char text[32], number = WAIT_FOR_EVER;
        if (!plait_ok(plait_nursery_start(&nursery, body)) ||
            !plait_ok(plait_nursery_run(&nursery, &number, 1, &sandbox)))
            _exit(1);
        ssize_t length = read(sandbox.report_fd, text, sizeof text);
        if (length <= 0 || write(out[1], text, (size_t)length) != length)
            _exit(1);
        close(out[1]);
        kill(getpid(), SIGKILL);
    }
    close(out[1]);
    char text[32];
    read_all(out[0], text, sizeof text);
    close(out[0]);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    pid_t run = (pid_t)atoi(text);
    assert_true(run > 0);
    int status;
    assert_int_equal(waitpid(run, &status, 0), run);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void runs_are_forked_from_a_light_process(void **state)
{
    (void)state;
    char text[64], wanted[64];
    struct plait_nursery nursery;
    assert_true(plait_ok(plait_nursery_start(&nursery, body)));
    heavy = 1;
    assert_int_equal(run(&nursery, TELL, text, sizeof text), 7);
    snprintf(wanted, sizeof wanted, "0 %d", getpid());
    assert_string_equal(text, wanted);
    heavy = 0;
    plait_nursery_end(&nursery);
}

/* Far more than a socket holds at once. */
static void messages_may_be_long(void **state)
{
    (void)state;
    enum { LENGTH = 3000000 };
    char *message = malloc(LENGTH), *text = malloc(LENGTH + 1);
    assert_true(message && text);
    for (size_t i = 0; i < LENGTH; i++)
        message[i] = (char)('a' + i % 23);
    struct plait_nursery nursery;
    struct plait_sandbox sandbox;
    assert_true(plait_ok(plait_nursery_start(&nursery, body)));
    assert_true(plait_ok(plait_nursery_run(&nursery, message, LENGTH, &sandbox)));
    read_all(sandbox.report_fd, text, LENGTH + 1);
    close(sandbox.report_fd);
    assert_int_equal(plait_sandbox_wait(&sandbox), 0);
    assert_memory_equal(text, message, LENGTH);
    plait_result refused =
        plait_nursery_run(&nursery, message, PLAIT_NURSERY_MESSAGE_MAX + 1, &sandbox);
    assert_int_equal(refused.reason, PLAIT_REASON_TOO_MANY);
    plait_nursery_end(&nursery);
    free(message);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_forked_from_a_light_process),
        cmocka_unit_test(messages_may_be_long),
        cmocka_unit_test(the_attempts_can_fail),
        cmocka_unit_test(a_locked_run_reaches_nothing),
        cmocka_unit_test(a_locked_run_can_work),
        cmocka_unit_test(no_privileges_are_needed),
        cmocka_unit_test(a_run_dies_with_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
