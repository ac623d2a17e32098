/* threats/unk_1.c: T-UNK-1, data from an address pair that never joined. */
#include "threats/record.h"

enum { OWN_PORT = 27000, OWN_ISN = 100 };

/* Where the data comes from: an address of his own or, if he may use them, the places and numbers
 * of a subflow that did join. */
struct sender {
    struct plait_numbers numbers;
    uint32_t isn;
};

static void write_at(struct plait_attack *a, uint64_t dsn, void *argument)
{
    const struct sender *sender = argument;
    struct plait_segment data = plait_forged(&sender->numbers, PLAIT_ACK | PLAIT_PSH);
    plait_add_option(&data, PLAIT_DSS)->dss =
        (struct plait_dss){.has_map = true,
                           .dsn_is_64 = true,
                           .dsn = dsn,
                           .ssn = sender->numbers.seq - sender->isn,
                           .data_length = (uint16_t)plait_marker_octets};
    data.payload = plait_marker;
    data.payload_octets = plait_marker_octets;
    plait_send(a, &data);
}

static struct sender unjoined(const struct plait_attack *a)
{
    return (struct sender){
        .numbers = {.flow = {.src = {plait_own_addr(a), OWN_PORT}, .dst = plait_victim_door(a)},
                    .seq = OWN_ISN + 1,
                    .ack = 1},
        .isn = OWN_ISN};
}

static bool is_reset_home(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    return seen->at_home && (seen->segment.flags & PLAIT_RST);
}

static void write_from_own_address(struct plait_attack *a, struct sender *sender)
{
    uint64_t dsn = plait_get_dsn(a, write_at, sender);
    plait_step(a, "writes from an address that never joined");
    write_at(a, dsn, sender);
    if (plait_await(a, is_reset_home, NULL, 2 * PLAIT_S))
        plait_refused(a, "data from an address pair that never joined was answered by RST");
    else
        plait_refused(a, "data from an address pair that never joined got no answer");
}

/* From a pair that is a subflow: what the witness has. */
static void write_from_subflow(struct plait_attack *a, struct sender *sender)
{
    sender->numbers = plait_get_numbers(a, 0, PLAIT_ACCEPT_IN_WINDOW, NULL, NULL);
    sender->isn = plait_isn_of(a, 0, plait_peer(a));
    plait_step(a, "writes from an address pair that joined");
    write_at(a, plait_get_dsn(a, write_at, sender), sender);
    plait_pause(a, PLAIT_S);
}

static void run(struct plait_attack *a)
{
    plait_take_position(a);
    struct sender sender = unjoined(a);
    if (plait_is_granted(a, PLAIT_GRANT_NUMBERS))
        write_from_subflow(a, &sender);
    else
        write_from_own_address(a, &sender);
}

static void without_joining(struct plait_attack *a)
{
    plait_take_position(a);
    struct sender sender = unjoined(a);
    struct plait_place door = plait_victim_door(a);
    if (!plait_knows_keys(a)) {
        write_from_own_address(a, &sender);
        return;
    }
    struct plait_intruder *intruder = plait_join(a, &door, 77);
    if (intruder)
        plait_intrude(a, intruder, plait_marker, plait_marker_octets);
    plait_pause(a, PLAIT_S);
}

#define CASE(where, spoof, load, play, ...)                                                        \
    {                                                                                              \
        .form = "-", .position = where, .spoofing = spoof, .victim = PLAIT_SERVER,                 \
        .workload = load, .paths = 2, .one_path_too = true, .goals = PLAIT_GOAL_BIT(INJECT),       \
        .script = play, .witnesses = {                                                             \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

static const struct plait_case cases[] = {
    CASE("OFF", true, PLAIT_IDLE, run, PLAIT_GRANT_NUMBERS),
    CASE("ON2-E", false, PLAIT_IDLE, without_joining, PLAIT_GRANT_KEYS),
    CASE("ON2-E", false, PLAIT_BULK, without_joining, PLAIT_GRANT_KEYS),
};

const struct plait_threat plait_threat_unk_1 = {
    .info =
        {
            .id = "T-UNK-1",
            .title = "Data from an unjoined address",
            .kind = "threat",
            .source = "RFC 4218 §4.4, RFC 8684 §3.2",
            .section = SECTION_HIJACK,
            .summary = "Data with the right data sequence number comes from an address pair that "
                       "never joined.",
            .positions = PLAIT_LIST("OFF", "ON2-E"),
            .goals = PLAIT_LIST("inject"),
            .mechanisms = PLAIT_LIST("v0", "v1"),
            .host_risk = "none",
            .full_on_kernels = true,
            .stopped_by_text = "segments are demultiplexed by their addresses and ports alone",
            .remains_text = "the price of T-DSS-3 on a pair that joined",
            .wire_blind_text = "",
        },
    PLAIT_CASES(cases),
};
