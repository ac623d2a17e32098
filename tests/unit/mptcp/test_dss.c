/* Mappings, acknowledgments and windows: N15, N20 to N29, N39, N43, N44. */
#include "mptcp/inside.h"
#include "tests/unit/mptcp/pair.h"

static struct pair_setup standard(void)
{
    struct pair_setup setup = {.addrs = {2, 1}, .seed = 11};
    for (unsigned side = 0; side < 2; side++)
        setup.config[side].subflows_limit = 3;
    return setup;
}

static struct plait_mptcp *connection(struct pair *pair, unsigned side)
{
    return pair->ends[side].app.connection;
}

static uint64_t edge(struct pair *pair, unsigned side)
{
    return plait_mptcp_info(connection(pair, side)).data_received;
}

/* A DSS that maps LENGTH octets at the next number of both levels. */
static struct plait_mptcp_option next_mapping(struct pair *pair, unsigned side, unsigned index,
                                              uint16_t length)
{
    struct plait_mptcp *c = connection(pair, side);
    struct plait_flow *flow = pair_subflow(pair, side, index).flow;
    return (struct plait_mptcp_option){.subtype = PLAIT_DSS,
                                       .dss = {.has_map = true,
                                               .dsn_is_64 = true,
                                               .dsn = c->peer_idsn + edge(pair, side),
                                               .ssn = (uint32_t)plait_flow_received(flow),
                                               .data_length = length}};
}

static struct plait_segment with_option(struct pair *pair, unsigned side, unsigned index,
                                        struct plait_mptcp_option option)
{
    struct plait_segment s = pair_forge(pair, side, index);
    s.mptcp_count = 1;
    s.mptcp[0] = option;
    return s;
}

static void add_payload(struct plait_segment *s, const void *octets, size_t length)
{
    s->payload = octets;
    s->payload_octets = length;
}

static const char *read_from(struct pair *pair, unsigned side)
{
    uint32_t length;
    static char text[64];
    const uint8_t *octets = plait_mptcp_peek(connection(pair, side), &length);
    length = length < 63 ? length : 63;
    if (length)
        memcpy(text, octets, length);
    text[length] = 0;
    return text;
}

/* ---- what passes by ---- */

static struct {
    unsigned subtypes; /* a bit each */
    unsigned mappings, reserved, acks_32, unmapped_payload, pure_fins;
    bool before_ack; /* nothing was DATA_ACKed yet */
    uint64_t right_edge[2];
    uint64_t moved_back;
    struct plait_dss fin;
} seen;

/* Everything in O that a sender leaves 0. */
static unsigned reserved_bits(const struct plait_mptcp_option *o)
{
    switch (o->subtype) {
    case PLAIT_MP_CAPABLE:
        return o->capable.flags & 0x5e; /* B, and D to G: H alone is chosen */
    case PLAIT_MP_JOIN:
        return o->join.reserved | (o->join.form == PLAIT_JOIN_ACK ? o->join.addr_id : 0u);
    case PLAIT_DSS:
        return o->dss.reserved;
    case PLAIT_ADD_ADDR:
        return o->add_addr.reserved;
    case PLAIT_REMOVE_ADDR:
        return o->remove_addr.reserved;
    case PLAIT_MP_PRIO:
        return o->prio.reserved;
    case PLAIT_MP_FAIL:
        return o->fail.reserved;
    case PLAIT_MP_FASTCLOSE:
        return o->fastclose.reserved;
    case PLAIT_MP_TCPRST:
        return o->tcprst.flags & 0xe; /* U, V, W */
    default:
        return 1;
    }
}

static bool watch(struct pair *pair, unsigned from, struct plait_segment *s)
{
    const struct plait_mptcp_option *o = plait_segment_option(s, PLAIT_DSS);
    const struct plait_mptcp_option *hello = plait_segment_option(s, PLAIT_MP_CAPABLE);
    bool is_mapped = (o && o->dss.has_map) || (hello && hello->capable.has_data_length);
    seen.mappings += is_mapped;
    seen.unmapped_payload += s->payload_octets > 0 && !is_mapped;
    for (unsigned i = 0; i < s->mptcp_count; i++) {
        seen.subtypes |= 1u << s->mptcp[i].subtype;
        seen.reserved += reserved_bits(&s->mptcp[i]) != 0;
    }
    if (!o)
        return true;
    seen.acks_32 += o->dss.has_ack && !o->dss.ack_is_64;
    if (o->dss.data_fin && s->payload_octets == 0) {
        seen.pure_fins++;
        seen.fin = o->dss;
    }
    if (o->dss.has_ack && !(s->flags & PLAIT_RST)) {
        struct plait_mptcp *c = connection(pair, from);
        uint64_t right = o->dss.data_ack - c->peer_idsn + ((uint64_t)s->window << 7);
        if (right + seen.moved_back < seen.right_edge[from])
            seen.moved_back = seen.right_edge[from] - right;
        if (right > seen.right_edge[from])
            seen.right_edge[from] = right;
    }
    return true;
}

