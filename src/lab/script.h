/* lab/script.h: the words of which threats are written.
 *
 * A script is the main thread of its run; the world moves while it waits.  It sees what its taps
 * show and sends what its position allows; reaching for a fact that no tap showed is a panic named
 * after the fact ("position: key not shown").  Ground truth cannot even be named here: of lab/,
 * threats/ may include this header, threat.h for records, and act.h for control cases
 * (tools/check-house). */
#ifndef PLAIT_LAB_SCRIPT_H
#define PLAIT_LAB_SCRIPT_H

#include "lab/scenario.h"
#include "lab/seen.h"
#include "net/packet.h"

struct plait_attack;   /* the attacker of this run; scripts cannot look inside */
struct plait_intruder; /* a subflow he forged */

/* ---- telling and waiting -----------------------------------------------------------------------
 */

/* Begins the next step; TEXT completes "the attacker ...". */
void plait_step(struct plait_attack *a, const char *text);
/* Until a tap or the attacker's own port shows a segment that MATCH accepts; false after TIMEOUT.
 */
typedef bool (*plait_match)(const struct plait_seen *seen, const void *argument);
bool plait_await(struct plait_attack *a, plait_match match, const void *argument,
                 plait_time_ns timeout_ns);
/* The segment that plait_await matched last. */
const struct plait_segment *plait_answer(const struct plait_attack *a);
/* Lets DURATION pass. */
void plait_pause(struct plait_attack *a, plait_time_ns duration_ns);
/* Listens as the position allows until the connection works; a position that ends with the
 * handshake then leaves, and the scenario's time away passes.  Every script starts with it. */
void plait_take_position(struct plait_attack *a);
/* The first half of it: until the connection works, he stays. */
void plait_stand(struct plait_attack *a);
/* The other half, and he leaves for good: what he sends from now on is a breach of his position,
 * what is sent to him reaches nobody, and his address is a stranger's. */
