/* The rows of the matrix and how they become cases.  May touch: nothing but its arguments. */
#include "tests/interop/case.h"

#include <stdio.h>

#include "base/draw.h"
#include "base/panic.h"

#define MBIT         UINT64_C(1000000)
#define FEW_OCTETS   UINT64_C(20000) /* the first exchange */
#define LARGE_OCTETS (5 * UINT64_C(1000000000))

static const char *const roles_names[INTEROP_ROLES] = {"kernel-dials", "plait-dials", "control"};

/* ---- transfers: both roles, both families, one, two and four paths -----------------------------
 */

static const struct interop_case transfers[] = {
    {.row = "tcp", .outcome = INTEROP_TCP, .allowed = INTEROP_ALLOW_FALLBACK},
    {.row = "plain"},
    {.row = "checksum-kernel", .checksum = INTEROP_CHECKSUM_KERNEL},
    {.row = "checksum-plait", .checksum = INTEROP_CHECKSUM_PLAIT},
    {.row = "checksum-both", .checksum = INTEROP_CHECKSUM_KERNEL | INTEROP_CHECKSUM_PLAIT},
    {.row = "loss-1", .loss_per_million = 10000},
    {.row = "loss-5", .loss_per_million = 50000},
    {.row = "reordering", .reorder_per_million = 20000},
    {.row = "duplication", .duplicate_per_million = 20000},
    {.row = "mtu-1280", .mtu_octets = 1280},
    {.row = "mtu-9000", .mtu_octets = 9000},
    {.row = "nat", .nat = true},
    {.row = "delay-1-20", .unequal = true},
};
static const unsigned path_counts[] = {1, 2, 4};

/* ---- events, closings, middleboxes: both roles, both families, paths as the row says -----------
 */

#define FALLS_BACK .paths = 1, .outcome = INTEROP_FALLBACK, .allowed = INTEROP_ALLOW_FALLBACK
#define MIDDLE_ALLOWED                                                                             \
    .allowed = INTEROP_ALLOW_FALLBACK | INTEROP_ALLOW_DSS | INTEROP_ALLOW_CHECKSUM
#define FASTCLOSES                                                                                 \
    .paths = 2, .outcome = INTEROP_ABORT, .allowed = INTEROP_ALLOW_FASTCLOSE | INTEROP_ALLOW_RESET
#define TWO_WITH_BOX .paths = 2, .change_path = 1

