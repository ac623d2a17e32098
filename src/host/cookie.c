/* host/cookie.c: SYN cookies. */
#include "host/cookie.h"

#include "host/draws.h"

enum { MSS_BITS = 3, OPTION_BITS = 5, NO_SHIFT = 15, SACK_BIT = 16, SHIFT_MAX = 14 };

/* The smallest allowed, IPv6's smallest, tunnels, Ethernet with and without options, jumbo. */
static const uint16_t mss_table[1 << MSS_BITS] = {536, 1220, 1300, 1380, 1400, 1440, 1460, 8940};

static uint32_t mss_index(uint16_t mss)
{
    uint32_t index = 0;
    while (index + 1 < 1 << MSS_BITS && mss_table[index + 1] <= mss)
        index++;
    return index;
}

static uint32_t options_of(const struct plait_cookie *cookie)
{
    return (cookie->window_scale ? cookie->send_shift : NO_SHIFT) | (cookie->sack ? SACK_BIT : 0);
}

/* The clock enters with the peer's ISN: both are 32 bits that the MAC must depend on. */
static uint32_t isn_of(const struct plait_draw_key *key, const struct plait_flow_key *flow,
                       uint32_t peer_isn, uint32_t clock, const struct plait_cookie *cookie)
{
    uint32_t index = mss_index(cookie->mss);
    uint32_t options = cookie->timestamps ? options_of(cookie) : 1 << OPTION_BITS;
    uint64_t mac =
        plait_flow_draw(key, PLAIT_DRAW_COOKIE, flow, peer_isn,
                        clock << (OPTION_BITS + 1 + MSS_BITS) | options << MSS_BITS | index);
    return (uint32_t)mac << MSS_BITS | index;
}

static uint32_t clock_at(plait_time_ns now)
{
    return (uint32_t)(now / PLAIT_COOKIE_CLOCK_NS);
}

uint32_t plait_cookie_make(const struct plait_draw_key *key, const struct plait_flow_key *flow,
                           uint32_t peer_isn, plait_time_ns now, struct plait_cookie *wanted,
                           uint32_t *timestamp)
{
    const uint32_t mask = (1 << OPTION_BITS) - 1;
    wanted->mss = mss_table[mss_index(wanted->mss)];
    wanted->sack = wanted->sack && wanted->timestamps;
    wanted->window_scale = wanted->window_scale && wanted->timestamps;
    if (!wanted->window_scale)
        wanted->send_shift = 0;
    else if (wanted->send_shift > SHIFT_MAX) /* RFC 7323 §2.3 */
        wanted->send_shift = SHIFT_MAX;
    uint32_t options = options_of(wanted), present = *timestamp;
    *timestamp = (present & ~mask) | options;
    if (options > (present & mask))
        *timestamp -= 1 << OPTION_BITS;
    return isn_of(key, flow, peer_isn, clock_at(now), wanted);
}

bool plait_cookie_read(const struct plait_draw_key *key, const struct plait_flow_key *flow,
                       uint32_t peer_isn, uint32_t isn, plait_time_ns now,
                       const uint32_t *timestamp_echo, struct plait_cookie *cookie)
{
    *cookie = (struct plait_cookie){.mss = mss_table[isn & ((1 << MSS_BITS) - 1)],
                                    .timestamps = timestamp_echo};
    if (timestamp_echo) {
        uint32_t shift = *timestamp_echo & 15;
        cookie->sack = *timestamp_echo & SACK_BIT;
        cookie->window_scale = shift != NO_SHIFT;
        cookie->send_shift = cookie->window_scale ? (uint8_t)shift : 0;
    }
    uint32_t clock = clock_at(now);
    return isn == isn_of(key, flow, peer_isn, clock, cookie) ||
           isn == isn_of(key, flow, peer_isn, clock - 1, cookie);
}
