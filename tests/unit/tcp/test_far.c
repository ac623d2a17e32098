/* Streams longer than sequence numbers: offsets beyond 2^32 (RFC 9293 §3.4, RFC 7323 §5). */
#include "tests/unit/test.h"
#include "world.h"

#ifdef __SANITIZE_ADDRESS__
#define FAR_OCTETS ((uint64_t)8 << 20)
#else
#define FAR_OCTETS ((uint64_t)9 << 29) /* 4.5 GiB */
#endif

static struct world *open_far(uint32_t loss_ppm)
{
    struct world_config config = {.seed = 1,
                                  .isn = {0x12345678, 0x9abcdef0},
                                  .offload = true,
                                  .link = {.delay_ns = PLAIT_MS / 10, .loss_ppm = loss_ppm}};
    for (int i = 0; i < 2; i++) {
        config.tcp[i].super_octets = 64000;
        config.tcp[i].send_limit_octets = config.tcp[i].receive_limit_octets = 1 << 20;
    }
    struct world *w = world_new(&config);
    assert_true(world_run(w, world_is_open, PLAIT_S));
    world_pass(w, PLAIT_S);
    return w;
}

/* As if BY octets had gone from A to B already; nothing is under way. */
static void move_ahead(struct world *w, uint64_t by)
{
    struct plait_sending *s = &w->end[A].flow->send;
    struct plait_receiving *r = &w->end[B].flow->receive;
    s->unacked += by;
    s->next += by;
    s->granted += by;
    s->window_edge += by;
    s->window_ack += by;
    r->edge += by;
    r->acked_edge += by;
    r->announced_edge += by;
    w->end[B].flow->send.window_seq += by;
    plait_flow_send_queue(w->end[A].flow)->start += by;
    plait_flow_send_queue(w->end[A].flow)->end += by;
    plait_flow_receive_queue(w->end[B].flow)->start += by;
    plait_flow_receive_queue(w->end[B].flow)->placed_edge += by;
}

static void four_gigabytes_and_a_half_arrive(void **state)
{
    (void)state;
    struct world *w = open_far(0);
    w->end[A].to_write = FAR_OCTETS;
    w->end[A].closes = w->end[B].closes = true;
    assert_true(world_run(w, world_both_closed, 10000 * PLAIT_S));
    assert_true(world_all_arrived(w));
    assert_false(w->end[B].is_corrupt);
    assert_true(plait_flow_received(w->end[B].flow) == FAR_OCTETS + 2);
    world_free(w);
}

static void offsets_cross_powers_of_two_under_loss(void **state)
{
    (void)state;
    static const uint64_t edges[] = {UINT64_C(1) << 31, UINT64_C(1) << 32, UINT64_C(1) << 33,
                                     UINT64_C(3) << 32, UINT64_C(1) << 48};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        struct world *w = open_far(20000);
        move_ahead(w, edges[i] - 1000000);
        w->end[A].to_write = 3000000;
        w->end[B].to_write = 100000;
        w->end[A].closes = w->end[B].closes = true;
        assert_true(world_run(w, world_both_closed, 1000 * PLAIT_S));
        assert_true(world_all_arrived(w));
        assert_false(w->end[B].is_corrupt);
        assert_true(plait_flow_received(w->end[B].flow) > edges[i] + 1999999);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_gigabytes_and_a_half_arrive),
        cmocka_unit_test(offsets_cross_powers_of_two_under_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
