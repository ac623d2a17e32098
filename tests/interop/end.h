/* One end of a connection, whoever it is: the kernel with an agent, or our own host.
 *
 * Both write a keyed pattern and judge what they read octet by octet (agent/pattern.h). */
#ifndef PLAIT_TESTS_INTEROP_END_H
#define PLAIT_TESTS_INTEROP_END_H

#include <stdio.h>

#include "live/live.h"
#include "plait/connection.h"
#include "tests/interop/case.h"

struct interop_state { /* filled by poll */
    bool is_open;      /* the connection is established */
    bool eof;          /* everything of the peer was read */
    bool is_closed;    /* both streams ended in good order and nothing is left to do */
    char error[96];    /* why it ended otherwise; "" = it did not */
    uint64_t sent, received, foreign;
};

struct interop_facts { /* asked for while the connection is open */
    bool is_multipath;
    unsigned subflows;
    bool has_checksum;
};

struct interop_end;
struct interop_end_ops {
    plait_result (*listen)(struct interop_end *end, uint16_t port);
    plait_result (*connect)(struct interop_end *end, const struct plait_place *remote);
    void (*poll)(struct interop_end *end);
    void (*facts)(struct interop_end *end, struct interop_facts *facts);
    /* OCTETS more of the pattern. */
    void (*send)(struct interop_end *end, uint64_t octets);
    /* Nothing further after what was asked for. */
    void (*close)(struct interop_end *end);
    void (*abort)(struct interop_end *end, bool on_ack);
    /* Asks for the further paths of a case that wants them as backups. */
    void (*join_backups)(struct interop_end *end, const struct plait_place *remote);
    /* PORT 0: none is named. */
    void (*announce)(struct interop_end *end, const struct plait_addr *addr, uint16_t port);
    void (*withdraw)(struct interop_end *end, const struct plait_addr *addr);
    void (*set_backup)(struct interop_end *end, const struct plait_addr *addr);
    /* Counters by name; 0 for what the end does not have. */
    int64_t (*count)(struct interop_end *end, const char *name);
    /* What is left of the connection when it has ended; "" = nothing. */
    void (*remains)(struct interop_end *end, struct plait_text *text);
    void (*free)(struct interop_end *end);
};

struct interop_end {
    const struct interop_end_ops *ops;
    const char *name; /* "kernel" or "plait" */
    unsigned which;   /* INTEROP_CLIENT or INTEROP_SERVER */
    const struct interop_case *c;
    struct plait_net *net;
    uint64_t send_key, receive_key;
    unsigned addr_count;
    struct plait_addr addrs[INTEROP_PATHS_MAX];
    struct interop_state state;
    char why[256]; /* why the last call failed */

    /* the kernel's */
    struct plait_live *live;
    struct plait_live_host *host;
    char socket[24];
    bool is_connected, agent_gone;
    struct plait_counters counters;

    /* ours */
    struct plait_host *plait;
    struct plait_endpoint *endpoint;
    struct plait_connection *connection;
    void *memory;
    uint64_t wanted;
    bool closes, has_closed;
    FILE *trace;
};

/* Makes the end with its addresses as ports of the net, in the order of END's addresses.  The
 * caller has set which, c, net, keys, addresses; SEED is of all draws. */
plait_result interop_kernel_new(struct interop_end *end, struct plait_live *live,
                                struct plait_port ports[INTEROP_PATHS_MAX]);
/* TRACE: a file's name or NULL. */
plait_result interop_plait_new(struct interop_end *end, uint64_t seed, const char *trace,
                               struct plait_port ports[INTEROP_PATHS_MAX]);

/* How many of the octets, which begin at OFFSET of the stream, are not those of the pattern. */
uint64_t interop_judge(const uint8_t *octets, uint64_t key, uint64_t offset,
                       uint32_t length_octets);

#endif
