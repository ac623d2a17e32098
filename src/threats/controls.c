/* threats/controls.c: control cases (C-...): genuine acts that must not be reported, and the attack that
 * must always succeed. */
#include "threats/record.h"

/* Linux sends no MP_PRIO for a subflow whose fourth ACK is still under way (docs/FINDINGS.md). */
enum { EFFECT_LIMIT_S = 3, SECOND_ID = 2, SETTLE_MS = 300 };

/* ---- genuine acts of the hosts ------------------------------------------------------------------------ */

static struct plait_live_host *host(const struct plait_attack *a, enum plait_side side)
{
    return a->world->ends[side].host;
}

static void tell(struct plait_attack *a, enum plait_side side, const char *word)
{
    char answer[128];
    struct plait_end *end = &a->world->ends[side];
    end->closing = true;
    if (!plait_ok(plait_live_agent_ask(end->host, answer, sizeof answer, "%s %s", word,
                                       end->socket)))
        plait_fault(a, "the %s's agent could not %s: %s", plait_side_name(side), word, answer);
}

/* The stream goes on: the reader's application gets more than OCTETS after now. */
static void expect_progress(struct plait_attack *a, int64_t octets)
{
    enum plait_side reader = plait_peer(a);
    int64_t before = plait_world_stat(a->world, reader, "received");
    for (int i = 0; i < 10 * EFFECT_LIMIT_S; i++) {
        plait_pause(a, 100 * PLAIT_MS);
        if (plait_world_stat(a->world, reader, "received") - before >= octets)
            return;
    }
    plait_fault(a, "the stream did not go on after a genuine act");
}

static void expect_counter(struct plait_attack *a, enum plait_side side, const char *name)
{
    static struct plait_counters counters; /* large; one run is one process */
    for (int i = 0; i < 10 * EFFECT_LIMIT_S; i++) {
        plait_pause(a, 100 * PLAIT_MS);
        if (plait_ok(plait_live_counters(host(a, side), &counters)) &&
            plait_counter_value(&counters, name) > 0)
            return;
    }
    plait_fault(a, "%s did not move at the %s", name, plait_side_name(side));
}

/* ---- C-NAT-2 --------------------------------------------------------------------------------------------- */

static void through_a_nat(struct plait_attack *a)
{
    plait_take_position(a); /* the second subflow was joined through the NAT, or this fails */
    if (plait_world_info(a->world, PLAIT_SERVER, "subflows") < 1)
        plait_fault(a, "the join through the NAT was not accepted");
    expect_progress(a, 50000);
}

/* ---- C-OK-1 ------------------------------------------------------------------------------------------------ */

static void make_before_break(struct plait_attack *a)
{
    plait_take_position(a);
    if (!plait_ok(plait_live_set_interface_up(host(a, PLAIT_CLIENT), "path1", false)))
        plait_fault(a, "the first path could not be taken down");
    expect_progress(a, 100000);
}

static void break_before_make(struct plait_attack *a)
{
    plait_take_position(a);
    if (!plait_ok(plait_live_set_interface_up(host(a, PLAIT_CLIENT), "path1", false)))
        plait_fault(a, "the first path could not be taken down");
    plait_pause(a, 500 * PLAIT_MS);
    if (!plait_ok(plait_live_mptcp_endpoint_add(host(a, PLAIT_CLIENT), &a->world->client_addrs[1],
                                                SECOND_ID, PLAIT_ENDPOINT_SUBFLOW, "path2")))
        plait_fault(a, "the second address could not become an endpoint");
    expect_progress(a, 100000);
}

/* ---- C-OK-2 ------------------------------------------------------------------------------------------------ */

static void genuine_prio(struct plait_attack *a)
{
    plait_take_position(a);
    plait_pause(a, SETTLE_MS * PLAIT_MS);
    if (!plait_ok(plait_live_mptcp_endpoint_set_backup(host(a, PLAIT_CLIENT),
                                                       &a->world->client_addrs[1], SECOND_ID, true)))
        plait_fault(a, "the endpoint could not become a backup");
    expect_counter(a, PLAIT_SERVER, "MPTcpExtMPPrioRx");
    expect_progress(a, 50000);
}

static void genuine_remove(struct plait_attack *a)
{
    plait_take_position(a);
    if (!plait_ok(plait_live_mptcp_endpoint_remove(host(a, PLAIT_CLIENT), SECOND_ID)))
        plait_fault(a, "the endpoint could not be removed");
    expect_counter(a, PLAIT_SERVER, "MPTcpExtRmAddr");
    expect_progress(a, 50000);
}

static void genuine_fastclose(struct plait_attack *a)
{
    plait_take_position(a);
    tell(a, PLAIT_CLIENT, "abort");
    expect_counter(a, PLAIT_SERVER, "MPTcpExtMPFastcloseRx");
}

