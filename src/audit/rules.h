/* audit/rules.h: internal: what is told to the rules, and the table of them.
 *
 * A rule fires on proof only: where the capture may lack what would excuse, it stays silent or a
 * note.  What one packet cannot prove becomes a *suspect*: its alleged sender, who goes on as if he
 * had not sent it, proves it.  May touch: stories and facts; calls the sink. */
#ifndef PLAIT_AUDIT_RULES_H
#define PLAIT_AUDIT_RULES_H

#include "audit/inside.h"

enum plait_rule_number {
    PLAIT_RULE_KEYS_IN_CLEAR,
    PLAIT_RULE_KEY_CHANGED,
    PLAIT_RULE_KEY_ECHO,
    PLAIT_RULE_KEY_REUSED,
    PLAIT_RULE_JOIN_UNADVERTISED,
    PLAIT_RULE_JOIN_ELSEWHERE,
    PLAIT_RULE_JOIN_FORBIDDEN,
    PLAIT_RULE_JOIN_UNKNOWN,
    PLAIT_RULE_TOKEN_GUESS,
    PLAIT_RULE_JOIN_FLOOD,
    PLAIT_RULE_JOIN_SPRAY,
    PLAIT_RULE_JOIN_REFLECTED,
    PLAIT_RULE_JOIN_MAC,
    PLAIT_RULE_DATA_UNPROVEN,
    PLAIT_RULE_NONCE_REPEATED,
    PLAIT_RULE_REFLECTION,
    PLAIT_RULE_ADD_ADDR_MAC,
    PLAIT_RULE_ADD_ADDR_PRE_RFC,
    PLAIT_RULE_ADD_ADDR_CONFLICT,
    PLAIT_RULE_ADD_ADDR_REPLAY,
    PLAIT_RULE_ECHO_UNASKED,
    PLAIT_RULE_CONTROL_FOREIGN,
    PLAIT_RULE_RST_FOREIGN,
    PLAIT_RULE_REMOVE_FOREIGN,
    PLAIT_RULE_FIN_FOREIGN,
    PLAIT_RULE_FASTCLOSE_KEY,
    PLAIT_RULE_FASTCLOSE_FOREIGN,
    PLAIT_RULE_FAIL_UNFOUNDED,
    PLAIT_RULE_FALLBACK_FORCED,
    PLAIT_RULE_UNMAPPED,
    PLAIT_RULE_CONTRADICTION,
    PLAIT_RULE_ALTERED,
    PLAIT_RULE_REMAPPED,
    PLAIT_RULE_ACK_BACK,
    PLAIT_RULE_RST_ELSEWHERE,
    PLAIT_RULE_FASTCLOSE_ELSEWHERE,
    PLAIT_RULE_FIN_ELSEWHERE,
    PLAIT_RULE_CONTROL_ELSEWHERE,
    PLAIT_RULE_DATA_ELSEWHERE,
    PLAIT_RULE_CHECKSUM,
    PLAIT_RULE_COUNT
};

/* ---- firing (rules.c) ---- */

/* Once for a connection.  REFS: packets that prove it; those without a frame are left out. */
void plait_raise(struct plait_audit *a, struct plait_connection *c, uint32_t subflow,
                 enum plait_rule_number rule, const struct plait_packet_ref *refs, unsigned count,
                 const char *format, ...) __attribute__((format(printf, 7, 8)));
static inline struct plait_packet_ref plait_ref_or_none(const struct plait_packet_ref *ref)
{
    return ref ? *ref : (struct plait_packet_ref){0};
}
/* Of AT's packet, and OTHER (NULL: none). */
#define plait_raise_at(at, rule, other, ...)                                                       \
    plait_raise((at)->a, (at)->c, (at)->subflow_number, rule,                                      \
                (const struct plait_packet_ref[]){plait_ref_or_none(other), (at)->ref}, 2,         \
                __VA_ARGS__)

