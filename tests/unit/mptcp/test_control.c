/* Addresses, priorities, FASTCLOSE, reasons of resets: N30 to N38. */
#include "mptcp/hello.h"
#include "mptcp/inside.h"
#include "tests/unit/hex.h"
#include "tests/unit/mptcp/pair.h"

static struct pair_setup standard(void)
{
    struct pair_setup setup = {.addrs = {3, 3}, .seed = 13};
    for (unsigned side = 0; side < 2; side++) {
        setup.config[side].subflows_limit = 4;
        setup.config[side].add_addr_accepted = 2;
    }
    return setup;
}

static struct plait_mptcp *connection(struct pair *pair, unsigned side)
{
    return pair->ends[side].app.connection;
}

static void open_pair(struct pair *pair, const struct plait_mechanism *mechanism)
{
    struct pair_setup setup = standard();
    setup.config[0].mechanisms[0] = setup.config[1].mechanisms[0] = mechanism;
    pair_make(pair, &setup);
    pair_open(pair);
}

static void inject(struct pair *pair, unsigned side, unsigned index,
                   struct plait_mptcp_option option)
{
    struct plait_segment s = pair_forge(pair, side, index);
    s.mptcp_count = 1;
    s.mptcp[0] = option;
    pair_inject(pair, side, &s);
}

/* ADD_ADDR as the peer of SIDE would send it. */
static struct plait_mptcp_option genuine(struct pair *pair, unsigned side, uint8_t id,
                                         const struct plait_addr *addr, uint16_t port)
{
    struct plait_mptcp *c = connection(pair, side);
    struct plait_mptcp_option o = {
        .subtype = PLAIT_ADD_ADDR,
        .add_addr = {.addr_id = id, .addr = *addr, .has_port = port != 0, .port = port}};
    c->mechanism->seal(c->peer_key, c->own_key, &o);
    return o;
}

static struct {
    unsigned announcements, echoes, removes, join_syns, prios;
    plait_time_ns at_ns[8];
    struct plait_add_addr last, last_echo;
    bool swallow_echoes, swallow_announcements;
} seen;

static bool watch(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)from;
    for (unsigned i = 0; i < s->mptcp_count; i++) {
        const struct plait_mptcp_option *o = &s->mptcp[i];
        seen.prios += o->subtype == PLAIT_MP_PRIO;
        seen.removes += o->subtype == PLAIT_REMOVE_ADDR;
        if (o->subtype != PLAIT_ADD_ADDR)
            continue;
        if (o->add_addr.echo) {
            seen.echoes++;
            seen.last_echo = o->add_addr;
            if (seen.swallow_echoes)
                return false;
        } else {
            seen.at_ns[seen.announcements++ % 8] = pair->now;
            seen.last = o->add_addr;
            if (seen.swallow_announcements)
                return false;
        }
    }
    seen.join_syns += s->flags == PLAIT_SYN && plait_segment_option(s, PLAIT_MP_JOIN);
    return true;
}

static void open_watched(struct pair *pair, const struct plait_mechanism *mechanism)
{
    memset(&seen, 0, sizeof seen);
    open_pair(pair, mechanism);
    pair->box = watch;
}

/* ---- ADD_ADDR ---- */

static void an_announced_address_is_dialled_and_echoed(void **state)
{
    (void)state;
    for (unsigned with_port = 0; with_port < 2; with_port++) {
        struct pair pair;
        open_watched(&pair, &plait_mechanism_v1);
        struct plait_place place = pair_place(&pair, 1, 1, with_port ? 8080 : 0);
        assert_ok(plait_mptcp_announce(connection(&pair, 1), pair.now, &place));
        pair_wait(&pair, 500 * PLAIT_MS);
        assert_int_equal(seen.announcements, 1);
        assert_int_equal(seen.echoes, 1);
        assert_int_equal(seen.last.has_port, with_port);
        assert_int_equal(pair_subflows(&pair, 0), 2);
        const struct plait_path *path = plait_flow_first_path(pair_subflow(&pair, 0, 1).flow);
        assert_true(plait_addr_equal(&path->key.dst.addr, &place.addr));
        assert_int_equal(path->key.dst.port, with_port ? 8080 : PORT);
        assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_ADD_ADDR_IN), 1);
        pair_wait(&pair, 30 * PLAIT_S);
        assert_int_equal(seen.announcements, 1); /* echoed: not again */
        pair_free(&pair);
    }
}

static void a_client_may_announce_too(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    struct plait_place place = pair_place(&pair, 0, 1, 5555);
    assert_ok(plait_mptcp_announce(connection(&pair, 0), pair.now, &place));
    pair_wait(&pair, 500 * PLAIT_MS);
    assert_int_equal(pair_subflows(&pair, 1), 2);
    assert_true(pair_subflow(&pair, 1, 1).initiated_here);
    pair_transfer(&pair, 50000, 50000, 10 * PLAIT_S);
    pair_free(&pair);
}

