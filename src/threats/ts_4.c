/* threats/ts_4.c: T-TS-4 and T-TS-5, of mechanisms with an anchor (RFC 6181 §6.2, class C3).
 *
 * No column has one yet: a public key, the tip of a hash chain, a Diffie-Hellman value (M5, M10).
 * So neither has a case. */
#include "threats/record.h"

const struct plait_threat plait_threat_ts_4 = {
    .info = {.id = "T-TS-4",
             .title = "Anchor substituted",
             .kind = "threat",
             .source = "RFC 6181 §6.2",
             .section = SECTION_TIME_SHIFTED,
             .summary = "Who is on the path of the first handshake puts his own anchor in the "
                        "peer's place, and adds addresses with it after he left.",
             .positions = PLAIT_LIST("PA-H"),
             .goals = PLAIT_LIST("read", "inject", "takeover"),
             .mechanisms = PLAIT_LIST(NULL),
             .host_risk = "none",
             .stopped_by_text = "M4 pre-shared key, M7 external keys, M8 addresses bound to keys",
             .remains_text = "the peer's own address messages fail: the ends can notice",
             .wire_blind_text = ""},
};

const struct plait_threat plait_threat_ts_5 = {
    .info = {.id = "T-TS-5",
             .title = "Rewrite under an anchor",
             .kind = "threat",
             .source = "RFC 6181 §6.2",
             .section = SECTION_TIME_SHIFTED,
             .summary = "T-TS-3 where an anchor proves who adds an address: the address is still "
                        "what a NAT may change.",
             .positions = PLAIT_LIST("PA-J"),
             .goals = PLAIT_LIST("read", "inject", "takeover"),
             .mechanisms = PLAIT_LIST(NULL),
             .host_risk = "none",
             .stopped_by_text = "nothing that protects addresses (RFC 7430 §6.1)",
             .remains_text = "all of it, as T-TS-3",
             .wire_blind_text = "a NAT looks the same"},
};
