/* system/allow_list.c: writing the filter, and putting it on. */
#include "system/allow_list.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined __riscv && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#elif defined __i386__
#define ARCHITECTURE AUDIT_ARCH_I386
#elif defined __arm__
#define ARCHITECTURE AUDIT_ARCH_ARM
#else
#error "say here which audit architecture this is"
#endif

enum {
    REFUSE = SECCOMP_RET_ERRNO | EPERM,
    HEAD = 4, /* instructions before the list */
    EACH = 6, /* of a call at most */
};

struct program {
    struct sock_filter filter[HEAD + EACH * PLAIT_ALLOWED_CALLS_MAX + 1];
    unsigned short length;
};

static void say(struct program *p, uint16_t code, uint32_t k)
{
    p->filter[p->length++] = (struct sock_filter)BPF_STMT(code, k);
}

/* Goes on with the next instruction if what was loaded is VALUE, else passes over SKIPPED. */
static void unless(struct program *p, uint32_t value, uint8_t skipped)
{
    p->filter[p->length++] =
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped);
}

static void load_number(struct program *p)
{
    say(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
}

static void load_argument(struct program *p, unsigned argument)
{
    const union {
        uint16_t half;
        uint8_t first;
    } order = {1};
    size_t lower = order.first ? 0 : 4; /* where the lower half is, in this machine's byte order */
    say(p, BPF_LD | BPF_W | BPF_ABS,
        (uint32_t)(offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t) + lower));
}

static void allow(struct program *p, const struct plait_allowed_call *call)
{
    bool any = call->mask == 0;
    unless(p, (uint32_t)call->call, any ? 1 : 5);
    if (!any) {
        load_argument(p, call->argument);
        say(p, BPF_ALU | BPF_AND | BPF_K, call->mask);
        unless(p, call->value, 1);
    }
    say(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    if (!any)
        load_number(p);
}

plait_result plait_allow_only(const struct plait_allowed_call *calls, size_t count)
{
    if (count > PLAIT_ALLOWED_CALLS_MAX)
        return PLAIT_FAIL(TOO_MANY);
    struct program p = {.length = 0};
    say(&p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    p.filter[p.length++] =
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
    say(&p, BPF_RET | BPF_K, REFUSE);
    load_number(&p);
    for (size_t i = 0; i < count; i++)
        allow(&p, &calls[i]);
    say(&p, BPF_RET | BPF_K, REFUSE);
    struct sock_fprog program = {.len = p.length, .filter = p.filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
        return PLAIT_OK;
    return errno == EINVAL ? PLAIT_FAIL(UNSUPPORTED) : PLAIT_FAIL(SYSTEM);
}
