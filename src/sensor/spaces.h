/* sensor/spaces.h: the spaces of numbers that are in captures: two for each subflow and direction,
 * of octets and of timestamps, and what their connections have.
 *
 * A table of fixed size; what finds no place in it is left out.  May touch: its table. */
#ifndef PLAIT_SENSOR_SPACES_H
#define PLAIT_SENSOR_SPACES_H

#include "audit/packet.h"
#include "sensor/clocks.h"

#define PLAIT_SPACES        (1 << 15)
#define PLAIT_SPACES_RECENT 64

/* What is counted in a space; of a connection's spaces one is for each direction. */
enum plait_space_kind {
    PLAIT_SPACE_OCTETS,  /* of a path: SEQ and ACK */
    PLAIT_SPACE_TIMES,   /* of a path: TSval and TSecr */
    PLAIT_SPACE_KEY,     /* 0: the key whose token it is */
    PLAIT_SPACE_KEYS,    /* 0: the message that has both keys */
    PLAIT_SPACE_DATA,    /* of a connection: DSN and DATA_ACK; this and the next by their path */
    PLAIT_SPACE_ADDRESS, /* 0: one address, advertised and echoed */
    PLAIT_SPACE_ORDER    /* of a connection: DATA_ACKs in the order in which they were sent */
};

struct plait_space_recent {
    uint32_t end; /* first number behind */
    plait_time_ns at_ns;
};

struct plait_space {
    uint64_t name; /* 0: free */
    enum plait_space_kind kind;
    bool has_base, has_isn, has_token;
    bool is_reused; /* a path's ports were used again: its numbers are of several connections */
    uint8_t from_listener;
    uint32_t base, isn, token;         /* of the connection, as whoever joined named it */
    uint32_t data;                     /* a path's: the connection's space, 0: not known */
    int64_t near[PLAIT_CLOCKS_MAX];    /* where each input is; positions count from BASE */
    int64_t shown[PLAIT_CLOCKS_MAX];   /* as far as each input's effects go */
    int64_t last[2][PLAIT_CLOCKS_MAX]; /* timestamp sent, and echoed, in each input */
    /* When octets of a path passed first, in the input that is read: a ring. */
    struct plait_space_recent recent[PLAIT_SPACES_RECENT];
    unsigned recent_count, recent_input;
    uint32_t recent_end;
};

struct plait_spaces {
    struct plait_space of[PLAIT_SPACES]; /* all zero at first; number 0 is nobody's */
};

/* NULL when the table is full around its place. */
struct plait_space *plait_space_named(struct plait_spaces *spaces, uint64_t name,
                                      enum plait_space_kind kind);
/* Of the direction in which P goes, or of the other one. */
struct plait_space *plait_space_of_path(struct plait_spaces *spaces, const struct plait_packet *p,
                                        bool reversed, enum plait_space_kind kind);
/* What TOKEN's connection has: VALUE is a direction, or says which of several. */
struct plait_space *plait_space_of_token(struct plait_spaces *spaces, uint32_t token,
                                         enum plait_space_kind kind, uint64_t value);
/* Numbers wrap, positions do not. */
int64_t plait_space_position(struct plait_space *space, unsigned input, uint32_t number);
/* P brings octets up to END (not END itself). */
void plait_space_keep_recent(struct plait_space *space, const struct plait_packet *p, uint32_t end);
/* When the youngest octets passed first that P's acknowledgment shows to have come; NULL: not kept,
 * or in another input. */
const struct plait_space_recent *plait_space_recent(const struct plait_space *space,
                                                    const struct plait_packet *p);

#endif
