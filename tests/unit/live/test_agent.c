/* The agent does what agent/PROTOCOL.md says, knows for each octet whether its peer wrote it, and
 * may misbehave without harm to the lab. */
#include "tests/unit/live/world.h"

#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "agent/pattern.h"
#include "live/inside.h"

static const struct variant veth = {.device = PLAIT_DEVICE_VETH};

static int open_loopback(struct world *w, int report_fd)
{
    MUST_LIVE(w, world_open(w, veth));
    MUST_LIVE(w, world_start_agents(w));
    return 0;
}

/* A connection of HOST CLIENT with itself: c and s.0. */
static int open_pair(struct world *w, int report_fd)
{
    char answer[4096];
    if (open_loopback(w, report_fd) != 0)
        return 1;
    MUST(world_ask(w, CLIENT, answer, "listen s mptcp any4 4000 16 cubic"));
    MUST(world_ask(w, CLIENT, answer, "keys s aaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbb"));
    MUST(world_ask(w, CLIENT, answer, "connect c mptcp any 0 127.0.0.1 4000 reno"));
    MUST(strstr(answer, "cc=reno") != NULL);
    MUST(world_ask(w, CLIENT, answer, "keys c bbbbbbbbbbbbbbbb aaaaaaaaaaaaaaaa"));
    MUST(until_said(w, CLIENT, "connected c 127.0.0.1 "));
    MUST(until_said(w, CLIENT, "accepted s.0 127.0.0.1 "));
    return 0;
}

/* ---- applications
 * ---------------------------------------------------------------------------------- */

static int answers_requests(void *argument, int report_fd)
{
    struct world w;
    char answer[4096];
    (void)argument;
    if (open_pair(&w, report_fd) != 0)
        return 1;
    MUST(world_ask(&w, CLIENT, answer, "answer s.0 100 7"));
    MUST(world_ask(&w, CLIENT, answer, "send c 1050"));
    MUST(until_answer(&w, CLIENT, "stat c", "sent=1050 received=70 foreign=0 "));
    MUST(world_ask(&w, CLIENT, answer, "send c 50"));
    MUST(until_answer(&w, CLIENT, "stat c", "sent=1100 received=77 foreign=0 "));
    MUST(world_ask(&w, CLIENT, answer, "answer s.0 0 0"));
    MUST(world_ask(&w, CLIENT, answer, "send c 1000"));
    MUST(until_answer(&w, CLIENT, "stat s.0", "sent=77 received=2100 foreign=0 "));
    world_close(&w);
    return 0;
}

/* The listener stays an ordinary application: only its connections write back. */
static int echoes(void *argument, int report_fd)
{
    struct world w;
    char answer[4096];
    (void)argument;
    if (open_loopback(&w, report_fd) != 0)
        return 1;
    MUST(world_ask(&w, CLIENT, answer, "listen s mptcp any4 4000 16 cubic"));
    MUST(world_ask(&w, CLIENT, answer, "echo s"));
    MUST(world_ask(&w, CLIENT, answer, "connect c mptcp any 0 127.0.0.1 4000 reno"));
    MUST(world_ask(&w, CLIENT, answer, "keys c aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa"));
    MUST(until_said(&w, CLIENT, "connected c 127.0.0.1 "));
    MUST(world_ask(&w, CLIENT, answer, "send c 3000000"));
    MUST(world_ask(&w, CLIENT, answer, "shutdown c"));
    MUST(until_answer(&w, CLIENT, "stat c", "sent=3000000 received=3000000 foreign=0 "));
    MUST(until_answer(&w, CLIENT, "stat c", " eof=1 error=- "));
    world_close(&w);
    return 0;
}

