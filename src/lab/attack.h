/* lab/attack.h: the attacker of a run: his place, his knowledge, his packets, their price.
 *
 * The lab's inside view.  Scripts see only lab/script.h.  May touch: the world's net through taps.
 */
#ifndef PLAIT_LAB_ATTACK_H
#define PLAIT_LAB_ATTACK_H

#include "lab/goals.h"
#include "lab/price.h"
#include "lab/script.h"
#include "lab/world.h"

#define PLAIT_INTRUDERS_MAX 8

/* A subflow that the attacker forged: counters and acknowledgments, no more. */
struct plait_intruder {
    bool used, established, mute;
    bool is_answered, is_reset; /* a SYN/ACK, a reset came */
    enum plait_side victim;
    struct plait_place own, peer;
    uint32_t nxt, rcv_nxt, isn, peer_isn;
    uint32_t own_nonce, peer_nonce;
    bool is_plain;     /* of a plain TCP connection: no DSS */
    bool has_told_isn; /* to the victim, where there is no SYN */
    bool has_expected_dsn;
    uint64_t expected_dsn; /* what the victim expects next from its peer: its DATA_ACK here */
    /* Of the form that has only the low half: all that is known to whoever never saw a key. */
    bool has_low_expected;
    uint32_t low_expected;
    bool has_stale_ack, stale_ack_is_low;
    uint64_t stale_ack; /* DATA_ACK that the intruder repeats */
    uint64_t octets_read;
};

struct plait_attack {
    const struct plait_scenario *scenario;
    struct plait_world *world;
    struct plait_facts known; /* what his taps showed */
    struct plait_price price;
    struct plait_goals *goals;
    plait_tap path_taps[PLAIT_PATHS_MAX], home_tap;
    bool has_path_tap[PLAIT_PATHS_MAX], has_stranger_tap;
    plait_tap stranger_tap; /* an accomplice's */
    bool left;              /* he is off every genuine path */
    bool gone;              /* ... and sends and gets nothing any more, from anywhere */
    plait_time_ns left_ns;
    bool (*match)(const struct plait_seen *seen, const void *argument);
    const void *match_argument;
    bool matched;
    struct plait_seen seen; /* the last match */
    uint8_t seen_octets[PLAIT_FRAME_OCTETS];
    struct plait_intruder intruders[PLAIT_INTRUDERS_MAX];
    uint64_t sent, delivered, invalid, lost; /* forged packets, by what became of them */
    uint64_t edited;                         /* genuine packets that a box changed and a host got */
    uint64_t filtered; /* that were not sent: the filter of his network drops other sources */
    bool finished;     /* the script reached its end: last step or a definite refusal */
    bool guessing;     /* packets are wrong guesses */
    char refused[128]; /* why the script could not go on, or empty */
    json_t *steps;     /* [{at_ns, text}] */
    struct plait_schedule_log schedule; /* every forged packet, for the stripped run */
    json_t *claims;                     /* facts the script says it learnt (goal probe) */
    struct plait_relay {
        bool on;
        bool alters;
        struct plait_place near, far; /* the genuine hosts */
        uint16_t near_port, far_port; /* the attacker's towards each */
        /* Added to the numbers of what comes from NEAR, and from FAR: 0 where both ends count
         * alike. */
        uint32_t near_shift, far_shift;
    } relay;
    struct plait_claims { /* lab/claim.c: Basic MPTCP, and joins in its place */
        uint16_t port;    /* of the client's first pair, bought or granted; 0: not */
        struct plait_intruder *joined[2]; /* by victim, where a path is joined with */
        struct plait_segment home;        /* what a victim last said to his place, no payload */
        bool has_home;
        struct plait_segment add, remove; /* an ADD, a removal that he overheard (lab/again.c) */
        bool has_add, has_remove;
        bool passes_on;       /* he is between the two ends */
        bool grafts, grafted; /* he rewrites ADDs; and did */
    } claims_made;
    struct plait_masquerade { /* lab/masquerade.c */
        bool on, alters, has_own_numbers;
        struct plait_place client, server; /* as the client sees its subflow */
        struct plait_intruder *own;        /* as the server sees it */
    } masquerade;
    bool has_message_number;
    uint32_t message_number;  /* of control messages, where they need one */
    struct plait_check check; /* of a stranger, as a tap showed it */
    struct plait_edges edges; /* what a measuring run found (lab/edges.h) */
    uint32_t edges_probe;
    plait_time_ns lateness_ns; /* of the world, while it mattered */
    char fault[160];           /* a control case without its specified effect */
    char undeployable[160]; /* a control case: what breaks where, a statement about the mechanism */
    char remark[128];       /* ... what was seen beside */
    void (*alter)(struct plait_attack *attack, unsigned path, struct plait_packet *packet);
    enum plait_tap_verdict alter_verdict;
};

struct plait_port plait_attack_port(struct plait_attack *attack);
/* Puts the attacker into a built world: taps by position, observers for arming. */
void plait_attack_install(struct plait_attack *attack, struct plait_world *world,
                          const struct plait_scenario *scenario, struct plait_goals *goals);
/* The client dials TO, as its Nth call beside the connection; the port that connect() drew, 0 if
 * none.  And forgets that call. */
