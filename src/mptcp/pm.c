/* mptcp/pm.c: path managers (RFC 8684 §3.9): which addresses are announced, which subflows opened.
 *
 * What was announced and accepted is dialled by all of them, from the first own address of the
 * family; the manager is about what happens without being asked. */
#include "mptcp/inside.h"

static unsigned own_addrs(struct plait_mptcp *c, struct plait_addr *addrs)
{
    return c->world->machine->addrs(c->world->machine_self, addrs, PLAIT_MPTCP_ADDRS_MAX);
}

/* From ADDR to REMOTE; a limit or a pair in use is no reason to complain. */
static void dial(struct plait_mptcp *c, plait_time_ns now, const struct plait_addr *addr,
                 const struct plait_place *remote)
{
    struct plait_place local = {.addr = *addr};
    (void)plait_mptcp_add_subflow(c, now, &local, remote, false);
}

static bool has_pair(const struct plait_mptcp *c, const struct plait_addr *local,
                     const struct plait_addr *remote)
{
    for (const struct plait_subflow *sub = c->subflows; sub; sub = sub->next) {
        if (!sub->flow || sub->stage == PLAIT_SUBFLOW_DEAD)
            continue;
        for (const struct plait_path *p = plait_flow_first_path(sub->flow); p; p = p->next)
            if (!p->is_detached && plait_addr_equal(&p->key.src.addr, local) &&
                plait_addr_equal(&p->key.dst.addr, remote))
                return true;
    }
    return false;
}

static void dial_announced(struct plait_mptcp *c, plait_time_ns now, uint8_t addr_id,
                           const struct plait_place *place)
{
    struct plait_addr addrs[PLAIT_MPTCP_ADDRS_MAX];
    unsigned count = own_addrs(c, addrs);
    (void)addr_id;
    if (c->first_local.addr.family == place->addr.family) {
        dial(c, now, &c->first_local.addr, place);
        return;
    }
    for (unsigned i = 0; i < count; i++)
        if (addrs[i].family == place->addr.family) {
            dial(c, now, &addrs[i], place);
            return;
        }
}

/* ---- full mesh ------------------------------------------------------------------------------- */

static void mesh(struct plait_mptcp *c, plait_time_ns now)
{
    struct plait_addr addrs[PLAIT_MPTCP_ADDRS_MAX];
    unsigned count = own_addrs(c, addrs);
    if (!c->is_client || !c->dss_seen)
        return; /* one side opens; the other may be behind a NAT anyway (RFC 8684 §3.9.2) */
    for (unsigned k = 0; k < PLAIT_ADDRESS_BOOK_ROOM; k++) {
        const struct plait_address *a = &c->peer_addrs.addresses[k];
        bool is_dialled = k == 0 ? !a->has_failed : plait_address_may_dial(a);
        if (!a->is_known || !is_dialled)
            continue;
        for (unsigned i = 0; i < count; i++)
            if (addrs[i].family == a->place.addr.family && !has_pair(c, &addrs[i], &a->place.addr))
                dial(c, now, &addrs[i], &a->place);
    }
}

static void mesh_announced(struct plait_mptcp *c, plait_time_ns now, uint8_t addr_id,
                           const struct plait_place *place)
{
    if (c->is_client)
        mesh(c, now);
    else
        dial_announced(c, now, addr_id, place);
}

/* ---- n ports --------------------------------------------------------------------------------- */

/* As many subflows as the limit allows between the first two addresses, from other ports: for nets
 * that spread flows (RFC 8684 §3.9.1). */
static void ports(struct plait_mptcp *c, plait_time_ns now)
{
    if (!c->is_client || !c->dss_seen)
        return;
    while (c->further_count < c->config.subflows_limit) {
        struct plait_place local = {.addr = c->first_local.addr};
        if (!plait_ok(plait_mptcp_add_subflow(c, now, &local, &c->first_remote, false)))
            return;
    }
}

/* ---- signal ---------------------------------------------------------------------------------- */

static void announce_all(struct plait_mptcp *c, plait_time_ns now)
{
    struct plait_addr addrs[PLAIT_MPTCP_ADDRS_MAX];
    unsigned count = own_addrs(c, addrs);
    for (unsigned i = 0; i < count; i++) {
        struct plait_place place = {.addr = addrs[i]};
        const struct plait_address *a = plait_address_book_find_addr(&c->own_addrs, &addrs[i]);
        if (!a || (!a->is_announced && a->id != 0))
            (void)plait_mptcp_announce(c, now, &place); /* full: the rest stays unknown */
    }
}

static void signal_changed(struct plait_mptcp *c, plait_time_ns now)
{
    if (c->dss_seen)
        announce_all(c, now);
}

const struct plait_path_manager plait_pm_by_hand = {.name = "by-hand", .announced = dial_announced};
const struct plait_path_manager plait_pm_full_mesh = {
    .name = "full-mesh", .established = mesh, .announced = mesh_announced, .changed = mesh};
const struct plait_path_manager plait_pm_n_ports = {
    .name = "n-ports", .established = ports, .announced = dial_announced};
const struct plait_path_manager plait_pm_signal = {.name = "signal",
                                                   .established = announce_all,
                                                   .announced = dial_announced,
                                                   .changed = signal_changed};
