/* Numbers that nobody guesses: ISNs move with the clock, ports do not repeat, cookies hold what
 * they can and are nobody else's. */
#include "tests/unit/host/world.h"

static const struct plait_draw_key key = {{0x0123456789abcdef, 42}};

static struct plait_flow_key flow(const char *a, uint16_t a_port, const char *b, uint16_t b_port)
{
    return (struct plait_flow_key){place(a, a_port), place(b, b_port)};
}

static void isns_follow_the_clock_and_differ_by_flow(void **state)
{
    (void)state;
    struct plait_flow_key one = flow("198.18.1.1", 1000, "198.18.2.1", 80), other = one;
    uint32_t isn = plait_draw_isn(&key, &one, 0, NULL);
    assert_int_equal(plait_draw_isn(&key, &one, 4 * PLAIT_MS, NULL) - isn, 1000); /* RFC 6528 §3 */
    other.src.port++;
    assert_int_not_equal(plait_draw_isn(&key, &other, 0, NULL), isn);
    other = flow("2001:db8::1", 1000, "2001:db8::2", 80);
    assert_int_not_equal(plait_draw_isn(&key, &other, 0, NULL), isn);
    struct plait_draw_key another = {{0x0123456789abcdef, 43}};
    assert_int_not_equal(plait_draw_isn(&another, &one, 0, NULL), isn);
}

static void ports_come_once_in_a_round(void **state)
{
    (void)state;
    static uint8_t seen[65536];
    struct plait_flow_key f = flow("198.18.1.1", 0, "198.18.2.1", 80);
    for (uint32_t n = 0; n < PLAIT_PORT_COUNT; n++) {
        uint16_t port = plait_draw_port(&key, &f, n);
        assert_in_range(port, PLAIT_PORT_FIRST, PLAIT_PORT_FIRST + PLAIT_PORT_COUNT - 1);
        assert_int_equal(seen[port]++, 0);
    }
    struct plait_flow_key other = flow("198.18.1.1", 0, "198.18.2.2", 80);
    assert_int_not_equal(plait_draw_port(&key, &f, 0), plait_draw_port(&key, &other, 0));
}

static void n01_n03_a_servers_key_belongs_to_one_handshake(void **state)
{
    (void)state;
    struct plait_flow_key f = flow("198.18.2.1", 80, "198.18.1.1", 1000);
    uint64_t own = plait_draw_server_key(&key, &f, 1, 2);
    uint32_t nonce = plait_draw_nonce(&key, &f, 2, PLAIT_S);
    assert_true(own != plait_draw_server_key(&key, &f, 2, 2));
    assert_true(own != plait_draw_server_key(&key, &f, 1, 3));
    assert_true(nonce != plait_draw_nonce(&key, &f, 3, PLAIT_S));
    struct plait_flow_key other = f;
    other.dst.port++;
    assert_true(own != plait_draw_server_key(&key, &other, 1, 2));
    assert_true(nonce != plait_draw_nonce(&key, &other, 2, PLAIT_S));
    struct plait_draw_key another = {{0x0123456789abcdef, 43}}; /* who does not know the secret */
    assert_true(own != plait_draw_server_key(&another, &f, 1, 2));
    assert_true(nonce != plait_draw_nonce(&another, &f, 2, PLAIT_S));
    /* N03: again without having kept it */
    assert_true(own == plait_draw_server_key(&key, &f, 1, 2));
}

/* Who recorded a join sends its SYN again when the ISN clock has gone round once (T-TS-6). */
static void a_nonce_does_not_return_with_the_isn(void **state)
{
    (void)state;
    struct plait_flow_key f = flow("198.18.2.1", 80, "198.18.1.1", 1000);
    const plait_time_ns round_ns = ((plait_time_ns)1 << 32) * 4000;
    uint32_t isn = plait_draw_isn(&key, &f, PLAIT_S, NULL);
    assert_int_equal(plait_draw_isn(&key, &f, PLAIT_S + round_ns, NULL), isn);
    uint32_t nonce = plait_draw_nonce(&key, &f, isn, PLAIT_S);
    assert_int_not_equal(plait_draw_nonce(&key, &f, isn, PLAIT_S + round_ns), nonce);
}

