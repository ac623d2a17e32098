/* threats/baselines.c: the bar: attacks on plain TCP. */
#include "threats/baselines.h"
#include "threats/flooding.h"

enum {
    EFFECT_MS = 300,
    SYN_FLOOD = 64,
    SCANNED_DEAD = 8,
    SCAN_PORT = 24000,
    WRONG_PORTS = 1024,
    TRAIN_S = 10,
    OPTIMISTIC_ACKS = 64,
    CAMP_SYNS = PLAIT_ARRIVAL_S * PLAIT_S / PLAIT_CAMP_BEAT_NS
};

/* ---- one packet in the peer's name -------------------------------------------------------- */

/* What a forged packet is to do, as flags and payload. */
struct blow {
    uint8_t flags;
    bool with_data;
};

static const struct blow RESET = {PLAIT_RST, false};
static const struct blow OPEN = {PLAIT_SYN, false};
static const struct blow WRITE = {PLAIT_ACK | PLAIT_PSH, true};
/* With octets in front of it, so that numbers which aged a little still reach what is expected
 * next. */
static const struct blow END = {PLAIT_ACK | PLAIT_PSH | PLAIT_FIN, true};

static void strike(struct plait_attack *a, const struct plait_numbers *numbers, void *argument)
{
    const struct blow *blow = argument;
    struct plait_segment segment = plait_forged(numbers, blow->flags);
    if (blow->with_data) {
        segment.payload = plait_full_payload();
        segment.payload_octets = PLAIT_FULL_OCTETS;
    }
    plait_send(a, &segment);
}

/* Numbers that are still good, or bought ones. */
static void strike_blind(struct plait_attack *a, const struct blow *blow, enum plait_accept accept,
                         const char *step)
{
    struct blow copy = *blow;
    plait_take_position(a);
    struct plait_numbers numbers = plait_get_numbers(a, 0, accept, strike, &copy);
    plait_step(a, step);
    strike(a, &numbers, &copy);
    plait_pause(a, EFFECT_MS * PLAIT_MS);
    plait_mark(a);
}

/* Only numbers that were overheard. */
static void strike_overheard(struct plait_attack *a, const struct blow *blow, const char *step)
{
    struct blow copy = *blow;
    plait_take_position(a);
    struct plait_numbers numbers;
    if (!plait_overheard_numbers(a, 0, &numbers)) {
        plait_refused(a, "nothing of this connection was overheard");
        return;
    }
    plait_step(a, step);
    strike(a, &numbers, &copy);
    plait_pause(a, EFFECT_MS * PLAIT_MS);
    plait_mark(a);
}

static void b_rst(struct plait_attack *a)
{
    strike_blind(a, &RESET, PLAIT_ACCEPT_EXACT_SEQ, "resets in the peer's name");
}

static void b_syn(struct plait_attack *a)
{
    strike_blind(a, &OPEN, PLAIT_ACCEPT_EXACT_SEQ, "sends a SYN into the connection");
}

static void b_fin(struct plait_attack *a)
{
    strike_blind(a, &END, PLAIT_ACCEPT_IN_WINDOW, "ends the peer's stream");
}

static void b_data(struct plait_attack *a)
{
    strike_blind(a, &WRITE, PLAIT_ACCEPT_IN_WINDOW, "writes with the right numbers");
}

static void b_left_kill(struct plait_attack *a)
{
    strike_overheard(a, &RESET, "resets with the numbers it overheard");
}

/* Somewhere in the middle there is no handshake to hear, but what is written for a second. */
static void b_left_later_kill(struct plait_attack *a)
{
    plait_stand(a);
    plait_step(a, "listens for a second");
    plait_pause(a, PLAIT_S);
    b_left_kill(a);
}

static void b_left_truncate(struct plait_attack *a)
{
    strike_overheard(a, &END, "ends the stream with the numbers it overheard");
}

static void b_left_inject(struct plait_attack *a)
{
    strike_overheard(a, &WRITE, "writes with the numbers it overheard");
}

/* ---- on the path -------------------------------------------------------------------------- */