void plait_vanish(struct plait_attack *a);
/* What was read, or flooded, until here does not count. */
void plait_count_from_here(struct plait_attack *a);
/* The script ends here, by a definite answer of the victim (or its proven silence). */
void plait_refused(struct plait_attack *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A control case's genuine act did not have its specified effect: the cell is an error. */
void plait_fault(struct plait_attack *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A control case: the mechanism does not work here, measured: "behind a NAT: what broke".  It is no
 * error, and no longer asked what else the case asks. */
void plait_not_deployable(struct plait_attack *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* What a control case saw beside, for its reason. */
void plait_remark(struct plait_attack *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Goodput, stalls and the share of each path are measured from here. */
void plait_mark(struct plait_attack *a);

/* ---- who and where ------------------------------------------------------------------------ */

enum plait_side plait_victim(const struct plait_attack *a);
enum plait_side plait_peer(const struct plait_attack *a);
/* The attacker's own address, and one of a network that never spoke, where nobody lives. */
struct plait_addr plait_own_addr(const struct plait_attack *a);
struct plait_addr plait_stranger(const struct plait_attack *a, unsigned i);
/* Public knowledge: where the server listens. */
struct plait_place plait_service(const struct plait_attack *a);
/* The address of SIDE that the connection was dialled with: public (DNS, DHCP leases). */
struct plait_addr plait_addr_of(const struct plait_attack *a, enum plait_side side);

/* ---- knowing ------------------------------------------------------------------------------ */

bool plait_knows_keys(const struct plait_attack *a);
bool plait_knows_subflow(const struct plait_attack *a);
uint64_t plait_key_of(const struct plait_attack *a, enum plait_side side);
/* What SIDE's proofs are made with, as far as he can tell: its key, and a secret where the
 * mechanism has one, which no wire shows. */
uint64_t plait_proof_key_of(const struct plait_attack *a, enum plait_side side);
/* The token that names SIDE's end of the connection. */
uint32_t plait_token_of(const struct plait_attack *a, enum plait_side side);

/* True in a witness run that is granted GRANT. */
bool plait_is_granted(const struct plait_attack *a, enum plait_grant grant);

/* A draw of the attacker's own (the seed's, so that a run can be repeated). */
uint64_t plait_own_draw(const struct plait_attack *a, const char *purpose, uint64_t n);
/* The port that the client dialled from, as a tap showed it; 0 if none did. */
uint16_t plait_client_port(const struct plait_attack *a);

/* What it takes to be believed to be the victim's peer on a subflow. */
struct plait_numbers {
    struct plait_flow_key flow; /* from the peer to the victim */
    uint32_t seq, ack;
};

enum plait_accept {
    PLAIT_ACCEPT_EXACT_SEQ, /* a reset (RFC 5961 §3) */
    PLAIT_ACCEPT_IN_WINDOW, /* sequence number in the window and an acceptable ACK (RFC 5961 §5) */
    PLAIT_ACCEPT_SEQ_IN_WINDOW /* the first alone: a control message that needs a number */
};

/* One packet with NUMBERS, as the attack would send it. */
typedef void (*plait_try)(struct plait_attack *a, const struct plait_numbers *numbers,
                          void *argument);

/* The genuine subflow that his position is on: 1 for the second path, else 0, the dialled one. */
unsigned plait_subflow_here(const struct plait_attack *a);
/* Numbers of the SUBFLOW-th genuine subflow that the victim will accept.  What the attacker
 * overheard and is still good costs nothing; the rest is bought at 2^bits after 2^10 wrong guesses
 * made with TRY. */
struct plait_numbers plait_get_numbers(struct plait_attack *a, unsigned subflow,
                                       enum plait_accept accept, plait_try try, void *argument);
/* Numbers whose `ack` is that of a segment of the victim's which is in flight now, as an ICMP error
 * must quote it (RFC 5927 §4.1): heard, or bought as the others.  False after plait_refused:
 * nothing is in flight. */
bool plait_get_quoted(struct plait_attack *a, plait_try try, void *argument,
                      struct plait_numbers *numbers);
/* Only what was overheard; false if nothing was. */
bool plait_overheard_numbers(struct plait_attack *a, unsigned subflow,
                             struct plait_numbers *numbers);
/* A sequence number of the peer's, anywhere in the victim's window, of a subflow whose port is
 * known; bought as the others.  Where in the window, he does not know. */
uint32_t plait_get_number_in_window(struct plait_attack *a, plait_try try, void *argument);
/* A token that names the victim's end, unless known: one of 2^10 guesses made with TRY that was
 * answered as the right one would be, else bought after them.  TRY gives the port of his own that
 * it asked from. */
typedef uint16_t (*plait_try_token)(struct plait_attack *a, uint32_t token);
uint32_t plait_get_token(struct plait_attack *a, enum plait_side side, plait_try_token try);
/* The port that the client dialled from, bought after 2^10 wrong guesses made with TRY, unless a
 * tap showed it. */
uint16_t plait_get_client_port(struct plait_attack *a,
                               void (*try)(struct plait_attack *a, uint16_t port));
/* The ISN of SIDE on the SUBFLOW-th genuine subflow, as a tap showed it. */
uint32_t plait_isn_of(const struct plait_attack *a, unsigned subflow, enum plait_side side);
/* The next data sequence number of the peer's stream, for a DATA_FIN: known from keys or DSS, else
 * searched or bought as the numbers above, with guesses by TRY.  Guesses that were made with wrong
 * numbers of the subflow stand for both. */
typedef void (*plait_try_dsn)(struct plait_attack *a, uint64_t dsn, void *argument);
uint64_t plait_get_dsn(struct plait_attack *a, plait_try_dsn try, void *argument);
/* Where the peer's next octets belong by what was overheard on the first subflow; false if that was
 * not heard. */
bool plait_overheard_mapping(const struct plait_attack *a, const struct plait_numbers *numbers,
                             struct plait_dss *mapping);
/* A value without numbers of a connection behind it, such as a port. */
void plait_guess(struct plait_attack *a, const char *value, double bits);
/* While ON, what is sent shows only what wrong guesses do: counted, not priced. */
void plait_wrong_guesses(struct plait_attack *a, bool on);
/* A fact the script says it learnt (goal probe); the lab checks it. */
void plait_claim_token(struct plait_attack *a, uint32_t token, bool live);
void plait_claim_port(struct plait_attack *a, uint16_t port, bool open);
void plait_claim_client_port(struct plait_attack *a, uint16_t port, bool in_use);
void plait_claim_next_port(struct plait_attack *a, uint16_t port);

/* ---- forging ------------------------------------------------------------------------------ */

/* A segment that seems to come from the peer. */
struct plait_segment plait_forged(const struct plait_numbers *numbers, uint8_t flags);
struct plait_mptcp_option *plait_add_option(struct plait_segment *segment,
                                            enum plait_mptcp_subtype subtype);
void plait_send(struct plait_attack *a, const struct plait_segment *segment);
/* A router's word, from his own address: the port that the victim's segment with number ACK went to
 * is unreachable. */
void plait_send_unreachable(struct plait_attack *a, const struct plait_numbers *numbers);
/* ... was too big: no more than MTU_OCTETS goes through. */
void plait_send_too_big(struct plait_attack *a, const struct plait_numbers *numbers,
                        uint16_t mtu_octets);
/* True if an ADD_ADDR of the version that is spoken carries a proof (v0's does not). */
bool plait_add_addr_is_proven(const struct plait_attack *a);
/* Sets form and proof of an ADD_ADDR in the peer's name, with the keys he knows if it needs any. */
void plait_seal(struct plait_attack *a, struct plait_add_addr *option);
/* Octets that no genuine application writes, for payloads; and a full segment of them, which still
 * reaches what the victim expects next when a number has aged a little. */
extern const uint8_t plait_marker[];
extern const size_t plait_marker_octets;
#define PLAIT_FULL_OCTETS 1400
const uint8_t *plait_full_payload(void);

/* ---- on the path: needs the rights to alter ----------------------------------------------- */

/* From now on option 30 is removed from all that passes; NULL act ends it. */
void plait_strip_mptcp(struct plait_attack *a, unsigned path, struct plait_packet *packet);
/* From now on the payload of the victim's peer is replaced by the attacker's octets. */
void plait_alter_payload(struct plait_attack *a, unsigned path, struct plait_packet *packet);
typedef void (*plait_act)(struct plait_attack *a, unsigned path, struct plait_packet *packet);
void plait_on_path(struct plait_attack *a, plait_act act);

/* From now on what comes to the attacker's port from one genuine host is passed on to the other
 * with addresses rewritten, as a man in the middle of one subflow (T-RES-1 steps 3 to 8).  The
 * segment matched last opens it. */
void plait_relay(struct plait_attack *a, const struct plait_place *far);

/* From now on the source of the first SYN on his path, and of all that follows it there, is
 * rewritten to the attacker's own address, and what comes back to him he passes on to the client in
 * its peer's name, altered if ALTERS: what a NAT does, and he stays in the way (T-TS-3).  Needs the
 * right to spoof. */
void plait_rewrite_source(struct plait_attack *a, bool alters);
/* The subflow that the peer of the client now has with him; NULL if no SYN passed. */
struct plait_intruder *plait_rewritten(const struct plait_attack *a);

/* ---- a path of his own, in the peer's name: by message, or by a join where there is none ------
 */

/* The attacker's place where pairs that he adds end. */
struct plait_place plait_home(const struct plait_attack *a);
/* Makes his own address a path of the victim's, and answers the reachability check if there is one;
 * what he lacks (client's port, cookie, token) is bought, a proof guessed once.  False after
 * plait_refused. */
bool plait_claim_path(struct plait_attack *a);
/* Removes the address that the peer was first met at: by a message or, where there is none for it,
 * by a reset of its path. */
void plait_remove_peer(struct plait_attack *a);
/* From now on what comes on the path that he claimed is acknowledged there. */
void plait_acknowledge(struct plait_attack *a);
/* Sends the peer's next octets on the path that he claimed. */
void plait_write_as_peer(struct plait_attack *a);
/* Claims a path at each end in the other's name, and from now on passes on what comes from either,
 * altered if ALTERS (T-HIJ-5).  False after plait_refused. */
bool plait_stand_between(struct plait_attack *a, bool alters);
/* Removes the genuine addresses at both ends: messages only. */
void plait_remove_both(struct plait_attack *a);
/* The I-th stranger's address becomes a path of the victim's: named by a message; or, where the
 * address is a message's or a SYN's source, in the stranger's name, with the right to spoof.  False
 * after plait_refused: a reachability check went there. */
bool plait_add_other(struct plait_attack *a, unsigned i);
/* From now on an ADD of the client's on his path is rewritten to name his address, or come from it,
 * and he answers the check. */
void plait_rewrite_add(struct plait_attack *a);
bool plait_has_grafted(const struct plait_attack *a);
/* Sends an ADD again that he overheard, from the place that it names if that is his now, else from
 * his own; false after plait_refused. */
bool plait_replay_add(struct plait_attack *a);
/* Sends a removal again that he overheard; false after plait_refused. */
bool plait_replay_remove(struct plait_attack *a);

/* ---- joining ------------------------------------------------------------------------------ */

/* One MP_JOIN SYN from OWN_PORT of the attacker to PLACE; NULL beyond the limit of intruders. */
struct plait_intruder *plait_knock(struct plait_attack *a, const struct plait_place *place,
                                   uint16_t own_port, uint32_t token, uint8_t addr_id);
/* An empty segment of the intruder with its present numbers; forgetting an intruder. */
struct plait_segment plait_intruder_segment(const struct plait_intruder *intruder, uint8_t flags);
void plait_forget(struct plait_intruder *intruder);
/* Opens a subflow to PLACE of the victim from the attacker's own address, with the keys he knows.
 * NULL after plait_refused. */
struct plait_intruder *plait_join(struct plait_attack *a, const struct plait_place *place,
                                  uint8_t addr_id);
/* The same with SYN and proof of a join that he overheard, from the joiner's port (T-TS-6). */
struct plait_intruder *plait_replay_join(struct plait_attack *a, const struct plait_place *place);
/* The same with TOKEN and proofs that he draws, until one is not refused or 2^10 were: all are
 * played. */
struct plait_intruder *plait_guess_proof(struct plait_attack *a, const struct plait_place *place,
                                         uint32_t token, uint8_t addr_id);
/* Answers the MP_JOIN SYN that the victim sends to the attacker (last match of plait_await). */
struct plait_intruder *plait_answer_join(struct plait_attack *a);
/* Sends PAYLOAD on the intruder's subflow as the peer's next octets. */
void plait_intrude(struct plait_attack *a, struct plait_intruder *intruder, const void *payload,
                   size_t payload_octets);

/* ---- strangers: places of somebody who does not take part ----------------------------------- */

/* His network lets out what names a source that is not his own. */
bool plait_may_spoof(const struct plait_attack *a);
/* The mechanism maps the stream to subflows' numbers; else TCP's are the stream's. */
bool plait_is_mapped(const struct plait_attack *a);
/* Paths are added by messages, not by handshakes. */
bool plait_has_messages(const struct plait_attack *a);
/* Begins a path to the service in the name of OWN: a SYN, with MP_JOIN unless on plain TCP, or a
 * message that asks for it.  NULL after plait_refused: his network does not let it pass. */
struct plait_intruder *plait_knock_as(struct plait_attack *a, const struct plait_place *own);
/* Makes PLACE a path of his own connection, as the mechanism goes about it: by a message that names
 * it, or as plait_knock_as. */
struct plait_intruder *plait_bring_in(struct plait_attack *a, const struct plait_place *place);
/* Says that he can also be reached at PLACE, ADDR_ID by number where addresses have any. */
void plait_announce(struct plait_attack *a, uint8_t addr_id, const struct plait_place *place);
/* Answers the check that went to the stranger, if there is one: with what a tap or a grant showed
 * of it, else with one guess, and that is noted as refused. */
void plait_answer_check(struct plait_attack *a, struct plait_intruder *intruder);
/* Brings OWN in, with the check's secrets, unless shown, bought after 2^10 wrong guesses; NULL
 * after plait_refused. */
struct plait_intruder *plait_buy_check(struct plait_attack *a, const struct plait_place *own);
/* Acknowledges, ahead of it, what may have been sent to the stranger: in his name or, in one
 * sequence space and where his network filters, from a place of his own. */
void plait_sustain(struct plait_attack *a, const struct plait_intruder *intruder);
/* Writes on a plain TCP connection in the stranger's name. */
void plait_say_as(struct plait_attack *a, struct plait_intruder *intruder, const void *payload,
                  size_t payload_octets);
/* A participant's own host hears and says no more, on any path. */
void plait_hush(struct plait_attack *a);
/* The accomplice who heard the check is gone. */
void plait_dismiss_accomplice(struct plait_attack *a);

/* ---- somebody who dials later ------------------------------------------------------------------
 */

/* From where he will: the address is public, the port guessed at its price unless granted. */
struct plait_place plait_get_later_place(struct plait_attack *a);
/* He dials now; nobody tells the attacker. */
void plait_let_later_dial(struct plait_attack *a);

/* ---- addresses that change hands: needs the position's leave ------------------------------- */

/* A participant's first address belongs to a stranger from now on. */
bool plait_may_leave_address(const struct plait_attack *a);
void plait_leave_address(struct plait_attack *a);
/* The client lost an address without a word, and it is the attacker's from now on. */
void plait_inherit_address(struct plait_attack *a);
struct plait_addr plait_inherited_addr(const struct plait_attack *a);
/* Goes on in the name of who had the place of NUMBERS before; the right is asked for when he
 * speaks. */
struct plait_intruder *plait_speak_on(struct plait_attack *a, const struct plait_numbers *numbers);
/* The subflow of that address, at which SEGMENT just came in: he goes on with its numbers. */
struct plait_intruder *plait_continue(struct plait_attack *a, const struct plait_segment *segment);

/* Matches for plait_await. */
bool plait_is_answer(const struct plait_seen *seen, const void *intruder); /* to his own port */
bool plait_is_join_syn_home(const struct plait_seen *seen, const void *unused);

#endif