/* ---- cookies ---- */

static void cookies_hold_what_they_say(void **state)
{
    (void)state;
    struct plait_flow_key f = flow("198.18.2.1", 80, "198.18.1.1", 1000);
    for (uint32_t i = 0; i < 20000; i++) {
        struct plait_cookie in = {.mss = (uint16_t)plait_draw(&key, "mss", "", i),
                                  .timestamps = i & 1,
                                  .sack = i & 2,
                                  .window_scale = i & 4,
                                  .send_shift = (uint8_t)(i / 8 % 16)},
                            asked = in, out;
        uint32_t clock = (uint32_t)plait_draw(&key, "clock", "", i), sent = clock;
        plait_time_ns now = (plait_time_ns)(plait_draw(&key, "now", "", i) >> 10);
        uint32_t isn = plait_cookie_make(&key, &f, i, now, &in, &sent);
        assert_true(in.mss <= asked.mss || in.mss == 536); /* never more than asked */
        assert_true(clock - sent < 32);                    /* never in the future */
        assert_true(in.timestamps || (!in.sack && !in.window_scale));
        assert_true(plait_cookie_read(&key, &f, i, isn, now, in.timestamps ? &sent : NULL, &out));
        assert_int_equal(in.mss, out.mss);
        assert_int_equal(in.sack, out.sack);
        assert_int_equal(in.window_scale, out.window_scale);
        assert_int_equal(in.send_shift, out.send_shift);
        assert_true(out.send_shift <= 14);
    }
}

static void cookies_of_others_and_of_old_are_refused(void **state)
{
    (void)state;
    struct plait_flow_key f = flow("198.18.2.1", 80, "198.18.1.1", 1000), other = f;
    struct plait_cookie c = {.mss = 1460, .timestamps = true, .sack = true}, out;
    uint32_t stamp = 12345;
    plait_time_ns now = 10 * PLAIT_COOKIE_CLOCK_NS;
    uint32_t isn = plait_cookie_make(&key, &f, 7, now, &c, &stamp);
    assert_true(plait_cookie_read(&key, &f, 7, isn, now, &stamp, &out));
    assert_true(plait_cookie_read(&key, &f, 7, isn, now + PLAIT_COOKIE_CLOCK_NS, &stamp, &out));
    assert_false(
        plait_cookie_read(&key, &f, 7, isn, now + 2 * PLAIT_COOKIE_CLOCK_NS, &stamp, &out));
    assert_false(plait_cookie_read(&key, &f, 8, isn, now, &stamp, &out));
    assert_false(plait_cookie_read(&key, &f, 7, isn + 1, now, &stamp, &out));
    assert_false(plait_cookie_read(&key, &f, 7, isn, now, NULL, &out));
    uint32_t without_sack = stamp & ~16u; /* the MAC covers what the timestamp holds */
    assert_false(plait_cookie_read(&key, &f, 7, isn, now, &without_sack, &out));
    other.dst.port++;
    assert_false(plait_cookie_read(&key, &other, 7, isn, now, &stamp, &out));
    unsigned hits = 0; /* a blind sender has no better chance than the MAC's length says */
    for (uint32_t guess = 0; guess < 1000000; guess++)
        hits += plait_cookie_read(&key, &f, 7, guess * 4294967u, now, NULL, &out);
    assert_int_equal(hits, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(isns_follow_the_clock_and_differ_by_flow),
        cmocka_unit_test(ports_come_once_in_a_round),
        cmocka_unit_test(n01_n03_a_servers_key_belongs_to_one_handshake),
        cmocka_unit_test(a_nonce_does_not_return_with_the_isn),
        cmocka_unit_test(cookies_hold_what_they_say),
        cmocka_unit_test(cookies_of_others_and_of_old_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