static void open_watched(struct pair *pair, const struct pair_setup *setup)
{
    memset(&seen, 0, sizeof seen);
    pair_make(pair, setup);
    pair->box = watch;
    pair_open(pair);
    pair_join(pair, 1, 0);
}

/* ---- sending ---- */

static void n15_n39_every_payload_is_mapped_and_reserved_bits_are_zero(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    open_watched(&pair, &setup);
    pair.lines[0].loss_percent = pair.lines[1].loss_percent = 3;
    pair_transfer(&pair, 200000, 200000, 60 * PLAIT_S);
    assert_true(seen.mappings > 200);
    assert_int_equal(seen.unmapped_payload, 0); /* in every segment, not only until DATA_ACKed */
    assert_int_equal(seen.reserved, 0);
    pair_free(&pair);
}

static void n15_every_option_has_its_reserved_bits_zero(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    setup.addrs[1] = 2;
    open_watched(&pair, &setup);
    struct plait_place place = pair_place(&pair, 1, 1, 0);
    assert_ok(plait_mptcp_announce(connection(&pair, 1), pair.now, &place)); /* and its echo */
    pair_wait(&pair, PLAIT_S);
    assert_ok(plait_mptcp_set_backup(connection(&pair, 0), pair.now, 0, true));
    pair_wait(&pair, PLAIT_S);
    assert_ok(plait_mptcp_withdraw(connection(&pair, 0), pair.now, &pair.ends[0].addrs[1]));
    pair_wait(&pair, PLAIT_S);
    plait_mptcp_fastclose(connection(&pair, 0), pair.now, true);
    pair_wait(&pair, PLAIT_S);
    pair_free(&pair);
    pair_make(&pair, &setup); /* and, alone, MP_FAIL in answer to another */
    pair_open(&pair);
    pair.box = watch;
    struct plait_mptcp_option fail = {.subtype = PLAIT_MP_FAIL};
    struct plait_segment s = with_option(&pair, 1, 0, fail);
    pair_inject(&pair, 1, &s);
    pair_free(&pair);
    assert_int_equal(seen.subtypes, 0x1ff); /* each was seen */
    assert_int_equal(seen.reserved, 0);
}

static void n24_data_acks_have_64_bits(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    open_watched(&pair, &setup);
    pair_transfer(&pair, 100000, 100000, 60 * PLAIT_S);
    assert_int_equal(seen.acks_32, 0);
    pair_free(&pair);
}

static bool shorten(struct pair *pair, unsigned from, struct plait_segment *s)
{
    (void)pair, (void)from;
    for (unsigned i = 0; i < s->mptcp_count; i++) {
        struct plait_dss *dss = &s->mptcp[i].dss;
        if (s->mptcp[i].subtype != PLAIT_DSS)
            continue;
        dss->ack_is_64 = dss->dsn_is_64 = false;
        dss->data_ack = (uint32_t)dss->data_ack;
        dss->dsn = (uint32_t)dss->dsn;
    }
    return true;
}

static void n22_numbers_of_32_bits_are_taken(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair.box = shorten;
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    pair.lines[0].loss_percent = 2;
    pair_transfer(&pair, 300000, 300000, 60 * PLAIT_S);
    pair_free(&pair);
}

static void n22_a_short_number_before_the_stream_is_no_data(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    for (unsigned i = 0; i < 2; i++) { /* the last: the number of the SYN, which has no octet */
        struct plait_mptcp_option o = next_mapping(&pair, 1, 0, 4);
        o.dss.dsn_is_64 = false;
        o.dss.dsn = (uint32_t)(connection(&pair, 1)->peer_idsn - (i ? 0 : 1000));
        struct plait_segment s = with_option(&pair, 1, 0, o);
        add_payload(&s, "evil", 4);
        s.seq += i; /* the same octet twice without mapping would be a sign of a box */
        s.mptcp[0].dss.ssn += i;
        pair_inject(&pair, 1, &s);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_DSN_OUT_OF_WINDOW), i + 1);
        assert_int_equal(pair.ends[1].app.read, 1);
    }
    pair_transfer(&pair, 1000, 1000, 10 * PLAIT_S);
    pair_free(&pair);
}