static void b_mitm(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "alters what passes");
    plait_on_path(a, plait_alter_payload);
    plait_pause(a, PLAIT_S);
}

/* The connection's own SYN is rewritten as T-TS-3 rewrites a join's: the server's connection is
 * with him, and remains so when he leaves. */
static void b_proxy(struct plait_attack *a)
{
    plait_step(a, "rewrites the source of the SYN to its own address");
    plait_rewrite_source(a, true);
    plait_take_position(a);
    struct plait_intruder *own = plait_rewritten(a);
    if (!own) {
        plait_refused(a, "no connection was set up on his path");
        return;
    }
    plait_step(a, "writes as the client and listens");
    plait_intrude(a, own, plait_marker, plait_marker_octets);
    plait_pause(a, 2 * PLAIT_S);
}

static bool is_data_home(const struct plait_seen *seen, const void *unused)
{
    (void)unused;
    return seen->at_home && seen->segment.payload_octets > 0;
}

/* The connection itself ends at whoever has the address by now (RFC 5062 §3). */
static void b_lease(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "gets the address by lease");
    plait_inherit_address(a);
    if (!plait_await(a, is_data_home, NULL, 2 * PLAIT_S)) {
        plait_refused(a, "nothing was sent to the address any more");
        return;
    }
    plait_step(a, "acknowledges what comes");
    (void)plait_continue(a, plait_answer(a));
    plait_pause(a, PLAIT_S);
}

/* ---- third parties, state, knowledge ------------------------------------------------------ */

static void send_syn(struct plait_attack *a, const struct plait_addr *from, uint16_t from_port,
                     uint16_t to_port)
{
    const struct plait_numbers numbers = {
        .flow = {.src = {*from, from_port}, .dst = {plait_addr_of(a, PLAIT_SERVER), to_port}},
        .seq = (uint32_t)plait_own_draw(a, "syn", from_port)};
    struct plait_segment syn = plait_forged(&numbers, PLAIT_SYN);
    syn.options = (struct plait_tcp_options){.has_mss = true, .mss = 1400};
    plait_send(a, &syn);
}

/* SYN/ACKs, and their retransmissions, to addresses that never spoke. */
static void b_refl(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "sends SYNs in the name of strangers");
    for (unsigned i = 0; i < PLAIT_STRANGERS; i++) {
        struct plait_addr stranger = plait_stranger(a, i);
        send_syn(a, &stranger, (uint16_t)(25000 + i), plait_service(a).port);
    }
}

/* What he opened himself comes to him, however fast he makes it; only an address that passes on to
 * somebody else leaves a download behind (T-FLOOD-8). */
static void b_optack(struct plait_attack *a)
{
    plait_take_position(a);
    struct plait_numbers numbers = plait_get_numbers(a, 0, PLAIT_ACCEPT_IN_WINDOW, NULL, NULL);
    if (plait_may_leave_address(a)) {
        plait_step(a, "leaves its address to a stranger");
        plait_leave_address(a);
        if (!plait_may_spoof(a))
            return; /* what was under way is all */
    }
    plait_step(a, "acknowledges ahead of what arrives");
    for (int i = 0; i < OPTIMISTIC_ACKS; i++) {
        strike(a, &numbers, &(struct blow){PLAIT_ACK, false});
        numbers.ack += PLAIT_FULL_OCTETS;
        plait_pause(a, 20 * PLAIT_MS);
    }
}

/* A connection in a stranger's name, and a request over it. */
static void b_isn(struct plait_attack *a)
{
    plait_take_position(a);
    const struct plait_place target = {plait_stranger(a, 0), 36000};
    struct plait_intruder *guessed = plait_buy_check(a, &target);
    if (!guessed)
        return;
    plait_step(a, "asks in the stranger's name");
    plait_say_as(a, guessed, plait_marker, plait_marker_octets);
    plait_pause(a, PLAIT_S);
}

/* A half-open connection in the place of whoever dials later: its secrets are not needed, but he
 * resets what he did not ask for, so it is begun again as often as can be. */