static const struct interop_case specials[] = {
    /* addresses */
    {.row = "add-addr/server",
     .paths = 1,
     .doors = 2,
     .event = INTEROP_ADD_ADDR,
     .actor = INTEROP_SERVER,
     .subflows_min = 2},
    {.row = "add-addr-port/server",
     .paths = 1,
     .doors = 2,
     .event = INTEROP_ADD_ADDR_PORT,
     .actor = INTEROP_SERVER,
     .subflows_min = 2},
    /* The address is announced without a port, so the server dials the client's own: whether the
     * client answers there is its choice. */
    {.row = "add-addr/client",
     .paths = 2,
     .event = INTEROP_ADD_ADDR,
     .actor = INTEROP_CLIENT,
     .subflows_min = 1,
     .subflows_max = 2,
     .allowed = INTEROP_ALLOW_RESET},
    {.row = "add-addr-port/client",
     .paths = 2,
     .event = INTEROP_ADD_ADDR_PORT,
     .actor = INTEROP_CLIENT},
    {.row = "remove-addr/client",
     .paths = 2,
     .event = INTEROP_REMOVE_ADDR,
     .actor = INTEROP_CLIENT,
     .subflows_min = 1,
     .allowed = INTEROP_ALLOW_RESET},
    {.row = "remove-addr/server",
     .paths = 1,
     .doors = 2,
     .event = INTEROP_REMOVE_ADDR,
     .actor = INTEROP_SERVER,
     .subflows_min = 1,
     .allowed = INTEROP_ALLOW_RESET},
    /* priorities */
    {.row = "mp-prio/client", .paths = 2, .event = INTEROP_PRIO, .actor = INTEROP_CLIENT},
    {.row = "mp-prio/server",
     .paths = 1,
     .doors = 2,
     .event = INTEROP_PRIO,
     .actor = INTEROP_SERVER,
     .subflows_min = 2},
    {.row = "join-as-backup", .paths = 2, .backup_join = true},
    /* ends */
    {.row = "fastclose-rst/client",
     FASTCLOSES,
     .event = INTEROP_FASTCLOSE_RST,
     .actor = INTEROP_CLIENT},
    {.row = "fastclose-rst/server",
     FASTCLOSES,
     .event = INTEROP_FASTCLOSE_RST,
     .actor = INTEROP_SERVER},
    {.row = "fastclose-ack/client",
     FASTCLOSES,
     .event = INTEROP_FASTCLOSE_ACK,
     .actor = INTEROP_CLIENT},
    {.row = "fastclose-ack/server",
     FASTCLOSES,
     .event = INTEROP_FASTCLOSE_ACK,
     .actor = INTEROP_SERVER},
    {.row = "data-fin/server-first", .paths = 2, .closing = INTEROP_SERVER_FIRST},
    {.row = "data-fin/both-at-once", .paths = 2, .closing = INTEROP_BOTH_AT_ONCE},
    {.row = "data-fin/client-early", .paths = 2, .closing = INTEROP_CLIENT_EARLY},
    {.row = "data-fin/server-early", .paths = 2, .closing = INTEROP_SERVER_EARLY},
    /* paths that go and come */
    {.row = "cut/first",
     .paths = 2,
     .event = INTEROP_CUT,
     .actor = 0,
     .rate_bits_per_s = 20 * MBIT,
     .allowed = INTEROP_ALLOW_RESET,
     .subflows_min = 1},
    {.row = "cut/second",
     .paths = 2,
     .event = INTEROP_CUT,
     .actor = 1,
     .rate_bits_per_s = 20 * MBIT,
     .allowed = INTEROP_ALLOW_RESET,
     .subflows_min = 1},
    {.row = "cut/only", .paths = 1, .event = INTEROP_CUT, .actor = 0, .rate_bits_per_s = 40 * MBIT},
    /* SYN cookies */
    {.row = "syn-cookies/1", .paths = 1, .syn_cookies = true},
    {.row = "syn-cookies/2", .paths = 2, .syn_cookies = true},
    /* fallback in the handshake (RFC 8684 §3.7) */
    {.row = "strip/syn", FALLS_BACK, .change = INTEROP_STRIP_SYN},
    {.row = "strip/syn-ack", FALLS_BACK, .change = INTEROP_STRIP_SYN_ACK},
    {.row = "strip/third-ack", FALLS_BACK, .change = INTEROP_STRIP_THIRD_ACK},
    {.row = "strip/non-syn/to-server",
     FALLS_BACK,
     .change = INTEROP_STRIP_NON_SYN,
     .change_ways = INTEROP_TO_SERVER},
    {.row = "strip/non-syn/to-client",
     FALLS_BACK,
     .change = INTEROP_STRIP_NON_SYN,
     .change_ways = INTEROP_TO_CLIENT},
    {.row = "strip/first-data/to-server",
     FALLS_BACK,
     .change = INTEROP_STRIP_FIRST_DATA,
     .change_ways = INTEROP_TO_SERVER},
    {.row = "strip/first-data/to-client",
     FALLS_BACK,
     .change = INTEROP_STRIP_FIRST_DATA,
     .change_ways = INTEROP_TO_CLIENT},
    {.row = "drop/syn", FALLS_BACK, .change = INTEROP_DROP_SYN},
    /* fallback later */
    {.row = "strip/later/to-server",
     .paths = 1,
     .outcome = INTEROP_FALLBACK,
     MIDDLE_ALLOWED,
     .change = INTEROP_STRIP_LATER_HALF,
     .change_ways = INTEROP_TO_SERVER},
    {.row = "strip/later/to-client",
     .paths = 1,
     .outcome = INTEROP_FALLBACK,
     MIDDLE_ALLOWED,
     .change = INTEROP_STRIP_LATER_HALF,
     .change_ways = INTEROP_TO_CLIENT},
    {.row = "strip/later/both-ways",
     .paths = 1,
     .outcome = INTEROP_FALLBACK,
     MIDDLE_ALLOWED,
     .change = INTEROP_STRIP_LATER_HALF,
     .change_ways = INTEROP_BOTH_WAYS},
    {.row = "corrupt/only/to-server",
     .paths = 1,
     .outcome = INTEROP_FALLBACK,
     MIDDLE_ALLOWED,
     .checksum = INTEROP_CHECKSUM_KERNEL | INTEROP_CHECKSUM_PLAIT,
     .change = INTEROP_CORRUPT,
     .change_ways = INTEROP_TO_SERVER},
    {.row = "corrupt/only/to-client",
     .paths = 1,
     .outcome = INTEROP_FALLBACK,
     MIDDLE_ALLOWED,
     .checksum = INTEROP_CHECKSUM_KERNEL | INTEROP_CHECKSUM_PLAIT,
     .change = INTEROP_CORRUPT,
     .change_ways = INTEROP_TO_CLIENT},
    {.row = "wrong-ssn/to-server",
     .paths = 1,
     .outcome = INTEROP_EITHER,
     MIDDLE_ALLOWED,
     .change = INTEROP_SHIFT_SSN,
     .change_ways = INTEROP_TO_SERVER},
    {.row = "wrong-ssn/to-client",
     .paths = 1,
     .outcome = INTEROP_EITHER,
     MIDDLE_ALLOWED,
     .change = INTEROP_SHIFT_SSN,
     .change_ways = INTEROP_TO_CLIENT},
    /* the second path alone is hurt: it ends, the connection does not */
    {.row = "strip/join-syn",
     TWO_WITH_BOX,
     .change = INTEROP_STRIP_SYN,
     .subflows_min = 1,
     .allowed = INTEROP_ALLOW_JOIN | INTEROP_ALLOW_RESET},
    {.row = "strip/join-syn-ack",
     TWO_WITH_BOX,
     .change = INTEROP_STRIP_SYN_ACK,
     .subflows_min = 1,
     .allowed = INTEROP_ALLOW_JOIN | INTEROP_ALLOW_RESET},
    {.row = "strip/join-third-ack",
     TWO_WITH_BOX,
     .change = INTEROP_STRIP_NON_SYN,
     .change_ways = INTEROP_TO_SERVER,
     .subflows_min = 1,
     .allowed = INTEROP_ALLOW_JOIN | INTEROP_ALLOW_RESET},
    {.row = "strip/join-later/to-server",
     TWO_WITH_BOX,
     .change = INTEROP_STRIP_LATER_HALF,
     .change_ways = INTEROP_TO_SERVER,
     .subflows_min = 1,
     .subflows_max = 3, /* Linux goes on counting what it reset, and a path may be joined again */
     .allowed = INTEROP_ALLOW_RESET | INTEROP_ALLOW_DSS | INTEROP_ALLOW_JOIN},
    {.row = "strip/join-later/to-client",
     TWO_WITH_BOX,
     .change = INTEROP_STRIP_LATER_HALF,
     .change_ways = INTEROP_TO_CLIENT,
     .subflows_min = 1,
     .subflows_max = 3, /* Linux goes on counting what it reset, and a path may be joined again */
     .allowed = INTEROP_ALLOW_RESET | INTEROP_ALLOW_DSS | INTEROP_ALLOW_JOIN},
    {.row = "corrupt/second/to-server",
     TWO_WITH_BOX,
     .checksum = INTEROP_CHECKSUM_KERNEL | INTEROP_CHECKSUM_PLAIT,
     .change = INTEROP_CORRUPT,
     .change_ways = INTEROP_TO_SERVER,
     .subflows_min = 1,
     .subflows_max = 3, /* Linux goes on counting what it reset, and a path may be joined again */
     .allowed = INTEROP_ALLOW_CHECKSUM | INTEROP_ALLOW_RESET},
    {.row = "corrupt/second/to-client",
     TWO_WITH_BOX,
     .checksum = INTEROP_CHECKSUM_KERNEL | INTEROP_CHECKSUM_PLAIT,
     .change = INTEROP_CORRUPT,
     .change_ways = INTEROP_TO_CLIENT,
     .subflows_min = 1,
     .subflows_max = 3, /* Linux goes on counting what it reset, and a path may be joined again */
     .allowed = INTEROP_ALLOW_CHECKSUM | INTEROP_ALLOW_RESET},
    /* harmless */
    {.row = "split", .paths = 2, .change = INTEROP_SPLIT, .change_ways = INTEROP_BOTH_WAYS},
};