/* ---- the peer's acknowledgments ---- */

static void n25_a_window_without_data_ack_changes_nothing(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    uint64_t before = connection(&pair, 1)->window_edge;
    struct plait_segment s = pair_forge(&pair, 1, 0);
    s.window = 65535; /* twice the real one */
    pair_inject(&pair, 1, &s);
    assert_true(connection(&pair, 1)->window_edge == before);
    s = with_option(&pair, 1, 0, next_mapping(&pair, 1, 0, 4)); /* a DSS, but without DATA_ACK */
    s.window = 65535;
    pair_inject(&pair, 1, &s);
    assert_true(connection(&pair, 1)->window_edge == before);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_DATA_ACK_BAD), 0);
    struct plait_mptcp_option o = {
        .subtype = PLAIT_DSS,
        .dss = {.has_ack = true,
                .ack_is_64 = true,
                .data_ack = connection(&pair, 1)->own_idsn + connection(&pair, 1)->data_acked}};
    s = with_option(&pair, 1, 0, o);
    s.window = 65535;
    pair_inject(&pair, 1, &s);
    assert_true(connection(&pair, 1)->window_edge > before);
    pair_free(&pair);
}

static void a_data_ack_of_what_was_never_sent_is_ignored(void **state)
{
    static const int64_t beyond[] = {1, 1000, 1ll << 40, -(1ll << 40)};
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    struct plait_mptcp *c = connection(&pair, 1);
    uint64_t acked = c->data_acked;
    for (unsigned i = 0; i < 4; i++) {
        struct plait_mptcp_option o = {
            .subtype = PLAIT_DSS,
            .dss = {.has_ack = true,
                    .ack_is_64 = true,
                    .data_ack = c->own_idsn + c->data_next + (uint64_t)beyond[i]}};
        struct plait_segment s = with_option(&pair, 1, 0, o);
        pair_inject(&pair, 1, &s);
        assert_true(c->data_acked == acked); /* */
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_DATA_ACK_BAD), i + 1);
    }
    pair_transfer(&pair, 1000, 1000, 10 * PLAIT_S);
    pair_free(&pair);
}

static unsigned wrong_octets, octets_again;

/* Everything that the client sends on its first path, compared with the second's copy. */
static bool compare(struct pair *pair, unsigned from, struct plait_segment *s)
{
    static uint8_t copy[70000];
    const struct plait_mptcp_option *o = plait_segment_option(s, PLAIT_DSS);
    if (from || !o || !o->dss.has_map || !s->payload_octets)
        return true;
    uint32_t ssn =
        s->seq - plait_flow_isn(pair_subflow(pair, 0, s->src_port == 40000 ? 0 : 1).flow);
    uint64_t at = o->dss.dsn - connection(pair, 0)->own_idsn + (ssn - o->dss.ssn);
    for (uint32_t i = 0; i < s->payload_octets; i++) {
        if (copy[at + i] && s->src_port == 40000) {
            octets_again++;
            wrong_octets += copy[at + i] != s->payload[i];
        }
        copy[at + i] = s->payload[i];
    }
    return true;
}

static void n26_what_one_path_must_send_again_is_kept_although_it_was_delivered(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    wrong_octets = octets_again = 0;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    pair.box = compare;
    pair.lines[0].is_cut = true;
    pair_transfer(&pair, 60000, 0, 60 * PLAIT_S); /* over the second path in the end */
    pair_wait(&pair, 2 * PLAIT_S);
    assert_int_equal(connection(&pair, 0)->data_acked, connection(&pair, 0)->send.end);
    assert_true(pair.ends[0].stack.chunks.pool.alive > 0); /* pinned by the first path */
    pair.lines[0].is_cut = false;
    pair_wait(&pair, 120 * PLAIT_S);
    assert_true(octets_again > 5000);
    assert_int_equal(wrong_octets, 0);
    assert_int_equal(pair.ends[0].stack.chunks.pool.alive, 0);
    pair_free(&pair);
}

