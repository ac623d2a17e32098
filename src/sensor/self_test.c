/* sensor/self_test.c: attempts as a table, each with what the kernel answered. */
#include "sensor/self_test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sensor/confine.h"

static long try_open(void)
{
    return open("/etc/passwd", O_RDONLY);
}

static long try_create(void)
{
    return openat(AT_FDCWD, "plait-self-test", O_WRONLY | O_CREAT, 0600);
}

static long try_open_again(void)
{
    return open("/proc/self/fd/0", O_RDONLY);
}

static long try_unlink(void)
{
    return unlink("/tmp/plait-self-test");
}

static long try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}

static long try_socketpair(void)
{
    int ends[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
}

static long try_connect(void)
{
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    return connect(STDIN_FILENO, &nobody, sizeof nobody);
}

/* The raw call: a child that did come to be ends at once. */
static long try_fork(void)
{
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    return pid;
}

static long try_clone3(void)
{
    long pid = syscall(SYS_clone3, NULL, 0);
    return pid;
}

static long try_exec(void)
{
    char *const nothing[] = {NULL};
    return execve("/bin/true", nothing, nothing);
}

static long try_kill(void)
{
    return kill(1, 0);
}

static long try_ptrace(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static long try_unshare(void)
{
    return unshare(CLONE_NEWUSER);
}

static long try_executable_memory(void)
{
    void *at =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? -1 : 0;
}

static long try_dumpable(void)
{
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long try_io_uring(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL);
}

static long try_device(void)
{
    return syscall(SYS_ioctl, STDIN_FILENO, 0x5412 /* TIOCSTI */, "x");
}

static const struct {
    const char *what;
    long (*attempt)(void);
} attempts[] = {
    {"open a file", try_open},
    {"make a file", try_create},
    {"open a descriptor anew", try_open_again},
    {"remove a file", try_unlink},
    {"make a socket", try_socket},
    {"make a pair of sockets", try_socketpair},
    {"connect a descriptor", try_connect},
    {"make a process", try_fork},
    {"make a process by clone3", try_clone3},
    {"become another program", try_exec},
    {"signal a process", try_kill},
    {"trace a process", try_ptrace},
    {"leave for a namespace", try_unshare},
    {"get memory that can be run", try_executable_memory},
    {"become dumpable", try_dumpable},
    {"use io_uring", try_io_uring},
    {"control a device", try_device},
};

/* Each attempt on a line: "refused" with the kernel's word, or "POSSIBLE". */
static enum plait_status run(struct plait_job *job)
{
    (void)job;
    bool confined = true;
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        errno = 0;
        bool refused = attempts[i].attempt() < 0;
        const char *why = errno == EPERM ? "EPERM" : strerror(errno);
        printf("%s: %s\n", attempts[i].what, refused ? why : "POSSIBLE");
        confined = confined && refused && errno == EPERM;
    }
    return confined ? PLAIT_STATUS_COMPLETED : PLAIT_STATUS_FAILED;
}

static bool say_landlock(struct plait_job *job)
{
    (void)job;
    printf("landlock: version %d\n", plait_landlock_version());
    return true;
}

const struct plait_sensor_command plait_sensor_self_test = {
    .name = "self-test",
    .operands = "",
    .brief = "",
    .summary = "Tries from inside the confined process what must not be possible.",
    .options = (const struct plait_option[]){{.name = NULL}},
    .open = say_landlock,
    .run = run,
};
