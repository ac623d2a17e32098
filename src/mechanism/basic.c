/* mechanism/basic.c: Basic MPTCP of RFC 6181 §4 and what a defence adds to it
 * (docs/mechanisms/basic.md).
 *
 * Five columns, each made from the one before by little: no defence, explicit and implicit; a nonce
 * for each pair; a handshake for each pair; a cookie in clear.  Those without a handshake have two
 * data planes: one sequence space over all pairs, or numbers of each pair's own.  None has a secret
 * but the cookie, and that is told on the wire: who saw the first handshake can say whatever the
 * peer can.
 * Versions of MP_CAPABLE tell them apart; nobody assigned these. */
#include "mechanism/basic.h"

#include <string.h>

#include "base/cursor.h"
#include "base/octets.h"
#include "base/panic.h"
#include "mechanism/keyed.h"

enum {
    VERSION_M0E = 15,
    VERSION_M0I = 14,
    VERSION_M1N = 13,
    VERSION_M1H = 12,
    VERSION_M2 = 11,
    VERSION_M0E_MAPPED = 10,
    VERSION_M0I_MAPPED = 9,
    VERSION_M1N_MAPPED = 8,
    VERSION_M2_MAPPED = 7
};

/* ---- identity -------------------------------------------------------------------------------- */

static void write_place(struct plait_writer *w, const struct plait_place *place)
{
    plait_write_octets(w, place->addr.octets, sizeof place->addr.octets);
    plait_write_u16(w, place->port);
}

uint64_t plait_basic_identifier(const struct plait_flow_key *first)
{
    uint8_t message[2 * (16 + 2)], digest[PLAIT_DIGEST_MAX_OCTETS];
    struct plait_writer w = plait_writer(message, sizeof message);
    write_place(&w, &first->src);
    write_place(&w, &first->dst);
    PLAIT_CHECK(!w.failed);
    plait_digest(PLAIT_SHA256, message, plait_writer_used(&w), digest);
    return plait_load_u64(digest);
}

/* A machine finds connections by 32 bits; the others are compared by whoever found one. */
static uint32_t token(uint64_t identifier)
{
    return (uint32_t)(identifier >> 32);
}

static uint64_t idsn(uint64_t identifier)
{
    return plait_keyed_idsn(PLAIT_SHA256, identifier);
}

/* ---- hello ----------------------------------------------------------------------------------- */

static bool has_cookies(uint8_t version)
{
    return version == VERSION_M2 || version == VERSION_M2_MAPPED;
}

/* The server tells the identifier where v1 tells its key: behind a NAT the client cannot know it.
 * Cookies follow where there is room: the client's comes last, so that a server need not keep it.
 */
static void write_hello(uint8_t version, enum plait_hello_step step,
                        const struct plait_hello_values *values, struct plait_mptcp_option *option)
{
    bool has_cookie = has_cookies(version), is_answer = step == PLAIT_STEP_SYN_ACK;
    struct plait_mp_capable capable = {.version = version, .flags = PLAIT_CAPABLE_HMAC};
    if (values->checksum)
        capable.flags |= PLAIT_CAPABLE_CHECKSUM;
    if (is_answer) {
        capable.has_sender_key = true;
        capable.sender_key = values->sender_key;
        capable.has_receiver_key = has_cookie;
        capable.receiver_key = has_cookie ? values->cookie : 0;
    } else if (step == PLAIT_STEP_THIRD_ACK && has_cookie) {
        capable.has_sender_key = true;
        capable.sender_key = values->cookie;
    }
    *option = (struct plait_mptcp_option){.subtype = PLAIT_MP_CAPABLE, .capable = capable};
}

static bool is_form(uint8_t version, enum plait_hello_step step,
                    const struct plait_mp_capable *option)
{
    bool has_cookie = has_cookies(version), is_answer = step == PLAIT_STEP_SYN_ACK;
    bool sender = is_answer || (step == PLAIT_STEP_THIRD_ACK && has_cookie);
    return option->version == version && step != PLAIT_STEP_FIRST_DATA &&
           !(option->flags & PLAIT_CAPABLE_EXTENSION) && !option->has_data_length &&
           option->has_sender_key == sender &&
           option->has_receiver_key == (is_answer && has_cookie);
}

static bool read_hello(uint8_t version, enum plait_hello_step step,
                       const struct plait_mp_capable *option, struct plait_hello_values *values)
{
    if (!is_form(version, step, option))
        return false;
    bool is_answer = step == PLAIT_STEP_SYN_ACK;
    *values =
        (struct plait_hello_values){.sender_key = is_answer ? option->sender_key : 0,
                                    .cookie = is_answer ? option->receiver_key : option->sender_key,
                                    .checksum = option->flags & PLAIT_CAPABLE_CHECKSUM};
    return true;
}