/* ---- DATA_FIN and window as they are sent ---- */

static void n27_a_pure_data_fin_has_subflow_number_0_and_length_1(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    open_watched(&pair, &setup);
    pair_transfer(&pair, 100, 100, 10 * PLAIT_S);
    plait_mptcp_close(connection(&pair, 0), pair.now);
    pair_wait(&pair, 100 * PLAIT_MS);
    assert_int_equal(seen.pure_fins, 1);
    assert_int_equal(seen.fin.ssn, 0);
    assert_int_equal(seen.fin.data_length, 1);
    assert_true(seen.fin.has_map && seen.fin.dsn_is_64);
    assert_true(seen.fin.dsn == connection(&pair, 0)->own_idsn + 1 + 101);
    assert_int_equal(connection(&pair, 0)->data_acked, 103); /* the FIN takes one */
    pair_free(&pair);
}

static void n28_the_right_edge_does_not_move_back(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    setup.tcp.receive_limit_octets = 1 << 22;
    open_watched(&pair, &setup);
    pair.ends[1].app.holds_back = true;
    pair.lines[1].loss_percent = 2;
    pair.ends[0].app.to_write += 6000000;
    pair_wait(&pair, 20 * PLAIT_S);
    assert_true(edge(&pair, 1) == connection(&pair, 1)->receive.start + (1 << 22)); /* full */
    pair.ends[1].app.holds_back = false;
    pair_transfer(&pair, 0, 0, 60 * PLAIT_S);
    /* but for what the scale rounds (RFC 7323 §2.4) */
    assert_true(seen.moved_back < 128);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_DSN_OUT_OF_WINDOW), 0);
    pair_free(&pair);
}

static void a_small_shared_window_is_kept_over_many_paths(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 4; seed++) {
        struct pair pair;
        struct pair_setup setup = standard();
        setup.seed = seed;
        setup.tcp.receive_limit_octets = setup.tcp.send_limit_octets = 4096;
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair_join(&pair, 1, 0);
        pair.lines[0].loss_percent = pair.lines[1].loss_percent = seed;
        pair_transfer(&pair, 50000, 50000, 300 * PLAIT_S);
        pair_free(&pair);
    }
}

/* ---- receiving ---- */

static unsigned strip_from = 2;

static bool change_checksum(struct pair *pair, unsigned from, struct plait_segment *s)
{
    struct plait_mptcp_option *o = s->mptcp_count ? &s->mptcp[0] : NULL;
    (void)pair;
    if (from == strip_from && o && o->subtype == PLAIT_DSS && o->dss.has_map)
        o->dss.has_checksum = !o->dss.has_checksum;
    return true;
}

static void n20_a_checksum_against_the_agreement_resets_the_subflow(void **state)
{
    (void)state;
    for (unsigned checksum = 0; checksum < 2; checksum++) {
        struct pair pair;
        struct pair_setup setup = standard();
        setup.config[0].checksum = checksum;
        strip_from = 2;
        pair_make(&pair, &setup);
        pair.box = change_checksum;
        pair_open(&pair);
        strip_from = 0;
        pair.ends[0].app.to_write += 1000;
        pair_wait(&pair, PLAIT_S);
        assert_true(pair_counter(&pair, 1, PLAIT_COUNT_CHECKSUM_FORM) >= 1);
        assert_int_equal(pair_subflows(&pair, 1), 0);
        assert_int_equal(pair.ends[1].app.read, 1);
        assert_false(plait_mptcp_info(connection(&pair, 1)).is_fallen_back);
        pair_free(&pair);
    }
}

static bool change_first_checksum(struct pair *pair, unsigned from, struct plait_segment *s)
{
    struct plait_mptcp_option *o = s->mptcp_count ? &s->mptcp[0] : NULL;
    (void)pair, (void)from;
    if (o && o->subtype == PLAIT_MP_CAPABLE && o->capable.has_data_length)
        o->capable.has_checksum = !o->capable.has_checksum;
    return true;
}

static void n20_also_with_the_first_data(void **state)
{
    (void)state;
    for (unsigned checksum = 0; checksum < 2; checksum++) {
        struct pair pair;
        struct pair_setup setup = standard();
        setup.config[0].checksum = checksum;
        pair_make(&pair, &setup);
        pair.box = change_first_checksum;
        pair_dial(&pair);
        assert_true(pair_run(&pair, PLAIT_S, pair_is_established));
        pair.ends[0].app.to_write += 1000;
        pair_wait(&pair, PLAIT_S);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_CHECKSUM_FORM), 1);
        assert_int_equal(pair_subflows(&pair, 1), 0);
        assert_int_equal(pair.ends[1].app.read, 0);
        pair_free(&pair);
    }
}

