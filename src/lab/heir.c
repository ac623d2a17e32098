/* lab/heir.c: addresses that change hands while a connection uses them: a participant leaves his to
 * a stranger (T-FLOOD-8), or the attacker gets one by lease (T-REUSE-1). */
#include "base/panic.h"
#include "lab/attack.h"
#include "lab/intruder.h"

bool plait_may_leave_address(const struct plait_attack *a)
{
    return (a->scenario->position->beside & PLAIT_LEAVES_ADDRESS) ||
           (a->scenario->grants & PLAIT_GRANT_MOVED);
}

void plait_leave_address(struct plait_attack *a)
{
    if (!plait_may_leave_address(a))
        plait_panic("position: no address to leave", "%s keeps its addresses",
                    a->scenario->position->name);
    struct plait_world *world = a->world;
    unsigned path = a->scenario->dialled;
    bool somebody = world->stranger_nodes[0] >= 0;
    plait_attack_leave(a, path, somebody ? world->stranger_links[0] : world->path_links[path]);
}

static unsigned inherited_path(const struct plait_attack *a)
{
    const struct plait_position *position = a->scenario->position;
    if (!(position->beside & PLAIT_INHERITS))
        plait_panic("position: no address to inherit", "%s gets no address by lease",
                    position->name);
    return position->paths >> 1 & 1;
}

void plait_inherit_address(struct plait_attack *a)
{
    plait_attack_inherit(a, inherited_path(a));
}

struct plait_addr plait_inherited_addr(const struct plait_attack *a)
{
    return a->world->client_addrs[inherited_path(a)];
}

struct plait_intruder *plait_speak_on(struct plait_attack *a, const struct plait_numbers *numbers)
{
    struct plait_intruder *intruder =
        plait_intruder_new(a, plait_victim(a), numbers->flow.src.port, &numbers->flow.dst);
    PLAIT_CHECK(intruder);
    intruder->own = numbers->flow.src;
    intruder->is_plain = !plait_is_mapped(a);
    intruder->nxt = intruder->isn = numbers->seq;
    intruder->rcv_nxt = numbers->ack;
    if (plait_is_mapped(a))
        intruder->stale_ack = plait_facts_first_dsn(&a->known, plait_victim(a));
    return intruder;
}

struct plait_intruder *plait_continue(struct plait_attack *a, const struct plait_segment *segment)
{
    const struct plait_place peer = {segment->ip.src, segment->src_port};
    struct plait_intruder *intruder =
        plait_intruder_new(a, plait_victim(a), segment->dst_port, &peer);
    PLAIT_CHECK(intruder);
    intruder->own.addr = segment->ip.dst;
    intruder->is_plain = segment->mptcp_count == 0;
    intruder->nxt = intruder->isn = segment->ack;
    intruder->rcv_nxt = segment->seq;
    intruder->established = true;
    return intruder;
}