/* By the word "rate" or "pace": with itself, nothing is under way for long. */
static int keeps_the_rate(void *word, int report_fd)
{
    struct world w;
    char answer[4096];
    bool is_paced = strcmp(word, "pace") == 0;
    if (open_pair(&w, report_fd) != 0)
        return 1;
    MUST(world_ask(&w, CLIENT, answer, is_paced ? "pace c 10 1000" : "rate c 10 1000"));
    MUST(until_answer(&w, CLIENT, "stat s.0", " received=1"));
    run_for(&w, 200 * PLAIT_MS);
    MUST(world_ask(&w, CLIENT, answer, "rate c 0 0"));
    MUST(until_answer(&w, CLIENT, "stat c", " queued=0 "));
    MUST(world_ask(&w, CLIENT, answer, "stat c"));
    unsigned long sent = strtoul(strstr(answer, "sent=") + 5, NULL, 10);
    MUST(sent >= 2000 && sent % 10 == 0);
    run_for(&w, 20 * PLAIT_MS);
    char expected[64];
    snprintf(expected, sizeof expected, "sent=%lu ", sent);
    MUST(until_answer(&w, CLIENT, "stat c", expected));
    MUST(!world_ask(&w, CLIENT, answer, "rate c 10 0"));
    world_close(&w);
    return 0;
}

/* The hex that stat gives for LENGTH octets of the pattern of KEY from OFFSET. */
static const char *pattern_hex(char *hex, uint64_t key, uint64_t offset, unsigned length)
{
    for (unsigned i = 0; i < length; i++)
        sprintf(hex + 2 * i, "%02x", plait_pattern_octet(key, offset + i));
    return hex;
}

static int knows_foreign_octets(void *argument, int report_fd)
{
    struct world w;
    char answer[4096], expected[256], hex[64];
    (void)argument;
    if (open_pair(&w, report_fd) != 0)
        return 1;
    MUST(world_ask(&w, CLIENT, answer, "send c 100003"));
    MUST(until_answer(&w, CLIENT, "stat s.0", "received=100003 foreign=0 first_foreign=- "));
    MUST(world_ask(&w, CLIENT, answer, "keys c cc aaaaaaaaaaaaaaaa"));
    MUST(world_ask(&w, CLIENT, answer, "send c 6"));
    MUST(until_said(&w, CLIENT, "foreign s.0 100003"));
    MUST(world_ask(&w, CLIENT, answer, "keys c bbbbbbbbbbbbbbbb aaaaaaaaaaaaaaaa"));
    MUST(world_ask(&w, CLIENT, answer, "send c 1000"));
    snprintf(expected, sizeof expected,
             "received=101009 foreign=6 first_foreign=100003 foreign_hex=%s ",
             pattern_hex(hex, 0xcc, 100003, 6));
    MUST(until_answer(&w, CLIENT, "stat s.0", expected));
    world_close(&w);
    return 0;
}

static int ends_connections(void *argument, int report_fd)
{
    struct world w;
    char answer[4096];
    (void)argument;
    if (open_pair(&w, report_fd) != 0)
        return 1;
    MUST(world_ask(&w, CLIENT, answer, "send c 2000000"));
    MUST(world_ask(&w, CLIENT, answer, "shutdown c")); /* after what was asked for */
    MUST(!world_ask(&w, CLIENT, answer, "send c 1"));
    MUST(strcmp(answer, "EPIPE") == 0);
    MUST(until_said(&w, CLIENT, "eof s.0"));
    MUST(until_answer(&w, CLIENT, "stat s.0", "received=2000000 foreign=0 "));
    MUST(world_ask(&w, CLIENT, answer, "send s.0 10")); /* the other half is open */
    MUST(until_answer(&w, CLIENT, "stat c", "received=10 "));
    MUST(world_ask(&w, CLIENT, answer, "abort s.0"));
    MUST(until_said(&w, CLIENT, "error c ECONNRESET"));
    MUST(until_answer(&w, CLIENT, "stat c", "error=ECONNRESET closed=0 "));
    MUST(until_answer(&w, CLIENT, "stat s.0", "error=- closed=1 "));
    MUST(world_ask(&w, CLIENT, answer, "close c"));
    MUST(!world_ask(&w, CLIENT, answer, "info c"));
    MUST(strcmp(answer, "EBADF") == 0);
    world_close(&w);
    return 0;
}

