/* host/machine.c: what mptcp/ asks of its machine, and how anything is dialled. */
#include "host/inside.h"

/* ---- dialling ---- */

/* By a connection, or by one that is half-open. */
static bool is_in_use(const struct plait_host *host, const struct plait_flow_key *key,
                      uint64_t hash)
{
    return plait_host_find_path(host, key, hash) || plait_request_find(&host->requests, key, hash);
}

/* RFC 6056 §3.3.3, or what it warns of in §2.2. */
static uint16_t next_port(struct plait_host *host, const struct plait_flow_key *key)
{
    uint32_t n = host->ports_drawn++;
    if (host->config.counts_ports)
        return (uint16_t)(PLAIT_PORT_FIRST + n % PLAIT_PORT_COUNT);
    return plait_draw_port(&host->key, key, n);
}

bool plait_host_choose_port(struct plait_host *host, struct plait_flow_key *key, uint64_t *hash)
{
    for (uint32_t tries = 0; tries < PLAIT_PORT_COUNT; tries++) {
        key->src.port = next_port(host, key);
        *hash = plait_host_hash(host, key);
        if (!is_in_use(host, key, *hash) && !plait_host_find_listener(host, &key->src))
            return true;
    }
    return false;
}

struct plait_flow *plait_host_dial(struct plait_host *host, plait_time_ns now,
                                   struct plait_flow_setup *setup)
{
    struct plait_flow_key *key = &setup->key;
    uint32_t ports_drawn = host->ports_drawn;
    uint64_t hash;
    if (key->src.port == 0) {
        if (!plait_host_choose_port(host, key, &hash))
            return NULL;
    } else {
        hash = plait_host_hash(host, key);
        if (plait_host_find_path(host, key, hash))
            return NULL;
    }
    setup->isn = plait_host_isn(host, key, now);
    setup->timestamp_offset = plait_draw_timestamp_offset(&host->key, key);
    struct plait_flow *flow = plait_flow_connect(&host->stack, setup, now);
    if (flow && !plait_host_register(host, plait_flow_first_path(flow), hash)) {
        plait_flow_free(flow);
        flow = NULL;
    }
    if (!flow) /* a refusal changes nothing */
        host->ports_drawn = ports_drawn;
    return flow;
}

/* ---- struct plait_machine ---- */

static struct plait_flow *open_flow(void *machine, struct plait_mptcp *connection,
                                    const struct plait_place *local,
                                    const struct plait_place *remote,
                                    const struct plait_flow_owner *table, void *owner,
                                    plait_time_ns now)
{
    struct plait_host *host = machine;
    if (local->addr.family != remote->addr.family || !plait_host_has_addr(host, &local->addr))
        return NULL;
    struct plait_flow_setup setup = {.key = {*local, *remote},
                                     .owner_table = table,
                                     .owner = owner,
                                     .connection = plait_mptcp_number(connection)};
    return plait_host_dial(host, now, &setup);
}

static unsigned list_addrs(void *machine, struct plait_addr *addrs, unsigned room)
{
    const struct plait_host *host = machine;
    unsigned count = host->addr_count < room ? host->addr_count : room;
    memcpy(addrs, host->addrs, count * sizeof *addrs);
    return count;
}

static bool claim_token(void *machine, struct plait_mptcp *connection, uint32_t value)
{
    struct plait_host *host = machine;
    struct plait_token *token = plait_pool_take(&host->token_pool);
    if (token && plait_token_claim(&host->tokens, token, value, connection))
        return true;
    plait_pool_give(&host->token_pool, token);
    return false;
}

static void release_token(void *machine, struct plait_mptcp *connection)
{
    struct plait_host *host = machine;
    struct plait_token *token =
        plait_token_held(&host->tokens, plait_mptcp_own_token(connection), connection);
    if (!token)
        return;
    plait_token_release(&host->tokens, token);
    plait_pool_give(&host->token_pool, token);
}

static bool has_path(void *machine, const struct plait_flow_key *key)
{
    return plait_host_find_path(machine, key, plait_host_hash(machine, key));
}

static uint32_t isn(void *machine, const struct plait_flow_key *key, plait_time_ns now)
{
    return plait_host_isn(machine, key, now);
}

static bool claim_path(void *machine, struct plait_path *path)
{
    struct plait_host *host = machine;
    uint64_t hash = plait_host_hash(host, &path->key);
    return !is_in_use(host, &path->key, hash) && plait_host_register(host, path, hash);
}

static void send_segment(void *machine, const struct plait_segment *segment)
{
    struct plait_host *host = machine;
    (void)plait_reply_add(&host->replies, segment); /* at the limit it is lost like any packet */
}

static void event(void *machine, struct plait_mptcp *connection, plait_time_ns now,
                  enum plait_mptcp_event what)
{
    (void)machine;
    struct plait_connection *c = plait_mptcp_user(connection);
    if (c) /* none yet while it is being made */
        plait_connection_mptcp_event(c, now, what);
}

const struct plait_machine plait_host_machine = {
    .open = open_flow,
    .addrs = list_addrs,
    .claim_token = claim_token,
    .release_token = release_token,
    .has_path = has_path,
    .isn = isn,
    .claim_path = claim_path,
    .release_path = plait_host_forget_path,
    .send = send_segment,
    .event = event,
};