static void an_announcement_without_echo_comes_three_times_more(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    seen.swallow_echoes = true;
    struct plait_place place = pair_place(&pair, 1, 1, 0);
    assert_ok(plait_mptcp_announce(connection(&pair, 1), pair.now, &place));
    pair_wait(&pair, 60 * PLAIT_S);
    assert_int_equal(seen.announcements, 4);
    assert_true(seen.at_ns[1] - seen.at_ns[0] >= PLAIT_S);
    assert_true(seen.at_ns[2] - seen.at_ns[1] >= 2 * PLAIT_S);
    assert_int_equal(pair_subflows(&pair, 0), 2); /* one join, not four */
    assert_int_equal(seen.join_syns, 1);
    pair_free(&pair);
}

static void v0_announces_without_proof_or_echo(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v0);
    struct plait_place place = pair_place(&pair, 1, 1, 0);
    assert_ok(plait_mptcp_announce(connection(&pair, 1), pair.now, &place));
    pair_wait(&pair, 30 * PLAIT_S);
    assert_int_equal(seen.announcements, 1);
    assert_true(seen.last.is_v0 && !seen.last.has_hmac);
    assert_int_equal(seen.echoes, 0);
    assert_int_equal(pair_subflows(&pair, 0), 2);
    pair_free(&pair);
}

static void n30_a_wrong_hmac_is_ignored_in_silence(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    struct plait_mptcp_option o = genuine(&pair, 0, 5, &pair.ends[1].addrs[1], 0);
    o.add_addr.hmac[7] ^= 1;
    inject(&pair, 0, 0, o);
    pair_wait(&pair, PLAIT_S);
    assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_ADD_ADDR_BAD_HMAC), 1);
    assert_int_equal(seen.echoes + seen.join_syns, 0);
    o = genuine(&pair, 0, 5, &pair.ends[1].addrs[1], 0);
    o.add_addr.is_v0 = true; /* the form without a proof */
    o.add_addr.has_hmac = false;
    inject(&pair, 0, 0, o);
    pair_wait(&pair, PLAIT_S);
    assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_ADD_ADDR_BAD_HMAC), 2);
    assert_int_equal(seen.echoes + seen.join_syns, 0);
    pair_free(&pair);
}

/* Announcements of captures, and one of ours with a port (threats.md §7.3). */
static void n30_the_proofs_of_captures(void **state)
{
    static const struct {
        uint64_t sender, receiver;
        const char *option;
        bool is_right;
    } cases[] = {
        {0x23ae131cd5822cbe, 0xccefd4eac187fafb, "1e103001 0a000014 7d3aea884fcd173e", true},
        {0xccefd4eac187fafb, 0x23ae131cd5822cbe, "1e103001 0a000214 b449e2aac77afd35", true},
        {0x23ae131cd5822cbe, 0xccefd4eac187fafb,
         "1e1c3002 20010000000000000000000000000020 79c4e0c7e395a1ac", true},
        {0xd16b2cc2ae16ed03, 0xb0ce7ad92707a563, "1e103003 0a000514 d0354c5874178330", true},
        {0x23ae131cd5822cbe, 0xccefd4eac187fafb, "1e123003 0a0000141f90 c6032a2e8310a7ce", true},
        /* the leftmost bits, as an early Linux sent them (T-MAC-5) */
        {0x73bb150358a0aecb, 0x8f0c7c64a6a32ac1, "1e103001 c0a888e1 669928744366716c", false},
        {0x73bb150358a0aecb, 0x8f0c7c64a6a32ac1, "1e103001 c0a888e1 e0e054c3444e4c25", true},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t octets[40];
        struct plait_mptcp_option o;
        size_t length = hex(cases[i].option, octets, sizeof octets);
        assert_ok(plait_mptcp_parse(octets, length, &o));
        assert_int_equal(plait_mechanism_v1.open(cases[i].receiver, cases[i].sender, &o),
                         cases[i].is_right);
    }
}

static void n31_an_identifier_keeps_its_address(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    inject(&pair, 0, 0, genuine(&pair, 0, 5, &pair.ends[1].addrs[1], 0));
    pair_wait(&pair, PLAIT_S);
    assert_int_equal(seen.join_syns, 1);
    inject(&pair, 0, 0, genuine(&pair, 0, 5, &pair.ends[1].addrs[2], 0)); /* another address */
    inject(&pair, 0, 0, genuine(&pair, 0, 0, &pair.ends[1].addrs[2], 0)); /* */
    inject(&pair, 0, 0, genuine(&pair, 0, 0, &pair.ends[1].addrs[0], 0)); /* is known */
    pair_wait(&pair, PLAIT_S);
    assert_int_equal(seen.join_syns, 1);
    assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_OPTION_INVALID), 3);
    /* Ours are unique, and an address keeps its own. */
    for (unsigned i = 1; i < 3; i++) {
        struct plait_place place = pair_place(&pair, 0, i, 0);
        assert_ok(plait_mptcp_announce(connection(&pair, 0), pair.now, &place));
        assert_ok(plait_mptcp_announce(connection(&pair, 0), pair.now, &place));
        uint8_t id;
        assert_true(plait_own_addr_id(connection(&pair, 0), &place, &id));
        assert_int_equal(id, i);
    }
    pair_free(&pair);
}

