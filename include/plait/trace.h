/* plait/trace.h: what a host did, as a list of events, for people, tests and programs.
 *
 * Events are values; their meaning of A, B and C is in the list.  The trace of a run is a function
 * of seed and input alone: its hash is the same on every compiler (tests/scenario). */
#ifndef PLAIT_TRACE_H
#define PLAIT_TRACE_H

#include <stddef.h>

#include "plait/result.h"
#include "plait/time.h"

/* X(name, text of a, text of b, text of c): append only within each part; "" = not used. */
#define PLAIT_TRACE_TCP(X)                                                                         \
    X(FLOW_STATE, "from", "to", "")                                                                \
    X(SENT, "offset", "octets", "flags")                                                           \
    X(RETRANSMIT, "offset", "octets", "why")                                                       \
    X(RECEIVED, "offset", "octets", "flags")                                                       \
    X(REFUSED, "counter", "offset", "octets")                                                      \
    X(TIMEOUT, "offset", "rto_ns", "count")                                                        \
    X(RTT, "sample_ns", "smoothed_ns", "rto_ns")                                                   \
    X(WINDOW, "congestion_octets", "threshold_octets", "in_flight_octets")

#define PLAIT_TRACE_MPTCP(X)                                                                       \
    X(CONNECTION, "state", "mechanism", "")                                                        \
    X(SUBFLOW_ADDED, "local_id", "remote_id", "initiated_here")                                    \
    X(SUBFLOW_GONE, "local_id", "remote_id", "why")                                                \
    X(SCHEDULED, "dsn_offset", "octets", "subflow")                                                \
    X(DATA_ACK, "dsn_offset", "", "")                                                              \
    X(DATA_FIN, "dsn_offset", "sent", "")                                                          \
    X(FELL_BACK, "why", "dsn_offset", "")                                                          \
    X(ADDR, "what", "addr_id", "sent")                                                             \
    X(REINJECT, "dsn_offset", "octets", "subflow")

#define PLAIT_TRACE_HOST(X)                                                                        \
    X(LISTEN, "port", "", "")                                                                      \
    X(REQUEST, "kind", "port", "outcome")                                                          \
    X(ACCEPTED, "port", "", "")                                                                    \
    X(RESET_SENT, "port", "", "")

enum plait_trace_kind {
#define PLAIT_TRACE_ENUM(name, a, b, c) PLAIT_TRACE_##name##_EVENT,
    PLAIT_TRACE_TCP(PLAIT_TRACE_ENUM) PLAIT_TRACE_MPTCP(PLAIT_TRACE_ENUM)
        PLAIT_TRACE_HOST(PLAIT_TRACE_ENUM)
#undef PLAIT_TRACE_ENUM
            PLAIT_TRACE_KINDS
};

struct plait_trace_event {
    plait_time_ns at_ns;
    uint16_t kind;       /* enum plait_trace_kind */
    uint32_t connection; /* number of the connection on its host, from 1; 0 = none */
    uint32_t flow;       /* number of the flow on its host, from 1; 0 = none */
    uint64_t a, b, c;
};

typedef void (*plait_trace_fn)(void *self, const struct plait_trace_event *event);

/* One line without newline: "1.234567890 c1 f2 SENT offset=0 octets=1460 flags=0x10". */
PLAIT_API void plait_trace_text(const struct plait_trace_event *event, char *text,
                                size_t room_octets);
/* One JSON object in the manner of qlog: {"time": ms, "name": "tcp:sent", "data": {...}}. */
PLAIT_API void plait_trace_json(const struct plait_trace_event *event, char *text,
                                size_t room_octets);

#endif