/* ---- suspects (rules_sender.c) ---- */

void plait_suspect(struct plait_at *at, enum plait_rule_number rule, uint64_t value);
/* AT's packet, whatever it is, after its data: does it show a suspect to be forged? */
void plait_rule_packet(struct plait_at *at);
void plait_rule_reset(struct plait_at *at);
void plait_rule_remove_addr(struct plait_at *at, uint8_t addr_id);
void plait_rule_prio(struct plait_at *at, const struct plait_mp_prio *option);
void plait_rule_fail(struct plait_at *at, int64_t offset);
void plait_rule_fastclose(struct plait_at *at, enum plait_judgement judgement);

/* ---- places (rules_place.c) ---- */

/* AT's packet, and the join that it opens, seen at PLACE (as plait_subflow.ttl_place has it). */
void plait_rule_place(struct plait_at *at, uint16_t place);
void plait_rule_place_join(struct plait_at *at, uint16_t place);
/* Where AT's packet was seen. */
uint16_t plait_rule_place_of(const struct plait_at *at);

/* ---- keys and joins (rules_join.c) ---- */

/* KEY will be asked for: what names it in memory, which is on its way; and when END has it. */
uint64_t plait_rule_key_expect(const struct plait_at *at, uint64_t key);
void plait_rule_key_seen(struct plait_at *at, unsigned end, uint64_t key, uint64_t what);
/* AT's SYN/ACK has KEY again: elsewhere it may be seen for the first time. */
void plait_rule_key_again(struct plait_at *at, uint64_t key);
void plait_rule_key_changed(struct plait_at *at);
void plait_rule_key_echo(struct plait_at *at);
void plait_rule_join_syn(struct plait_at *at, const struct plait_mp_join *option, bool is_known);
void plait_rule_nonce(struct plait_at *at, uint32_t nonce);
void plait_rule_join_mac(struct plait_at *at, const struct plait_packet_ref *syn);
void plait_rule_joined(struct plait_at *at, enum plait_judgement judgement);
/* A join that found no connection was answered by RST. */
void plait_rule_join_refused(struct plait_at *at);

/* ---- addresses (rules_address.c) ---- */

void plait_rule_add_addr(struct plait_at *at, const struct plait_add_addr *option,
                         enum plait_judgement judgement, const struct plait_advert *before);
void plait_rule_echo(struct plait_at *at, const struct plait_add_addr *option);

/* AT's packet is a join's SYN or SYN/ACK that was sent before, or answers one. */
void plait_rule_join_again(struct plait_at *at);
void plait_rule_join_answered(struct plait_at *at);

/* ---- DATA_ACKs (rules_ack.c) ---- */

/* AT's packet opens a subflow. */
void plait_rule_ack_join(struct plait_at *at);
/* It has new data; it acknowledges some. */
void plait_rule_ack_sent(struct plait_at *at);
void plait_rule_ack_came(struct plait_at *at);
/* It acknowledges OFFSET, which no stream has; or which is no more than its end did before. */
void plait_rule_ack_nowhere(struct plait_at *at, int64_t offset);
void plait_rule_ack_back(struct plait_at *at, uint64_t offset);

/* ---- data (rules_data.c) ---- */

void plait_rule_contradiction(struct plait_audit *a, uint32_t connection, uint32_t subflow,
                              const struct plait_audit_contradiction *contradiction,
                              bool between_places);
void plait_rule_remapped(struct plait_at *at, const struct plait_packet_ref *before);
void plait_rule_checksum(struct plait_at *at, uint64_t offset);
void plait_rule_data_behind_fin(struct plait_at *at, const struct plait_packet_ref *fin,
                                uint64_t fin_at);
void plait_rule_goes_on_after_fallback(struct plait_at *at);
void plait_rule_unmapped(struct plait_audit *a, uint32_t connection, uint32_t subflow, unsigned end,
                         const struct plait_packet_ref *packet);

#endif