static void b_isn_camp(struct plait_attack *a)
{
    plait_take_position(a);
    struct plait_place later = plait_get_later_place(a);
    plait_step(a, "sends SYNs from the place from which somebody will dial");
    for (int i = 0; i < CAMP_SYNS; i++) {
        send_syn(a, &later.addr, later.port, plait_service(a).port);
        if (i == PLAIT_CAMP_BEFORE)
            plait_let_later_dial(a);
        plait_pause(a, PLAIT_CAMP_BEAT_NS);
    }
}

static void b_synf(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "opens connections that it never completes");
    struct plait_addr silent = plait_stranger(a, 0);
    for (unsigned i = 0; i < SYN_FLOOD; i++)
        send_syn(a, &silent, (uint16_t)(26000 + i), plait_service(a).port);
}

static bool is_from_port(const struct plait_seen *seen, const void *port)
{
    return seen->at_home && seen->segment.src_port == *(const uint16_t *)port;
}

static bool port_open(struct plait_attack *a, uint16_t port)
{
    struct plait_addr own = plait_own_addr(a);
    send_syn(a, &own, SCAN_PORT, port);
    return plait_await(a, is_from_port, &port, 2 * PLAIT_S) && (plait_answer(a)->flags & PLAIT_SYN);
}

/* A port scan: 2^16 ports, one is open. */
static void b_scan(struct plait_attack *a)
{
    plait_take_position(a);
    plait_step(a, "asks which ports are open");
    uint16_t service = plait_service(a).port;
    plait_wrong_guesses(a, true);
    for (unsigned i = 0; i < WRONG_PORTS; i++) {
        struct plait_addr own = plait_own_addr(a);
        uint16_t port = (uint16_t)(1 + plait_own_draw(a, "port guess", i) % 65535);
        if (port != service)
            send_syn(a, &own, (uint16_t)(SCAN_PORT - 1), port);
        if (i % 32 == 31)
            plait_pause(a, PLAIT_MS);
    }
    plait_wrong_guesses(a, false);
    plait_guess(a, "port", 16);
    plait_claim_port(a, service, port_open(a, service));
    plait_wrong_guesses(a, true); /* the lab's check that the answer distinguishes */
    for (uint16_t i = 1; i <= SCANNED_DEAD; i++)
        plait_claim_port(a, (uint16_t)(service + i), port_open(a, (uint16_t)(service + i)));
    plait_wrong_guesses(a, false);
}

#define BIT(goal) PLAIT_GOAL_BIT(goal)