static void n32_an_address_that_failed_is_not_tried_again(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    memset(&seen, 0, sizeof seen);
    setup.config[0].path_manager = &plait_pm_full_mesh;
    setup.addrs[0] = 1;
    setup.config[1].forbid_joins = true; /* each is refused, without T */
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.box = watch;
    inject(&pair, 0, 0, genuine(&pair, 0, 5, &pair.ends[1].addrs[1], 0));
    pair_wait(&pair, PLAIT_S);
    assert_int_equal(seen.join_syns, 1);
    plait_mptcp_addrs_changed(connection(&pair, 0), pair.now); /* the mesh looks again */
    pair_wait(&pair, PLAIT_S);
    assert_int_equal(seen.join_syns, 1);
    pair_free(&pair);
}

static void n33_other_flags_of_add_addr_mean_nothing(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    struct plait_mptcp_option o = genuine(&pair, 0, 5, &pair.ends[1].addrs[1], 0);
    o.add_addr.reserved = 7;
    inject(&pair, 0, 0, o);
    pair_wait(&pair, 500 * PLAIT_MS);
    assert_int_equal(seen.echoes, 1);
    assert_int_equal(seen.last_echo.reserved, 0);
    assert_int_equal(seen.join_syns, 1);
    struct plait_place place = pair_place(&pair, 0, 1, 0);
    assert_ok(plait_mptcp_announce(connection(&pair, 0), pair.now, &place));
    pair_wait(&pair, 500 * PLAIT_MS);
    assert_int_equal(seen.announcements, 1);
    assert_int_equal(seen.last.reserved, 0);
    pair_free(&pair);
}

static void n34_at_most_two_acks_in_a_row_carry_signals(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    memset(&seen, 0, sizeof seen);
    setup.config[0].add_addr_accepted = 0;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.box = watch;
    for (unsigned i = 0; i < 6; i++) { /* six echoes, as somebody who forges would like */
        struct plait_addr addr = pair.ends[1].addrs[0];
        addr.octets[3] = (uint8_t)(100 + i);
        inject(&pair, 0, 0, genuine(&pair, 0, (uint8_t)(10 + i), &addr, 0));
    }
    pair_wait(&pair, 500 * PLAIT_MS);
    assert_int_equal(seen.echoes, 2); /* three duplicates would be a sign of loss */
    assert_ok(plait_mptcp_set_backup(connection(&pair, 0), pair.now, 0, true));
    pair_wait(&pair, 100 * PLAIT_MS);
    assert_int_equal(seen.prios, 0);
    pair_wait(&pair, 20 * PLAIT_S); /* a while between: no longer in a row */
    assert_int_equal(seen.echoes, 6);
    assert_int_equal(seen.prios, 1);
    pair_free(&pair);
}

static void n34_acks_with_signals_are_no_sign_of_loss(void **state)
{
    (void)state;
    for (unsigned with_signal = 0; with_signal < 2; with_signal++) {
        struct pair pair;
        struct pair_setup setup = standard();
        setup.tcp.no_sack = true;
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair.lines[0].delay_ns = 100 * PLAIT_MS;
        pair.ends[0].app.to_write += 10000;
        pair_wait(&pair, PLAIT_MS);
        struct plait_flow *flow = pair_subflow(&pair, 0, 0).flow;
        for (unsigned i = 0; i < 5; i++) {
            struct plait_segment s = pair_forge(&pair, 0, 0);
            s.ack = (uint32_t)plait_flow_unacked(flow) + plait_flow_isn(flow); /* a duplicate */
            s.mptcp_count = with_signal;
            s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_PRIO};
            pair_inject(&pair, 0, &s);
        }
        assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_RETRANSMITTED) > 0, !with_signal);
        pair_free(&pair);
    }
}

static void announcements_above_the_limit_are_echoed_and_not_dialled(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    for (unsigned i = 0; i < 4; i++) {
        struct plait_addr addr = pair.ends[1].addrs[1];
        addr.octets[3] = (uint8_t)(50 + i);
        inject(&pair, 0, 0, genuine(&pair, 0, (uint8_t)(5 + i), &addr, 0));
        pair_wait(&pair, 300 * PLAIT_MS);
    }
    assert_int_equal(seen.echoes, 4);
    assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_ADD_ADDR_IN), 2);
    assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_ADD_ADDR_LIMIT), 2);
    pair_free(&pair);
}