static int tells_fallback(void *argument, int report_fd)
{
    struct world w;
    char answer[4096];
    (void)argument;
    if (open_pair(&w, report_fd) != 0)
        return 1;
    MUST(world_ask(&w, CLIENT, answer, "info c"));
    MUST(strstr(answer, "mptcp=1 subflows=1 token=") != NULL);
    MUST(world_ask(&w, CLIENT, answer, "connect t tcp 127.0.0.1 700 127.0.0.1 4000 -"));
    MUST(until_said(&w, CLIENT, "accepted s.1 127.0.0.1 700"));
    MUST(world_ask(&w, CLIENT, answer, "info s.1"));
    MUST(strcmp(answer, "mptcp=0 subflows=1 ends=127.0.0.1:4000-127.0.0.1:700 "
                        "subflow=127.0.0.1:4000-127.0.0.1:700") == 0);
    MUST(world_ask(&w, CLIENT, answer, "connect n tcp any 0 127.0.0.1 9 -"));
    MUST(until_said(&w, CLIENT, "failed n ECONNREFUSED"));
    world_close(&w);
    return 0;
}

static void requests_are_answered(void **state)
{
    (void)state;
    must_pass(answers_requests, NULL);
}

static void echo_writes_back_and_ends(void **state)
{
    (void)state;
    must_pass(echoes, NULL);
}

static void rate_is_kept(void **state)
{
    (void)state;
    must_pass(keeps_the_rate, "rate");
}

/* What was held back goes with the next write; that it is held back is F-7 of docs/FINDINGS.md
 * (tests/lab/test_findings_literature.c). */
static void pace_keeps_the_rate_as_well(void **state)
{
    (void)state;
    must_pass(keeps_the_rate, "pace");
}

static void foreign_octets_are_known(void **state)
{
    (void)state;
    must_pass(knows_foreign_octets, NULL);
}

static void connections_end(void **state)
{
    (void)state;
    must_pass(ends_connections, NULL);
}

static void fallback_is_told(void **state)
{
    (void)state;
    must_pass(tells_fallback, NULL);
}

/* ---- its limits
 * ------------------------------------------------------------------------------------- */

static int refuses_nonsense(void *argument, int report_fd)
{
    static const struct {
        const char *command, *answer;
    } cases[] = {
        {"dance", "no such command"},
        {"stat", "wrong number of arguments"},
        {"stat nobody", "ENOENT"},
        {"a b c d e f g h i j k l m", "wrong number of words"},
        {"listen s sctp any4 4000 16 -", "EINVAL"},
        {"listen s tcp 198.18.300.1 4000 16 -", "EINVAL"},
        {"listen s tcp 198.18.77.1 4000 16 -", "EADDRNOTAVAIL"},
        {"listen s tcp any4 70000 16 -", "EINVAL"},
        {"listen s tcp any4 4000 16 no-such-cc", "ENOENT"},
        {"listen a-name-of-more-than-24-octets tcp any4 4000 16 -", "ENAMETOOLONG"},
        {"connect c tcp 198.18.1.1 0 2001:db8::1 80 -", "EINVAL"},
        {"read /proc/../etc/passwd", "EXDEV"},
        {"read self/root/etc/passwd", "ELOOP"},
        {"read no/such/file", "ENOENT"},
    };
    struct world w;
    char answer[4096];
    (void)argument;
    if (open_loopback(&w, report_fd) != 0)
        return 1;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        plait_result r =
            plait_live_agent_ask(w.hosts[CLIENT], answer, sizeof answer, "%s", cases[i].command);
        if (strcmp(answer, cases[i].answer) != 0)
            dprintf(report_fd, "%s: %s\n", cases[i].command, answer);
        MUST(r.reason == PLAIT_REASON_PEER && strcmp(answer, cases[i].answer) == 0);
    }
    MUST(plait_live_agent_ask(w.hosts[CLIENT], answer, sizeof answer, "stat a\nstat b").reason ==
         PLAIT_REASON_BAD_VALUE);
    MUST(plait_live_agent_ask(w.hosts[CLIENT], answer, 16, "read net/sockstat").reason ==
         PLAIT_REASON_NO_ROOM);
    world_close(&w);
    return 0;
}