static void n20_of_several_subflows_only_the_one_is_reset(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct pair pair;
        struct pair_setup setup = standard();
        pair_make(&pair, &setup);
        pair_open(&pair);
        pair_join(&pair, 1, 0);
        struct plait_mptcp_option o = next_mapping(&pair, 1, i, 4);
        o.dss.has_checksum = true;
        struct plait_segment s = with_option(&pair, 1, i, o);
        add_payload(&s, "evil", 4);
        pair_inject(&pair, 1, &s);
        assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_CHECKSUM_FORM), 1);
        pair_wait(&pair, PLAIT_S);
        assert_int_equal(pair_subflows(&pair, 1), 1);
        assert_int_equal(pair_subflow(&pair, 1, 0).local_id, 0);
        assert_int_equal(pair_subflow(&pair, 1, 0).remote_id, !i);
        pair_transfer(&pair, 5000, 5000, 20 * PLAIT_S);
        pair_free(&pair);
    }
}

static void n21_a_mapping_is_never_changed(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.ends[1].app.holds_back = true;
    struct plait_mptcp_option o = next_mapping(&pair, 1, 0, 8);
    struct plait_segment s = with_option(&pair, 1, 0, o);
    pair_inject(&pair, 1, &s);
    o.dss.dsn += 4; /* the same octets shall be elsewhere now */
    s = with_option(&pair, 1, 0, o);
    add_payload(&s, "12345678", 8);
    pair_inject(&pair, 1, &s);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_MAPPING_CONFLICT), 1);
    assert_string_equal(read_from(&pair, 1), "12345678"); /* in their first place */
    pair_free(&pair);
}

static void n21_the_first_copy_of_an_octet_wins(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    pair.ends[1].app.holds_back = true;
    struct plait_mptcp_option o = next_mapping(&pair, 1, 1, 4);
    o.dss.dsn += 4; /* out of order, on the second path */
    struct plait_segment s = with_option(&pair, 1, 1, o);
    add_payload(&s, "2222", 4);
    pair_inject(&pair, 1, &s);
    s = with_option(&pair, 1, 0, next_mapping(&pair, 1, 0, 8));
    add_payload(&s, "11113333", 8);
    pair_inject(&pair, 1, &s);
    assert_string_equal(read_from(&pair, 1), "11112222");
    pair_free(&pair);
}

static void n23_more_than_a_window_without_mapping_is_reset(void **state)
{
    static uint8_t junk[1000];
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    setup.tcp.receive_limit_octets = 8192;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    for (unsigned i = 0; i < 8; i++) {
        struct plait_segment s = pair_forge(&pair, 1, 1);
        s.seq += 900 * i;
        add_payload(&s, junk, sizeof junk);
        pair_inject(&pair, 1, &s);
    }
    assert_int_equal(pair_subflows(&pair, 1), 2);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_UNMAPPED), 8);
    struct plait_segment s = pair_forge(&pair, 1, 1);
    s.seq += 50;
    add_payload(&s, junk, sizeof junk);
    pair_inject(&pair, 1, &s);
    pair_wait(&pair, 100 * PLAIT_MS);
    assert_int_equal(pair_subflows(&pair, 1), 1);
    assert_int_equal(pair.ends[1].app.read, 1); /* nothing of it */
    pair_transfer(&pair, 10000, 10000, 20 * PLAIT_S);
    pair_free(&pair);
}

static void n23_a_mapping_begins_the_count_again(void **state)
{
    static uint8_t junk[1000];
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    setup.tcp.receive_limit_octets = 8192;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    for (unsigned i = 0; i < 12; i++) { /* more than a window, but never at once */
        struct plait_segment s = pair_forge(&pair, 1, 1);
        s.seq += 1000;
        add_payload(&s, junk, sizeof junk);
        pair_inject(&pair, 1, &s);
        if (i != 5)
            continue;
        s = with_option(&pair, 1, 1, next_mapping(&pair, 1, 1, 4));
        add_payload(&s, "good", 4);
        pair_inject(&pair, 1, &s);
    }
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_UNMAPPED), 12);
    assert_int_equal(pair_subflows(&pair, 1), 2);
    pair_free(&pair);
}

