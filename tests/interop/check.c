/* The counters that are watched, what each case lets move, and what it needs to move.
 * May touch: the world's ends, by asking. */
#include "tests/interop/check.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- counters that may not move ----------------------------------------------------------------
 */

struct watched {
    const char *name;
    unsigned allowed_by; /* of enum interop_allowance; 0 = never */
};

static const struct watched of_kernel[] = {
    {"TcpInCsumErrors", 0},
    {"MPTcpExtMPCapableFallbackACK", INTEROP_ALLOW_FALLBACK},
    {"MPTcpExtMPCapableFallbackSYNACK", INTEROP_ALLOW_FALLBACK},
    {"MPTcpExtMPCapableDataFallback", INTEROP_ALLOW_FALLBACK},
    {"MPTcpExtMPCapableSYNTXDrop", INTEROP_ALLOW_FALLBACK},
    {"MPTcpExtBlackhole", INTEROP_ALLOW_FALLBACK},
    {"MPTcpExtDssFallback", INTEROP_ALLOW_FALLBACK},
    {"MPTcpExtInfiniteMapTx", INTEROP_ALLOW_FALLBACK},
    {"MPTcpExtInfiniteMapRx", INTEROP_ALLOW_FALLBACK},
    {"MPTcpExtFallbackFailed", 0},
    {"MPTcpExtMPJoinNoTokenFound", INTEROP_ALLOW_JOIN},
    {"MPTcpExtMPJoinSynAckHMacFailure", INTEROP_ALLOW_JOIN},
    {"MPTcpExtMPJoinAckHMacFailure", INTEROP_ALLOW_JOIN},
    {"MPTcpExtMPJoinRejected", INTEROP_ALLOW_JOIN},
    {"MPTcpExtMPJoinSynTxCreatSkErr", 0},
    {"MPTcpExtMPJoinSynTxBindErr", 0},
    {"MPTcpExtMPJoinSynTxConnectErr", INTEROP_ALLOW_JOIN},
    {"MPTcpExtMismatchPortSynRx", 0},
    {"MPTcpExtMismatchPortAckRx", 0},
    {"MPTcpExtDSSNotMatching", INTEROP_ALLOW_DSS},
    {"MPTcpExtDSSCorruptionFallback", INTEROP_ALLOW_DSS},
    {"MPTcpExtDSSCorruptionReset", INTEROP_ALLOW_RESET},
    {"MPTcpExtDSSNoMatchTCP", INTEROP_ALLOW_DSS},
    {"MPTcpExtDataCsumErr", INTEROP_ALLOW_CHECKSUM},
    {"MPTcpExtMPFailTx", INTEROP_ALLOW_CHECKSUM},
    {"MPTcpExtMPFailRx", INTEROP_ALLOW_CHECKSUM},
    {"MPTcpExtMPRstTx", INTEROP_ALLOW_RESET | INTEROP_ALLOW_FASTCLOSE},
    {"MPTcpExtMPRstRx", INTEROP_ALLOW_RESET | INTEROP_ALLOW_FASTCLOSE},
    {"MPTcpExtMPFastcloseTx", INTEROP_ALLOW_FASTCLOSE},
    {"MPTcpExtMPFastcloseRx", INTEROP_ALLOW_FASTCLOSE},
    {"MPTcpExtAddAddrDrop", 0},
    {"MPTcpExtRmAddrDrop", 0},
};

