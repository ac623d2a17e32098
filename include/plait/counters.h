/* plait/counters.h: everything a host counts, one numbered list; each segment that is refused is
 * counted under the reason. */
#ifndef PLAIT_COUNTERS_H
#define PLAIT_COUNTERS_H

#include "plait/result.h"

/* X(name, text): append only within each part. */
#define PLAIT_COUNTERS_TCP(X)                                                                      \
    X(SEGMENTS_IN, "segments that belonged to a flow")                                             \
    X(SEGMENTS_OUT, "segments sent by flows")                                                      \
    X(RETRANSMITTED, "segments sent again")                                                        \
    X(OUT_OF_WINDOW, "refused: outside the receive window (RFC 9293 §3.10.7.4)")                   \
    X(PAWS, "refused: timestamp too old (RFC 7323 §5)")                                            \
    X(OLD_ACK, "refused: acknowledgment too old or of what was never sent (RFC 5961 §5.2)")        \
    X(CHALLENGE_SYN, "SYN in a connection: challenged (RFC 5961 §4.2)")                            \
    X(CHALLENGE_RST, "RST in the window, not exact: challenged (RFC 5961 §3.2)")                   \
    X(CHALLENGES_LIMITED, "challenge acknowledgments not sent: the limit")                         \
    X(RESETS_IN, "resets obeyed")                                                                  \
    X(NO_ACK_FLAG, "refused: no ACK flag")                                                         \
    X(NO_MEMORY, "refused: no chunk or range left for payload")                                    \
    X(REFUSED_BY_OWNER, "payload refused by the connection above")                                 \
    X(TIMEOUTS, "retransmission timeouts")                                                         \
    X(PROBES, "zero-window probes sent")                                                           \
    X(KEEPALIVES, "keepalive probes sent")                                                         \
    X(LATE_RESET, "ignored: reset in TIME-WAIT (RFC 1337)")                                        \
    X(NO_MEMORY_AHEAD, "refused: payload ahead of a hole, memory is kept for what fills the hole") \
    X(NO_NUMBERS, "refused: segment on a pair whose peer's initial number is not known yet")

#define PLAIT_COUNTERS_MPTCP(X)                                                                    \
    X(CAPABLE_IN, "handshakes with MP_CAPABLE completed as server")                                \
    X(CAPABLE_OUT, "handshakes with MP_CAPABLE completed as client")                               \
    X(FALLBACK, "connections that fell back to TCP (RFC 8684 §3.7)")                               \
    X(JOIN_IN, "joins accepted")                                                                   \
    X(JOIN_OUT, "joins completed")                                                                 \
    X(JOIN_NO_TOKEN, "refused: MP_JOIN with an unknown token (N16)")                               \
    X(JOIN_BAD_HMAC, "refused: MP_JOIN with a wrong HMAC (N17)")                                   \
    X(JOIN_LIMIT, "refused: MP_JOIN above the limit of subflows or half-open joins (N45)")         \
    X(ADD_ADDR_IN, "addresses announced by a peer and accepted")                                   \
    X(ADD_ADDR_BAD_HMAC, "ignored: ADD_ADDR with a wrong HMAC (N30)")                              \
    X(ADD_ADDR_LIMIT, "ignored: ADD_ADDR above the limit")                                         \
    X(REMOVE_ADDR_IN, "REMOVE_ADDR obeyed")                                                        \
    X(REMOVE_ADDR_UNKNOWN, "ignored: REMOVE_ADDR of an unknown address ID (N36)")                  \
    X(PRIO_IN, "MP_PRIO obeyed")                                                                   \
    X(FASTCLOSE_IN, "MP_FASTCLOSE obeyed")                                                         \
    X(FASTCLOSE_BAD_KEY, "ignored: MP_FASTCLOSE with a wrong key (N37)")                           \
    X(FAIL_IN, "MP_FAIL received")                                                                 \
    X(CHECKSUM_BAD, "mappings whose checksum did not match")                                       \
    X(MAPPING_CONFLICT, "ignored: a mapping that contradicts an earlier one (N21)")                \
    X(DSN_OUT_OF_WINDOW, "refused: data sequence number outside the window (N43)")                 \
    X(DATA_ACK_BAD, "ignored: DATA_ACK of what was never sent, or too old")                        \
    X(OPTION_INVALID, "ignored: an option that is malformed or not allowed here")                  \
    X(REINJECTED, "octets sent again on another subflow")                                          \
    X(TOKEN_TAKEN, "handshakes that stayed plain TCP: the key's token is in use (N02, N03)")       \
    X(UNMAPPED, "refused: payload without a mapping (N23)")                                        \
    X(CHECKSUM_FORM, "refused: DSS checksum present or absent against what was agreed (N20)")      \
    X(FAIL_OUT, "MP_FAIL sent")                                                                    \
    X(INFINITE_IN, "infinite mappings obeyed")                                                     \
    X(RECORD_BAD, "connections ended: a record of the payload was not authentic")                  \
    X(ADDR_NO_ROOM, "addresses not announced: ADD_ADDR does not fit a segment")                    \
    X(EXCLUSIVE, "ignored: options that exclude each other in one segment")                        \
    X(RESET_REASON_IN, "resets with MP_TCPRST")                                                    \
    X(DATA_FIN_BAD, "ignored: a DATA_FIN that contradicts an earlier one or data")                 \
    X(POOL_EMPTY, "nothing sent for now: no mapping left")

