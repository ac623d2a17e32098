/* host/token_table.h: whose connection a token names, on this machine (RFC 8684 §3.1, §3.2).
 *
 * A token is 32 bits of a hash of a key that an outsider may have chosen, so the table's own hash
 * is keyed.  The node lives with whoever claims.  May touch: its table's arena and its nodes. */
#ifndef PLAIT_HOST_TOKEN_TABLE_H
#define PLAIT_HOST_TOKEN_TABLE_H

#include "base/draw.h"
#include "base/table.h"

struct plait_mptcp;

/* Zeroed: nothing is claimed. */
struct plait_token {
    struct plait_table_node node;
    struct plait_mptcp *connection; /* NULL while nothing is claimed */
    uint32_t value;
};

struct plait_token_table {
    struct plait_table table;
    struct plait_draw_key key;
};

struct plait_token_table plait_token_table(struct plait_arena *arena,
                                           const struct plait_draw_key *key);
/* False if a connection has VALUE already (N01, N02) or the table has no memory at all; TOKEN must
 * not be claimed. */
bool plait_token_claim(struct plait_token_table *tokens, struct plait_token *token, uint32_t value,
                       struct plait_mptcp *connection);
/* The claim of VALUE by CONNECTION, or NULL. */
struct plait_token *plait_token_held(const struct plait_token_table *tokens, uint32_t value,
                                     const struct plait_mptcp *connection);
/* A token that is not claimed stays so. */
void plait_token_release(struct plait_token_table *tokens, struct plait_token *token);
/* The connection that has VALUE, or NULL. */
struct plait_mptcp *plait_token_find(const struct plait_token_table *tokens, uint32_t value);

#endif