static void absurd_addresses_are_not_dialled(void **state)
{
    static const char *const addrs[] = {"127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
                                        "::1",       "::",      "ff02::1",   "::ffff:127.0.0.1"};
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    for (unsigned i = 0; i < sizeof addrs / sizeof *addrs; i++) {
        struct plait_addr addr;
        assert_ok(plait_addr_parse(addrs[i], &addr));
        inject(&pair, 0, 0, genuine(&pair, 0, (uint8_t)(5 + i), &addr, 0));
    }
    inject(&pair, 0, 0, genuine(&pair, 0, 20, &pair.ends[0].addrs[1], 0)); /* our own */
    pair_wait(&pair, PLAIT_S);
    assert_int_equal(seen.join_syns + seen.echoes, 0);
    assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_OPTION_INVALID), 9);
    pair_free(&pair);
}

static void several_announcements_each_get_their_own_echo(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    seen.swallow_announcements = false;
    for (unsigned i = 1; i < 3; i++) {
        struct plait_place place = pair_place(&pair, 1, i, 0);
        assert_ok(plait_mptcp_announce(connection(&pair, 1), pair.now, &place));
    }
    pair_wait(&pair, 5 * PLAIT_S);
    assert_int_equal(seen.announcements, 2); /* no echo was another's */
    assert_int_equal(seen.echoes, 2);
    pair_free(&pair);
}

static void an_announcement_fits_or_is_given_up(void **state)
{
    (void)state;
    for (unsigned with_port = 0; with_port < 2; with_port++) {
        struct pair pair;
        struct pair_setup setup = standard();
        memset(&seen, 0, sizeof seen);
        setup.ipv6 = true;
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair.box = watch;
        struct plait_place place = pair_place(&pair, 1, 1, with_port ? 99 : 0);
        assert_ok(plait_mptcp_announce(connection(&pair, 1), pair.now, &place));
        pair_transfer(&pair, 3000, 3000, 5 * PLAIT_S);
        pair_wait(&pair, 10 * PLAIT_S);
        /* 28 octets fit beside timestamps, 30 do not. */
        assert_int_equal(seen.announcements, !with_port);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_ADDR_NO_ROOM), with_port);
        assert_int_equal(pair_subflows(&pair, 0), with_port ? 1 : 2);
        pair_free(&pair);
    }
}

/* ---- REMOVE_ADDR ---- */

static struct plait_mptcp_option remove_option(uint8_t id)
{
    return (struct plait_mptcp_option){.subtype = PLAIT_REMOVE_ADDR,
                                       .remove_addr = {.count = 1, .addr_ids = {id}}};
}

static void n35_a_live_path_is_not_removed(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    pair_join(&pair, 1, 0);
    inject(&pair, 1, 0, remove_option(pair_subflow(&pair, 1, 1).remote_id));
    pair_wait(&pair, 30 * PLAIT_S);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_REMOVE_ADDR_IN), 1);
    assert_true(pair_counter(&pair, 1, PLAIT_COUNT_KEEPALIVES) >= 1);
    assert_int_equal(pair_subflows(&pair, 1), 2);
    pair_free(&pair);
}

static void n35_a_dead_path_is_removed(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    pair_join(&pair, 1, 0);
    pair.lines[1].is_cut = true;
    inject(&pair, 1, 0, remove_option(pair_subflow(&pair, 1, 1).remote_id));
    pair_wait(&pair, 3 * PLAIT_S);
    assert_int_equal(pair_subflows(&pair, 1), 1);
    pair_transfer(&pair, 5000, 5000, 10 * PLAIT_S);
    pair_free(&pair);
}

static void a_genuine_removal(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    pair_join(&pair, 1, 0);
    pair.ends[0].app.to_write += 200000;
    pair_wait(&pair, 30 * PLAIT_MS);
    assert_ok(plait_mptcp_withdraw(connection(&pair, 0), pair.now, &pair.ends[0].addrs[1]));
    pair_wait(&pair, PLAIT_S);
    assert_int_equal(seen.removes, 1);
    assert_int_equal(pair_subflows(&pair, 0), 1);
    assert_int_equal(pair_subflows(&pair, 1), 1);
    pair_transfer(&pair, 5000, 5000, 20 * PLAIT_S);
    pair_free(&pair);
}

static void a_host_that_loses_its_first_address_goes_on(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    pair_join(&pair, 1, 0);
    pair.ends[0].app.to_write += 200000;
    pair_wait(&pair, 30 * PLAIT_MS);
    struct end *client = &pair.ends[0];
    client->addrs[0] = client->addrs[2]; /* another one instead */
    client->addr_count = 2;
    plait_mptcp_addrs_changed(connection(&pair, 0), pair.now);
    pair_transfer(&pair, 5000, 5000, 60 * PLAIT_S);
    assert_int_equal(seen.removes, 1);
    pair_free(&pair);
}

