/* threats/controls.c: control cases (C-...): genuine acts that must not be reported, and the attack
 * that must always succeed. */
#include "threats/controls.h"

/* Linux sends no MP_PRIO for a subflow whose fourth ACK is still under way (docs/FINDINGS.md). */
enum { SETTLE_MS = 300 };

/* ---- C-OK-1 ------------------------------------------------------------------------------- */

static void make_before_break(struct plait_attack *a)
{
    plait_take_position(a);
    plait_act_path_down(a, 0);
    plait_expect_progress(a, 2 * PLAIT_GOES_ON_OCTETS);
}

static void break_before_make(struct plait_attack *a)
{
    plait_take_position(a);
    plait_act_path_down(a, 0);
    plait_pause(a, 500 * PLAIT_MS);
    plait_act_add_second(a);
    plait_expect_progress(a, 2 * PLAIT_GOES_ON_OCTETS);
}

/* ---- C-OK-2 ------------------------------------------------------------------------------- */

static void genuine_prio(struct plait_attack *a)
{
    plait_take_position(a);
    plait_pause(a, SETTLE_MS * PLAIT_MS);
    plait_act_back_up_second(a);
    plait_expect_effect(a, PLAIT_SERVER, PLAIT_EFFECT_PRIORITY);
    plait_expect_progress(a, PLAIT_GOES_ON_OCTETS);
}

static void genuine_remove(struct plait_attack *a)
{
    plait_take_position(a);
    plait_act_remove_second(a);
    plait_expect_effect(a, PLAIT_SERVER, PLAIT_EFFECT_ADDRESS_REMOVED);
    plait_expect_progress(a, PLAIT_GOES_ON_OCTETS);
}

static void genuine_fastclose(struct plait_attack *a)
{
    plait_take_position(a);
    plait_act_abort(a, PLAIT_CLIENT);
    plait_expect_effect(a, PLAIT_SERVER, PLAIT_EFFECT_FAST_CLOSED);
}

/* A join beyond the limits is reset with a reason (RFC 8684 §3.6). */
static void genuine_reset(struct plait_attack *a)
{
    plait_take_position(a);
    plait_act_forbid_joins(a, PLAIT_SERVER);
    plait_act_add_second(a);
    plait_expect_effect(a, PLAIT_SERVER, PLAIT_EFFECT_JOIN_REFUSED);
    plait_expect_progress(a, PLAIT_GOES_ON_OCTETS);
}

/* ---- C-POS-1 ------------------------------------------------------------------------------ */

static void everywhere(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "alters what passes on every path");
    plait_on_path(a, plait_alter_payload);
    plait_pause(a, PLAIT_S);
}

/* ---- records ------------------------------------------------------------------------------ */

/* Columns that have what a form is about: RFC 6181 §4 knows nothing but adding and removing. */
#define WITH_PRIO      PLAIT_LIST("v0", "v1", "M1h")
#define WITH_FASTCLOSE PLAIT_LIST("v0", "v1", "M1h")
#define WITH_JOIN      PLAIT_LIST("v0", "v1", "M1h")
#define WITH_REMOVAL   PLAIT_LIST("v0", "v1", "M0e", "M0i", "M1n", "M2")

static const struct plait_case handover_cases[] = {
    GENUINE("make-before-break", 2, make_before_break, ),
    GENUINE("break-before-make", 1, break_before_make, ),
};
static const struct plait_case signal_cases[] = {
    GENUINE("prio", 2, genuine_prio, .only = WITH_PRIO),
    GENUINE("remove-addr", 2, genuine_remove, .only = WITH_REMOVAL),
    GENUINE("fastclose", 2, genuine_fastclose, .only = WITH_FASTCLOSE),
    GENUINE("tcprst", 1, genuine_reset, .only = WITH_JOIN),
};
static const struct plait_case everywhere_cases[] = {{.form = "-",
                                                      .position = "ONALL",
                                                      .spoofing = true,
                                                      .victim = PLAIT_CLIENT,
                                                      .workload = PLAIT_REQUEST_RESPONSE,
                                                      .paths = 2,
                                                      .goals = PLAIT_GOAL_BIT(INJECT),
                                                      .script = everywhere,
                                                      .expect = PLAIT_MUST_BREAK,
                                                      .tcp_too = true}};

const struct plait_threat plait_control_ok_1 = {
    CONTROL(
        ON_KERNELS, "", "C-OK-1", "Genuine handover", "RFC 8684 §3.3.6", "OFF-NS",
        "Make before break and break before make: the stream stays whole and nothing is reported.",
        "kill", EVERY_MECHANISM),
    PLAIT_CASES(handover_cases)};
const struct plait_threat plait_control_ok_2 = {
    CONTROL(ON_KERNELS, "", "C-OK-2", "Genuine signals", "RFC 8684 §3.3.8, §3.4.2, §3.5, §3.6",
            "OFF-NS",
            "MP_PRIO, REMOVE_ADDR, MP_FASTCLOSE and MP_TCPRST of the hosts themselves, or what a "
            "mechanism has in their place, have their effect and are not reported.",
            "kill", EVERY_MECHANISM),
    PLAIT_CASES(signal_cases)};
const struct plait_threat plait_control_pos_1 = {
    CONTROL(ON_KERNELS, BLIND_EDIT, "C-POS-1", "Active on every path", "RFC 6181 §2", "ONALL",
            "An attacker of every path must succeed on TCP and on MPTCP: the oracle sees success.",
            "inject", EVERY_MECHANISM),
    PLAIT_CASES(everywhere_cases)};
