/* live/doctor.c: looks, in a sandbox, at what a live run needs.
 * May touch: a sandbox of its own. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "live/inside.h"
#include "live/sandbox.h"

#define PROTOCOL_MPTCP 262 /* IPPROTO_MPTCP, absent from older headers */

struct patient {
    struct plait_live *live;
    struct plait_live_host *host;
    bool has_tun;
};

typedef bool (*look_fn)(struct patient *patient, struct plait_text *detail);

static bool says(struct plait_text *detail, plait_result result, const struct patient *patient,
                 const char *good)
{
    plait_text_add(detail, "%s", plait_ok(result) ? good : plait_live_error(patient->live));
    return plait_ok(result);
}

static bool has_error(struct plait_text *detail, const char *how_to)
{
    plait_text_add(detail, "%s: %s", strerrorname_np(errno), how_to);
    return false;
}

static bool look_at_settings(struct patient *p, struct plait_text *detail)
{
    char value[64];
    plait_result result = plait_live_set(p->host, "net/ipv4/tcp_syncookies", "1", value);
    return says(detail, result, p, "a namespace's own settings can be written");
}

static bool look_at_mptcp(struct patient *p, struct plait_text *detail)
{
    (void)p;
    struct utsname name;
    int fd = socket(AF_INET, SOCK_STREAM, PROTOCOL_MPTCP);
    if (fd < 0)
        return has_error(detail, "a kernel with CONFIG_MPTCP is needed (Linux 5.6 or later), and "
                                 "net.mptcp.enabled=1");
    close(fd);
    uname(&name);
    plait_text_add(detail, "Linux %.100s", name.release);
    return true;
}

static bool look_at_path_manager(struct patient *p, struct plait_text *detail)
{
    return says(detail, plait_live_mptcp_limits(p->host, 2, 0), p,
                "limits and endpoints can be set by netlink");
}

static bool look_at_diagnostics(struct patient *p, struct plait_text *detail)
{
    uint32_t count;
    return says(detail, plait_live_count_sockets(p->host, TCP_LISTEN, &count), p,
                "sockets can be counted");
}

static bool look_at_tun(struct patient *p, struct plait_text *detail)
{
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return has_error(detail, "veth is used instead");
    close(fd);
    p->has_tun = true;
    plait_text_add(detail, "opens");
    return true;
}

static bool look_at_devices(struct patient *p, struct plait_text *detail)
{
    const struct plait_live_interface interface = {.name = "path1"};
    struct plait_port port;
    return says(detail, plait_live_add_interface(p->host, &interface, &port), p,
                plait_live_device(p->live) == PLAIT_DEVICE_TUN ? "TUN" : "veth and packet socket");
}

static bool look_at_inspection(struct patient *p, struct plait_text *detail)
{
    return says(detail, plait_live_check(p->host), p, "a fresh namespace holds only our links");
}

static bool look_at_agent(struct patient *p, struct plait_text *detail)
{
    char answer[256];
    plait_result result = plait_live_agent_start(p->host);
    if (plait_ok(result))
        result = plait_live_agent_ask(p->host, answer, sizeof answer, "read /proc/net/sockstat");
    return says(detail, result, p, "starts in a namespace and answers");
}

static bool look_at_cubic(struct patient *p, struct plait_text *detail)
{
    char answer[256];
    return says(detail,
                plait_live_agent_ask(p->host, answer, sizeof answer, "listen s tcp any4 0 1 cubic"),
                p, "cubic, as the kernel has it compiled in");
}

static bool look_at_lock(struct patient *p, struct plait_text *detail)
{
    (void)p;
    plait_result result = plait_sandbox_lock();
    plait_text_add(detail, "%s",
                   plait_ok(result) ? "a run can be locked in" : plait_reason_text(result.reason));
    return plait_ok(result);
}

static const struct {
    const char *name;
    bool required;
    look_fn look;
} looks[] = {
    {"settings of a namespace", true, look_at_settings},
    {"Multipath TCP in the kernel", true, look_at_mptcp},
    {"MPTCP path manager", true, look_at_path_manager},
    {"socket diagnostics", true, look_at_diagnostics},
    {"/dev/net/tun", false, look_at_tun},
    {"network devices", true, look_at_devices},
    {"inspection of a namespace", true, look_at_inspection},
    {"agent", true, look_at_agent},
    {"congestion control", false, look_at_cubic},
    {"system-call filter", true, look_at_lock},
};

#define LOOKS (sizeof looks / sizeof looks[0])

/* What crosses the report: pointers do not. */
struct finding {
    bool met;
    char detail[sizeof((struct plait_need *)0)->detail];
};

static int examine(void *argument, int report_fd)
{
    (void)argument;
    struct patient patient = {.live = plait_live_new(PLAIT_DEVICE_AUTO, false, NULL)};
    if (patient.live == NULL ||
        !plait_ok(plait_live_host_new(patient.live, "doctor", &patient.host)))
        return 1;
    for (unsigned i = 0; i < LOOKS; i++) {
        struct finding finding = {0};
        struct plait_text detail = plait_text(finding.detail, sizeof finding.detail);
        finding.met = looks[i].look(&patient, &detail);
        if (write(report_fd, &finding, sizeof finding) != sizeof finding)
            return 1;
    }
    return 0;
}

static void add_need(struct plait_need *needs, unsigned room, unsigned *count,
                     const struct plait_need *need)
{
    if (*count < room)
        needs[(*count)++] = *need;
}

static void add_findings(struct plait_need *needs, unsigned room, unsigned *count, int report_fd)
{
    struct finding finding;
    for (unsigned i = 0; i < LOOKS; i++) {
        struct plait_need need = {.name = looks[i].name, .required = looks[i].required};
        if (read(report_fd, &finding, sizeof finding) == sizeof finding) {
            need.met = finding.met;
            memcpy(need.detail, finding.detail, sizeof need.detail);
        } else {
            snprintf(need.detail, sizeof need.detail, "could not be looked at");
        }
        add_need(needs, room, count, &need);
    }
}

unsigned plait_live_doctor(struct plait_need *needs, unsigned room)
{
    unsigned count = 0;
    struct plait_sandbox sandbox;
    struct plait_need namespaces = {.name = "user and network namespaces", .required = true};
    plait_result started = plait_sandbox_start(&sandbox, examine, NULL);
    namespaces.met = plait_ok(started);
    if (plait_ok(started))
        snprintf(namespaces.detail, sizeof namespaces.detail, "user %u makes its own", geteuid());
    else
        snprintf(namespaces.detail, sizeof namespaces.detail,
                 "%s; see user_namespaces(7), user.max_user_namespaces, "
                 "kernel.unprivileged_userns_clone",
                 plait_reason_text(started.reason));
    add_need(needs, room, &count, &namespaces);
    if (!plait_ok(started))
        return count;
    add_findings(needs, room, &count, sandbox.report_fd);
    close(sandbox.report_fd);
    plait_sandbox_kill(&sandbox);
    return count;
}