/* As many as may wait, beside the two that go out at once (N34). */
static void fill_with_echoes(struct pair *pair)
{
    for (unsigned i = 0; i < PLAIT_MPTCP_SIGNALS_MAX + 2; i++) {
        struct plait_addr addr = pair->ends[1].addrs[0];
        unsigned which = i % PLAIT_MPTCP_SIGNALS_MAX;
        addr.octets[3] = (uint8_t)(100 + which);
        inject(pair, 0, 0, genuine(pair, 0, (uint8_t)(10 + which), &addr, 0));
    }
    for (unsigned i = 0; i < PLAIT_MPTCP_SIGNALS_MAX; i++)
        assert_int_equal(connection(pair, 0)->signals[i].what, PLAIT_SIGNAL_ECHO);
}

static void a_removal_takes_the_place_of_an_echo(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    memset(&seen, 0, sizeof seen);
    setup.config[0].add_addr_accepted = 0;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    pair.box = watch;
    fill_with_echoes(&pair);
    assert_ok(plait_mptcp_withdraw(connection(&pair, 0), pair.now, &pair.ends[0].addrs[1]));
    pair_wait(&pair, 20 * PLAIT_S);
    assert_int_equal(seen.removes, 1);
    assert_int_equal(seen.echoes, 9); /* two, and seven of the eight that waited */
    assert_int_equal(pair_subflows(&pair, 1), 1);
    pair_free(&pair);
}

static uint64_t digest(struct pair *pair, unsigned side)
{
    struct plait_hasher h = plait_hasher(0);
    plait_mptcp_digest(connection(pair, side), pair->now, &h);
    return plait_hash_end(&h);
}

static void a_removal_too_many_changes_nothing(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    pair_join(&pair, 1, 0);
    struct plait_mptcp *c = connection(&pair, 0);
    struct plait_place other = pair_place(&pair, 0, 0, 0);
    for (unsigned i = 0; i < PLAIT_MPTCP_SIGNALS_MAX; i++) { /* at one moment */
        other.addr.octets[3] = (uint8_t)(100 + i);
        assert_ok(plait_mptcp_announce(c, pair.now, &other));
        assert_ok(plait_mptcp_withdraw(c, pair.now, &other.addr));
    }
    uint64_t before = digest(&pair, 0);
    assert_reason(plait_mptcp_withdraw(c, pair.now, &pair.ends[0].addrs[1]), TOO_MANY);
    assert_true(digest(&pair, 0) == before);
    pair_wait(&pair, 60 * PLAIT_S);
    assert_int_equal(seen.removes, PLAIT_MPTCP_SIGNALS_MAX);
    assert_int_equal(pair_subflows(&pair, 0), 2);
    assert_ok(plait_mptcp_withdraw(c, pair.now, &pair.ends[0].addrs[1]));
    pair_wait(&pair, PLAIT_S);
    assert_int_equal(pair_subflows(&pair, 0), 1);
    pair_free(&pair);
}

/* An address that the machine lost cannot be kept, whether the peer can be told or not. */
static void a_lost_address_goes_also_when_removals_wait(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    pair_join(&pair, 1, 0);
    struct plait_mptcp *c = connection(&pair, 0);
    struct plait_place other = pair_place(&pair, 0, 0, 0);
    for (unsigned i = 0; i < PLAIT_MPTCP_SIGNALS_MAX; i++) {
        other.addr.octets[3] = (uint8_t)(100 + i);
        assert_ok(plait_mptcp_announce(c, pair.now, &other));
        assert_ok(plait_mptcp_withdraw(c, pair.now, &other.addr));
    }
    pair.ends[0].addr_count = 1;
    plait_mptcp_addrs_changed(c, pair.now);
    pair_wait(&pair, PLAIT_S);
    assert_int_equal(pair_subflows(&pair, 0), 1);
    pair_free(&pair);
}

static void a_removal_is_obeyed_though_the_book_is_full(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    setup.config[1].add_addr_accepted = 0;
    pair_make(&pair, &setup);
    pair_open(&pair);
    for (unsigned i = 0; i < PLAIT_ADDRESS_BOOK_ROOM - 1; i++) {
        struct plait_addr addr = pair.ends[0].addrs[0];
        addr.octets[3] = (uint8_t)(100 + i);
        inject(&pair, 1, 0, genuine(&pair, 1, (uint8_t)(10 + i), &addr, 0));
    }
    pair_join(&pair, 1, 0);
    uint8_t id = pair_subflow(&pair, 1, 1).remote_id;
    assert_null(plait_address_book_find(&connection(&pair, 1)->peer_addrs, id));
    pair.lines[1].is_cut = true;
    inject(&pair, 1, 0, remove_option(id));
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_REMOVE_ADDR_IN), 1);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_REMOVE_ADDR_UNKNOWN), 0);
    pair_wait(&pair, 3 * PLAIT_S);
    assert_int_equal(pair_subflows(&pair, 1), 1);
    pair_free(&pair);
}

