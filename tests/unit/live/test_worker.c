/* A worker needs no namespaces and no privileges, is its asker's child and dies with him, plays run
 * after run, and reaches nothing: no socket, no file, no other process. */
#include "tests/unit/live/body.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "live/worker.h"

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

static void try_all(int report_fd)
{
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        errno = 0;
        if (attempts[i].call() < 0 && errno == EPERM)
            continue;
        dprintf(report_fd, "%s: %s\n", attempts[i].name, strerrorname_np(errno));
        return;
    }
    dprintf(report_fd, "well");
}

static bool uses_memory(void)
{
    char *small = malloc(100), *large = malloc(64 << 20);
    if (!small || !large)
        return false;
    memset(large, 1, 64 << 20);
    char *larger = realloc(large, 96 << 20);
    free(larger);
    free(small);
    return larger != NULL;
}

/* ---- what a worker is asked in these tests ----------------------------------------------------
 */

static int played; /* runs of this worker */

static void count(int report_fd)
{
    dprintf(report_fd, "%d", ++played);
}

static void use_memory(int report_fd)
{
    dprintf(report_fd, uses_memory() ? "well" : "no memory");
}

static void wait_for_ever(int report_fd)
{
    dprintf(report_fd, "%d", getpid());
    for (;;)
        ;
}

static void die(int report_fd)
{
    (void)report_fd;
    __builtin_trap();
}

static void (*const bodies[])(int report_fd) = {try_all, use_memory, wait_for_ever, count, die};
enum { TRY_ALL, USE_MEMORY, WAIT_FOR_EVER, COUNT, DIE };

/* A message of one octet is the number of the body; a longer one is to be echoed, to the file if
 * there is one. */
static void body(void *message, size_t length_octets, int report_fd, int file_fd)
{
    if (length_octets == 1)
        bodies[*(unsigned char *)message](report_fd);
    else if (write(file_fd >= 0 ? file_fd : report_fd, message, length_octets) < 0)
        _exit(1);
    free(message);
    if (file_fd >= 0)
        close(file_fd);
    close(report_fd);
}

static struct plait_worker start(void)
{
    struct plait_worker worker;
    assert_true(plait_ok(plait_worker_start(&worker, body)));
    return worker;
}

static bool ask(const struct plait_worker *worker, char number, char *text, size_t room)
{
    int report_fd;
    if (!plait_ok(plait_worker_play(worker, &number, 1, -1, &report_fd)))
        return false;
    read_all(report_fd, text, room);
    close(report_fd);
    return true;
}

static void must_be_well(char number)
{
    char text[1024] = "";
    struct plait_worker worker = start();
    assert_true(ask(&worker, number, text, sizeof text));
    assert_int_equal(plait_worker_end(&worker), 0);
    assert_string_equal(text, "well");
}

/* ---- tests ------------------------------------------------------------------------------------
 */

/* Where the attempts cannot succeed anyway, their failing says nothing. */
static void the_attempts_can_fail(void **state)
{
    (void)state;
    long (*const harmless[])(void) = {socket_ipv4, socket_pair, open_file, fork_again,
                                      loose_the_lock};
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        assert_true(harmless[i]() >= 0);
}

static void a_worker_reaches_nothing(void **state)
{
    (void)state;
    must_be_well(TRY_ALL);
}

static void a_worker_can_use_memory(void **state)
{
    (void)state;
    must_be_well(USE_MEMORY);
}