#define COLUMN(name, version)                                                                      \
    static void write_##name(enum plait_hello_step step, const struct plait_hello_values *values,  \
                             struct plait_mptcp_option *option)                                    \
    {                                                                                              \
        write_hello(version, step, values, option);                                                \
    }                                                                                              \
    static bool read_##name(enum plait_hello_step step, const struct plait_mp_capable *option,     \
                            struct plait_hello_values *values)                                     \
    {                                                                                              \
        return read_hello(version, step, option, values);                                          \
    }

COLUMN(m0e, VERSION_M0E)
COLUMN(m0i, VERSION_M0I)
COLUMN(m1n, VERSION_M1N)
COLUMN(m1h, VERSION_M1H)
COLUMN(m2, VERSION_M2)
COLUMN(m0e_mapped, VERSION_M0E_MAPPED)
COLUMN(m0i_mapped, VERSION_M0I_MAPPED)
COLUMN(m1n_mapped, VERSION_M1N_MAPPED)
COLUMN(m2_mapped, VERSION_M2_MAPPED)

/* ---- control messages ------------------------------------------------------------------------ */

static void seal_nothing(uint64_t own_cookie, struct plait_mp_control *message)
{
    (void)own_cookie;
    message->has_proof = false;
    message->proof = 0;
}

static bool open_nothing(uint64_t peer_cookie, const struct plait_mp_control *message)
{
    (void)peer_cookie;
    return !message->has_proof;
}

static void seal_cookie(uint64_t own_cookie, struct plait_mp_control *message)
{
    message->has_proof = true;
    message->proof = own_cookie;
}

static bool open_cookie(uint64_t peer_cookie, const struct plait_mp_control *message)
{
    uint8_t expected[8], claimed[8];
    plait_store_u64(expected, peer_cookie);
    plait_store_u64(claimed, message->proof);
    return message->has_proof && plait_mac_equal(expected, claimed, sizeof expected);
}

struct plait_mptcp_option plait_basic_message(const struct plait_mechanism *mechanism,
                                              uint64_t cookie,
                                              const struct plait_mp_control *message)
{
    struct plait_mptcp_option option = {.subtype = PLAIT_MP_EXPERIMENTAL, .control = *message};
    mechanism->seal_message(cookie, &option.control);
    return option;
}

/* ---- control options: of M1h, whose data plane is v1's; the mapped ones have MP_FAIL alone -----
 */

static void seal(uint64_t own_key, uint64_t peer_key, struct plait_mptcp_option *option)
{
    (void)own_key;
    plait_keyed_seal(peer_key, option);
}

static bool open(uint64_t own_key, uint64_t peer_key, const struct plait_mptcp_option *option)
{
    (void)peer_key;
    return plait_keyed_open(own_key, option);
}

static bool open_none(uint64_t own_key, uint64_t peer_key, const struct plait_mptcp_option *option)
{
    (void)own_key, (void)peer_key, (void)option;
    return false;
}

/* It belongs to checksums, and has no proof in any version. */
static bool open_fail(uint64_t own_key, uint64_t peer_key, const struct plait_mptcp_option *option)
{
    (void)own_key, (void)peer_key;
    return option->subtype == PLAIT_MP_FAIL;
}

/* ---- the columns ------------------------------------------------------------------------------
 */

/* One sequence space on pairs that are simply used. */
#define SINGLE                                                                                     \
    .key = PLAIT_KEY_FIRST_PAIR, .token = token, .path = PLAIT_PATH_OPEN, .seal = seal,            \
    .open = open_none, .mapping = PLAIT_MAPPING_SEQUENCE

/* Numbers of each pair's own: the stream begins where that of M1h does. */
#define MAPPED                                                                                     \
    .key = PLAIT_KEY_FIRST_PAIR, .token = token, .idsn = idsn, .path = PLAIT_PATH_OPEN,            \
    .fail_is_answered = true, .seal = seal, .open = open_fail, .mapping = PLAIT_MAPPING_DSS,       \
    .hello_with_data = true

const struct plait_mechanism plait_mechanism_m0e = {
    .name = "M0e",
    .version = VERSION_M0E,
    .hello_octets = {4, 12, 4, 0},
    .write_hello = write_m0e,
    .read_hello = read_m0e,
    .reach = PLAIT_REACH_NONE,
    .messages = PLAIT_MESSAGES_EXPLICIT,
    .seal_message = seal_nothing,
    .open_message = open_nothing,
    SINGLE,
};