static void n29_what_tcp_refuses_has_no_effect(void **state)
{
    static const struct plait_mptcp_option options[] = {
        {.subtype = PLAIT_MP_PRIO, .prio = {.backup = true}},
        {.subtype = PLAIT_REMOVE_ADDR, .remove_addr = {.count = 1, .addr_ids = {1}}},
        {.subtype = PLAIT_MP_FAIL},
    };
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair_join(&pair, 1, 0);
    struct plait_mptcp_option fin = next_mapping(&pair, 1, 0, 1);
    fin.dss.data_fin = true;
    fin.dss.ssn = 0;
    for (unsigned i = 0; i < 4; i++) {
        struct plait_segment s = with_option(&pair, 1, 0, i < 3 ? options[i] : fin);
        s.seq += 1u << 30; /* far outside the window */
        pair_inject(&pair, 1, &s);
        s = with_option(&pair, 1, 0, i < 3 ? options[i] : fin);
        s.ack += 1u << 30; /* of what was never sent */
        pair_inject(&pair, 1, &s);
        s = with_option(&pair, 1, 0, i < 3 ? options[i] : fin);
        s.ack -= 1u << 30; /* older than any window (RFC 5961 §5.2) */
        pair_inject(&pair, 1, &s);
    }
    struct plait_mptcp_option end = {
        .subtype = PLAIT_MP_FASTCLOSE,
        .fastclose = {.receiver_key = plait_mptcp_info(connection(&pair, 1)).own_key}};
    struct plait_segment reset = with_option(&pair, 1, 0, end);
    reset.flags = PLAIT_RST;
    reset.seq += 100; /* in the window, but not the exact number (RFC 5961 §3.2) */
    pair_inject(&pair, 1, &reset);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_FASTCLOSE_IN), 0);
    assert_int_equal(pair_subflows(&pair, 1), 2);
    assert_false(pair_subflow(&pair, 1, 0).backup_there);
    assert_false(plait_mptcp_info(connection(&pair, 1)).peer_done);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_PRIO_IN) +
                         pair_counter(&pair, 1, PLAIT_COUNT_REMOVE_ADDR_IN) +
                         pair_counter(&pair, 1, PLAIT_COUNT_FAIL_IN),
                     0);
    pair_free(&pair);
}

static void n43_a_number_outside_the_window_is_dropped(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    uint64_t before = edge(&pair, 1);
    struct plait_mptcp_option o = next_mapping(&pair, 1, 0, 4);
    o.dss.dsn += 1ull << 40;
    struct plait_segment s = with_option(&pair, 1, 0, o);
    add_payload(&s, "evil", 4);
    pair_inject(&pair, 1, &s);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_DSN_OUT_OF_WINDOW), 1);
    assert_true(edge(&pair, 1) == before);
    struct plait_mptcp *c = connection(&pair, 1);
    o.dss.dsn = c->peer_idsn + c->receive.start + c->receive.limit_octets; /* the first behind it */
    s = with_option(&pair, 1, 0, o);
    pair_inject(&pair, 1, &s);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_DSN_OUT_OF_WINDOW), 2);
    assert_int_equal(c->subflows->received.count, 0); /* neither is remembered */
    pair_transfer(&pair, 5000, 5000, 20 * PLAIT_S);   /* the true octets take the place */
    pair_free(&pair);
}

static void n43_of_a_mapping_over_the_windows_edge_the_inner_part_counts(void **state)
{
    static uint8_t octets[1000];
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    setup.tcp.receive_limit_octets = 8192;
    pair_make(&pair, &setup);
    pair_open(&pair);
    struct plait_mptcp *c = connection(&pair, 1);
    struct plait_flow *flow = pair_subflow(&pair, 1, 0).flow;
    uint64_t before = plait_flow_received(flow), data_before = edge(&pair, 1);
    struct plait_mptcp_option o = next_mapping(&pair, 1, 0, sizeof octets);
    o.dss.dsn = c->peer_idsn + c->receive.start + c->receive.limit_octets - 300;
    struct plait_segment s = with_option(&pair, 1, 0, o);
    add_payload(&s, octets, sizeof octets);
    pair_inject(&pair, 1, &s);
    assert_true(plait_flow_received(flow) == before + 300);
    assert_true(edge(&pair, 1) == data_before); /* out of order */
    pair_free(&pair);
}