static const struct watched of_plait[] = {
    {"NO_MEMORY", 0},
    {"NO_MEMORY_AHEAD", 0},
    {"JOIN_NO_TOKEN", INTEROP_ALLOW_JOIN},
    {"JOIN_BAD_HMAC", INTEROP_ALLOW_JOIN},
    {"JOIN_LIMIT", 0},
    {"ADD_ADDR_BAD_HMAC", 0},
    {"ADD_ADDR_LIMIT", 0},
    {"REMOVE_ADDR_UNKNOWN", 0},
    {"FALLBACK", INTEROP_ALLOW_FALLBACK},
    {"FASTCLOSE_IN", INTEROP_ALLOW_FASTCLOSE},
    {"FASTCLOSE_BAD_KEY", 0},
    {"FAIL_IN", INTEROP_ALLOW_CHECKSUM},
    {"CHECKSUM_BAD", INTEROP_ALLOW_CHECKSUM},
    {"MAPPING_CONFLICT", INTEROP_ALLOW_DSS},
    {"DSN_OUT_OF_WINDOW", INTEROP_ALLOW_DSS},
    {"DATA_ACK_BAD", 0},
    {"OPTION_INVALID", INTEROP_ALLOW_JOIN},
    {"NOT_FOR_US", INTEROP_ALLOW_RESET},
    {"MALFORMED", 0},
    {"FLOWS_LIMIT", 0},
    {"ACCEPT_LIMIT", 0},
    {"COOKIES_BAD", 0},
};

/* Not judged, but told: what helps to understand a run. */
static const struct watched told_of_kernel[] = {
    {"TcpRetransSegs", 0},         {"TcpExtTCPTimeouts", 0},
    {"TcpEstabResets", 0},         {"TcpOutRsts", 0},
    {"MPTcpExtMPTCPRetrans", 0},   {"MPTcpExtDuplicateData", 0},
    {"MPTcpExtRmSubflow", 0},      {"MPTcpExtNoDSSInWindow", 0},
    {"MPTcpExtOFOQueue", 0},       {"TcpExtTCPChallengeACK", 0},
    {"TcpExtSyncookiesRecv", 0},   {"MPTcpExtAddAddrTxDrop", 0},
    {"MPTcpExtRcvWndConflict", 0}, {"MPTcpExtAddAddr", 0},
    {"MPTcpExtEchoAdd", 0},        {"MPTcpExtMPJoinSynRx", 0},
    {"MPTcpExtMPJoinSynTx", 0},    {"MPTcpExtMPJoinAckRx", 0},
    {"MPTcpExtMPJoinSynAckRx", 0}, {"MPTcpExtSubflowRecover", 0},
    {"MPTcpExtSubflowStale", 0},   {"IpFragFails", 0},
    {"TcpExtPruneCalled", 0}};
static const struct watched told_of_plait[] = {
    {"RETRANSMITTED", 0}, {"TIMEOUTS", 0},    {"OUT_OF_WINDOW", 0}, {"PAWS", 0},
    {"OLD_ACK", 0},       {"RESETS_IN", 0},   {"CHALLENGE_RST", 0}, {"REFUSED_BY_OWNER", 0},
    {"JOIN_IN", 0},       {"JOIN_OUT", 0},    {"REINJECTED", 0},    {"ADD_ADDR_IN", 0},
    {"NO_FLOW", 0},       {"NO_LISTENER", 0}, {"RESETS_OUT", 0},    {"PROBES", 0},
};

static void check_table(struct interop_end *end, const struct watched *table, size_t count,
                        bool is_judged, struct plait_text *why, json_t *counters)
{
    for (size_t i = 0; i < count; i++) {
        int64_t value = end->ops->count(end, table[i].name);
        if (value == 0)
            continue;
        char name[96];
        snprintf(name, sizeof name, "%s.%s", end->which == INTEROP_CLIENT ? "client" : "server",
                 table[i].name);
        json_object_set_new(counters, name, json_integer(value));
        if (is_judged && !(end->c->allowed & table[i].allowed_by))
            plait_text_add(why, "%s%s counts %lld %s", why->length ? "; " : "", end->name,
                           (long long)value, table[i].name);
    }
}

/* ---- counters that must move -------------------------------------------------------------------
 */

/* What the end that did not act must have noticed. */
static const struct {
    enum interop_event event;
    const char *kernel, *plait;
} noticed[] = {
    {INTEROP_ADD_ADDR, "MPTcpExtAddAddr", "ADD_ADDR_IN"},
    {INTEROP_ADD_ADDR_PORT, "MPTcpExtPortAdd", "ADD_ADDR_IN"},
    {INTEROP_REMOVE_ADDR, "MPTcpExtRmAddr", "REMOVE_ADDR_IN"},
    {INTEROP_PRIO, "MPTcpExtMPPrioRx", "PRIO_IN"},
    {INTEROP_FASTCLOSE_RST, "MPTcpExtMPFastcloseRx", "FASTCLOSE_IN"},
    {INTEROP_FASTCLOSE_ACK, "MPTcpExtMPFastcloseRx", "FASTCLOSE_IN"},
};

