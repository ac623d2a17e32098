/* The lab cannot be aimed (DESIGN §6): a script, in its own process, finds no way out of its
 * namespaces, and a namespace that holds a foreign device is refused before and during a run. */
#include "tests/lab/runs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/landlock.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lab/attack.h"
#include "lab/machine_live.h"
#include "live/inside.h"
#include "tests/unit/live/body.h"

/* ---- what the parent knows of the machine; the run is its child ---------------------------------
 */

static int outside_fd; /* of the machine's network namespace, inheritable */
static ino_t outside_ino;

static ino_t inode(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 ? s.st_ino : 0;
}

static int open_outside(void **state)
{
    (void)state;
    outside_fd = open("/proc/self/ns/net", O_RDONLY);
    outside_ino = inode("/proc/self/ns/net");
    return outside_fd >= 0 && outside_ino ? 0 : -1;
}

/* ---- attempts of a script: each must fail with EPERM
 * --------------------------------------------- */

static long socket_ipv4(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}

static long socket_ipv4_raw(void)
{
    return socket(AF_INET, SOCK_RAW, IPPROTO_TCP);
}

static long socket_ipv6(void)
{
    return socket(AF_INET6, SOCK_DGRAM, 0);
}

static long socket_packet(void)
{
    return socket(AF_PACKET, SOCK_RAW, 0);
}

static long socket_netlink(void)
{
    return socket(AF_NETLINK, SOCK_RAW, 0);
}

static long socket_local(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long setns_own(void)
{
    int fd = open("/proc/self/ns/net", O_RDONLY);
    return fd < 0 ? -1 : setns(fd, CLONE_NEWNET);
}

static long setns_outside(void)
{
    return setns(outside_fd, CLONE_NEWNET);
}

static long setns_parent(void)
{
    return setns((int)syscall(SYS_pidfd_open, 1, 0), CLONE_NEWNET);
}

static long unshare_net(void)
{
    return unshare(CLONE_NEWNET);
}

static long unshare_user(void)
{
    return unshare(CLONE_NEWUSER);
}

static long clone_net(void)
{
    long pid = syscall(SYS_clone, CLONE_NEWNET | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0)
        _exit(0);
    return pid;
}

static long mount_proc(void)
{
    return mount("proc", "/proc", "proc", 0, NULL);
}

static long trace_init(void)
{
    return ptrace(PTRACE_ATTACH, 1, NULL, NULL);
}

static long make_tun(void)
{
    struct ifreq request = {.ifr_flags = IFF_TUN};
    int fd = open("/dev/net/tun", O_RDWR);
    if (fd < 0) { /* where it does not open, no device comes of it either */
        errno = EPERM;
        return -1;
    }
    return ioctl(fd, TUNSETIFF, &request);
}

/* Root's files: refused by Landlock, where the kernel has it. */
static bool has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

static long write_path(const char *path, int flags)
{
    if (!has_landlock()) {
        errno = EACCES;
        return -1;
    }
    return open(path, O_WRONLY | flags, 0600);
}

static long write_setting(void)
{
    return write_path("/proc/sys/kernel/core_pattern", 0);
}

static long write_file(void)
{
    return write_path("/etc/hosts", 0);
}

static long make_file(void)
{
    return write_path("/tmp/plait-escaped", O_CREAT);
}

static const struct {
    const char *name;
    long (*attempt)(void);
} attempts[] = {
    {"socket(AF_INET)", socket_ipv4},
    {"socket(AF_INET, SOCK_RAW)", socket_ipv4_raw},
    {"socket(AF_INET6)", socket_ipv6},
    {"socket(AF_PACKET)", socket_packet},
    {"socket(AF_NETLINK)", socket_netlink},
    {"socket(AF_UNIX)", socket_local},
    {"setns(own)", setns_own},
    {"setns(the machine's)", setns_outside},
    {"setns(pidfd)", setns_parent},
    {"unshare(CLONE_NEWNET)", unshare_net},
    {"unshare(CLONE_NEWUSER)", unshare_user},
    {"clone(CLONE_NEWNET)", clone_net},
    {"mount", mount_proc},
    {"ptrace", trace_init},
    {"TUNSETIFF", make_tun},
    {"writing a setting of the machine", write_setting},
    {"writing a file", write_file},
    {"making a file", make_file},
};

static void attempt_all(struct plait_attack *a)
{
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        errno = 0;
        long result = attempts[i].attempt();
        if (result >= 0 || (errno != EPERM && errno != EACCES))
            plait_fault(a, "%s gave %ld (%s)", attempts[i].name, result, strerrorname_np(errno));
    }
}