const struct plait_baseline plait_baselines[] = {
    {.id = "B-LEFT",
     .form = "inject",
     .goals = BIT(INJECT) | BIT(READ) | BIT(TAKEOVER) | BIT(IDENTITY),
     .script = b_left_inject,
     .needs_spoofing = true,
     .presence = PLAIT_FIRST_HANDSHAKE},
    {.id = "B-LEFT",
     .form = "kill",
     .goals = BIT(KILL) | BIT(DEGRADE),
     .script = b_left_kill,
     .needs_spoofing = true,
     .presence = PLAIT_FIRST_HANDSHAKE},
    {.id = "B-LEFT",
     .form = "kill-later",
     .goals = BIT(KILL) | BIT(DEGRADE),
     .script = b_left_later_kill,
     .needs_spoofing = true,
     .presence = PLAIT_LATER_HANDSHAKE},
    {.id = "B-LEFT",
     .form = "truncate",
     .goals = BIT(TRUNCATE),
     .script = b_left_truncate,
     .needs_spoofing = true,
     .presence = PLAIT_FIRST_HANDSHAKE},
    {.id = "B-RST",
     .form = "-",
     .goals = BIT(KILL) | BIT(DEGRADE),
     .script = b_rst,
     .needs_spoofing = true},
    {.id = "B-SYN",
     .form = "-",
     .goals = BIT(KILL) | BIT(DEGRADE),
     .script = b_syn,
     .needs_spoofing = true},
    {.id = "B-ICMP", .form = "-", .goals = BIT(KILL) | BIT(DEGRADE), .script = plait_b_icmp},
    {.id = "B-ACKS",
     .form = "-",
     .goals = BIT(DEGRADE),
     .script = plait_b_acks,
     .needs_spoofing = true},
    {.id = "B-FIN", .form = "-", .goals = BIT(TRUNCATE), .script = b_fin, .needs_spoofing = true},
    {.id = "B-DATA", .form = "-", .goals = BIT(INJECT), .script = b_data, .needs_spoofing = true},
    {.id = "B-MITM",
     .form = "-",
     .goals = BIT(INJECT),
     .script = b_mitm,
     .presence = PLAIT_ALWAYS_THERE,
     .tap_rights = PLAIT_MAY_ALTER},
    {.id = "B-PROXY",
     .form = "-",
     .goals = BIT(READ) | BIT(INJECT) | BIT(TAKEOVER) | BIT(IDENTITY),
     .script = b_proxy,
     .needs_spoofing = true,
     .presence = PLAIT_FIRST_HANDSHAKE,
     .any_handshake = true,
     .tap_rights = PLAIT_MAY_ALTER},
    {.id = "B-LEASE",
     .form = "-",
     .goals = BIT(READ) | BIT(TAKEOVER) | BIT(IDENTITY),
     .script = b_lease,
     .needs_heir = true},
    {.id = "B-REFL",
     .form = "-",
     .goals = BIT(REFLECT),
     .script = b_refl,
     .needs_spoofing = true,
     .watch_ns = TRAIN_S * PLAIT_S},
    {.id = "B-OPTACK",
     .form = "-",
     .goals = BIT(FLOOD_DATA),
     .script = b_optack,
     .needs_host = true},
    {.id = "B-ISN", .form = "-", .goals = BIT(FLOOD_DATA), .script = b_isn, .needs_spoofing = true},
    {.id = "B-ISN",
     .form = "camp",
     .goals = BIT(KILL) | BIT(INJECT),
     .script = b_isn_camp,
     .needs_spoofing = true,
     .needs_arrival = true},
    {.id = "B-SYNF", .form = "-", .goals = BIT(EXHAUST), .script = b_synf, .needs_spoofing = true},
    {.id = "B-SCAN", .form = "-", .goals = BIT(PROBE), .script = b_scan},
    {.id = "B-CHACK",
     .form = "-",
     .goals = BIT(PROBE),
     .script = plait_b_chack,
     .needs_spoofing = true},
    {.id = "B-CHACK",
     .form = "kill",
     .goals = BIT(KILL),
     .script = plait_b_chack_kill,
     .needs_spoofing = true},
};
const size_t plait_baseline_count = sizeof plait_baselines / sizeof plait_baselines[0];

/* ---- the same as cells of their own, in the column of plain TCP --------------------------- */

#define ALONE(name, where, who, load, goal, play)                                                  \
    {                                                                                              \
        .form = name, .position = where, .spoofing = true, .victim = who, .workload = load,        \
        .paths = 1, .goals = BIT(goal), .script = play, .witnesses = {PLAIT_GRANT_NUMBERS},        \
        .expect = PLAIT_SHOWN_ALONE, .only_tcp = true                                              \
    }

static const struct plait_case rst_cases[] = {
    ALONE("-", "OFF", PLAIT_SERVER, PLAIT_BULK, KILL, b_rst),
    ALONE("-", "ON1-E", PLAIT_SERVER, PLAIT_BULK, KILL, b_rst),
};
/* On an idle connection whose numbers he knows: still only a challenge ACK, unless the peer answers
 * it with a reset because it knows nothing of the connection any more. */
static const struct plait_case syn_cases[] = {{.form = "-",
                                               .position = "ON1-E",
                                               .spoofing = true,
                                               .victim = PLAIT_SERVER,
                                               .workload = PLAIT_IDLE,
                                               .paths = 1,
                                               .goals = BIT(KILL),
                                               .script = b_syn,
                                               .witnesses = {PLAIT_GRANT_FORGOTTEN},
                                               .expect = PLAIT_SHOWN_ALONE,
                                               .only_tcp = true}};
static const struct plait_case fin_cases[] = {
    ALONE("-", "ON1-E", PLAIT_SERVER, PLAIT_BULK, TRUNCATE, b_fin)};