/* An ordinary user, with user namespaces forbidden: as in a container without any right. */
static void no_privileges_are_needed(void **state)
{
    (void)state;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char text[1024] = "";
        struct plait_worker worker;
        bool ordinary = geteuid() != 0 || become_nobody();
        bool asked = ordinary && plait_ok(plait_worker_start(&worker, body)) &&
                     ask(&worker, TRY_ALL, text, sizeof text);
        _exit(asked && strcmp(text, "well") == 0 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* The worker of a parent that is killed ends too, whatever it does. */
static void a_worker_dies_with_its_parent(void **state)
{
    (void)state;
    int out[2];
    assert_int_equal(pipe(out), 0);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* the orphan becomes ours */
    pid_t parent = fork();
    assert_true(parent >= 0);
    if (parent == 0) {
        struct plait_worker worker;
        char text[32], number = WAIT_FOR_EVER;
        int report_fd;
        if (!plait_ok(plait_worker_start(&worker, body)) ||
            !plait_ok(plait_worker_play(&worker, &number, 1, -1, &report_fd)))
            _exit(1);
        ssize_t length = read(report_fd, text, sizeof text);
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
    pid_t worker = (pid_t)atoi(text);
    assert_true(worker > 0);
    int status;
    assert_int_equal(waitpid(worker, &status, 0), worker);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void a_worker_plays_run_after_run(void **state)
{
    (void)state;
    struct plait_worker worker = start();
    for (int i = 1; i <= 3; i++) {
        char text[64] = "", wanted[64];
        assert_true(ask(&worker, COUNT, text, sizeof text));
        snprintf(wanted, sizeof wanted, "%d", i);
        assert_string_equal(text, wanted);
    }
    assert_int_equal(plait_worker_end(&worker), 0);
    assert_int_equal(worker.pid, -1);
}

/* Its report ends, whoever asked reads how it died, and another can take its place. */
static void a_run_that_dies_ends_the_worker(void **state)
{
    (void)state;
    char text[64] = "";
    struct plait_worker worker = start();
    assert_true(ask(&worker, DIE, text, sizeof text));
    assert_string_equal(text, "");
    int status = plait_worker_end(&worker);
    assert_true(WIFSIGNALED(status));
    worker = start();
    assert_true(ask(&worker, USE_MEMORY, text, sizeof text));
    plait_worker_kill(&worker);
    assert_string_equal(text, "well");
}

static void a_worker_can_be_killed_in_its_run(void **state)
{
    (void)state;
    struct plait_worker worker = start();
    char text[32], number = WAIT_FOR_EVER;
    int report_fd;
    assert_true(plait_ok(plait_worker_play(&worker, &number, 1, -1, &report_fd)));
    assert_true(read(report_fd, text, sizeof text) > 0);
    plait_worker_kill(&worker);
    assert_int_equal(read(report_fd, text, sizeof text), 0);
    close(report_fd);
}

/* Far more than a socket holds at once; into a file that the worker itself could not open. */
static void messages_may_be_long(void **state)
{
    (void)state;
    enum { LENGTH = 3000000 };
    char *message = malloc(LENGTH), *text = malloc(LENGTH + 1);
    FILE *file = tmpfile();
    assert_true(message && text && file);
    for (size_t i = 0; i < LENGTH; i++)
        message[i] = (char)('a' + i % 23);
    struct plait_worker worker = start();
    int report_fd;
    assert_true(plait_ok(plait_worker_play(&worker, message, LENGTH, -1, &report_fd)));
    read_all(report_fd, text, LENGTH + 1);
    close(report_fd);
    assert_memory_equal(text, message, LENGTH);
    assert_true(plait_ok(plait_worker_play(&worker, message, LENGTH, fileno(file), &report_fd)));
    read_all(report_fd, text, LENGTH + 1);
    close(report_fd);
    assert_string_equal(text, "");
    rewind(file);
    assert_int_equal(fread(text, 1, LENGTH + 1, file), LENGTH);
    assert_memory_equal(text, message, LENGTH);
    plait_result refused =
        plait_worker_play(&worker, message, PLAIT_WORKER_MESSAGE_MAX + 1, -1, &report_fd);
    assert_int_equal(refused.reason, PLAIT_REASON_TOO_MANY);
    assert_int_equal(plait_worker_end(&worker), 0);
    fclose(file);
    free(message);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_plays_run_after_run),
        cmocka_unit_test(a_run_that_dies_ends_the_worker),
        cmocka_unit_test(a_worker_can_be_killed_in_its_run),
        cmocka_unit_test(messages_may_be_long),
        cmocka_unit_test(the_attempts_can_fail),
        cmocka_unit_test(a_worker_reaches_nothing),
        cmocka_unit_test(a_worker_can_use_memory),
        cmocka_unit_test(no_privileges_are_needed),
        cmocka_unit_test(a_worker_dies_with_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