/* The machine's network is behind no descriptor and no process that the script sees. */
static void look_outside(struct plait_attack *a)
{
    struct stat s;
    char path[64];
    for (int fd = 0; fd < 1024; fd++)
        if (fstat(fd, &s) == 0 && s.st_ino == outside_ino)
            plait_fault(a, "descriptor %d is the machine's network namespace", fd);
    for (int pid = 1; pid < 100; pid++) {
        snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
        int fd = open(path, O_RDONLY);
        if (fd >= 0 && fstat(fd, &s) == 0 && s.st_ino == outside_ino)
            plait_fault(a, "%s is the machine's network namespace", path);
        if (fd >= 0)
            close(fd);
    }
    if (inode("/proc/self/ns/net") == outside_ino)
        plait_fault(a, "the script is in the machine's network namespace");
}

/* Two lines of heading, and lo. */
static void look_at_own_links(struct plait_attack *a)
{
    char line[256];
    unsigned lines = 0;
    FILE *links = fopen("/proc/self/net/dev", "r");
    while (links && fgets(line, sizeof line, links))
        if (++lines > 2 && strspn(line, " ") != strcspn(line, "l") /* "    lo:" */)
            plait_fault(a, "the script's namespace holds %.60s", line);
    if (lines != 3)
        plait_fault(a, "the script's namespace holds %u links", lines - 2);
    if (links)
        fclose(links);
}

static void try_to_escape(struct plait_attack *a)
{
    attempt_all(a);
    look_outside(a);
    look_at_own_links(a);
    plait_take_position(a); /* and the run itself goes on as ever */
    plait_step(a, "tried everything");
}

static struct plait_scenario scenario_of(plait_script script)
{
    struct plait_scenario s = control_scenario(0);
    s.script_id = "test";
    s.script = script;
    return s;
}

static void assert_escape_fails(void)
{
    struct plait_scenario s = scenario_of(try_to_escape);
    json_t *report = report_of(&s);
    assert_whole(report);
    const json_t *steps = at(report, "steps");
    const json_t *last = json_array_get(steps, json_array_size(steps) - 1);
    assert_string_equal(text_at(last, "text"), "tried everything");
    json_decref(report);
}

static void a_script_finds_no_way_out(void **state)
{
    (void)state;
    skip_unless_live();
    assert_escape_fails();
}

/* The attempts do succeed, or fail for another reason, in a process that is not locked in. */
static void the_attempts_can_fail(void **state)
{
    (void)state;
    long fd = socket_ipv4();
    assert_true(fd >= 0);
    close((int)fd);
    fd = socket_local();
    assert_true(fd >= 0);
    close((int)fd);
    fd = open("/proc/self/ns/net", O_RDONLY);
    assert_true(fd >= 0 && inode("/proc/self/ns/net") == outside_ino);
    close((int)fd);
}

/* ---- foreign devices
 * -------------------------------------------------------------------------------- */

/* A veth that the lab did not make, both ends in HOST. */
static int add_foreign_link(struct plait_live_host *host)
{
    const struct plait_veth veth = {.name = "foreign0",
                                    .peer_name = "foreign1",
                                    .peer_namespace_fd = host->namespace_fd,
                                    .mac = {2, 9, 9, 9, 9, 1},
                                    .peer_mac = {2, 9, 9, 9, 9, 2}};
    return plait_route_add_veth(&host->route, &veth);
}

static void meddle(struct plait_attack *a)
{
    plait_take_position(a);
    if (add_foreign_link(plait_machine_live_host(a->world->ends[PLAIT_SERVER].host)) == 0)
        plait_step(a, "added a link");
}

static void a_foreign_link_ends_the_run(void **state)
{
    (void)state;
    skip_unless_live();
    struct plait_scenario s = scenario_of(meddle);
    json_t *report = report_of(&s);
    assert_text_at(report, "error", "host server: link foreign");
    assert_text_at(report, "error", "is not the lab's");
    json_decref(report);
}

/* The lab's own way to a run, up to the moment it would be locked in. */
static int build_meddled(void *unused, int report_fd)
{
    (void)unused;
    static struct plait_world world;
    static struct plait_attack attack;
    struct plait_scenario scenario = control_scenario(0);
    struct plait_port port = plait_attack_port(&attack);
    MUST_OK(plait_world_build(&world, &scenario, &port));
    MUST(add_foreign_link(plait_machine_live_host(world.ends[PLAIT_CLIENT].host)) == 0);
    plait_result agents = plait_world_agents(&world);
    MUST(agents.reason == PLAIT_REASON_SYSTEM);
    MUST(strstr(world.error, "host client: link foreign") != NULL);
    MUST(strstr(world.error, "is not the lab's") != NULL);
    return 0;
}

static void a_foreign_link_is_refused_before_the_run(void **state)
{
    (void)state;
    skip_unless_live();
    must_pass(build_meddled, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_attempts_can_fail),
        cmocka_unit_test(a_script_finds_no_way_out),
        cmocka_unit_test(a_foreign_link_is_refused_before_the_run),
        cmocka_unit_test(a_foreign_link_ends_the_run),
    };
    return cmocka_run_group_tests(tests, open_outside, NULL);
}