static const struct plait_case data_cases[] = {
    ALONE("-", "OFF", PLAIT_SERVER, PLAIT_IDLE, INJECT, b_data)};
static const struct plait_case left_cases[] = {
    ALONE("inject", "PE-H", PLAIT_SERVER, PLAIT_IDLE, INJECT, b_left_inject),
    ALONE("kill", "PE-H", PLAIT_SERVER, PLAIT_IDLE, KILL, b_left_kill),
    ALONE("truncate", "PE-H", PLAIT_SERVER, PLAIT_IDLE, TRUNCATE, b_left_truncate),
};
static const struct plait_case mitm_cases[] = {
    ALONE("-", "ON1-A", PLAIT_CLIENT, PLAIT_REQUEST_RESPONSE, INJECT, b_mitm)};
static const struct plait_case proxy_cases[] = {
    ALONE("-", "PA-H", PLAIT_SERVER, PLAIT_BULK, TAKEOVER, b_proxy)};
static const struct plait_case lease_cases[] = {{.form = "-",
                                                 .position = "HEIR-1",
                                                 .victim = PLAIT_SERVER,
                                                 .workload = PLAIT_BULK,
                                                 .paths = 1,
                                                 .goals = BIT(TAKEOVER),
                                                 .script = b_lease,
                                                 .expect = PLAIT_SHOWN_ALONE,
                                                 .only_tcp = true}};
static const struct plait_case refl_cases[] = {{.form = "-",
                                                .position = "OFF",
                                                .spoofing = true,
                                                .victim = PLAIT_SERVER,
                                                .workload = PLAIT_IDLE,
                                                .paths = 1,
                                                .goals = BIT(REFLECT),
                                                .script = b_refl,
                                                .expect = PLAIT_SHOWN_ALONE,
                                                .only_tcp = true,
                                                .watch_ns = TRAIN_S * PLAIT_S}};
static const struct plait_case optack_cases[] = {{.form = "-",
                                                  .position = "PART",
                                                  .spoofing = true,
                                                  .victim = PLAIT_SERVER,
                                                  .workload = PLAIT_BULK,
                                                  .paths = 1,
                                                  .goals = BIT(FLOOD_DATA),
                                                  .script = b_optack,
                                                  .witnesses = {PLAIT_GRANT_MOVED},
                                                  .expect = PLAIT_SHOWN_ALONE,
                                                  .only_tcp = true}};
static const struct plait_case isn_cases[] = {
    ALONE("-", "OFF", PLAIT_SERVER, PLAIT_IDLE, FLOOD_DATA, b_isn),
    {.form = "camp",
     .position = "OFF",
     .spoofing = true,
     .victim = PLAIT_SERVER,
     .workload = PLAIT_IDLE,
     .paths = 1,
     .goals = BIT(KILL),
     .script = b_isn_camp,
     .witnesses = {PLAIT_GRANT_SILENCE}, /* of a kernel, where no wall clock keeps the beat */
     .expect = PLAIT_SHOWN_ALONE,
     .only_tcp = true,
     .only_full = true,
     .arrives = true},
};
static const struct plait_case synf_cases[] = {
    ALONE("-", "OFF", PLAIT_SERVER, PLAIT_IDLE, EXHAUST, b_synf)};
static const struct plait_case scan_cases[] = {
    ALONE("-", "OFF-NS", PLAIT_SERVER, PLAIT_IDLE, PROBE, b_scan)};

const struct plait_threat plait_baseline_rst = {
    BASELINE("B-RST", "Blind reset", "OFF", "RFC 5961 §3",
             "A reset in the peer's name ends the connection if its number is exact.", "kill",
             "32 bits of sequence number and the client's port", BLIND_PACKET),
    PLAIT_CASES(rst_cases)};
const struct plait_threat plait_baseline_syn = {
    BASELINE("B-SYN", "SYN into an established connection", "ON1-E", "RFC 5961 §4",
             "A SYN in the peer's name was a reset before RFC 5961; now it draws a challenge ACK.",
             "kill", "the challenge ACK, whatever the number", BLIND_PACKET),
    PLAIT_CASES(syn_cases)};