static void n43_nothing_counts_behind_the_end_of_the_stream(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.ends[1].app.holds_back = true;
    struct plait_mptcp_option fin = next_mapping(&pair, 1, 0, 1);
    fin.dss.data_fin = true;
    fin.dss.ssn = 0;
    fin.dss.dsn += 4;
    struct plait_segment s = with_option(&pair, 1, 0, fin);
    pair_inject(&pair, 1, &s);
    s = with_option(&pair, 1, 0, next_mapping(&pair, 1, 0, 8));
    add_payload(&s, "goodevil", 8);
    pair_inject(&pair, 1, &s);
    assert_string_equal(read_from(&pair, 1), "good");
    assert_true(plait_mptcp_info(connection(&pair, 1)).peer_done);
    pair_free(&pair);
}

static void n44_an_urgent_pointer_does_not_cut_a_mapping(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.ends[1].app.holds_back = true;
    struct plait_segment s = with_option(&pair, 1, 0, next_mapping(&pair, 1, 0, 8));
    s.flags |= PLAIT_URG;
    s.urgent = 3;
    add_payload(&s, "abcdefgh", 8);
    pair_inject(&pair, 1, &s);
    assert_string_equal(read_from(&pair, 1), "abcdefgh");
    pair_free(&pair);
}

/* ---- mappings of more and less than a segment ---- */

static bool split_in_halves(struct pair *pair, unsigned from, struct plait_segment *s)
{
    static bool is_inside;
    if (is_inside || s->payload_octets < 2 || s->flags & (PLAIT_SYN | PLAIT_FIN | PLAIT_RST))
        return true;
    /* A box that cuts a segment and copies all its options (C-MB-2). */
    struct plait_segment first = *s;
    first.payload_octets = s->payload_octets / 2 | 1;
    s->seq += (uint32_t)first.payload_octets;
    s->payload += first.payload_octets;
    s->payload_octets -= first.payload_octets;
    uint8_t octets[2048];
    size_t length;
    assert_ok(plait_segment_build(&first, octets, sizeof octets, &length));
    is_inside = true;
    pair_send(pair, from, octets, (uint32_t)length);
    is_inside = false;
    return true;
}

static void a_mapping_may_span_segments(void **state)
{
    (void)state;
    for (unsigned checksum = 0; checksum < 2; checksum++)
        for (unsigned seed = 0; seed < 4; seed++) {
            struct pair pair;
            struct pair_setup setup = standard();
            setup.seed = seed;
            setup.config[0].checksum = checksum;
            pair_make(&pair, &setup);
            pair.box = split_in_halves;
            pair_open(&pair);
            pair_join(&pair, 1, 0);
            pair.lines[0].loss_percent = pair.lines[1].loss_percent = 2 * (seed % 2);
            pair.lines[0].reorder_percent = 20;
            pair_transfer(&pair, 100000, 100000, 120 * PLAIT_S);
            pair_free(&pair);
        }
}

static void under_a_checksum_nothing_counts_before_the_whole_mapping(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    setup.config[0].checksum = true;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.ends[1].app.holds_back = true;
    uint64_t before = edge(&pair, 1);
    struct plait_mptcp_option o = next_mapping(&pair, 1, 0, 8);
    o.dss.has_checksum = true;
    o.dss.checksum = plait_dss_checksum(o.dss.dsn, o.dss.ssn, 8, "abcdefgh", 8);
    struct plait_segment s = with_option(&pair, 1, 0, o);
    add_payload(&s, "abcde", 5);
    pair_inject(&pair, 1, &s);
    assert_true(edge(&pair, 1) == before);
    assert_string_equal(read_from(&pair, 1), "");
    s = pair_forge(&pair, 1, 0); /* the rest, without an option of its own */
    add_payload(&s, "fgh", 3);
    pair_inject(&pair, 1, &s);
    assert_true(edge(&pair, 1) == before + 8);
    assert_string_equal(read_from(&pair, 1), "abcdefgh");
    pair_free(&pair);
}

