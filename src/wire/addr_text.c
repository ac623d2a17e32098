/* wire/addr_text.c: addresses read and written as text, without the C library's help: libplait has
 * no resolver.  IPv4 in dotted decimal without leading zeros; IPv6 reads RFC 4291 §2.2 and writes
 * RFC 5952.  May touch: nothing but its arguments. */
#include <string.h>

#include "base/octets.h"
#include "base/text.h"
#include "wire/addr.h"

enum { GROUPS = 8 };

/* Reads digits of BASE at *AT, at most LIMIT of them; -1 if there is none. */
static int read_digits(const char **at, unsigned base, unsigned limit)
{
    int value = -1;
    for (unsigned n = 0; n < limit; n++, ++*at) {
        char c = **at;
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                : base;
        if (digit >= base)
            break;
        value = (value < 0 ? 0 : value) * (int)base + (int)digit;
    }
    return value;
}

/* The text up to its end. */
static bool read_ipv4(const char *at, uint8_t octets[4])
{
    for (int i = 0; i < 4; i++) {
        if (i && *at++ != '.')
            return false;
        const char *start = at;
        int value = read_digits(&at, 10, 3);
        if (value < 0 || value > 255 || (*start == '0' && at - start > 1))
            return false;
        octets[i] = (uint8_t)value;
    }
    return *at == '\0';
}

struct ipv6_read {
    uint8_t octets[16];
    int count; /* groups so far */
    int gap;   /* how many groups stood before "::", or -1 */
};

/* One group, or a dotted IPv4 address as the last two. */
static bool read_group(struct ipv6_read *r, const char **at)
{
    if (r->count <= GROUPS - 2 && read_ipv4(*at, r->octets + 2 * (size_t)r->count)) {
        r->count += 2;
        *at += strlen(*at);
        return true;
    }
    int value = read_digits(at, 16, 4);
    if (value < 0 || r->count == GROUPS)
        return false;
    plait_store_u16(r->octets + 2 * (size_t)r->count++, (uint16_t)value);
    return true;
}

/* The parting colon or colons in front of the next group; false if there is none. */
static bool read_colons(struct ipv6_read *r, const char **at)
{
    if (**at != ':')
        return false;
    ++*at;
    if (**at != ':')
        return r->count > 0 && **at; /* neither ":1" nor "1:" */
    ++*at;
    bool is_first = r->gap < 0;
    r->gap = r->count;
    return is_first;
}

static bool read_ipv6(const char *at, uint8_t octets[16])
{
    struct ipv6_read r = {.gap = -1};
    while (*at) {
        bool at_start = r.count == 0 && r.gap < 0;
        if (!(at_start && *at != ':') && !read_colons(&r, &at))
            return false;
        if (*at && !read_group(&r, &at))
            return false;
    }
    if (r.gap < 0 ? r.count != GROUPS : r.count >= GROUPS)
        return false;
    size_t head = r.gap < 0 ? 16 : 2 * (size_t)r.gap, tail = 2 * (size_t)r.count - head;
    memset(octets, 0, 16);
    memcpy(octets, r.octets, head > 16 ? 16 : head);
    if (r.gap >= 0)
        memcpy(octets + 16 - tail, r.octets + head, tail);
    return true;
}

plait_result plait_addr_parse(const char *text, struct plait_addr *addr)
{
    *addr = (struct plait_addr){.family = PLAIT_IPV4};
    if (read_ipv4(text, addr->octets))
        return PLAIT_OK;
    *addr = (struct plait_addr){.family = PLAIT_IPV6};
    if (read_ipv6(text, addr->octets))
        return PLAIT_OK;
    *addr = (struct plait_addr){0};
    return PLAIT_FAIL(BAD_VALUE);
}

struct run {
    int start, length;
};

/* The first of the longest runs of zero groups; one group alone is written out (RFC 5952 §4.2). */
static struct run longest_zeros(const uint8_t *octets)
{
    struct run best = {-1, 1}, run = {0, 0};
    for (int i = 0; i < GROUPS; i++) {
        run = plait_load_u16(octets + 2 * i) ? (struct run){i + 1, 0}
                                             : (struct run){run.start, run.length + 1};
        if (run.length > best.length)
            best = run;
    }
    return best;
}

/* IPv4-mapped addresses have the IPv4 form at their end (RFC 5952 §5). */
static bool is_mapped(const uint8_t *octets)
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(octets, prefix, sizeof prefix) == 0;
}

static void write_ipv4(struct plait_text *t, const uint8_t *octets)
{
    plait_text_add(t, "%u.%u.%u.%u", octets[0], octets[1], octets[2], octets[3]);
}

static void write_ipv6(struct plait_text *t, const uint8_t *octets)
{
    struct run zeros = longest_zeros(octets);
    int groups = is_mapped(octets) ? GROUPS - 2 : GROUPS;
    for (int i = 0; i < groups;) {
        if (i == zeros.start) {
            plait_text_add(t, "::");
            i += zeros.length;
            continue;
        }
        bool parted = i == 0 || i == zeros.start + zeros.length;
        plait_text_add(t, parted ? "%x" : ":%x", plait_load_u16(octets + 2 * i++));
    }
    if (groups < GROUPS) {
        plait_text_add(t, ":");
        write_ipv4(t, octets + 12);
    }
}

static void write_addr(struct plait_text *t, const struct plait_addr *addr)
{
    if (addr->family == PLAIT_IPV4)
        write_ipv4(t, addr->octets);
    else if (addr->family == PLAIT_IPV6)
        write_ipv6(t, addr->octets);
    else
        plait_text_add(t, "none");
}

const char *plait_addr_text(const struct plait_addr *addr, char text[PLAIT_ADDR_TEXT_OCTETS])
{
    struct plait_text t = plait_text(text, PLAIT_ADDR_TEXT_OCTETS);
    write_addr(&t, addr);
    return text;
}

const char *plait_place_text(const struct plait_place *place, char text[PLAIT_PLACE_TEXT_OCTETS])
{
    struct plait_text t = plait_text(text, PLAIT_PLACE_TEXT_OCTETS);
    bool brackets = place->addr.family == PLAIT_IPV6;
    plait_text_add(&t, brackets ? "[" : "");
    write_addr(&t, &place->addr);
    plait_text_add(&t, brackets ? "]:%u" : ":%u", place->port);
    return text;
}
