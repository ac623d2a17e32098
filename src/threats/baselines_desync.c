/* threats/baselines_desync.c: the bar, continued: what routers are said to say, and two ends that
 * are made to disagree about the numbers. */
#include "threats/baselines.h"

enum { EFFECT_MS = 300, LEAST_MTU_OCTETS = 68 /* RFC 791 §3.2 */, WATCH_S = 6 };

/* ---- B-ICMP ------------------------------------------------------------------------------- */

static void say_unreachable(struct plait_attack *a, const struct plait_numbers *numbers,
                            void *unused)
{
    (void)unused;
    plait_send_unreachable(a, numbers);
}

void plait_b_icmp(struct plait_attack *a)
{
    struct plait_numbers numbers;
    plait_take_position(a);
    if (!plait_get_quoted(a, say_unreachable, NULL, &numbers))
        return;
    plait_step(a, "says as a router that the peer's port is unreachable");
    plait_send_unreachable(a, &numbers);
    plait_pause(a, EFFECT_MS * PLAIT_MS);
    plait_mark(a);
}

static void say_too_big(struct plait_attack *a, const struct plait_numbers *numbers, void *unused)
{
    (void)unused;
    plait_send_too_big(a, numbers, LEAST_MTU_OCTETS);
}

/* Segments of a few octets: most of what a narrow link carries is headers. */
static void b_icmp_too_big(struct plait_attack *a)
{
    struct plait_numbers numbers;
    plait_take_position(a);
    if (!plait_get_quoted(a, say_too_big, NULL, &numbers))
        return;
    plait_step(a, "says as a router that no more than 68 octets go through");
    plait_send_too_big(a, &numbers, LEAST_MTU_OCTETS);
    plait_pause(a, EFFECT_MS * PLAIT_MS);
    plait_mark(a);
}

/* ---- B-ACKS ------------------------------------------------------------------------------- */

static void write_as(struct plait_attack *a, const struct plait_numbers *numbers, void *unused)
{
    (void)unused;
    struct plait_segment segment = plait_forged(numbers, PLAIT_ACK | PLAIT_PSH);
    segment.payload = plait_full_payload();
    segment.payload_octets = PLAIT_FULL_OCTETS;
    plait_send(a, &segment);
}

/* What the victim acknowledges the peer has not sent yet; he answers by an acknowledgment whose own
 * number is old to the victim, who answers that.  All that the victim writes carries the same
 * acknowledgment, and is refused for it (RFC 5961 §5). */
void plait_b_acks(struct plait_attack *a)
{
    plait_take_position(a);
    struct plait_numbers numbers = plait_get_numbers(a, 0, PLAIT_ACCEPT_IN_WINDOW, write_as, NULL);
    plait_step(a, "writes in the peer's name what the peer never sent");
    write_as(a, &numbers, NULL);
    plait_pause(a, EFFECT_MS * PLAIT_MS);
    plait_mark(a);
}

/* ---- records ------------------------------------------------------------------------------ */

static const struct plait_case icmp_cases[] = {{.form = "-",
                                                .position = "ON1-E",
                                                .victim = PLAIT_SERVER,
                                                .workload = PLAIT_BULK,
                                                .paths = 1,
                                                .goals = PLAIT_GOAL_BIT(KILL),
                                                .script = plait_b_icmp,
                                                .needs_volume = true,
                                                .witnesses = {PLAIT_GRANT_HEEDED},
                                                .expect = PLAIT_SHOWN_ALONE,
                                                .only_tcp = true,
                                                .only_own = true},
                                               {.form = "too-big",
                                                .position = "ON1-E",
                                                .victim = PLAIT_SERVER,
                                                .workload = PLAIT_BULK,
                                                .paths = 1,
                                                .goals = PLAIT_GOAL_BIT(DEGRADE),
                                                .script = b_icmp_too_big,
                                                .watch_ns = WATCH_S * PLAIT_S,
                                                .narrow = true,
                                                .needs_volume = true,
                                                .only_ipv4 = true,
                                                .witnesses = {PLAIT_GRANT_ANY_MTU},
                                                .expect = PLAIT_SHOWN_ALONE,
                                                .only_tcp = true,
                                                .only_own = true}};
static const struct plait_case acks_cases[] = {{.form = "-",
                                                .position = "ON1-E",
                                                .spoofing = true,
                                                .victim = PLAIT_SERVER,
                                                .workload = PLAIT_BULK,
                                                .paths = 1,
                                                .goals = PLAIT_GOAL_BIT(DEGRADE),
                                                .script = plait_b_acks,
                                                .expect = PLAIT_SHOWN_ALONE,
                                                .only_tcp = true}};

const struct plait_threat plait_baseline_icmp = {
    BASELINE("B-ICMP", "Forged ICMP errors", "ON1-E", "RFC 5927 §5.2, §7",
             "Anybody may say as a router that a port is unreachable, or a segment too big, "
             "quoting one in flight: once that ended a connection, or cut it into small pieces.",
             "kill",
             "hard errors of an established connection taken for soft ones; a least size "
             "of segments",
             "errors of ICMP are not read"),
    PLAIT_CASES(icmp_cases)};
const struct plait_threat plait_baseline_acks = {
    BASELINE("B-ACKS", "ACK storm", "ON1-E", "RFC 5961 §7",
             "A forged segment makes an end acknowledge what its peer never sent: both answer each "
             "other, and the stream stands still.",
             "degrade", "numbers in the window; the limit of challenge ACKs bounds the storm",
             BLIND_PACKET),
    PLAIT_CASES(acks_cases)};
