/* host/token_table.c: tokens by keyed hash. */
#include "host/token_table.h"

#include "base/octets.h"
#include "base/panic.h"

struct plait_token_table plait_token_table(struct plait_arena *arena,
                                           const struct plait_draw_key *key)
{
    return (struct plait_token_table){.table = plait_table(arena), .key = *key};
}

static uint64_t hash_of(const struct plait_token_table *tokens, uint32_t value)
{
    uint8_t octets[4];
    plait_store_u32(octets, value);
    return plait_siphash(&tokens->key, octets, sizeof octets);
}

static struct plait_token *find(const struct plait_token_table *tokens, uint32_t value,
                                uint64_t hash)
{
    struct plait_table_node *node = NULL;
    while ((node = plait_table_find(&tokens->table, hash, node))) {
        struct plait_token *token = PLAIT_OWNER(node, struct plait_token, node);
        if (token->value == value)
            return token;
    }
    return NULL;
}

bool plait_token_claim(struct plait_token_table *tokens, struct plait_token *token, uint32_t value,
                       struct plait_mptcp *connection)
{
    PLAIT_CHECK(!token->connection && connection);
    uint64_t hash = hash_of(tokens, value);
    if (find(tokens, value, hash) || !plait_table_insert(&tokens->table, &token->node, hash))
        return false;
    token->value = value;
    token->connection = connection;
    return true;
}

void plait_token_release(struct plait_token_table *tokens, struct plait_token *token)
{
    if (!token->connection)
        return;
    plait_table_remove(&tokens->table, &token->node);
    *token = (struct plait_token){0};
}

struct plait_mptcp *plait_token_find(const struct plait_token_table *tokens, uint32_t value)
{
    const struct plait_token *token = find(tokens, value, hash_of(tokens, value));
    return token ? token->connection : NULL;
}

struct plait_token *plait_token_held(const struct plait_token_table *tokens, uint32_t value,
                                     const struct plait_mptcp *connection)
{
    struct plait_token *token = find(tokens, value, hash_of(tokens, value));
    return token && token->connection == connection ? token : NULL;
}
