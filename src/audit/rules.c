/* audit/rules.c: the table of rules, and how one fires. */
#include "audit/rules.h"

#include <stdarg.h>
#include <string.h>

#include "audit/memory.h"
#include "audit/store.h"
#include "base/text.h"

/* Whether a rule needs a capture of all that passed both ends' links. */
enum { ONE_PLACE, WHOLE };
#define PASSED_ONE_LINK                                                                            \
    "the packet at its receiver's link, in a capture of all that passed its sender's"

static const struct plait_rule rules[] = {
    [PLAIT_RULE_KEYS_IN_CLEAR] =
        {"T-TS-2", "keys-in-clear", PLAIT_NOTE, ONE_PLACE,
         "keys travel in clear at every first handshake", "a key in MP_CAPABLE",
         "it is how v0 and v1 work: whoever saw the handshake can join later; protect the data "
         "above (TLS)"},
    [PLAIT_RULE_KEY_CHANGED] =
        {"T-KEY-3", "key-changed", PLAIT_ALERT, ONE_PLACE,
         "an end showed two keys for one connection",
         "two MP_CAPABLEs of one end with different keys",
         "somebody raced the handshake: do not trust paths of this connection; look for the sender "
         "of the first third ACK"},
    [PLAIT_RULE_KEY_ECHO] = {"T-KEY-1", "key-echo", PLAIT_ALERT, ONE_PLACE,
                             "the third ACK echoes a key that the peer did not send",
                             "the SYN/ACK's key and the echo",
                             "check that the server does not adopt an echoed key"},
    [PLAIT_RULE_KEY_REUSED] =
        {"T-MAC-4", "key-reused", PLAIT_WARNING, ONE_PLACE, "one key serves two connections",
         "the same key in two first handshakes",
         "keys must be fresh: proofs of one connection are valid in the other"},
    [PLAIT_RULE_JOIN_UNADVERTISED] =
        {"T-TS-2", "join-unadvertised", PLAIT_NOTE, ONE_PLACE,
         "a subflow was proven from an address that nobody advertised",
         "the join, from an address that is new to the connection",
         "usual for a host with several interfaces, and just what somebody looks like who "
         "overheard the keys: check whose address it is"},
    [PLAIT_RULE_JOIN_ELSEWHERE] =
        {"T-TS-2", "join-elsewhere", PLAIT_WARNING, WHOLE,
         "a join in an end's name passed none of its links",
         "the join at its receiver's link, in a capture that has all links of both ends",
         "somebody else has the keys, or an interface of that end is not captured: check whose "
         "address it is"},
    [PLAIT_RULE_JOIN_FORBIDDEN] = {"T-CBIT-1", "join-forbidden", PLAIT_NOTE, ONE_PLACE,
                                   "a join goes to an address that asked for none (C flag)",
                                   "the flag and the join",
                                   "the flag is advice only for some stacks"},
    [PLAIT_RULE_JOIN_UNKNOWN] = {"T-TOK-2", "join-unknown", PLAIT_NOTE, ONE_PLACE,
                                 "a join with a token that its target refused",
                                 "the join and the RST",
                                 "single ones are leftovers of closed connections"},
    [PLAIT_RULE_TOKEN_GUESS] =
        {"T-TOK-1", "token-guess", PLAIT_WARNING, ONE_PLACE, "tokens of a host are tried",
         "joins with different tokens that the host refused, within ten seconds",
         "limit the rate of joins from there; each answer tells whether a token lives"},
    [PLAIT_RULE_JOIN_FLOOD] =
        {"T-RES-2", "join-flood", PLAIT_ALERT, ONE_PLACE,
         "joins of one connection are left half open",
         "SYNs with its token from different places, none of them completed, within ten seconds",
         "limit half-open joins; the connection's own joins may be refused meanwhile"},
    [PLAIT_RULE_JOIN_SPRAY] =
        {"T-FLOOD-5", "join-spray", PLAIT_WARNING, ONE_PLACE,
         "joins go to several addresses that a peer announced, and none answers",
         "the announcements, and SYNs to each of four public addresses that were sent again",
         "a peer makes this host send packets to third parties: limit how many addresses of one "
         "peer are tried"},
    [PLAIT_RULE_JOIN_REFLECTED] = {"T-FLOOD-6", "join-reflected", PLAIT_WARNING, ONE_PLACE,
                                   "joins come from several addresses that do not answer",
                                   "SYN/ACKs to each of four public addresses that were sent again",
                                   "somebody names third parties as the source of joins: limit "
                                   "half-open joins, and how often "
                                   "their SYN/ACK is sent again"},
    [PLAIT_RULE_JOIN_MAC] = {"T-MAC-1", "join-mac", PLAIT_WARNING, ONE_PLACE,
                             "a join's MAC is wrong", "both keys, both nonces and the MAC",
                             "whoever joins does not have the keys"},
    [PLAIT_RULE_DATA_UNPROVEN] = {"T-MAC-1", "data-unproven", PLAIT_ALERT, ONE_PLACE,
                                  "data flows on a subflow whose proof is wrong",
                                  "the MAC, and data that is acknowledged",
                                  "the stack does not check proofs: replace it"},
    [PLAIT_RULE_NONCE_REPEATED] =
        {"T-MAC-3", "nonce-repeated", PLAIT_WARNING, ONE_PLACE,
         "an end used one nonce for two joins", "both joins",
         "a recorded join can be played again: check the end's random numbers"},
    [PLAIT_RULE_REFLECTION] = {"T-MAC-2", "reflection", PLAIT_WARNING, ONE_PLACE,
                               "both ends use the same nonce, or the same key", "both messages",
                               "somebody sends an end's own messages back to it"},
    [PLAIT_RULE_ADD_ADDR_MAC] = {"T-ADD-1", "add-addr-mac", PLAIT_WARNING, ONE_PLACE,
                                 "an advertised address has a wrong MAC",
                                 "both keys and the option",
                                 "somebody wants the peer to connect there: check who"},
    [PLAIT_RULE_ADD_ADDR_PRE_RFC] =
        {"T-MAC-5", "add-addr-pre-rfc", PLAIT_NOTE, ONE_PLACE,
         "an advertised address has the left half of its MAC", "both keys and the option",
         "an old stack: peers that follow RFC 8684 ignore its addresses"},
    [PLAIT_RULE_ADD_ADDR_CONFLICT] =
        {"T-ADD-3", "add-addr-conflict", PLAIT_WARNING, ONE_PLACE,
         "one address identifier stands for two addresses, without proof",
         "both options, none removed between them, neither with a valid MAC",
         "v0 does not protect addresses: prefer v1"},
    [PLAIT_RULE_ADD_ADDR_REPLAY] =
        {"T-ADD-2", "add-addr-replay", PLAIT_NOTE, ONE_PLACE,
         "a removed address was advertised again", "the same option before and after its removal",
         "usual where an interface comes back; a replay looks the same: check whose address it is "
         "now"},
    [PLAIT_RULE_ECHO_UNASKED] =
        {"T-ADD-4", "echo-unasked", PLAIT_NOTE, ONE_PLACE,
         "an address is echoed that was not advertised", "the echo",
         "the advertisement may be missing from the capture; an echo has no proof"},
    [PLAIT_RULE_CONTROL_FOREIGN] =
        {"T-RM-1", "control-foreign", PLAIT_WARNING, ONE_PLACE,
         "a control message did not come from its alleged sender",
         "its TTL, and that of the sender's packets before and after it; or a number that its "
         "sender had not reached long afterwards",
         "somebody injects: filter spoofed sources, look at what the message asked for"},
    [PLAIT_RULE_RST_FOREIGN] = {"T-RST-1", "rst-foreign", PLAIT_WARNING, ONE_PLACE,
                                "a reset that its alleged sender did not send",
                                "the RST, and what its alleged sender sent afterwards",
                                "a middlebox or an attacker resets subflows"},
    [PLAIT_RULE_REMOVE_FOREIGN] = {"T-RM-2", "remove-foreign", PLAIT_WARNING, ONE_PLACE,
                                   "an address was removed that its owner goes on using",
                                   "the REMOVE_ADDR, and new data from that address long after it",
                                   "somebody on one path takes others away"},
    [PLAIT_RULE_FIN_FOREIGN] =
        {"T-DFIN-1", "data-fin-foreign", PLAIT_ALERT, ONE_PLACE,
         "the stream's end was announced before its sender's end",
         "the DATA_FIN, and data behind it",
         "the receiver lost the rest without noticing: use TLS and check its close_notify"},
    [PLAIT_RULE_FASTCLOSE_KEY] = {"T-FC-2", "fastclose-key", PLAIT_WARNING, ONE_PLACE,
                                  "MP_FASTCLOSE with a wrong key", "the option",
                                  "somebody guesses, or a stack is broken"},
    [PLAIT_RULE_FASTCLOSE_FOREIGN] =
        {"T-FC-1", "fastclose-foreign", PLAIT_ALERT, ONE_PLACE,
         "a connection was closed with its key, not by its alleged sender",
         "the MP_FASTCLOSE, and what its alleged sender sent afterwards",
         "somebody overheard the keys"},
    [PLAIT_RULE_FAIL_UNFOUNDED] = {"T-FAIL-1", "fail-unfounded", PLAIT_WARNING, ONE_PLACE,
                                   "a checksum failure is reported where no checksums are used",
                                   "the negotiation, and the MP_FAIL", "somebody forces plain TCP"},
    [PLAIT_RULE_FALLBACK_FORCED] =
        {"T-DSS-5", "fallback-forced", PLAIT_WARNING, ONE_PLACE,
         "plain data forced a fallback that its alleged sender does not know of",
         "the data without mapping, and mappings of the same sender behind it",
         "data was injected, and the receiver took it"},
    [PLAIT_RULE_UNMAPPED] = {"T-DSS-5", "data-unmapped", PLAIT_NOTE, ONE_PLACE,
                             "data without a mapping, between data that have one",
                             "the data, and mappings of the same sender around it",
                             "options vanish on the way, or data were injected: look for a "
                             "contradiction"},
    [PLAIT_RULE_CONTRADICTION] =
        {"T-EVA-4", "contradiction", PLAIT_ALERT, ONE_PLACE, "two copies of the same octets differ",
         "the later packet, and the octets of both",
         "a receiver and a monitor may read different streams: somebody injects, or evades"},
    [PLAIT_RULE_ALTERED] = {"T-CSUM-1", "altered-on-path", PLAIT_NOTE, ONE_PLACE,
                            "octets of a subflow differ between two places of the capture",
                            "the later packet, and the octets of both",
                            "a middlebox edits payload"},
    [PLAIT_RULE_REMAPPED] = {"T-DSS-4", "remapped", PLAIT_WARNING, ONE_PLACE,
                             "a mapping contradicts an earlier one", "both mappings",
                             "mappings must never change: somebody injects, or a stack is broken"},
    [PLAIT_RULE_ACK_BACK] =
        {"T-DACK-1", "data-ack-back", PLAIT_ALERT, ONE_PLACE,
         "an end acknowledges less of the stream than it had acknowledged before",
         "the SYN of the subflow, what had been acknowledged by then, and the lower DATA_ACK on it",
         "two speak for one end: whoever joined does not know how far the stream is; do not trust "
         "paths of this connection"},
    [PLAIT_RULE_RST_ELSEWHERE] = {"T-RST-1", "rst-elsewhere", PLAIT_WARNING, WHOLE,
                                  "a reset did not pass its alleged sender's link", PASSED_ONE_LINK,
                                  "a middlebox or an attacker resets subflows"},
    [PLAIT_RULE_FASTCLOSE_ELSEWHERE] = {"T-FC-1", "fastclose-elsewhere", PLAIT_ALERT, WHOLE,
                                        "MP_FASTCLOSE did not pass its alleged sender's link",
                                        PASSED_ONE_LINK, "somebody overheard the keys"},
    [PLAIT_RULE_FIN_ELSEWHERE] = {"T-DFIN-1", "data-fin-elsewhere", PLAIT_ALERT, WHOLE,
                                  "the stream's end did not pass its alleged sender's link",
                                  PASSED_ONE_LINK,
                                  "the receiver may have lost the rest without noticing: use TLS "
                                  "and check its close_notify"},
    [PLAIT_RULE_CONTROL_ELSEWHERE] =
        {"T-RM-1", "control-elsewhere", PLAIT_WARNING, WHOLE,
         "a control message did not pass its alleged sender's link", PASSED_ONE_LINK,
         "somebody injects: filter spoofed sources, look at what the message asked for"},
    [PLAIT_RULE_DATA_ELSEWHERE] = {"B-DATA", "data-elsewhere", PLAIT_ALERT, WHOLE,
                                   "data did not pass their alleged sender's link", PASSED_ONE_LINK,
                                   "somebody injects: filter spoofed sources, use TLS"},
    [PLAIT_RULE_CHECKSUM] =
        {"T-CSUM-1", "dss-checksum", PLAIT_NOTE, ONE_PLACE,
         "a mapping's checksum does not fit its octets",
         "the whole mapping, with a valid TCP checksum",
         "payload was edited on the way; the connection falls back or loses the subflow"},
};
_Static_assert(sizeof rules / sizeof rules[0] == PLAIT_RULE_COUNT, "each rule has a row");
_Static_assert(PLAIT_RULE_COUNT <= PLAIT_RULES_MAX, "stories have a bit for each");