static int keeps_to_256_sockets(void *argument, int report_fd)
{
    struct world w;
    char answer[4096], command[64];
    (void)argument;
    if (open_loopback(&w, report_fd) != 0)
        return 1;
    for (unsigned i = 0; i < 256; i++) {
        snprintf(command, sizeof command, "listen s%u tcp any4 0 16 -", i);
        MUST(world_ask(&w, CLIENT, answer, command));
    }
    MUST(!world_ask(&w, CLIENT, answer, "listen one-more tcp any4 0 16 -"));
    MUST(strcmp(answer, "ENFILE") == 0);
    MUST(!world_ask(&w, CLIENT, answer, "listen s7 tcp any4 0 16 -"));
    MUST(strcmp(answer, "EEXIST") == 0);
    MUST(world_ask(&w, CLIENT, answer, "close s7"));
    MUST(world_ask(&w, CLIENT, answer, "listen s7 tcp any4 0 16 -"));
    world_close(&w);
    return 0;
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    must_pass(refuses_nonsense, NULL);
}

static void sockets_have_a_limit(void **state)
{
    (void)state;
    must_pass(keeps_to_256_sockets, NULL);
}

/* ---- an agent that dies or hangs
 * ---------------------------------------------------------------------- */

static int bears_a_dead_agent(void *argument, int report_fd)
{
    struct world w;
    char answer[4096];
    (void)argument;
    if (open_pair(&w, report_fd) != 0)
        return 1;
    MUST(world_ask(&w, CLIENT, answer, "shutdown c"));
    run_for(&w, 20 * PLAIT_MS);
    MUST(kill(w.hosts[CLIENT]->agent.pid, SIGKILL) == 0);
    MUST(waitpid(w.hosts[CLIENT]->agent.pid, NULL, 0) > 0);
    w.hosts[CLIENT]->agent.pid = 0;
    MUST(plait_live_agent_ask(w.hosts[CLIENT], answer, sizeof answer, "counters").reason ==
         PLAIT_REASON_SYSTEM);
    MUST(strstr(plait_live_error(w.live), "EPIPE") != NULL);
    hear(&w, CLIENT); /* what it said before it died is heard */
    MUST(strstr(w.said[CLIENT], "eof s.0") != NULL);
    MUST(strstr(w.said[CLIENT], "gone") != NULL);
    struct pollfd p = {.fd = plait_live_agent_fd(w.hosts[CLIENT]), .events = POLLIN};
    MUST(poll(&p, 1, 0) == 0); /* whoever watches it sleeps */
    MUST(plait_live_agent_ask(w.hosts[CLIENT], answer, sizeof answer, "counters").reason ==
         PLAIT_REASON_SYSTEM);
    MUST(world_ask(&w, SERVER, answer, "read net/sockstat"));
    world_close(&w);
    return 0;
}

static int bears_a_hung_agent(void *argument, int report_fd)
{
    struct world w;
    char answer[4096];
    (void)argument;
    if (open_loopback(&w, report_fd) != 0)
        return 1;
    MUST(world_ask(&w, CLIENT, answer, "read net/sockstat"));
    MUST(kill(w.hosts[CLIENT]->agent.pid, SIGSTOP) == 0);
    MUST(plait_live_agent_ask(w.hosts[CLIENT], answer, sizeof answer, "stat late").reason ==
         PLAIT_REASON_TIMED_OUT);
    MUST(kill(w.hosts[CLIENT]->agent.pid, SIGCONT) == 0);
    /* The late answer is not taken for the next one's. */
    MUST(world_ask(&w, CLIENT, answer, "listen s tcp any4 4321 16 cubic"));
    MUST(strcmp(answer, "port=4321 cc=cubic") == 0);
    world_close(&w);
    return 0;
}

static void dead_agent_is_noticed(void **state)
{
    (void)state;
    must_pass(bears_a_dead_agent, NULL);
}