/* ... and what found no memory does not count when a fallback takes the checksums away. */
static void what_was_not_placed_does_not_count_after_a_fallback(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    setup.config[0].checksum = true;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.ends[1].app.holds_back = true;
    uint64_t before = edge(&pair, 1);
    struct plait_mptcp_option o = next_mapping(&pair, 1, 0, 8);
    o.dss.has_checksum = true;
    struct plait_segment s = with_option(&pair, 1, 0, o);
    add_payload(&s, "abcde", 5);
    struct plait_pool *chunks = &pair.ends[1].stack.chunks.pool;
    struct plait_pool all = *chunks;
    chunks->free = NULL; /* none is left */
    chunks->limit = chunks->alive;
    pair_inject(&pair, 1, &s);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_NO_MEMORY), 1);
    *chunks = all;
    o.dss.data_length = 0; /* the infinite mapping */
    s = with_option(&pair, 1, 0, o);
    pair_inject(&pair, 1, &s);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_INFINITE_IN), 1);
    assert_true(edge(&pair, 1) == before);
    assert_string_equal(read_from(&pair, 1), "");
    s = pair_forge(&pair, 1, 0);
    add_payload(&s, "abcde", 5);
    pair_inject(&pair, 1, &s);
    assert_string_equal(read_from(&pair, 1), "abcde");
    pair_free(&pair);
}

static void two_dss_in_one_segment_the_first_is_read(void **state)
{
    struct pair pair;
    struct pair_setup setup = standard();
    (void)state;
    pair_make(&pair, &setup);
    pair_open(&pair);
    pair.ends[1].app.holds_back = true;
    struct plait_segment s = pair_forge(&pair, 1, 0);
    s.mptcp_count = 2; /* */
    s.mptcp[0] = next_mapping(&pair, 1, 0, 4);
    s.mptcp[0].dss.dsn_is_64 = false;
    s.mptcp[0].dss.dsn = (uint32_t)s.mptcp[0].dss.dsn;
    s.mptcp[1] = (struct plait_mptcp_option){
        .subtype = PLAIT_DSS, .dss = {.has_map = true, .data_length = 1, .data_fin = true}};
    add_payload(&s, "good", 4);
    pair_inject(&pair, 1, &s);
    assert_int_equal(pair_counter(&pair, 1, PLAIT_COUNT_EXCLUSIVE), 1);
    assert_string_equal(read_from(&pair, 1), "good");
    assert_false(plait_mptcp_info(connection(&pair, 1)).peer_done);
    pair_free(&pair);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(n15_n39_every_payload_is_mapped_and_reserved_bits_are_zero),
    cmocka_unit_test(n15_every_option_has_its_reserved_bits_zero),
    cmocka_unit_test(n24_data_acks_have_64_bits),
    cmocka_unit_test(n22_numbers_of_32_bits_are_taken),
    cmocka_unit_test(n22_a_short_number_before_the_stream_is_no_data),
    cmocka_unit_test(n25_a_window_without_data_ack_changes_nothing),
    cmocka_unit_test(a_data_ack_of_what_was_never_sent_is_ignored),
    cmocka_unit_test(n26_what_one_path_must_send_again_is_kept_although_it_was_delivered),
    cmocka_unit_test(n27_a_pure_data_fin_has_subflow_number_0_and_length_1),
    cmocka_unit_test(n28_the_right_edge_does_not_move_back),
    cmocka_unit_test(a_small_shared_window_is_kept_over_many_paths),
    cmocka_unit_test(n20_a_checksum_against_the_agreement_resets_the_subflow),
    cmocka_unit_test(n20_also_with_the_first_data),
    cmocka_unit_test(n20_of_several_subflows_only_the_one_is_reset),
    cmocka_unit_test(n21_a_mapping_is_never_changed),
    cmocka_unit_test(n21_the_first_copy_of_an_octet_wins),
    cmocka_unit_test(n23_more_than_a_window_without_mapping_is_reset),
    cmocka_unit_test(n23_a_mapping_begins_the_count_again),
    cmocka_unit_test(n29_what_tcp_refuses_has_no_effect),
    cmocka_unit_test(n43_a_number_outside_the_window_is_dropped),
    cmocka_unit_test(n43_of_a_mapping_over_the_windows_edge_the_inner_part_counts),
    cmocka_unit_test(n43_nothing_counts_behind_the_end_of_the_stream),
    cmocka_unit_test(n44_an_urgent_pointer_does_not_cut_a_mapping),
    cmocka_unit_test(a_mapping_may_span_segments),
    cmocka_unit_test(under_a_checksum_nothing_counts_before_the_whole_mapping),
    cmocka_unit_test(what_was_not_placed_does_not_count_after_a_fallback),
    cmocka_unit_test(two_dss_in_one_segment_the_first_is_read),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