const struct plait_rule *plait_rules(unsigned *count)
{
    *count = PLAIT_RULE_COUNT;
    return rules;
}

const struct plait_rule *plait_rule_named(const char *name)
{
    for (unsigned i = 0; i < PLAIT_RULE_COUNT; i++)
        if (strcmp(rules[i].name, name) == 0)
            return &rules[i];
    return NULL;
}

/* ---- firing --------------------------------------------------------------------------------- */

/* False: it has fired for C. */
static bool note_fired(struct plait_audit *a, struct plait_connection *c,
                       enum plait_rule_number rule)
{
    if (rule == PLAIT_RULE_JOIN_UNADVERTISED) { /* so usual that nothing is kept for it */
        bool is_new = !(c->flags & PLAIT_CON_UNADVERTISED);
        c->flags |= PLAIT_CON_UNADVERTISED;
        return is_new;
    }
    struct plait_story *story = plait_store_story(a, c);
    if (!story) {
        uint64_t what = plait_fact(a, PLAIT_FACT_FIRED, c->number, rule);
        return !plait_memory_find(&a->facts, what) && plait_memory_put(&a->facts, what);
    }
    if (story->fired >> rule & 1)
        return false;
    story->fired |= (uint64_t)1 << rule;
    story->alert_count++;
    if (story->worst < rules[rule].severity)
        story->worst = (uint8_t)rules[rule].severity;
    return true;
}

void plait_raise(struct plait_audit *a, struct plait_connection *c, uint32_t subflow,
                 enum plait_rule_number rule, const struct plait_packet_ref *refs, unsigned count,
                 const char *format, ...)
{
    if (c && !note_fired(a, c, rule))
        return;
    plait_count(a, PLAIT_COUNT_ALERTS);
    if (!a->sink.alert)
        return;
    struct plait_alert alert = {.rule = &rules[rule],
                                .connection = c ? c->number : 0,
                                .subflow = c && subflow ? plait_sub(a, subflow)->number : 0};
    for (unsigned i = 0; i < count && alert.packet_count < PLAIT_ALERT_PACKETS_MAX; i++)
        if (refs[i].frame)
            alert.packets[alert.packet_count++] = refs[i];
    va_list arguments;
    va_start(arguments, format);
    struct plait_text text = plait_text(alert.text, sizeof alert.text);
    plait_text_add_list(&text, format, arguments);
    va_end(arguments);
    a->sink.alert(a->owner, &alert);
}
