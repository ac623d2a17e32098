/* plait/connection.h: one connection as its application sees it: a stream each way, over one path
 * or many.
 *
 * A connection is valid from plait_connect or `accepted` until plait_connection_free.  Calls on it
 * may be made from callbacks.  A misuse (writing after closing, consuming more than was peeked, an
 * unknown index) gives USAGE or NOT_FOUND and changes nothing. */
#ifndef PLAIT_CONNECTION_H
#define PLAIT_CONNECTION_H

#include "plait/host.h"

enum plait_stage {
    PLAIT_STAGE_OPENING,
    PLAIT_STAGE_OPEN,
    PLAIT_STAGE_CLOSING, /* we closed; what was written is still being delivered */
    PLAIT_STAGE_CLOSED,  /* both ends closed and everything was delivered */
    PLAIT_STAGE_RESET,   /* the peer or the net ended it */
    PLAIT_STAGE_TIMED_OUT
};

struct plait_status {
    enum plait_stage stage;
    bool is_multipath; /* false: plain TCP, or fallen back to it */
    enum plait_mechanism_name mechanism;
    bool peer_done; /* nothing more will come after `readable_octets` */
    uint32_t readable_octets, writable_octets;
    uint64_t written_octets, acked_octets, received_octets; /* of the stream, since the start */
    unsigned path_count;
    uint32_t own_token, peer_token;
};
PLAIT_API struct plait_status plait_connection_status(const struct plait_connection *c);
PLAIT_API const char *plait_stage_text(enum plait_stage stage);

/* ---- sending and receiving ------------------------------------------------------------------- */

/* Room to write into, contiguous, *LENGTH_OCTETS of it (0: none now, `changed` tells when there
 * is). Nothing is sent before plait_connection_commit. */
PLAIT_API uint8_t *plait_connection_reserve(struct plait_connection *c, uint32_t *length_octets);
PLAIT_API plait_result plait_connection_commit(struct plait_connection *c, plait_time_ns now,
                                               uint32_t length_octets);
/* Octets in order, in place, *LENGTH_OCTETS of them (0: none now).  Valid until the next call on C
 * or its host. */
PLAIT_API const uint8_t *plait_connection_peek(struct plait_connection *c, uint32_t *length_octets);
PLAIT_API plait_result plait_connection_consume(struct plait_connection *c, plait_time_ns now,
                                                uint32_t length_octets);
/* The same with a copy: returns how many octets were taken or given. */
PLAIT_API uint32_t plait_connection_write(struct plait_connection *c, plait_time_ns now,
                                          const void *octets, uint32_t length_octets);
PLAIT_API uint32_t plait_connection_read(struct plait_connection *c, plait_time_ns now,
                                         void *octets, uint32_t length_octets);

/* ---- ending ---------------------------------------------------------------------------------- */

/* Nothing more will be written; reading goes on until the peer is done (DATA_FIN, FIN). */
PLAIT_API plait_result plait_connection_close(struct plait_connection *c, plait_time_ns now);
/* At once: MP_FASTCLOSE (RFC 8684 §3.5) or RST.  ON_ACK: the form that waits for an answer. */
PLAIT_API plait_result plait_connection_abort(struct plait_connection *c, plait_time_ns now,
                                              bool on_ack);
/* Gives the handle back; an open connection is aborted first, one that was closed goes on to its
 * end unseen (and is reset if more arrives: nobody reads it). */
PLAIT_API void plait_connection_free(struct plait_connection *c, plait_time_ns now);

/* ---- paths ----------------------------------------------------------------------------------- */

struct plait_path_status {
    struct plait_place local, remote;
    uint8_t local_id, remote_id;
    bool is_established, backup_here, backup_there, opened_here;
    plait_time_ns smoothed_rtt_ns;
    uint32_t window_octets, in_flight_octets;
    uint64_t sent_octets, delivered_octets, lost_octets, received_octets;
};
/* NOT_FOUND if there is no path INDEX.  The first path of a plain TCP connection is its only one.
 */
PLAIT_API plait_result plait_connection_path(const struct plait_connection *c, unsigned index,
                                             struct plait_path_status *status);
/* The first pair: what the application named, or was named when it accepted, also once that pair is
 * gone and everything travels elsewhere (RFC 6181 §4, T-HIJ-7).  NOT_FOUND once plain TCP is over.
 */
PLAIT_API plait_result plait_connection_ends(const struct plait_connection *c,
                                             struct plait_place *local, struct plait_place *remote);
/* MP_JOIN from LOCAL (port 0: drawn) to REMOTE.  UNSUPPORTED on plain TCP, EXISTS, TOO_MANY.
 * Basic MPTCP: LOCAL (port 0: the first pair's) is named to the peer, and used once it is known. */
PLAIT_API plait_result plait_connection_add_path(struct plait_connection *c, plait_time_ns now,
                                                 const struct plait_place *local,
                                                 const struct plait_place *remote, bool backup);
/* Basic MPTCP: the path's own address goes, and with it every path that has it. */
PLAIT_API plait_result plait_connection_remove_path(struct plait_connection *c, plait_time_ns now,
                                                    unsigned index);
/* MP_PRIO.  UNSUPPORTED where the mechanism has none. */
PLAIT_API plait_result plait_connection_set_backup(struct plait_connection *c, plait_time_ns now,
                                                   unsigned index, bool backup);
/* ADD_ADDR; port 0 announces no port.  REMOVE_ADDR.  UNSUPPORTED where the mechanism has none;
 * NOT_FOUND if ADDR was never told; TOO_MANY while as many signals wait for their turn as can, and
 * then nothing has changed.  Basic MPTCP: as plait_connection_add_path to the first pair's other
 * end, and its removal. */
PLAIT_API plait_result plait_connection_announce(struct plait_connection *c, plait_time_ns now,
                                                 const struct plait_place *place);
PLAIT_API plait_result plait_connection_withdraw(struct plait_connection *c, plait_time_ns now,
                                                 const struct plait_addr *addr);

/* From now on: subflows beside the first (0: none), and announced addresses that are dialled.
 * UNSUPPORTED on plain TCP. */
PLAIT_API plait_result plait_connection_set_limits(struct plait_connection *c, uint32_t subflows,
                                                   uint32_t add_addr_accepted);

PLAIT_API void plait_connection_set_user(struct plait_connection *c, void *user);
PLAIT_API void *plait_connection_user(const struct plait_connection *c);

#endif