static void must_move(struct interop_end *end, const char *kernel, const char *plait,
                      struct plait_text *why)
{
    const char *name = end->host ? kernel : plait;
    if (name && end->ops->count(end, name) == 0)
        plait_text_add(why, "%s%s counts no %s", why->length ? "; " : "", end->name, name);
}

static void check_noticed(struct interop_world *world, struct plait_text *why)
{
    const struct interop_case *c = world->c;
    for (size_t i = 0; i < COUNT(noticed); i++)
        if (noticed[i].event == c->event && c->event)
            must_move(&world->ends[!c->actor], noticed[i].kernel, noticed[i].plait, why);
    if (c->event == INTEROP_ADD_ADDR || c->event == INTEROP_ADD_ADDR_PORT)
        must_move(&world->ends[c->actor], "MPTcpExtEchoAdd", NULL, why);
    if (c->syn_cookies)
        must_move(&world->ends[INTEROP_SERVER], "TcpExtSyncookiesRecv", NULL, why);
    if (c->change && !world->box.changed)
        plait_text_add(why, "%sthe box changed nothing", why->length ? "; " : "");
}

void interop_check_counters(struct interop_world *world, struct plait_text *why, json_t *counters)
{
    for (unsigned which = 0; which < INTEROP_ENDS; which++) {
        struct interop_end *end = &world->ends[which];
        if (end->host) {
            check_table(end, of_kernel, COUNT(of_kernel), true, why, counters);
            check_table(end, told_of_kernel, COUNT(told_of_kernel), false, why, counters);
        } else {
            check_table(end, of_plait, COUNT(of_plait), true, why, counters);
            check_table(end, told_of_plait, COUNT(told_of_plait), false, why, counters);
        }
    }
    check_noticed(world, why);
}

/* ---- the rest ----------------------------------------------------------------------------------
 */

void interop_check_facts(const struct interop_case *c, const struct interop_end *end,
                         const struct interop_facts *facts, struct plait_text *why)
{
    bool wants_multipath =
        c->outcome == INTEROP_EITHER ? facts->is_multipath : c->outcome == INTEROP_MULTIPATH;
    const char *then = why->length ? "; " : "";
    if (facts->is_multipath != wants_multipath)
        plait_text_add(why, "%s%s speaks %s", then, end->name,
                       facts->is_multipath ? "Multipath TCP" : "plain TCP");
    else if (facts->subflows < c->subflows_min || facts->subflows > c->subflows_max)
        plait_text_add(why, "%s%s has %u subflows, not %u to %u", then, end->name, facts->subflows,
                       c->subflows_min, c->subflows_max);
    else if (wants_multipath && end->host && facts->has_checksum != (c->checksum != 0))
        plait_text_add(why, "%s%s: checksums are %s", then, end->name,
                       facts->has_checksum ? "on" : "off");
}

/* Where a box has corrupted an octet of the only path, it is delivered (RFC 8684 §3.7): there is no
 * other copy. */
void interop_check_octets(const struct interop_case *c, const struct interop_end *end,
                          uint64_t wanted, struct plait_text *why)
{
    const struct interop_state *state = &end->state;
    uint64_t forgiven = c->change == INTEROP_CORRUPT && c->paths == 1 ? 1 : 0;
    const char *then = why->length ? "; " : "";
    if (state->foreign > forgiven)
        plait_text_add(why, "%s%s read %llu wrong octets", then, end->name,
                       (unsigned long long)state->foreign);
    if (state->received != wanted)
        plait_text_add(why, "%s%s read %llu octets, not %llu", then, end->name,
                       (unsigned long long)state->received, (unsigned long long)wanted);
}