const struct plait_threat plait_baseline_fin = {
    BASELINE("B-FIN", "Forged FIN", "OFF", "RFC 5961 §5",
             "A FIN in the peer's name ends its stream.", "truncate", "numbers in the window",
             BLIND_PACKET),
    PLAIT_CASES(fin_cases)};
const struct plait_threat plait_baseline_data = {
    BASELINE("B-DATA", "Blind data injection", "OFF", "RFC 5961 §5",
             "Data in the peer's name is delivered if both numbers are in their windows.", "inject",
             "numbers in the window", BLIND_PACKET),
    PLAIT_CASES(data_cases)};
const struct plait_threat plait_baseline_left = {
    BASELINE(
        "B-LEFT", "On the path, then away", "PE-H", "RFC 6181 §2",
        "Numbers overheard at the handshake are used after leaving: they age with each window of "
        "data, and never on an idle connection.",
        "inject", "traffic: the numbers go stale", BLIND_PACKET),
    PLAIT_CASES(left_cases)};
const struct plait_threat plait_baseline_mitm = {
    BASELINE("B-MITM", "Man in the middle", "ON1-A", "RFC 6181 §2",
             "Whoever is on the path reads and alters while he is there.", "inject",
             "nothing in TCP", BLIND_EDIT),
    PLAIT_CASES(mitm_cases)};
const struct plait_threat plait_baseline_proxy = {
    BASELINE("B-PROXY", "Connection rewritten at set-up", "PA-H", "RFC 7430 §6",
             "Whoever rewrites the first SYN's source has the server's connection for himself, and "
             "keeps it when he leaves.",
             "takeover", "nothing in TCP: he must be there when the connection is set up",
             BLIND_EDIT),
    PLAIT_CASES(proxy_cases)};
const struct plait_threat plait_baseline_lease = {
    BASELINE("B-LEASE", "Connection at a re-assigned address", "HEIR-1", "RFC 5062 §3",
             "Whoever gets an address by lease gets the connections that its last holder left "
             "behind there.",
             "takeover", "nothing in TCP",
             "whoever has the address now is the peer, as far as the wire shows"),
    PLAIT_CASES(lease_cases)};
const struct plait_threat plait_baseline_refl = {
    BASELINE("B-REFL", "SYN/ACK reflection", "OFF", "RFC 4987",
             "A SYN in a stranger's name makes the server send the stranger a train of SYN/ACKs.",
             "reflect", "ingress filtering", BLIND_PLAIN),
    PLAIT_CASES(refl_cases)};
const struct plait_threat plait_baseline_optack = {
    BASELINE("B-OPTACK", "Optimistic acknowledgment", "PART", "Savage et al. 1999",
             "A receiver acknowledges what he has not got, and the sender speeds up: towards him.",
             "flood_data", "data goes to the address that opened the connection",
             "acknowledgments ahead of the data are those of a fast receiver, unless the capture "
             "is at its link"),
    PLAIT_CASES(optack_cases)};
const struct plait_threat plait_baseline_isn = {
    BASELINE("B-ISN", "Blind handshake", "OFF", "RFC 6528",
             "A connection in a stranger's name, if the server's ISN is guessed: what is asked for "
             "goes to the stranger.",
             "flood_data", "32 bits of ISN", BLIND_PACKET),
    PLAIT_CASES(isn_cases)};
const struct plait_threat plait_baseline_synf = {
    BASELINE("B-SYNF", "SYN flood", "OFF", "RFC 4987 §2",
             "SYNs from sources that stay silent leave half-open connections.", "exhaust",
             "SYN cookies once the backlog is full", BLIND_PLAIN),
    PLAIT_CASES(synf_cases)};
const struct plait_threat plait_baseline_scan = {
    BASELINE("B-SCAN", "Port scan", "OFF-NS", "RFC 9293 §3.10.7.1",
             "The answer to a SYN tells an open port from a closed one.", "probe",
             "filters that stay silent", BLIND_PLAIN),
    PLAIT_CASES(scan_cases)};