/* ---- rows become cases --------------------------------------------------------------------------
 */

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
enum {
    FAMILIES = 2,
    TRANSFERS = (int)(COUNT(transfers) * INTEROP_ROLES * FAMILIES * COUNT(path_counts)),
    SPECIALS = (int)(COUNT(specials) * INTEROP_ROLES * FAMILIES)
};

unsigned interop_case_count(void)
{
    return TRANSFERS + SPECIALS;
}

static unsigned take(unsigned *n, unsigned count)
{
    unsigned part = *n % count;
    *n /= count;
    return part;
}

static bool kernel_acts(const struct interop_case *c)
{
    return c->roles == INTEROP_CONTROL ||
           (c->roles == INTEROP_KERNEL_DIALS) == (c->actor == INTEROP_CLIENT);
}

/* Cells that cannot be, with the reason. */
static const char *why_absent(const struct interop_case *c)
{
    if (c->event == INTEROP_FASTCLOSE_ACK && kernel_acts(c))
        return "the kernel sends MP_FASTCLOSE with RST only";
    if (c->syn_cookies && c->roles == INTEROP_KERNEL_DIALS)
        return "the kernel is no server here";
    if (c->roles == INTEROP_CONTROL && (c->checksum == INTEROP_CHECKSUM_PLAIT))
        return "our host is not there";
    return NULL;
}

