/* threats/ts_7.c: T-TS-7, a third address is added by one who then leaves for good: octets go there
 * although nobody helps any more. */
#include "threats/record.h"

/* Several retransmission timeouts after he left; and long enough to meet one of those that come at
 * least every 120 s, after 300 s too. */
enum { TIMEOUTS_S = 5, LISTEN_S = 125 };

/* A witness says whether it is another path that carries on. */
static void watch(struct plait_attack *a, bool alone)
{
    if (alone || plait_is_granted(a, PLAIT_GRANT_ONE_PATH))
        plait_remove_peer(a);
    plait_vanish(a);
    plait_pause(a, TIMEOUTS_S * PLAIT_S);
    plait_step(a, "is long gone");
    plait_count_from_here(a);
}

/* An address of somebody else's. */
static void lead_to_other(struct plait_attack *a, bool alone)
{
    plait_step(a, "listens to the first handshake");
    plait_stand(a);
    if (plait_add_other(a, 0))
        watch(a, alone);
}

static void other(struct plait_attack *a)
{
    lead_to_other(a, false);
}

static void only_other(struct plait_attack *a)
{
    lead_to_other(a, true);
}

/* One that answers the check while he is there: his own, which is a stranger's when he has left. */
static void lead_to_own(struct plait_attack *a, bool alone)
{
    plait_step(a, "listens to a handshake");
    plait_stand(a);
    if (plait_claim_path(a))
        watch(a, alone);
}

static void own(struct plait_attack *a)
{
    lead_to_own(a, false);
}

static void only_own(struct plait_attack *a)
{
    lead_to_own(a, true);
}

#define CHECK  PLAIT_GRANT_CHECK
#define BULK   PLAIT_GRANT_BULK
#define KEYS   PLAIT_GRANT_KEYS
#define ALONE  PLAIT_GRANT_ONE_PATH
#define SILENT PLAIT_GRANT_SILENCE

#define CASE(name, where, path_count, spoof, load, soon, play, kind, columns, ...)                 \
    {                                                                                              \
        .form = name, .position = where, .spoofing = spoof, .victim = PLAIT_SERVER,                \
        .workload = load, .paths = path_count, .goals = PLAIT_GOAL_BIT(FLOOD_DATA),                \
        .script = play, .watch_ns = LISTEN_S * PLAIT_S, .strangers = kind, .only = columns,        \
        .only_soon = soon, .witnesses = {                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define QUIET PLAIT_STRANGER_SILENT
/* Of message columns another path is taken away by a message, of the others by a reset. */
#define OWN(spoof, load, soon, columns)                                                            \
    CASE("own", "PE-H", 1, spoof, load, soon, own, QUIET, columns, ALONE, BULK, ALONE | BULK)
#define OWN_JOINED(where, path_count, load, soon, columns)                                         \
    CASE("own", where, path_count, false, load, soon, own, QUIET, columns, BULK, KEYS, KEYS | BULK)
#define OTHER(spoof, load, soon, columns)                                                          \
    CASE("silent", "PE-H", 1, spoof, load, soon, other, QUIET, columns, CHECK, ALONE, BULK,        \
         CHECK | ALONE, CHECK | BULK, ALONE | BULK, CHECK | ALONE | BULK)
#define LIVE(load, columns)                                                                        \
    CASE("live", "PE-H", 1, true, load, true, other, PLAIT_STRANGER_LIVE, columns, SILENT,         \
         CHECK | SILENT, ALONE | SILENT, CHECK | ALONE | SILENT)
#define ONLY(name, load, soon, play)                                                               \
    CASE(name, "PE-H", 1, true, load, soon, play, QUIET, PLAIT_MESSAGE, CHECK)

/* A message that names the address needs no other source; all else does.  What is bulk, and 300 s
 * away, is dear: it is played where it may differ.
 *
 * On Linux a small write stays on the first path unless the one before it is still under way there,
 * and one of four thousand decides the row, for it is sent again until the watch ends.  The lab's
 * trickle therefore never lets two meet (lab/apps.c), so that the row asks for the scheduler and
 * not for the machine; that two do spill is F-7 (docs/FINDINGS.md), and bulk is the row where they
 * do. */
static const struct plait_case cases[] = {
    OTHER(true, PLAIT_BULK, true, PLAIT_LIST("M0e", "M0i")),
    OTHER(true, PLAIT_TRICKLE, false, PLAIT_EVERY),
    OTHER(true, PLAIT_IDLE, true, PLAIT_EVERY),
    OTHER(false, PLAIT_TRICKLE, true, PLAIT_LIST("M0e")),
    LIVE(PLAIT_TRICKLE, PLAIT_EVERY),
    OWN(false, PLAIT_TRICKLE, true, PLAIT_NAMING),
    OWN(false, PLAIT_IDLE, true, PLAIT_NAMING),
    OWN(true, PLAIT_TRICKLE, true, PLAIT_LIST("M0i")),
    OWN_JOINED("PE-H", 1, PLAIT_BULK, true, PLAIT_LIST("M1h", "v1")),
    OWN_JOINED("PE-H", 1, PLAIT_TRICKLE, false, PLAIT_JOINED),
    OWN_JOINED("PE-H", 1, PLAIT_IDLE, true, PLAIT_JOINED),
    OWN_JOINED("PE-J", 2, PLAIT_TRICKLE, true, PLAIT_JOINED),
    /* The peer's own address goes, too: no other path carries on. */
    ONLY("silent-alone", PLAIT_BULK, true, only_other),
    ONLY("silent-alone", PLAIT_TRICKLE, false, only_other),
    ONLY("own-alone", PLAIT_BULK, true, only_own),
    ONLY("own-alone", PLAIT_TRICKLE, true, only_own),
};

const struct plait_threat plait_threat_ts_7 = {
    .info =
        {
            .id = "T-TS-7",
            .title = "Effect outlives the attacker",
            .kind = "threat",
            .source = "RFC 6181 §6.2, RFC 4218 §4.1.2",
            .section = SECTION_TIME_SHIFTED,
            .summary = "The attacker adds a third address while he is on the path, and leaves for "
                       "good; octets still go there.",
            .positions = PLAIT_LIST("PE-H", "PE-J"),
            .goals = PLAIT_LIST("flood_data"),
            .mechanisms = PLAIT_EVERY,
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "the reachability check, where nobody answers it",
            .remains_text =
                "no binding of a path ends by itself: a sink that answered once is one for as long "
                "as TCP waits; where small writes stay on the first path (Linux), as soon as two "
                "of them meet under way",
            .seen_as = PLAIT_LIST("contradiction", "data-ack-back", "join-elsewhere"),
            .wire_blind_text = BLIND_JOIN,
        },
    PLAIT_CASES(cases),
};
