/* lab/replay.c: moves recorded packets to the numbers of this run and sends them again. */
#include "lab/replay.h"

#include <stdio.h>
#include <string.h>

#include "base/hasher.h"

/* ---- ISNs by flow ------------------------------------------------------------------------- */

enum { ISNS_MAX = 2 * PLAIT_SUBFLOWS_MAX + PLAIT_HOME_FLOWS_MAX };

struct isn { /* of one direction of a flow */
    struct plait_flow_key flow;
    uint32_t isn;
};

/* Those that are known by now. */
static unsigned isns_of(const struct plait_attack *a, struct isn all[ISNS_MAX])
{
    const struct plait_facts *truth = &a->world->truth;
    const struct plait_goals *goals = a->goals;
    unsigned count = 0;
    for (unsigned i = 0; i < truth->subflow_count; i++)
        for (int side = 0; side < 2; side++) {
            const struct plait_half *half = truth->subflows[i].half;
            if (half[side].has_isn)
                all[count++] = (struct isn){{half[side].place, half[!side].place}, half[side].isn};
        }
    for (unsigned i = 0; i < goals->home_count; i++)
        if (goals->home[i].has_isn)
            all[count++] = (struct isn){goals->home[i].key, goals->home[i].isn};
    return count;
}

static json_t *isns_json(const struct plait_attack *a)
{
    struct isn all[ISNS_MAX];
    json_t *rows = json_array();
    for (unsigned i = 0, count = isns_of(a, all); i < count; i++) {
        char from[PLAIT_PLACE_TEXT_OCTETS], to[PLAIT_PLACE_TEXT_OCTETS];
        json_array_append_new(
            rows, json_pack("{s:s,s:s,s:I}", "from", plait_place_text(&all[i].flow.src, from), "to",
                            plait_place_text(&all[i].flow.dst, to), "isn", (json_int_t)all[i].isn));
    }
    return rows;
}

static void hash_rows(struct plait_hasher *hasher, const json_t *rows, const char *text,
                      const char *number)
{
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row)
    {
        const char *octets = json_string_value(json_object_get(row, text));
        plait_hash_octets(hasher, octets, strlen(octets));
        plait_hash_u64(hasher, (uint64_t)json_integer_value(json_object_get(row, number)));
    }
}

json_t *plait_replay_schedule(const struct plait_attack *a)
{
    json_t *isns = isns_json(a);
    struct plait_hasher hasher = plait_hasher(0);
    char digest[24];
    hash_rows(&hasher, a->schedule, "packet", "at_ns");
    hash_rows(&hasher, isns, "from", "isn");
    snprintf(digest, sizeof digest, "%016llx", (unsigned long long)plait_hash_end(&hasher));
    return json_pack("{s:O,s:o,s:s}", "packets", a->schedule, "isns", isns, "digest", digest);
}

static bool isn_then(const json_t *isns, const struct plait_flow_key *flow, uint32_t *isn)
{
    char from[PLAIT_PLACE_TEXT_OCTETS], to[PLAIT_PLACE_TEXT_OCTETS];
    plait_place_text(&flow->src, from);
    plait_place_text(&flow->dst, to);
    size_t i;
    json_t *row;
    json_array_foreach(isns, i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "from")), from) ||
            strcmp(json_string_value(json_object_get(row, "to")), to))
            continue;
        *isn = (uint32_t)json_integer_value(json_object_get(row, "isn"));
        return true;
    }
    return false;
}

static bool isn_now(const struct plait_attack *a, const struct plait_flow_key *flow, uint32_t *isn)
{
    struct isn all[ISNS_MAX];
    for (unsigned i = 0, count = isns_of(a, all); i < count; i++)
        if (plait_flow_equal(&all[i].flow, flow)) {
            *isn = all[i].isn;
            return true;
        }
    return false;
}

/* How far the numbers of FLOW are from what they were; 0 if either is not known. */
static uint32_t shift_of(const struct plait_attack *a, const json_t *old_isns,
                         const struct plait_flow_key *flow)
{
    uint32_t was, is;
    return isn_then(old_isns, flow, &was) && isn_now(a, flow, &is) ? is - was : 0;
}

/* ---- one packet --------------------------------------------------------------------------- */

static int nibble(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static uint32_t from_hex(const char *hex, uint8_t octets[PLAIT_FRAME_OCTETS])
{
    uint32_t length = (uint32_t)strlen(hex) / 2;
    if (length > PLAIT_FRAME_OCTETS)
        return 0;
    for (uint32_t i = 0; i < length; i++)
        octets[i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    return length;
}

static void send_again(struct plait_attack *a, const json_t *old_isns, const char *hex)
{
    uint8_t octets[PLAIT_FRAME_OCTETS];
    uint32_t length_octets = from_hex(hex, octets);
    struct plait_segment segment;
    if (!length_octets || !plait_ok(plait_segment_parse(octets, length_octets, &segment)))
        return;
    const struct plait_flow_key flow = plait_segment_flow(&segment);
    const struct plait_flow_key reversed = plait_flow_reversed(&flow);
    segment.seq += shift_of(a, old_isns, &flow);
    segment.ack += shift_of(a, old_isns, &reversed);
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

void plait_replay(struct plait_attack *a, const json_t *schedule)
{
    move_addresses(a);
    const json_t *isns = json_object_get(schedule, "isns");
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(schedule, "packets"), i, row)
    {
        plait_time_ns at_ns =
            a->world->ready_ns + json_integer_value(json_object_get(row, "at_ns"));
        plait_time_ns now = plait_world_now(a->world);
        if (at_ns > now)
            plait_world_run(a->world, at_ns, NULL, NULL);
        send_again(a, isns, json_string_value(json_object_get(row, "packet")));
    }
}