/* Where Linux fails, whoever its peer is. */
static const char *why_known(const struct interop_case *c)
{
    unsigned sender = c->change_ways == INTEROP_TO_SERVER ? INTEROP_CLIENT : INTEROP_SERVER;
    bool kernel_sends = c->roles == INTEROP_CONTROL ||
                        (c->roles == INTEROP_KERNEL_DIALS) == (sender == INTEROP_CLIENT);
    if (c->change == INTEROP_CORRUPT && c->paths == 1 && kernel_sends)
        return "after MP_FAIL in mid-transfer Linux goes on for a window and then stops, with "
               "itself too (docs/FINDINGS.md)";
    return NULL;
}

static struct interop_case complete(struct interop_case c, uint64_t octets)
{
    for (int end = 0; end < INTEROP_ENDS; end++)
        c.octets[end] = octets;
    if (!c.doors)
        c.doors = 1;
    if (c.outcome != INTEROP_MULTIPATH) /* one way or the other, one path */
        c.subflows_min = c.subflows_max = 1;
    if (!c.subflows_min)
        c.subflows_min = c.paths;
    if (!c.subflows_max)
        c.subflows_max = c.event == INTEROP_CUT ? c.paths : c.subflows_min;
    if (c.checksum) /* Linux adds the DATA_FIN to a mapping that it sends again: another checksum */
        c.allowed |= INTEROP_ALLOW_DSS;
    c.absent = why_absent(&c);
    c.known = why_known(&c);
    /* A rest within that window arrives; whether Linux calls it plain TCP by then is its own. */
    if (c.known && c.roles == INTEROP_CONTROL)
        c.outcome = INTEROP_EITHER;
    return c;
}