/* A join beyond the limits is reset with a reason (RFC 8684 §3.6). */
static void genuine_reset(struct plait_attack *a)
{
    plait_take_position(a);
    if (!plait_ok(plait_live_mptcp_limits(host(a, PLAIT_SERVER), 0, 0)) ||
        !plait_ok(plait_live_mptcp_endpoint_add(host(a, PLAIT_CLIENT), &a->world->client_addrs[1],
                                                SECOND_ID, PLAIT_ENDPOINT_SUBFLOW, "path2")))
        plait_fault(a, "the limits could not be set");
    expect_counter(a, PLAIT_SERVER, "MPTcpExtMPJoinRejected");
    expect_progress(a, 50000);
}

/* ---- C-POS-1 ------------------------------------------------------------------------------------------------ */

static void everywhere(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "alters what passes on every path");
    plait_on_path(a, plait_alter_payload);
    plait_pause(a, PLAIT_S);
}

/* ---- records ------------------------------------------------------------------------------------------------- */

#define HARM                                                                                       \
    (PLAIT_GOAL_BIT(READ) | PLAIT_GOAL_BIT(INJECT) | PLAIT_GOAL_BIT(TRUNCATE) |                    \
     PLAIT_GOAL_BIT(TAKEOVER) | PLAIT_GOAL_BIT(KILL) | PLAIT_GOAL_BIT(DOWNGRADE))

#define GENUINE(name, path_count, play)                                                            \
    {                                                                                              \
        .form = name, .position = "OFF-NS", .victim = PLAIT_SERVER, .workload = PLAIT_BULK,        \
        .paths = path_count, .goals = HARM, .script = play, .expect = PLAIT_MUST_BE_CLEAN          \
    }

static const struct plait_case nat_cases[] = {
    {.form = "-", .position = "OFF-NS", .victim = PLAIT_SERVER, .workload = PLAIT_BULK, .paths = 2,
     .goals = HARM, .script = through_a_nat, .expect = PLAIT_MUST_BE_CLEAN, .nat = true}};
static const struct plait_case handover_cases[] = {
    GENUINE("make-before-break", 2, make_before_break),
    GENUINE("break-before-make", 1, break_before_make),
};
static const struct plait_case signal_cases[] = {
    GENUINE("prio", 2, genuine_prio),
    GENUINE("remove-addr", 2, genuine_remove),
    GENUINE("fastclose", 2, genuine_fastclose),
    GENUINE("tcprst", 1, genuine_reset),
};
static const struct plait_case everywhere_cases[] = {
    {.form = "-", .position = "ONALL", .spoofing = true, .victim = PLAIT_CLIENT,
     .workload = PLAIT_REQUEST_RESPONSE, .paths = 2, .goals = PLAIT_GOAL_BIT(INJECT),
     .script = everywhere, .expect = PLAIT_MUST_BREAK, .tcp_too = true}};

#define CONTROL(name, what, from, where, says, reaches)                                            \
    .info = {.id = name,                                                                           \
             .title = what,                                                                        \
             .kind = "control",                                                                    \
             .source = from,                                                                       \
             .section = SECTION_CASES,                                                             \
             .summary = says,                                                                      \
             .positions = PLAIT_LIST(where),                                                       \
             .goals = PLAIT_LIST(reaches),                                                         \
             .mechanisms = PLAIT_LIST("v0", "v1"),                                                 \
             .host_risk = "none",                                                                  \
             .stopped_by_text = "",                                                                \
             .remains_text = "",                                                                   \
             .wire_blind_text = ""}

const struct plait_threat plait_control_nat_2 = {
    CONTROL("C-NAT-2", "NAT on the second path", "RFC 8684 §3.2, RFC 6181 §6.3", "OFF-NS",
            "A NAT rewrites the source of a join, bit for bit what T-TS-3 does: no takeover.",
            "takeover"),
    PLAIT_CASES(nat_cases)};
const struct plait_threat plait_control_ok_1 = {
    CONTROL("C-OK-1", "Genuine handover", "RFC 8684 §3.3.6", "OFF-NS",
            "Make before break and break before make: the stream stays whole and nothing is reported.",
            "kill"),
    PLAIT_CASES(handover_cases)};
const struct plait_threat plait_control_ok_2 = {
    CONTROL("C-OK-2", "Genuine signals", "RFC 8684 §3.3.8, §3.4.2, §3.5, §3.6", "OFF-NS",
            "MP_PRIO, REMOVE_ADDR, MP_FASTCLOSE and MP_TCPRST of the hosts themselves have their "
            "effect and are not reported.",
            "kill"),
    PLAIT_CASES(signal_cases)};
const struct plait_threat plait_control_pos_1 = {
    CONTROL("C-POS-1", "Active on every path", "RFC 6181 §2", "ONALL",
            "An attacker of every path must succeed on TCP and on MPTCP: the oracle sees success.",
            "inject"),
    PLAIT_CASES(everywhere_cases)};
