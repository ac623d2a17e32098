/* lab/scenario.c: names of what a scenario is made of. */
#include "lab/scenario.h"

enum { PATIENT_S = 60 };

static const struct {
    const char *name, *stopper;
} grant_table[PLAIT_GRANT_BITS] = {
    {"keys", "keys unknown"},
    {"a listener on the client", "no listener"},
    {"permissive limits", "limits of the path manager"},
    {"sequence numbers and port", "numbers unknown"},
    {"token", "token unknown"},
    {"plain TCP", "Multipath TCP itself"},
    {"a single path", "another subflow carries on"},
    {"the right HMAC", "wrong HMAC"},
    {"a peer that has forgotten the connection", "the challenge ACK"},
    {"a slow second path", "a second path that carries the traffic"},
    {"no probe of a removed path", "the keepalive before REMOVE_ADDR is obeyed"},
    {"paths by hand", "paths that are opened again"},
    {"bulk", "traffic that stays on the first path"},
    {"a proof over the fresh nonce", "the fresh nonce of each join"},
    {"the check's secrets", "the reachability check"},
    {"a target that stays silent", "the target's reset"},
    {"an address that passes on", "data that goes to who asked for it"},
    {"the lab's own net and traffic", "this net and its traffic"},
    {"hosts that obey hard ICMP errors", "hard errors taken for soft ones"},
    {"one limit of challenge ACKs for all", "a limit of challenge ACKs for each connection"},
    {"the right to spoof", "ingress filtering"},
    {"the address's present identifier", "identifiers that are not used again"},
    {"no DSS checksums", "the DSS checksum"},
    {"hosts that obey any path MTU", "a least size of segments"},
    {"hosts that draw ports from a counter", "ports that are drawn at random"},
};

static void join_words(unsigned grants, bool stoppers, char *text, size_t room_octets)
{
    struct plait_text t = plait_text(text, room_octets);
    for (unsigned bit = 0; bit < PLAIT_GRANT_BITS; bit++)
        if (grants >> bit & 1)
            plait_text_add(&t, "%s%s", t.length ? " and " : "",
                           stoppers ? grant_table[bit].stopper : grant_table[bit].name);
}

void plait_grant_names(unsigned grants, char *text, size_t room_octets)
{
    join_words(grants, false, text, room_octets);
}

void plait_grant_stoppers(unsigned grants, char *text, size_t room_octets)
{
    join_words(grants, true, text, room_octets);
}

const char *plait_target_name(enum plait_target target)
{
    return target == PLAIT_TARGET_PLAIT ? "plait" : "linux";
}

bool plait_scenario_is_virtual(const struct plait_scenario *scenario)
{
    return scenario->target[PLAIT_CLIENT] == PLAIT_TARGET_PLAIT &&
           scenario->target[PLAIT_SERVER] == PLAIT_TARGET_PLAIT;
}

plait_time_ns plait_scenario_asked_ns(const struct plait_scenario *scenario)
{
    plait_time_ns arrival_ns = scenario->arrives ? PLAIT_ARRIVAL_S * PLAIT_S : 0;
    return scenario->away_ns + scenario->watch_ns + scenario->control_ns +
           plait_schedule_end_ns(&scenario->schedule) +
           2 * arrival_ns; /* each try waits for its check */
}

bool plait_scenario_is_patient(const struct plait_scenario *scenario)
{
    return !plait_scenario_is_virtual(scenario) &&
           plait_scenario_asked_ns(scenario) >= PATIENT_S * PLAIT_S;
}

const char *plait_policy_name(enum plait_policy policy)
{
    return policy == PLAIT_POLICY_DEFAULT ? "default" : "permissive";
}

const char *plait_side_name(enum plait_side side)
{
    return side == PLAIT_CLIENT ? "client" : "server";
}
