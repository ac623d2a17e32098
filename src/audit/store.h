/* audit/store.h: internal: where connections and subflows are kept, found and given up.
 * May touch: the auditor's memory; calls the sink when a connection ends. */
#ifndef PLAIT_AUDIT_STORE_H
#define PLAIT_AUDIT_STORE_H

#include "audit/inside.h"

/* Cuts the arena by the limits; false if it is too small. */
bool plait_store_init(struct plait_audit *a, struct plait_arena *arena);
size_t plait_store_octets(size_t memory_octets);
/* Of that, what was ever touched. */
size_t plait_store_used_octets(const struct plait_audit *a);

/* AT's packet is a SYN, whose flow is hardly the one of the packet before: it is brought near. */
void plait_store_fetch(struct plait_at *at);
/* The subflow of AT's packet, aliases resolved, and which end of its connection sent it; 0: none.
 * A SYN was given to plait_store_fetch. */
uint32_t plait_store_find(struct plait_at *at, unsigned *end);
/* A new connection, not counting any subflow; the oldest idle one goes if there is no room. */
uint32_t plait_store_connection(struct plait_audit *a);
/* A new subflow of AT's connection, opened by its packet, which was looked for; 0 if there is no
 * room (counted). */
uint32_t plait_store_subflow(const struct plait_at *at);
/* From now on the flow of AT's packet is SUBFLOW, whose END sent it, seen behind a NAT. */
void plait_store_alias(const struct plait_at *at, uint32_t subflow, unsigned end);
/* Another connection's from now on; with SWAP its ends change places. */
void plait_store_move(struct plait_audit *a, uint32_t subflow, uint32_t connection, bool swap);
/* Its flow can be opened anew; it stays in its connection. */
void plait_store_unlist(struct plait_audit *a, uint32_t subflow);

struct plait_place plait_store_place(const struct plait_audit *a, const struct plait_subflow *s,
                                     unsigned end);
bool plait_store_same_addr(const struct plait_audit *a, const struct plait_subflow *s, unsigned end,
                           const struct plait_addr *addr);

/* The connections whose END has TOKEN, one after the other: nodes; 0 is the end. */
struct plait_index_walk plait_store_walk_token(const struct plait_audit *a, uint32_t token);
uint32_t plait_store_by_token(const struct plait_audit *a, uint32_t token,
                              struct plait_index_walk *walk);
static inline uint32_t plait_token_connection(uint32_t node)
{
    return node >> 1;
}
static inline unsigned plait_token_end(uint32_t node)
{
    return node & 1;
}
/* KEY is END's: sets token and first number, and lists them. */
void plait_store_set_key(struct plait_audit *a, uint32_t connection, unsigned end, uint64_t key);

/* What the active have; each may be NULL for want of room, and takes from the oldest. */
struct plait_story *plait_store_story(struct plait_audit *a, struct plait_connection *c);
struct plait_work *plait_store_work(struct plait_audit *a, uint32_t connection);
struct plait_subflow_work *plait_store_subflow_work(struct plait_audit *a, uint32_t subflow);
struct plait_join *plait_store_join(struct plait_audit *a, uint32_t subflow, bool make);
void plait_store_give_join(struct plait_audit *a, uint32_t subflow);

/* Its end is known (or NONE: not yet): it stays a while for what comes late. */
void plait_store_over(struct plait_audit *a, uint32_t connection, enum plait_audit_end how);
/* A proven join: it goes on, if it still may. */
void plait_store_revive(struct plait_connection *c);
/* Gives up those that have stayed long enough. */
void plait_store_sweep(struct plait_audit *a);
/* Nothing is looked for any more: ends cost less. */
void plait_store_close(struct plait_audit *a);
/* Gives everything of it back; the sink hears of it. */
void plait_store_end(struct plait_audit *a, uint32_t connection, enum plait_audit_end how);

static inline const struct plait_mechanism *plait_mechanism_of(const struct plait_connection *c)
{
    return c->version == PLAIT_AUDIT_V0 ? &plait_mechanism_v0 : &plait_mechanism_v1;
}

static inline bool plait_has(uint32_t flags, uint32_t first, unsigned end)
{
    return flags & first << end;
}

#endif