static void hung_agent_is_noticed(void **state)
{
    (void)state;
    must_pass(bears_a_hung_agent, NULL);
}

/* ---- nothing is left
 * -------------------------------------------------------------------------------- */

static ino_t namespace_of(pid_t pid)
{
    struct stat s;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
    return stat(path, &s) == 0 ? s.st_ino : 0;
}

/* A whole run, locked in, with traffic under way; says so and goes on until it is killed. */
static int goes_on(void *argument, int report_fd)
{
    struct world w;
    char answer[4096];
    (void)argument;
    MUST_LIVE(&w, world_open(&w, (struct variant){.device = PLAIT_DEVICE_AUTO}));
    MUST_LIVE(&w, world_start_agents(&w));
    MUST_OK(plait_sandbox_lock());
    MUST(world_ask(&w, SERVER, answer, "listen s mptcp any4 4000 16 cubic"));
    MUST(world_ask(&w, CLIENT, answer, "connect c mptcp any 0 198.18.3.1 4000 cubic"));
    MUST(until_said(&w, CLIENT, "connected c"));
    MUST(world_ask(&w, CLIENT, answer, "rate c 1000 1000"));
    MUST(write(report_fd, "running", 7) == 7);
    run_for(&w, 30 * PLAIT_S);
    return 1;
}

/* The links and mounts of the test's own namespaces, as text. */
static void read_outside(char *text, size_t room)
{
    size_t used = 0;
    struct if_nameindex *links = if_nameindex();
    assert_non_null(links);
    for (unsigned i = 0; links[i].if_index != 0; i++)
        used += (size_t)snprintf(text + used, room - used, "%u %s\n", links[i].if_index,
                                 links[i].if_name);
    if_freenameindex(links);
    int fd = open("/proc/self/mountinfo", O_RDONLY);
    read_all(fd, text + used, room - used);
    close(fd);
}

static void must_be_running(struct plait_sandbox *sandbox)
{
    char text[512] = "";
    assert_ok(plait_sandbox_start(sandbox, goes_on, NULL));
    assert_true(read(sandbox->report_fd, text, sizeof text - 1) > 0);
    assert_string_equal(text, "running");
}

/* Agents are children of the run; their pids are found as such. */
static unsigned children_of(pid_t pid, pid_t *children, unsigned room)
{
    char path[64];
    unsigned count = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    FILE *file = fopen(path, "r");
    while (file != NULL && count < room && fscanf(file, "%d", &children[count]) == 1)
        count++;
    if (file != NULL)
        fclose(file);
    return count;
}

static void killed_run_takes_its_agents_along(void **state)
{
    (void)state;
    static char before[65536], after[65536];
    struct plait_sandbox sandbox;
    pid_t agents[8];
    read_outside(before, sizeof before);
    must_be_running(&sandbox);
    read_outside(after, sizeof after);
    assert_string_equal(before, after);
    assert_int_equal(children_of(sandbox.pid, agents, 8), HOSTS);
    assert_true(namespace_of(agents[0]) != 0 && namespace_of(agents[0]) != namespace_of(agents[1]));
    plait_sandbox_kill(&sandbox);
    for (unsigned i = 0; i < HOSTS; i++)
        assert_true(kill(agents[i], 0) != 0 && errno == ESRCH);
    read_outside(after, sizeof after);
    assert_string_equal(before, after);
    close(sandbox.report_fd);
}

#define AT_ONCE 16

static int sets_up(void *argument, int report_fd)
{
    struct world w;
    char answer[4096];
    (void)argument;
    MUST_LIVE(&w, world_open(&w, (struct variant){.device = PLAIT_DEVICE_AUTO}));
    MUST_LIVE(&w, world_start_agents(&w));
    MUST_OK(plait_sandbox_lock());
    for (int host = 0; host < HOSTS; host++) {
        MUST(world_ask(&w, host, answer, "read net/sockstat"));
        MUST_LIVE(&w, plait_live_check(w.hosts[host]));
    }
    return 0;
}