static void n36_an_unknown_identifier_is_ignored(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    pair_join(&pair, 1, 0);
    struct plait_mptcp_option o = remove_option(77);
    o.remove_addr.count = 3;
    o.remove_addr.addr_ids[1] = 78;
    o.remove_addr.addr_ids[2] = 255;
    inject(&pair, 1, 0, o);
    pair_wait(&pair, 5 * PLAIT_S);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_REMOVE_ADDR_UNKNOWN), 3);
    assert_int_equal(pair_subflows(&pair, 1), 2);
    pair_free(&pair);
}

/* A removal of what was never announced must not make room for more announcements. */
static void removals_do_not_count_below_zero(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    pair_join(&pair, 1, 0);
    for (unsigned i = 0; i < 5; i++)
        inject(&pair, 1, 0, remove_option(1));
    assert_int_equal(connection(&pair, 1)->addrs_dialled, 0);
    pair_free(&pair);
}

/* ---- MP_PRIO ---- */

static void a_priority_moves_traffic(void **state)
{
    struct pair pair;
    (void)state;
    open_watched(&pair, &plait_mechanism_v1);
    pair_join(&pair, 1, 0);
    assert_ok(plait_mptcp_set_backup(connection(&pair, 0), pair.now, 0, true));
    pair_wait(&pair, 100 * PLAIT_MS);
    assert_int_equal(seen.prios, 1);
    assert_true(pair_subflow(&pair, 1, 0).backup_there);
    const struct plait_path *first = plait_flow_first_path(pair_subflow(&pair, 1, 0).flow);
    uint64_t before = first->sent_octets;
    pair_transfer(&pair, 0, 300000, 30 * PLAIT_S);
    assert_true(first->sent_octets == before);
    pair.lines[1].is_cut = true; /* a backup is better than silence */
    pair_transfer(&pair, 0, 100000, 60 * PLAIT_S);
    assert_true(first->sent_octets > before);
    assert_ok(plait_mptcp_set_backup(connection(&pair, 0), pair.now, 0, false));
    pair_wait(&pair, PLAIT_S);
    assert_false(pair_subflow(&pair, 1, 0).backup_there);
    pair_free(&pair);
}

static void a_priority_with_identifier_is_v0s(void **state)
{
    static const struct plait_mechanism *const versions[] = {&plait_mechanism_v1,
                                                             &plait_mechanism_v0};
    (void)state;
    for (unsigned v = 0; v < 2; v++) {
        struct pair pair;
        open_watched(&pair, versions[v]);
        pair_join(&pair, 1, 0);
        inject(&pair, 1, 0,
               (struct plait_mptcp_option){
                   .subtype = PLAIT_MP_PRIO,
                   .prio = {.backup = true, .has_addr_id = true, .addr_id = 1}});
        assert_false(pair_subflow(&pair, 1, 0).backup_there);
        assert_int_equal(pair_subflow(&pair, 1, 1).backup_there, v == 1);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_OPTION_INVALID), v == 0);
        pair_free(&pair);
    }
}

/* ---- FASTCLOSE ---- */

static unsigned fastcloses_on_ack, fastcloses_on_reset, resets;
static bool swallow_resets;

static bool count_fastcloses(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair, (void)from;
    bool is_reset = s->flags & PLAIT_RST;
    resets += is_reset;
    if (plait_segment_option(s, PLAIT_MP_FASTCLOSE)) {
        fastcloses_on_reset += is_reset;
        fastcloses_on_ack += !is_reset;
    }
    return !(is_reset && swallow_resets);
}

static void fastclose(struct pair *pair, const struct plait_mechanism *mechanism, bool on_ack)
{
    fastcloses_on_ack = fastcloses_on_reset = resets = 0;
    swallow_resets = false;
    open_pair(pair, mechanism);
    pair_join(pair, 1, 0);
    pair->box = count_fastcloses;
    plait_mptcp_fastclose(connection(pair, 0), pair->now, on_ack);
    pair_wait(pair, 5 * PLAIT_S);
    assert_int_equal(pair->ends[1].app.events[PLAIT_MPTCP_IS_RESET], 1);
    assert_true(pair_is_closed(pair));
    assert_true(pair_counter(pair, 1, PLAIT_COUNT_FASTCLOSE_IN) >= 1);
}