struct interop_case interop_case(unsigned n, uint64_t octets)
{
    PLAIT_CHECK(n < interop_case_count());
    bool is_transfer = n < TRANSFERS;
    if (!is_transfer)
        n -= TRANSFERS;
    unsigned which = is_transfer ? take(&n, COUNT(path_counts)) : 0;
    uint8_t family = take(&n, FAMILIES) ? PLAIT_IPV6 : PLAIT_IPV4;
    enum interop_roles roles = take(&n, INTEROP_ROLES);
    struct interop_case c = is_transfer ? transfers[n] : specials[n];
    if (is_transfer)
        c.paths = path_counts[which];
    c.family = family;
    c.roles = roles;
    return complete(c, octets);
}

void interop_case_id(const struct interop_case *c, struct plait_text *text)
{
    plait_text_add(text, "%s", c->row);
    if (c->number)
        plait_text_add(text, "-%u", c->number);
    plait_text_add(text, "/%s/ipv%u/%u", roles_names[c->roles], c->family, c->paths);
}

static void add_setting(struct plait_text *text, bool is_so, const char *format, unsigned value)
{
    if (!is_so)
        return;
    plait_text_add(text, "%s", text->length ? ", " : "");
    plait_text_add(text, format, value);
}

void interop_case_settings(const struct interop_case *c, struct plait_text *text)
{
    static const char *const closings[] = {
        [INTEROP_CLIENT_FIRST] = "client closes first",
        [INTEROP_SERVER_FIRST] = "server closes first",
        [INTEROP_BOTH_AT_ONCE] = "both close at once",
        [INTEROP_CLIENT_EARLY] = "client closes before the server writes",
        [INTEROP_SERVER_EARLY] = "server closes before the client writes"};
    add_setting(text, c->loss_per_million, "loss %u %%", c->loss_per_million / 10000);
    add_setting(text, c->reorder_per_million, "reordering %u %%", c->reorder_per_million / 10000);
    add_setting(text, c->duplicate_per_million, "duplication %u %%",
                c->duplicate_per_million / 10000);
    add_setting(text, c->mtu_octets, "MTU %u", c->mtu_octets);
    add_setting(text, c->nat, "NAT on path %u", c->paths);
    add_setting(text, c->unequal, "20 times the delay on path %u", c->paths);
    add_setting(text, c->checksum & INTEROP_CHECKSUM_KERNEL, "checksums (kernel)", 0);
    add_setting(text, c->checksum & INTEROP_CHECKSUM_PLAIT, "checksums (plait)", 0);
    plait_text_add(text, "%s%s", text->length ? ", " : "", closings[c->closing]);
}

/* ---- combinations ------------------------------------------------------------------------------
 */

static const enum interop_roles large_roles[] = {INTEROP_KERNEL_DIALS, INTEROP_PLAIT_DIALS,
                                                 INTEROP_CONTROL};

unsigned interop_large_count(void)
{
    return COUNT(large_roles);
}

struct interop_case interop_large(unsigned n)
{
    const struct interop_case c = {
        .row = "large", .roles = large_roles[n], .family = PLAIT_IPV4, .paths = 2, .offload = true};
    return complete(c, LARGE_OCTETS);
}

/* The kernel's path manager takes eight subflows. */
static const struct interop_case extras[] = {
    {.row = "paths-5", .paths = 5},
    {.row = "paths-8", .paths = 8},
};

unsigned interop_extra_count(void)
{
    return COUNT(extras) * FAMILIES;
}

struct interop_case interop_extra(unsigned n, uint64_t octets)
{
    uint8_t family = take(&n, FAMILIES) ? PLAIT_IPV6 : PLAIT_IPV4;
    struct interop_case c = extras[n];
    c.roles = INTEROP_CONTROL;
    c.family = family;
    return complete(c, octets);
}

