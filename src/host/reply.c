/* host/reply.c: a short queue of complete packets. */
#include "host/reply.h"

struct plait_replies plait_replies(struct plait_arena *arena, uint32_t limit)
{
    return (struct plait_replies){.pool = plait_pool(arena, sizeof(struct plait_reply), limit)};
}

bool plait_reply_add(struct plait_replies *replies, const struct plait_segment *segment)
{
    struct plait_reply *reply = plait_pool_take(&replies->pool);
    if (!reply)
        return false;
    size_t length = 0;
    if (!plait_ok(plait_segment_build(segment, reply->octets, sizeof reply->octets, &length))) {
        plait_pool_give(&replies->pool, reply);
        return false;
    }
    reply->length_octets = (uint8_t)length;
    if (replies->last)
        replies->last->next = reply;
    else
        replies->first = reply;
    replies->last = reply;
    return true;
}

const struct plait_reply *plait_reply_first(const struct plait_replies *replies)
{
    return replies->first;
}

void plait_reply_sent(struct plait_replies *replies)
{
    struct plait_reply *reply = replies->first;
    replies->first = reply->next;
    if (!replies->first)
        replies->last = NULL;
    plait_pool_give(&replies->pool, reply);
}