#define PLAIT_COUNTERS_HOST(X)                                                                     \
    X(PACKETS_IN, "packets handed in")                                                             \
    X(NOT_FOR_US, "refused: destination is no address of the host")                                \
    X(MALFORMED, "refused: no valid IP packet or TCP segment")                                     \
    X(NO_FLOW, "segments without a flow, answered by a reset or dropped")                          \
    X(NO_LISTENER, "refused: SYN to a port where nobody listens")                                  \
    X(REQUESTS_LIMIT, "refused: SYN while the queue of half-open requests was full")               \
    X(COOKIES_SENT, "SYN cookies sent")                                                            \
    X(COOKIES_BAD, "refused: acknowledgment with no valid cookie")                                 \
    X(FLOWS_LIMIT, "refused: no flow, path or connection left")                                    \
    X(ACCEPT_LIMIT, "refused: accept queue full")                                                  \
    X(RESETS_OUT, "resets sent for segments without a flow")                                       \
    X(ICMP_IN, "ICMP errors that named a flow")

/* Control messages of Basic MPTCP (RFC 6181 §4); what is refused is last. */
#define PLAIT_COUNTERS_CONTROL(X)                                                                  \
    X(PAIR_IN, "pairs of addresses added at the peer's word")                                      \
    X(PAIR_OUT, "pairs of addresses that the peer took")                                           \
    X(PAIR_REMOVED, "control messages that removed a pair at the peer's word")                     \
    X(PAIR_PROBED, "pairs that were sent a nonce")                                                 \
    X(PAIR_ANSWERED, "nonces returned from a pair of ours")                                        \
    X(ECHO_IN, "removals that the peer took")                                                      \
    X(PAIR_NUMBERED, "pairs whose peer told its initial sequence number")                          \
    X(CONTROL_AGAIN, "control messages that changed nothing")                                      \
    X(CONTROL_UNANSWERED, "given up: a control message without an answer")                         \
    X(CONTROL_UNKNOWN, "dropped: control message for a connection that is not known")              \
    X(CONTROL_BAD_NUMBER, "refused: control message with a number outside the window")             \
    X(CONTROL_BAD_PROOF, "refused: control message with a wrong cookie or a wrong form of it")     \
    X(CONTROL_INVALID, "refused: control message of the other mode, or with an absurd address")    \
    X(CONTROL_LIMIT, "refused: control message above the limit of pairs")                          \
    X(CONTROL_TAKEN, "refused: control message that names a pair of another connection")           \
    X(CONTROL_UNASKED,                                                                             \
      "ignored: control message that answers nothing, or asks for nothing of ours")                \
    X(NONCE_BAD, "ignored: answer with a wrong nonce (RFC 6181 §5)")

enum plait_counter_name {
#define PLAIT_COUNTER_ENUM(name, text) PLAIT_COUNT_##name,
    PLAIT_COUNTERS_TCP(PLAIT_COUNTER_ENUM) PLAIT_COUNTERS_MPTCP(PLAIT_COUNTER_ENUM)
        PLAIT_COUNTERS_HOST(PLAIT_COUNTER_ENUM) PLAIT_COUNTERS_CONTROL(PLAIT_COUNTER_ENUM)
#undef PLAIT_COUNTER_ENUM
            PLAIT_COUNTER_NAMES
};

struct plait_host_counters {
    uint64_t count[PLAIT_COUNTER_NAMES];
    struct plait_reason_counts malformed; /* why packets were malformed */
};

/* The counter's name as in the list, and one line of text; never NULL. */
PLAIT_API const char *plait_counter_short_name(unsigned counter);
PLAIT_API const char *plait_counter_text(unsigned counter);

#endif
