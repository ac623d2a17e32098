/* lab/replay.c: moves recorded packets to the numbers of this run and sends them again. */
#include "lab/replay.h"

/* ---- ISNs by flow ------------------------------------------------------------------------- */

enum { ISNS_MAX = 2 * PLAIT_SUBFLOWS_MAX + PLAIT_HOME_FLOWS_MAX };

/* Those that are known by now. */
static unsigned isns_of(const struct plait_attack *a, struct plait_isn all[ISNS_MAX])
{
    const struct plait_facts *truth = &a->world->truth;
    const struct plait_goals *goals = a->goals;
    unsigned count = 0;
    for (unsigned i = 0; i < truth->subflow_count; i++)
        for (int side = 0; side < 2; side++) {
            const struct plait_half *half = truth->subflows[i].half;
            if (half[side].has_isn)
                all[count++] =
                    (struct plait_isn){{half[side].place, half[!side].place}, half[side].isn};
        }
    for (unsigned i = 0; i < goals->home_count; i++)
        if (goals->home[i].has_isn)
            all[count++] = (struct plait_isn){goals->home[i].key, goals->home[i].isn};
    return count;
}

struct plait_schedule plait_replay_schedule(const struct plait_attack *a)
{
    struct plait_isn isns[ISNS_MAX];
    unsigned count = isns_of(a, isns);
    return plait_schedule_end(&a->schedule, isns, count);
}

static bool isn_now(const struct plait_attack *a, const struct plait_flow_key *flow, uint32_t *isn)
{
    struct plait_isn all[ISNS_MAX];
    for (unsigned i = 0, count = isns_of(a, all); i < count; i++)
        if (plait_flow_equal(&all[i].flow, flow)) {
            *isn = all[i].isn;
            return true;
        }
    return false;
}

/* How far the numbers of FLOW are from what they were; 0 if either is not known. */
static uint32_t shift_of(const struct plait_attack *a, const struct plait_schedule_reader *then,
                         const struct plait_flow_key *flow)
{
    uint32_t was, is;
    return plait_schedule_isn(then, flow, &was) && isn_now(a, flow, &is) ? is - was : 0;
}

/* ---- one packet --------------------------------------------------------------------------- */

static void send_again(struct plait_attack *a, const struct plait_schedule_reader *then,
                       const struct plait_schedule_packet *packet)
{
    struct plait_segment segment;
    if (!plait_ok(plait_segment_parse(packet->octets, packet->length_octets, &segment)))
        return;
    const struct plait_flow_key flow = plait_segment_flow(&segment);
    const struct plait_flow_key reversed = plait_flow_reversed(&flow);
    segment.seq += shift_of(a, then, &flow);
    segment.ack += shift_of(a, then, &reversed);
    segment.mptcp_count = 0;
    plait_send(a, &segment);
}

/* Addresses change hands here as they did there. */
static void move_addresses(struct plait_attack *a)
{
    unsigned beside = a->scenario->position->beside;
    if (beside & PLAIT_INHERITS)
        plait_inherit_address(a);
    if (beside & PLAIT_LEAVES_ADDRESS)
        plait_leave_address(a);
}

void plait_replay(struct plait_attack *a, const struct plait_schedule *schedule)
{
    move_addresses(a);
    struct plait_schedule_reader reader = plait_schedule_reader(schedule);
    struct plait_schedule_packet packet;
    while (plait_schedule_next(&reader, &packet)) {
        plait_time_ns at_ns = a->world->ready_ns + packet.at_ns;
        plait_time_ns now = plait_world_now(a->world);
        if (at_ns > now)
            plait_world_run(a->world, at_ns, NULL, NULL);
        send_again(a, &reader, &packet);
    }
}
