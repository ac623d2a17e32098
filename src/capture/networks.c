/* capture/networks.c: a table from (network around, kind, identifier) to a number. */
#include "capture/networks.h"

struct network {
    struct plait_table_node node;
    uint64_t name;
    uint16_t number;
};

struct plait_networks plait_networks(struct plait_arena *arena, const struct plait_draw_key *key)
{
    return (struct plait_networks){.table = plait_table(arena), .key = *key};
}

static uint64_t name_of(uint16_t around, enum plait_layer_kind kind, uint32_t id)
{
    bool parts = kind == PLAIT_LAYER_VXLAN || kind == PLAIT_LAYER_GENEVE;
    return (uint64_t)around << 48 | (uint64_t)kind << 32 | (parts ? id : 0);
}

static struct network *find(const struct plait_networks *n, uint64_t name, uint64_t hash)
{
    struct plait_table_node *node = NULL;
    while ((node = plait_table_find(&n->table, hash, node)))
        if (PLAIT_OWNER(node, struct network, node)->name == name)
            return PLAIT_OWNER(node, struct network, node);
    return NULL;
}

static uint16_t number_of(struct plait_networks *n, uint64_t name)
{
    uint64_t hash = plait_siphash(&n->key, &name, sizeof name);
    struct network *network = find(n, name, hash);
    if (!network && n->count < PLAIT_NETWORKS_MAX)
        network = plait_arena_take(n->table.arena, 1, sizeof *network);
    if (!network)
        return PLAIT_NETWORK_OTHER;
    if (network->number == 0) {
        network->name = name;
        if (!plait_table_insert(&n->table, &network->node, hash))
            return PLAIT_NETWORK_OTHER;
        network->number = (uint16_t)++n->count;
    }
    return network->number;
}

uint16_t plait_network_within(struct plait_networks *n, uint16_t around, enum plait_layer_kind kind,
                              uint32_t id)
{
    uint64_t name = name_of(around, kind, id);
    if (n->last == 0 || n->last_name != name) {
        n->last = number_of(n, name);
        n->last_name = name;
    }
    return n->last;
}
