/* plait-audit, and its flatten, beside tshark (its MPTCP fields) and tcpflow, each on the same file
 * in the same run: packets a second of processor time, and peak memory, on bulk data and on
 * handshakes alone.
 *
 * Usage: bench-peers [PROGRAM]
 *
 * PROGRAM is plait-audit; without it the one two folders up.  Files are in memory.  A peer that is
 * not installed is left out.  May touch: a folder for what tcpflow writes, which is removed. */
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/octets.h"
#include "bench/audit/talk.h"
#include "bench/table.h"

enum { BULK_PACKETS = 100000, CONNECTIONS = 50000, RAW_IP = 101 };

struct file {
    FILE *file;
    char path[64];
    uint32_t packets;
};

/* ---- files ---------------------------------------------------------------------------------- */

static struct file open_file(const char *name)
{
    const uint32_t head[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, RAW_IP};
    struct file f = {0};
    int fd = memfd_create(name, 0);
    f.file = fd < 0 ? NULL : fdopen(fd, "w+b");
    if (!f.file || fwrite(head, sizeof head, 1, f.file) != 1)
        exit(1);
    snprintf(f.path, sizeof f.path, "/proc/%d/fd/%d", (int)getpid(), fd);
    return f;
}

static void put(struct file *f, const struct made *made)
{
    uint32_t us = f->packets++ * 10, length = (uint32_t)made->length;
    const uint32_t head[4] = {us / 1000000, us % 1000000, length, length};
    if (fwrite(head, sizeof head, 1, f->file) != 1 ||
        fwrite(made->octets, made->length, 1, f->file) != 1)
        exit(1);
}

static struct file handshakes(uint32_t connections)
{
    struct file f = open_file("handshakes");
    struct made made[PACKETS_OF_ONE];
    for (uint32_t n = 1; n <= connections; n++) {
        make_connection(n, made);
        for (unsigned i = 0; i < PACKETS_OF_ONE; i++)
            put(&f, &made[i]);
    }
    fflush(f.file);
    return f;
}

static struct file bulk(void)
{
    struct file f = handshakes(1);
    struct stream s = make_stream(1);
    struct made made;
    uint8_t payload[SEGMENT_OCTETS];
    for (unsigned i = 0; i < BULK_PACKETS; i++) {
        memset(payload, (int)i, sizeof payload);
        make_data(&s, &made, i, payload);
        put(&f, &made);
    }
    fflush(f.file);
    return f;
}

/* ---- running -------------------------------------------------------------------------------- */

struct used {
    double cpu_ns, memory_mb;
    bool is_there;
};

static double of(struct timeval t)
{
    return (double)t.tv_sec * 1e9 + (double)t.tv_usec * 1e3;
}

/* Of the program and those that it waits for. */
static struct used run(const char *const arguments[])
{
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        dup2(null, 2);
        execvp(arguments[0], (char *const *)arguments);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
        exit(1);
    bool is_there = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return (struct used){of(usage.ru_utime) + of(usage.ru_stime), (double)usage.ru_maxrss / 1024,
                         is_there};
}

static int unlink_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
    (void)stat, (void)type, (void)walk;
    return remove(path);
}

static struct used run_tcpflow(const char *path)
{
    char folder[] = "/tmp/plait-bench-XXXXXX";
    if (!mkdtemp(folder))
        return (struct used){0};
    struct used used = run((const char *const[]){"tcpflow", "-q", "-r", path, "-o", folder, NULL});
    nftw(folder, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
    return used;
}

static void show(const char *name, struct used used, const struct used *ours, const struct file *f)
{
    bench_name(name);
    if (used.is_there) {
        bench_cell(f->packets / used.cpu_ns * 1e6, used.cpu_ns / ours->cpu_ns);
        bench_cell(used.memory_mb, used.memory_mb / ours->memory_mb);
    } else {
        bench_none();
        bench_none();
    }
    bench_end();
}

static void compare(const char *program, const char *what, struct file f)
{
    struct used ours = run((const char *const[]){program, "audit", f.path, NULL});
    char title[64];
    snprintf(title, sizeof title, "%s, %u packets", what, f.packets);
    const char *const columns[] = {"k packets/s, x", "peak MB, x", NULL};
    bench_head(title, columns);
    show("plait-audit", ours, &ours, &f);
    show("plait-audit flatten",
         run((const char *const[]){program, "flatten", f.path, "-o", "/dev/null", NULL}), &ours,
         &f);
    show("tshark, MPTCP fields",
         run((const char *const[]){"tshark", "-n", "-r", f.path, "-T", "fields", "-e",
                                   "mptcp.stream", "-e", "tcp.options.mptcp.subtype", "-e",
                                   "mptcp.expected_token", "-e", "tcp.len", NULL}),
         &ours, &f);
    show("tcpflow", run_tcpflow(f.path), &ours, &f);
    fclose(f.file);
    if (!ours.is_there)
        printf("  plait-audit failed\n");
}

int main(int argc, char **argv)
{
    char own[4096];
    ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    if (length < 0)
        return 1;
    own[length] = 0;
    for (unsigned up = 0; up < 3; up++)
        *strrchr(own, '/') = 0;
    strncat(own, "/plait-audit", sizeof own - strlen(own) - 1);
    const char *program = argc > 1 ? argv[1] : own;
    printf("\nauditor and its peers, processor time; x: plait-audit against it\n");
    compare(program, "bulk data", bulk());
    compare(program, "handshakes with a join", handshakes(CONNECTIONS));
    return 0;
}
