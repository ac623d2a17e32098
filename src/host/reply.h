/* host/reply.h: small packets that no flow sends: resets and SYN/ACKs with cookies, complete, in
 * the order in which they were caused.  At the limit the newest is dropped: whoever floods gets
 * fewer answers.  May touch: its pool. */
#ifndef PLAIT_HOST_REPLY_H
#define PLAIT_HOST_REPLY_H

#include "base/pool.h"
#include "wire/tcp.h"

/* IPv6 and TCP headers, all of TCP's option space. */
#define PLAIT_REPLY_MAX_OCTETS (40 + 20 + PLAIT_TCP_OPTIONS_MAX_OCTETS)

struct plait_reply {
    struct plait_reply *next;
    uint8_t length_octets;
    uint8_t octets[PLAIT_REPLY_MAX_OCTETS];
};

struct plait_replies {
    struct plait_pool pool;
    struct plait_reply *first, *last;
};

struct plait_replies plait_replies(struct plait_arena *arena, uint32_t limit);
/* Builds SEGMENT, which has no payload; false if there is no room. */
bool plait_reply_add(struct plait_replies *replies, const struct plait_segment *segment);
/* The oldest; it is gone with plait_reply_sent. */
const struct plait_reply *plait_reply_first(const struct plait_replies *replies);
void plait_reply_sent(struct plait_replies *replies);

#endif