/* F-9 needs a server that says nothing but a little at first. */
static const struct interop_case findings[] = {
    {.row = "finding/F-8",
     .family = PLAIT_IPV4,
     .paths = 1,
     .outcome = INTEROP_FALLBACK,
     MIDDLE_ALLOWED,
     .checksum = INTEROP_CHECKSUM_KERNEL,
     .change = INTEROP_CORRUPT,
     .change_ways = INTEROP_TO_SERVER},
    {.row = "finding/F-9",
     .family = PLAIT_IPV4,
     .paths = 1,
     .outcome = INTEROP_FALLBACK,
     MIDDLE_ALLOWED,
     .change = INTEROP_STRIP_LATER_HALF,
     .change_ways = INTEROP_TO_SERVER},
    {.row = "finding/F-10",
     .family = PLAIT_IPV6,
     .paths = 1,
     .doors = 2,
     .event = INTEROP_ADD_ADDR_PORT,
     .actor = INTEROP_SERVER,
     .subflows_min = 2,
     .timestamps = true},
};

unsigned interop_finding_count(void)
{
    return COUNT(findings);
}

struct interop_case interop_finding(unsigned n, uint64_t octets)
{
    struct interop_case c = findings[n];
    c.roles = INTEROP_CONTROL;
    c = complete(c, octets);
    if (c.change == INTEROP_STRIP_LATER_HALF)
        c.octets[INTEROP_SERVER] = FEW_OCTETS;
    return c;
}

static const struct interop_case programs[] = {
    {.row = "curl", .program = INTEROP_CURL, .roles = INTEROP_KERNEL_DIALS},
    {.row = "nginx", .program = INTEROP_NGINX, .roles = INTEROP_PLAIT_DIALS},
    {.row = "iperf3", .program = INTEROP_IPERF3, .roles = INTEROP_KERNEL_DIALS},
    {.row = "iperf3-reverse", .program = INTEROP_IPERF3_REVERSE, .roles = INTEROP_KERNEL_DIALS},
};

unsigned interop_program_count(void)
{
    return COUNT(programs) * FAMILIES;
}

struct interop_case interop_program(unsigned n, uint64_t octets)
{
    uint8_t family = take(&n, FAMILIES) ? PLAIT_IPV6 : PLAIT_IPV4;
    struct interop_case c = programs[n];
    c.family = family;
    c.paths = 2;
    return complete(c, octets);
}

struct dice {
    struct plait_draw_key key;
    unsigned n;
};

static unsigned draw(const struct dice *dice, const char *what, unsigned bound)
{
    return (unsigned)plait_draw_below(&dice->key, "combination", what, dice->n, bound);
}

struct interop_case interop_combination(uint64_t seed, unsigned n, uint64_t octets)
{
    static const uint32_t losses[] = {0, 0, 10000, 50000};
    static const uint32_t mtus[] = {1280, 1500, 9000};
    static const enum interop_closing closings[] = {INTEROP_CLIENT_FIRST, INTEROP_SERVER_FIRST,
                                                    INTEROP_BOTH_AT_ONCE, INTEROP_CLIENT_EARLY,
                                                    INTEROP_SERVER_EARLY};
    const struct dice dice = {plait_draw_key(seed), n};
    struct interop_case c = {.row = "combination", .number = n};
    c.roles = draw(&dice, "roles", 2) ? INTEROP_PLAIT_DIALS : INTEROP_KERNEL_DIALS;
    c.family = draw(&dice, "family", 2) ? PLAIT_IPV6 : PLAIT_IPV4;
    c.paths = path_counts[draw(&dice, "paths", COUNT(path_counts))];
    c.loss_per_million = losses[draw(&dice, "loss", COUNT(losses))];
    c.reorder_per_million = draw(&dice, "reordering", 2) ? 20000 : 0;
    c.duplicate_per_million = draw(&dice, "duplication", 2) ? 20000 : 0;
    c.mtu_octets = mtus[draw(&dice, "mtu", COUNT(mtus))];
    c.nat = draw(&dice, "nat", 3) == 0;
    c.unequal = draw(&dice, "delay", 2);
    c.checksum = draw(&dice, "checksum", 4);
    c.closing = closings[draw(&dice, "closing", COUNT(closings))];
    return complete(c, octets);
}