unsigned plait_client_calls(struct plait_attack *attack, const struct plait_place *to, unsigned n);
void plait_client_hangs_up(struct plait_attack *attack, unsigned n);
/* Holds the claims against ground truth at the end of a run; the caller owns the list. */
json_t *plait_check_claims(struct plait_attack *attack);
/* Until STOP or TIMEOUT, without looking at how late the world is: nothing else is decided
 * meanwhile. True if STOP said so. */
bool plait_await_untimed(struct plait_attack *attack, bool (*stop)(void *self), void *self,
                         plait_time_ns timeout_ns);
/* How late the world was at worst since the script began. */
plait_time_ns plait_attack_lateness(struct plait_attack *attack);
/* The mechanism that the connection is to speak; which one is no secret. */
const struct plait_mechanism *plait_spoken(const struct plait_attack *attack);
/* True where each pair that messages add has numbers of its own. */
bool plait_pair_is_numbered(const struct plait_attack *attack);
/* His pair from OWN to PEER there; it neither acknowledges nor has it told its number. */
struct plait_intruder *plait_pair_begin(struct plait_attack *attack, const struct plait_place *own,
                                        const struct plait_place *peer);
/* The number of an ANSWER on WAY: 0 where pairs have none of their own. */
uint32_t plait_pair_isn(struct plait_attack *attack, const struct plait_flow_key *way);
/* Tells PAIR's initial number, once asked; SAY says a message.  False after plait_refused. */
bool plait_pair_tell(struct plait_attack *attack, struct plait_intruder *pair,
                     void (*say)(struct plait_attack *attack, const struct plait_place *from,
                                 const struct plait_mp_control *message));
/* Writes on his pair of WAY as the peer's next octets; SAY says a message. */
void plait_pair_write(struct plait_attack *attack, const struct plait_flow_key *way,
                      void (*say)(struct plait_attack *attack, const struct plait_place *from,
                                  const struct plait_mp_control *message));
/* What the client may have drawn its port from: as measured, else the lab's own range. */
struct plait_ports {
    unsigned first, step, count;
};
struct plait_ports plait_ports_of(const struct plait_attack *attack);
void plait_attack_free(struct plait_attack *attack);
/* The connection of this run is plain TCP's. */
bool plait_attack_is_tcp(const struct plait_attack *attack);
/* Lets minutes pass in which he does nothing: the first and the last second look like any other,
 * and what is between is neither captured nor cut (lab/world.h), nor is it late by less than this:
 */
#define PLAIT_REST_LATENESS_NS (PLAIT_S / 2)
void plait_let_pass(struct plait_attack *attack, plait_time_ns duration_ns);
/* The client's address of PATH is the attacker's from now on. */
void plait_attack_inherit(struct plait_attack *attack, unsigned path);
/* The client's address of PATH, a participant's, is that of a stranger behind LINK from now on. */
void plait_attack_leave(struct plait_attack *attack, unsigned path, plait_link link);
/* A control message of the connection that he takes part in, to the victim, from FROM. */
void plait_attack_say(struct plait_attack *attack, const struct plait_place *from,
                      struct plait_mp_control message);
/* The place of a pair that a participant has. */
struct plait_place plait_attack_own_place(const struct plait_attack *attack);
/* What a message tells whoever hears it (lab/claim.c): names, cookies, numbers. */
void plait_claim_hear(struct plait_attack *attack, const struct plait_seen *seen);
/* What he hears that he may send again (lab/again.c). */
void plait_again_hear(struct plait_attack *attack, const struct plait_seen *seen);
/* What came to his place, when he grafts an ADD (lab/graft.c). */
void plait_graft_hear(struct plait_attack *attack, const struct plait_segment *segment);
/* What VICTIM's peer would say, from OWN; nothing is bought. */
void plait_claim_say(struct plait_attack *attack, enum plait_side victim,
                     const struct plait_place *own, const struct plait_mp_control *message);
/* His place where pairs with SIDE end. */
struct plait_place plait_claim_home(const struct plait_attack *attack, enum plait_side side);
/* Whether he can prove a join to the connection, or nobody looks. */
bool plait_can_join(const struct plait_attack *attack);
/* One MP_JOIN SYN to VICTIM; NULL beyond the limit of intruders. */
struct plait_intruder *plait_knock_at(struct plait_attack *attack, enum plait_side victim,
                                      const struct plait_place *place, uint16_t own_port,
                                      uint32_t token, uint8_t addr_id);
/* ... from OWN, which may be another's. */
struct plait_intruder *plait_knock_as_at(struct plait_attack *attack, enum plait_side victim,
                                         const struct plait_place *place,
                                         const struct plait_place *own, uint32_t token,
                                         uint8_t addr_id);
/* Opens a subflow to VICTIM, with one guess where he cannot prove it; NULL after plait_refused. */
struct plait_intruder *plait_join_at(struct plait_attack *attack, enum plait_side victim,
                                     const struct plait_place *place, uint16_t own_port,
                                     uint8_t addr_id);
/* He is where nothing reaches him; and the lab, which still asks its probe, has the place back. */
void plait_attack_vanish(struct plait_attack *attack);
void plait_attack_return(struct plait_attack *attack);
/* Passes on what a host answers to the rewritten subflow; the attacker is off the path from now on.
 */
void plait_masquerade_hear(struct plait_attack *attack, const struct plait_segment *segment);
void plait_masquerade_left(struct plait_attack *attack);
/* Sends octets from the attacker's home; counts, checks rights, records. */
void plait_attack_send_octets(struct plait_attack *attack, const uint8_t *octets,
                              uint32_t length_octets);

#endif