const struct plait_mechanism plait_mechanism_m0i = {
    .name = "M0i",
    .version = VERSION_M0I,
    .hello_octets = {4, 12, 4, 0},
    .write_hello = write_m0i,
    .read_hello = read_m0i,
    .reach = PLAIT_REACH_NONE,
    .messages = PLAIT_MESSAGES_IMPLICIT,
    .seal_message = seal_nothing,
    .open_message = open_nothing,
    SINGLE,
};

const struct plait_mechanism plait_mechanism_m1n = {
    .name = "M1n",
    .version = VERSION_M1N,
    .hello_octets = {4, 12, 4, 0},
    .write_hello = write_m1n,
    .read_hello = read_m1n,
    .reach = PLAIT_REACH_NONCE,
    .messages = PLAIT_MESSAGES_EXPLICIT,
    .seal_message = seal_nothing,
    .open_message = open_nothing,
    SINGLE,
};

/* A pair's handshake is its check: its initial sequence number comes back.  MP_JOIN finds the
 * connection and proves nothing. */
const struct plait_mechanism plait_mechanism_m1h = {
    .name = "M1h",
    .version = VERSION_M1H,
    .dss_completes_hello = true, /* the server knows the identifier without being told */
    .hello_octets = {4, 12, 4, 0},
    .write_hello = write_m1h,
    .read_hello = read_m1h,
    .key = PLAIT_KEY_FIRST_PAIR,
    .token = token,
    .idsn = idsn,
    .path = PLAIT_PATH_PROVEN,
    .reach = PLAIT_REACH_HANDSHAKE,
    .messages = PLAIT_MESSAGES_NONE,
    .has_fastclose = true,
    .reset_has_reason = true,
    .fastclose_on_reset = true,
    .fail_is_answered = true,
    .seal = seal,
    .open = open,
    .mapping = PLAIT_MAPPING_DSS,
};

const struct plait_mechanism plait_mechanism_m2 = {
    .name = "M2",
    .version = VERSION_M2,
    .hello_octets = {4, 20, 12, 0},
    .write_hello = write_m2,
    .read_hello = read_m2,
    .reach = PLAIT_REACH_NONCE,
    .messages = PLAIT_MESSAGES_EXPLICIT,
    .seal_message = seal_cookie,
    .open_message = open_cookie,
    SINGLE,
};

const struct plait_mechanism plait_mechanism_m0e_mapped = {
    .name = "M0e-mapped",
    .version = VERSION_M0E_MAPPED,
    .hello_octets = {4, 12, 4, 0},
    .write_hello = write_m0e_mapped,
    .read_hello = read_m0e_mapped,
    .reach = PLAIT_REACH_NONE,
    .messages = PLAIT_MESSAGES_EXPLICIT,
    .seal_message = seal_nothing,
    .open_message = open_nothing,
    MAPPED,
};

const struct plait_mechanism plait_mechanism_m0i_mapped = {
    .name = "M0i-mapped",
    .version = VERSION_M0I_MAPPED,
    .hello_octets = {4, 12, 4, 0},
    .write_hello = write_m0i_mapped,
    .read_hello = read_m0i_mapped,
    .reach = PLAIT_REACH_NONE,
    .messages = PLAIT_MESSAGES_IMPLICIT,
    .seal_message = seal_nothing,
    .open_message = open_nothing,
    MAPPED,
};

const struct plait_mechanism plait_mechanism_m1n_mapped = {
    .name = "M1n-mapped",
    .version = VERSION_M1N_MAPPED,
    .hello_octets = {4, 12, 4, 0},
    .write_hello = write_m1n_mapped,
    .read_hello = read_m1n_mapped,
    .reach = PLAIT_REACH_NONCE,
    .messages = PLAIT_MESSAGES_EXPLICIT,
    .seal_message = seal_nothing,
    .open_message = open_nothing,
    MAPPED,
};

const struct plait_mechanism plait_mechanism_m2_mapped = {
    .name = "M2-mapped",
    .version = VERSION_M2_MAPPED,
    .hello_octets = {4, 20, 12, 0},
    .write_hello = write_m2_mapped,
    .read_hello = read_m2_mapped,
    .reach = PLAIT_REACH_NONCE,
    .messages = PLAIT_MESSAGES_EXPLICIT,
    .seal_message = seal_cookie,
    .open_message = open_cookie,
    MAPPED,
};