static void n37_fastclose_on_an_ack_is_answered_by_a_reset(void **state)
{
    struct pair pair;
    (void)state;
    fastclose(&pair, &plait_mechanism_v1, true);
    assert_int_equal(fastcloses_on_ack, 1);
    assert_int_equal(fastcloses_on_reset, 0);
    pair_free(&pair);
}

struct last_words {
    bool said;
    uint32_t seq;
    unsigned after;
};

static bool hear_last_words(struct pair *pair, unsigned from, struct plait_segment *s)
{
    struct last_words *w = pair->box_self;
    if (from == 0 && plait_segment_option(s, PLAIT_MP_FASTCLOSE)) {
        w->said = true;
        w->seq = s->seq;
    } else if (from == 0 && w->said) {
        w->after += (int32_t)(s->seq + s->payload_octets - w->seq) > 0;
    }
    return true;
}

/* Also not what a segment had no room for any more: who hears it would have to think that somebody
 * else had closed (T-FC-1). */
static void n37_nothing_new_follows_fastclose(void **state)
{
    (void)state;
    struct pair pair;
    struct pair_setup setup = standard();
    struct last_words words = {0};
    setup.tcp.receive_limit_octets = 2048; /* the rest of a piece waits for the next window */
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.box = hear_last_words;
    pair.box_self = &words;
    pair.ends[0].app.to_write += 40000;
    plait_mptcp_wake_all(connection(&pair, 0));
    pair_wait(&pair, 5 * PLAIT_MS);
    plait_mptcp_fastclose(connection(&pair, 0), pair.now, true);
    pair_wait(&pair, 5 * PLAIT_S);
    assert_true(words.said);
    assert_int_equal(words.after, 0);
    assert_true(pair_is_closed(&pair));
    pair_free(&pair);
}

static void n37_fastclose_on_resets_goes_to_every_subflow(void **state)
{
    struct pair pair;
    (void)state;
    fastclose(&pair, &plait_mechanism_v1, false);
    assert_int_equal(fastcloses_on_ack, 0);
    assert_int_equal(fastcloses_on_reset, 2);
    pair_free(&pair);
}

/* The peer has forgotten the token by then. */
static void a_connection_that_ends_at_once_asks_for_no_path(void **state)
{
    struct pair pair;
    (void)state;
    open_pair(&pair, &plait_mechanism_v1);
    plait_mptcp_fastclose(connection(&pair, 0), pair.now, true);
    const struct plait_place local = pair_place(&pair, 0, 1, 0),
                             remote = pair_place(&pair, 1, 0, 0);
    assert_reason(plait_mptcp_add_subflow(connection(&pair, 0), pair.now, &local, &remote, false),
                  NOT_FOUND);
    pair_free(&pair);
}

static void n37_v0_has_only_the_form_on_an_ack(void **state)
{
    struct pair pair;
    (void)state;
    fastclose(&pair, &plait_mechanism_v0, false);
    assert_int_equal(fastcloses_on_ack, 1);
    assert_int_equal(fastcloses_on_reset, 0);
    pair_free(&pair);
    /* On a reset it is nothing but a reset, of that subflow. */
    open_pair(&pair, &plait_mechanism_v0);
    pair_join(&pair, 1, 0);
    struct plait_segment s = pair_forge(&pair, 1, 1);
    s.flags = PLAIT_RST;
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_FASTCLOSE,
        .fastclose = {.receiver_key = plait_mptcp_info(connection(&pair, 1)).own_key}};
    pair_inject(&pair, 1, &s);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_FASTCLOSE_IN), 0);
    assert_int_equal(pair_subflows(&pair, 1), 1);
    pair_transfer(&pair, 5000, 5000, 10 * PLAIT_S);
    pair_free(&pair);
}

static void n37_fastclose_is_sent_again_three_times_at_most(void **state)
{
    struct pair pair;
    (void)state;
    fastcloses_on_ack = fastcloses_on_reset = resets = 0;
    open_pair(&pair, &plait_mechanism_v1);
    pair.box = count_fastcloses;
    pair.lines[0].is_cut = true; /* the box sees it before */
    plait_mptcp_fastclose(connection(&pair, 0), pair.now, true);
    pair_wait(&pair, 60 * PLAIT_S);
    assert_int_equal(fastcloses_on_ack, 4);
    assert_int_equal(fastcloses_on_reset, 1); /* at last */
    assert_true(pair.ends[0].app.is_closed);
    pair_free(&pair);
}

