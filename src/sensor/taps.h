/* sensor/taps.h: what changed between two places of one path: packets of tap A found again in tap
 * B.
 *
 * Flows are the same by addresses and ports, or behind a NAT by their first sequence number, or by
 * the MPTCP option of their SYN.  In a flow, packets are the same by their place in the stream.
 * Memory is bounded; what comes beyond is counted.  May touch: the heap. */
#ifndef PLAIT_SENSOR_TAPS_H
#define PLAIT_SENSOR_TAPS_H

#include "audit/packet.h"

#define PLAIT_TAPS_FLOWS_MAX   4096u
#define PLAIT_TAPS_PACKETS_MAX (1u << 20) /* of both taps together */

/* X(NAME, "what people read") */
#define PLAIT_TAP_CHANGES(X)                                                                       \
    X(ADDRESSES, "addresses or ports are others (NAT)")                                            \
    X(NUMBERS, "sequence numbers are moved")                                                       \
    X(OPTION_REMOVED, "option removed")                                                            \
    X(OPTION_ADDED, "option added")                                                                \
    X(OPTION_ALTERED, "option altered")                                                            \
    X(PAYLOAD, "payload altered")                                                                  \
    X(ACK, "acknowledges another octet")                                                           \
    X(RESEGMENTED, "octets come in other segments")                                                \
    X(MISSING, "did not come through, or the tap missed it")                                       \
    X(APPEARED, "came from between the taps, or the other one missed it")

enum plait_tap_change_kind {
#define PLAIT_TAP_ENUM(name, text) PLAIT_TAP_##name,
    PLAIT_TAP_CHANGES(PLAIT_TAP_ENUM)
#undef PLAIT_TAP_ENUM
        PLAIT_TAP_CHANGE_COUNT
};
const char *plait_tap_change_text(enum plait_tap_change_kind kind);

/* A kind of change in one direction of one flow. */
struct plait_tap_change {
    enum plait_tap_change_kind kind;
    unsigned flow; /* number, from 1 */
    bool from_listener;
    struct plait_place from[2], to[2]; /* of the direction, as A and as B have it */
    char what[24];                     /* the option's name */
    uint8_t option, subtype;           /* its kind, and of MPTCP its subtype */
    uint64_t count;                    /* how often; the first time follows */
    uint64_t frame[2];                 /* in A and in B; 0: none */
    plait_time_ns at_ns;
    uint32_t moved_by; /* of NUMBERS: B's number less A's */
};

struct plait_taps;

struct plait_taps *plait_taps_new(const struct plait_draw_key *key);
void plait_taps_free(struct plait_taps *taps);
/* A packet of tap A (0) or B (1): packet->seen->input. */
void plait_taps_see(struct plait_taps *taps, const struct plait_packet *packet);
/* Compares, and gives all changes in the order of their first times; *COUNT of them.  Once. */
const struct plait_tap_change *plait_taps_compare(struct plait_taps *taps, unsigned *count);
/* Flows that were in both, in A alone and in B alone; packets beyond the limit. */
struct plait_taps_summary {
    uint64_t flows_both, flows_only[2], packets_same, packets_left_out;
};
struct plait_taps_summary plait_taps_summary(const struct plait_taps *taps);

#endif