static void many_runs_live_at_once(void **state)
{
    (void)state;
    struct plait_sandbox sandboxes[AT_ONCE];
    for (unsigned i = 0; i < AT_ONCE; i++)
        assert_ok(plait_sandbox_start(&sandboxes[i], sets_up, NULL));
    for (unsigned i = 0; i < AT_ONCE; i++) {
        char text[512];
        read_all(sandboxes[i].report_fd, text, sizeof text);
        assert_string_equal(text, "");
        assert_int_equal(plait_sandbox_wait(&sandboxes[i]), 0);
        close(sandboxes[i].report_fd);
    }
}

/* ---- other programs -------------------------------------------------------------------------- */

/* Reads what PROGRAM prints until it has ended; its exit status, or -1. */
static int output_of(struct plait_live_program *program, char *text, size_t room)
{
    struct pollfd p = {.fd = program->fd, .events = POLLIN};
    size_t used = 0;
    ssize_t length = 1;
    int status = -1;
    while (length > 0 && poll(&p, 1, 5000) > 0) {
        length = read(program->fd, text + used, room - 1 - used);
        used += length > 0 ? (size_t)length : 0;
    }
    text[used] = '\0';
    for (int i = 0; i < 500 && !plait_live_program_ended(program, &status); i++)
        poll(NULL, 0, 10);
    plait_live_program_close(program);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int runs_programs(void *argument, int report_fd)
{
    static char *const read_net[] = {"cat", "/proc/self/net/dev", NULL};
    static char *const rights[] = {"grep", "CapEff", "/proc/self/status", NULL};
    static char *const absent[] = {"no-such-program", NULL};
    static char *const endless[] = {"sleep", "1000", NULL};
    struct world w;
    struct plait_live_program program;
    char text[4096];
    int status;
    (void)argument;
    MUST_LIVE(&w, world_open(&w, veth));
    MUST_LIVE(&w, plait_live_program_start(w.hosts[SERVER], read_net, &program));
    MUST(output_of(&program, text, sizeof text) == 0);
    MUST(strstr(text, "path2:") != NULL); /* it is in the host */
    MUST_LIVE(&w, plait_live_program_start(w.hosts[SERVER], rights, &program));
    MUST(output_of(&program, text, sizeof text) == 0);
    MUST(strstr(text, "0000000000001400") != NULL); /* CAP_NET_BIND_SERVICE, CAP_NET_ADMIN */
    MUST_LIVE(&w, plait_live_capturer_start(w.hosts[SERVER], rights, &program));
    MUST(output_of(&program, text, sizeof text) == 0);
    MUST(strstr(text, "0000000000003400") != NULL); /* and CAP_NET_RAW */
    MUST_LIVE(&w, plait_live_program_start(w.hosts[SERVER], absent, &program));
    MUST(output_of(&program, text, sizeof text) == 127);
    MUST_LIVE(&w, plait_live_program_start(w.hosts[SERVER], endless, &program));
    MUST(!plait_live_program_ended(&program, &status));
    pid_t pid = program.pid;
    plait_live_program_close(&program);
    MUST(kill(pid, 0) != 0 && errno == ESRCH);
    plait_live_program_close(&program); /* harmless */
    world_close(&w);
    return 0;
}

static void programs_run_inside_a_host(void **state)
{
    (void)state;
    must_pass(runs_programs, NULL);
    must_pass_as_ordinary_user(runs_programs, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_answered),
        cmocka_unit_test(echo_writes_back_and_ends),
        cmocka_unit_test(rate_is_kept),
        cmocka_unit_test(pace_keeps_the_rate_as_well),
        cmocka_unit_test(foreign_octets_are_known),
        cmocka_unit_test(connections_end),
        cmocka_unit_test(fallback_is_told),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(sockets_have_a_limit),
        cmocka_unit_test(dead_agent_is_noticed),
        cmocka_unit_test(hung_agent_is_noticed),
        cmocka_unit_test(killed_run_takes_its_agents_along),
        cmocka_unit_test(many_runs_live_at_once),
        cmocka_unit_test(programs_run_inside_a_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