static void n37_fastclose_with_a_wrong_key_is_ignored(void **state)
{
    struct pair pair;
    (void)state;
    open_pair(&pair, &plait_mechanism_v1);
    pair_join(&pair, 1, 0);
    inject(&pair, 1, 0,
           (struct plait_mptcp_option){
               .subtype = PLAIT_MP_FASTCLOSE,
               .fastclose = {.receiver_key = plait_mptcp_info(connection(&pair, 1)).own_key ^ 1}});
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_FASTCLOSE_BAD_KEY), 1);
    assert_int_equal(pair_subflows(&pair, 1), 2);
    /* On a reset: that subflow goes, as by any reset; the connection stays. */
    struct plait_segment s = pair_forge(&pair, 1, 1);
    s.flags = PLAIT_RST;
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_FASTCLOSE};
    pair_inject(&pair, 1, &s);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_FASTCLOSE_BAD_KEY), 2);
    assert_int_equal(pair_subflows(&pair, 1), 1);
    pair_transfer(&pair, 5000, 5000, 10 * PLAIT_S);
    pair_free(&pair);
}

/* ---- MP_TCPRST ---- */

static void n38_flags_u_v_w_mean_nothing_and_without_t_it_is_not_tried_again(void **state)
{
    (void)state;
    for (unsigned transient = 0; transient < 2; transient++) {
        struct pair pair;
        open_watched(&pair, &plait_mechanism_v1);
        inject(&pair, 0, 0, genuine(&pair, 0, 5, &pair.ends[1].addrs[1], 0));
        pair_wait(&pair, 300 * PLAIT_MS);
        assert_int_equal(pair_subflows(&pair, 0), 2);
        connection(&pair, 0)->subflows->next->remote_id = 5; /* as the announcement calls it */
        struct plait_segment s = pair_forge(&pair, 0, 1);
        s.flags = PLAIT_RST;
        s.mptcp_count = 1;
        s.mptcp[0] = (struct plait_mptcp_option){.subtype = PLAIT_MP_TCPRST,
                                                 .tcprst = {.flags = 0xe | transient, .reason = 5}};
        pair_inject(&pair, 0, &s);
        assert_int_equal(pair_counter(&pair, 0, PLAIT_COUNT_RESET_REASON_IN), 1);
        assert_int_equal(pair_subflows(&pair, 0), 1);
        const struct plait_address *a =
            plait_address_book_find(&connection(&pair, 0)->peer_addrs, 5);
        assert_int_equal(plait_address_may_dial(a), transient);
        pair_free(&pair);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_announced_address_is_dialled_and_echoed),
    cmocka_unit_test(a_client_may_announce_too),
    cmocka_unit_test(an_announcement_without_echo_comes_three_times_more),
    cmocka_unit_test(v0_announces_without_proof_or_echo),
    cmocka_unit_test(n30_a_wrong_hmac_is_ignored_in_silence),
    cmocka_unit_test(n30_the_proofs_of_captures),
    cmocka_unit_test(n31_an_identifier_keeps_its_address),
    cmocka_unit_test(n32_an_address_that_failed_is_not_tried_again),
    cmocka_unit_test(n33_other_flags_of_add_addr_mean_nothing),
    cmocka_unit_test(n34_at_most_two_acks_in_a_row_carry_signals),
    cmocka_unit_test(n34_acks_with_signals_are_no_sign_of_loss),
    cmocka_unit_test(announcements_above_the_limit_are_echoed_and_not_dialled),
    cmocka_unit_test(absurd_addresses_are_not_dialled),
    cmocka_unit_test(several_announcements_each_get_their_own_echo),
    cmocka_unit_test(an_announcement_fits_or_is_given_up),
    cmocka_unit_test(n35_a_live_path_is_not_removed),
    cmocka_unit_test(n35_a_dead_path_is_removed),
    cmocka_unit_test(a_genuine_removal),
    cmocka_unit_test(a_host_that_loses_its_first_address_goes_on),
    cmocka_unit_test(a_removal_takes_the_place_of_an_echo),
    cmocka_unit_test(a_removal_too_many_changes_nothing),
    cmocka_unit_test(a_lost_address_goes_also_when_removals_wait),
    cmocka_unit_test(a_removal_is_obeyed_though_the_book_is_full),
    cmocka_unit_test(n36_an_unknown_identifier_is_ignored),
    cmocka_unit_test(removals_do_not_count_below_zero),
    cmocka_unit_test(a_priority_moves_traffic),
    cmocka_unit_test(a_priority_with_identifier_is_v0s),
    cmocka_unit_test(n37_fastclose_on_an_ack_is_answered_by_a_reset),
    cmocka_unit_test(n37_nothing_new_follows_fastclose),
    cmocka_unit_test(n37_fastclose_on_resets_goes_to_every_subflow),
    cmocka_unit_test(a_connection_that_ends_at_once_asks_for_no_path),
    cmocka_unit_test(n37_v0_has_only_the_form_on_an_ack),
    cmocka_unit_test(n37_fastclose_is_sent_again_three_times_at_most),
    cmocka_unit_test(n37_fastclose_with_a_wrong_key_is_ignored),
    cmocka_unit_test(n38_flags_u_v_w_mean_nothing_and_without_t_it_is_not_tried_again),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
