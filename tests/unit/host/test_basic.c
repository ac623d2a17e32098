/* Basic MPTCP (RFC 6181 §4) through the public interface: options, both roles, both families, and
 * messages that come from nowhere. */
#include "mechanism/basic.h"
#include "mptcp/inside.h"
#include "tests/unit/dice.h"
#include "tests/unit/host/world.h"

static const enum plait_mechanism_name columns[] = {
    PLAIT_MECHANISM_M0E,        PLAIT_MECHANISM_M0I,        PLAIT_MECHANISM_M1N,
    PLAIT_MECHANISM_M1H,        PLAIT_MECHANISM_M2,         PLAIT_MECHANISM_M0E_MAPPED,
    PLAIT_MECHANISM_M0I_MAPPED, PLAIT_MECHANISM_M1N_MAPPED, PLAIT_MECHANISM_M2_MAPPED};
#define COLUMNS (sizeof columns / sizeof columns[0])

static struct plait_options options_of(enum plait_mechanism_name name)
{
    return (struct plait_options){.mechanisms = {name}, .subflows_limit = 4};
}

static void dial(struct world *w, struct app apps[2], const struct plait_options *options,
                 const char *server)
{
    struct plait_callbacks callbacks = app_callbacks();
    struct plait_place to = place(server, 80);
    apps[1].salt = apps[0].salt ^ 1;
    assert_ok(
        plait_listen(w->host[1], w->now_ns, NULL, 80, options, 0, &callbacks, &apps[1], NULL));
    assert_ok(
        plait_connect(w->host[0], w->now_ns, NULL, &to, options, &callbacks, &apps[0], &apps[0].c));
    world_run_for(w, 100 * PLAIT_MS);
}

static void more(struct world *w, struct app apps[2], uint64_t octets)
{
    for (int i = 0; i < 2; i++) {
        apps[i].to_send += octets;
        app_step(&apps[i], w->now_ns);
    }
}

static uint64_t sent_on(const struct app *app, unsigned index)
{
    struct plait_path_status path;
    assert_ok(plait_connection_path(app->c, index, &path));
    return path.sent_octets;
}

static void every_column_carries_a_stream_on_two_pairs(void **state)
{
    (void)state;
    static const char *const addrs[2][2][2] = {
        {{"198.18.1.1", "198.18.1.2"}, {"198.18.2.1", "198.18.2.2"}},
        {{"2001:db8:1::1", "2001:db8:1::2"}, {"2001:db8:2::1", "2001:db8:2::2"}}};
    for (unsigned form = 0; form < 4 * COLUMNS; form++) {
        struct plait_options options = options_of(columns[form / 4]);
        int family = form & 1, adder = form >> 1 & 1;
        options.basic.needs_number = adder;
        struct world *w = world_new(NULL);
        struct app apps[2] = {{.to_send = 1}, {.to_send = 1}};
        struct plait_addr second = place(addrs[1][adder][1], 0).addr;
        if (family)
            assert_ok(plait_host_add_addr(w->host[adder], 0, &second));
        dial(w, apps, &options, addrs[family][1][0]);
        assert_int_equal(plait_connection_status(apps[1].c).mechanism, columns[form / 4]);
        struct plait_path_status first;
        assert_ok(plait_connection_path(apps[adder].c, 0, &first));
        struct plait_place from = place(addrs[family][adder][1], 0);
        assert_ok(plait_connection_add_path(apps[adder].c, w->now_ns, &from, &first.remote, false));
        assert_reason(
            plait_connection_add_path(apps[adder].c, w->now_ns, &first.local, &first.remote, false),
            EXISTS);
        struct plait_path_status offered, taken;
        assert_ok(plait_connection_path(apps[adder].c, 1, &offered));
        world_run_for(w, PLAIT_S);
        assert_ok(plait_connection_path(apps[adder].c, 1, &taken));
        assert_true(!offered.is_established && taken.is_established);
        more(w, apps, 2000000);
        world_run_for(w, 20 * PLAIT_S);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(apps[i].read, 2000001);
            assert_false(apps[i].is_wrong);
            assert_int_equal(plait_connection_status(apps[i].c).path_count, 2);
            assert_true(sent_on(&apps[i], 0) > 100000 && sent_on(&apps[i], 1) > 100000);
            apps[i].close_when_sent = true;
            app_step(&apps[i], w->now_ns);
        }
        world_run_for(w, 200 * PLAIT_S);
        for (int i = 0; i < 2; i++)
            assert_int_equal(plait_connection_status(apps[i].c).stage, PLAIT_STAGE_CLOSED);
        world_free(w);
    }
}

static void a_host_that_loses_an_address_goes_on_with_another(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++) {
        struct plait_options options = options_of(columns[m]);
        struct world *w = world_new(NULL);
        struct app apps[2] = {{.to_send = 1}, {.to_send = 1}};
        dial(w, apps, &options, "198.18.2.1");
        struct plait_place from = place("198.18.1.2", 0), to = place("198.18.2.1", 80);
        assert_ok(plait_connection_add_path(apps[0].c, w->now_ns, &from, &to, false));
        world_run_for(w, PLAIT_S);
        struct plait_place local, remote, first = place("198.18.1.1", 0);
        assert_ok(plait_host_remove_addr(w->host[0], w->now_ns, &first.addr));
        world_run_for(w, PLAIT_S);
        more(w, apps, 300000);
        world_run_for(w, 60 * PLAIT_S);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(apps[i].read, 300001);
            assert_int_equal(plait_connection_status(apps[i].c).path_count, 1);
        }
        assert_ok(plait_connection_ends(apps[1].c, &local, &remote)); /* T-HIJ-7 */
        assert_true(plait_addr_equal(&remote.addr, &first.addr));
        world_free(w);
    }
}

static void what_a_column_has_not_is_unsupported(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++) {
        struct plait_options options = options_of(columns[m]);
        struct world *w = world_new(NULL);
        struct app apps[2] = {{.to_send = 1}, {.to_send = 1}};
        dial(w, apps, &options, "198.18.2.1");
        bool has_options = columns[m] == PLAIT_MECHANISM_M1H;
        struct plait_place own = place("198.18.1.2", 0);
        plait_result backup = plait_connection_set_backup(apps[0].c, w->now_ns, 0, true);
        plait_result announced = plait_connection_announce(apps[0].c, w->now_ns, &own);
        assert_int_equal(backup.reason, has_options ? PLAIT_REASON_OK : PLAIT_REASON_UNSUPPORTED);
        assert_int_equal(announced.reason,
                         has_options ? PLAIT_REASON_UNSUPPORTED : PLAIT_REASON_OK);
        assert_ok(plait_connection_abort(apps[0].c, w->now_ns, false));
        world_run_for(w, PLAIT_S);
        assert_int_equal(plait_connection_status(apps[1].c).stage, PLAIT_STAGE_RESET);
        world_free(w);
    }
    struct plait_options strange = {.basic.nonce_zero_bits = 65};
    struct world *w = world_new(NULL);
    assert_reason(plait_listen(w->host[1], 0, NULL, 80, &strange, 0, NULL, NULL, NULL), USAGE);
    world_free(w);
}

/* An end that speaks none of it, or another column, makes it plain TCP. */
static void ends_that_do_not_agree_speak_tcp(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++)
        for (int k = 0; k < 3; k++) {
            struct plait_options ours = options_of(columns[m]), theirs = {.tcp_only = k == 0};
            if (k == 2)
                theirs.mechanisms[0] = columns[(m + 1) % COLUMNS];
            struct plait_callbacks callbacks = app_callbacks();
            struct world *w = world_new(NULL);
            struct app apps[2] = {{.to_send = 10000}, {.to_send = 10000, .salt = 1}};
            struct plait_place to = place("198.18.2.1", 80);
            assert_ok(
                plait_listen(w->host[1], 0, NULL, 80, &theirs, 0, &callbacks, &apps[1], NULL));
            assert_ok(
                plait_connect(w->host[0], 0, NULL, &to, &ours, &callbacks, &apps[0], &apps[0].c));
            world_run_for(w, 5 * PLAIT_S);
            for (int i = 0; i < 2; i++) {
                assert_int_equal(apps[i].read, 10000);
                assert_false(plait_connection_status(apps[i].c).is_multipath);
            }
            world_free(w);
        }
}

/* ---- from nowhere ---- */

static struct plait_segment forge(const struct app *server, uint8_t what)
{
    struct plait_place local, remote, from = place("198.18.9.9", 5000);
    assert_ok(plait_connection_ends(server->c, &local, &remote));
    struct plait_flow_key first = {remote, local};
    struct plait_segment s = segment(&from, &local, PLAIT_ACK, 0, 0);
    s.mptcp_count = 1;
    s.mptcp[0] = (struct plait_mptcp_option){
        .subtype = PLAIT_MP_EXPERIMENTAL,
        .control = {.what = what, .id = 9, .connection = plait_basic_identifier(&first)}};
    return s;
}

static void a_message_for_nobody_is_dropped_in_silence(void **state)
{
    (void)state;
    struct plait_options options = options_of(PLAIT_MECHANISM_M0E);
    struct world *w = world_new(NULL);
    struct app apps[2] = {{.to_send = 1}, {.to_send = 1}};
    dial(w, apps, &options, "198.18.2.1");
    struct plait_segment s = forge(&apps[1], PLAIT_CONTROL_REMOVE), out;
    uint8_t octets[PACKET_ROOM];
    uint64_t before = plait_host_digest(w->host[1], w->now_ns);
    for (int i = 0; i < 2; i++) { /* another token, another rest */
        s.mptcp[0].control.connection ^= (uint64_t)1 << (i ? 40 : 3);
        world_inject(w, 1, &s);
        assert_int_equal(count_of(w, 1, PLAIT_COUNT_CONTROL_UNKNOWN), i + 1);
    }
    assert_false(world_take(w, 1, &out, octets));
    assert_true(plait_host_digest(w->host[1], w->now_ns) == before);
    /* What only looks like one is a segment without a flow. */
    s.flags |= PLAIT_PSH;
    world_inject(w, 1, &s);
    assert_true(world_take(w, 1, &out, octets) && (out.flags & PLAIT_RST));
    world_free(w);
}

static void a_refused_message_changes_nothing(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++) {
        struct plait_options options = options_of(columns[m]);
        options.basic.needs_number = true;
        struct world *w = world_new(NULL);
        struct app apps[2] = {{.to_send = 1}, {.to_send = 1}};
        dial(w, apps, &options, "198.18.2.1");
        uint64_t before = plait_host_digest(w->host[1], w->now_ns);
        for (uint8_t what = PLAIT_CONTROL_ADD; what <= PLAIT_CONTROL_ANSWER; what++) {
            struct plait_segment s = forge(&apps[1], what), out;
            uint8_t octets[PACKET_ROOM];
            world_inject(w, 1, &s);
            assert_false(world_take(w, 1, &out, octets));
        }
        /* Where they tell numbers, PROBE and ANSWER need none; M2 wants its cookie, too. */
        unsigned unnumbered = columns[m] >= PLAIT_MECHANISM_M0E_MAPPED ? 2 : 0;
        enum plait_counter_name why = columns[m] == PLAIT_MECHANISM_M1H
                                          ? PLAIT_COUNT_CONTROL_UNKNOWN
                                          : PLAIT_COUNT_CONTROL_BAD_NUMBER;
        assert_int_equal(count_of(w, 1, why), 5 - unnumbered);
        assert_int_equal(count_of(w, 1, PLAIT_COUNT_CONTROL_UNASKED) +
                             count_of(w, 1, PLAIT_COUNT_CONTROL_BAD_PROOF),
                         unnumbered);
        assert_true(plait_host_digest(w->host[1], w->now_ns) == before);
        world_free(w);
    }
}

/* T-HIJ-1: the client's port is all that had to be found out. */
static void a_stranger_gets_a_share_of_the_stream(void **state)
{
    (void)state;
    struct plait_options options = options_of(PLAIT_MECHANISM_M0I);
    struct world *w = world_new(NULL);
    struct app apps[2] = {{.to_send = 1}, {.to_send = 1}};
    dial(w, apps, &options, "198.18.2.1");
    struct plait_segment s = forge(&apps[1], PLAIT_CONTROL_ADD), out;
    uint8_t octets[PACKET_ROOM];
    world_inject(w, 1, &s);
    assert_true(world_take(w, 1, &out, octets));
    assert_int_equal(out.mptcp[0].control.what, PLAIT_CONTROL_ECHO);
    assert_true(plait_addr_equal(&out.ip.dst, &s.ip.src));
    more(w, apps, 100000);
    size_t his = 0;
    while (world_take(w, 1, &out, octets))
        his += plait_addr_equal(&out.ip.dst, &s.ip.src) ? out.payload_octets : 0;
    assert_true(his > 5000);
    world_free(w);
}

/* T-CAMP-1 has its limit where somebody is at home already. */
static void a_pair_of_another_connection_cannot_be_named(void **state)
{
    (void)state;
    struct plait_options options = options_of(PLAIT_MECHANISM_M0E);
    struct world *w = world_new(NULL);
    struct app apps[2] = {{.to_send = 1}, {.to_send = 1}};
    struct app others[2] = {{.to_send = 1}, {.to_send = 1, .salt = 1}};
    struct plait_callbacks callbacks = app_callbacks();
    dial(w, apps, &options, "198.18.2.1");
    struct plait_segment s = forge(&apps[1], PLAIT_CONTROL_ADD);
    struct plait_place to = place("198.18.2.1", 81), from = place("198.18.1.1", 4000);
    assert_ok(
        plait_listen(w->host[1], w->now_ns, NULL, 81, &options, 0, &callbacks, &others[1], NULL));
    assert_ok(plait_connect(w->host[0], w->now_ns, &from, &to, &options, &callbacks, &others[0],
                            &others[0].c));
    world_run_for(w, PLAIT_S);
    s.dst_port = 81; /* to where it comes is the other half of what it names */
    s.mptcp[0].control.addr = from.addr;
    s.mptcp[0].control.port = from.port;
    world_inject(w, 1, &s);
    assert_int_equal(count_of(w, 1, PLAIT_COUNT_CONTROL_TAKEN), 1);
    world_free(w);
}

/* N03: a server that keeps no state answers with cookies of the other kind, and finds identifier
 * and cookie again. */
static void it_works_under_syn_cookies(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++) {
        struct plait_options options = options_of(columns[m]);
        struct plait_callbacks callbacks = app_callbacks();
        struct world *w = world_new(NULL);
        struct app apps[2] = {{.to_send = 20000}, {.to_send = 20000, .salt = 1}};
        struct plait_place to = place("198.18.2.1", 80), flood = place("198.18.9.9", 1000);
        assert_ok(plait_listen(w->host[1], 0, NULL, 80, &options, 1, &callbacks, &apps[1], NULL));
        struct plait_segment syn = segment(&flood, &to, PLAIT_SYN, 1, 0);
        world_inject(w, 1, &syn);
        assert_ok(
            plait_connect(w->host[0], 0, NULL, &to, &options, &callbacks, &apps[0], &apps[0].c));
        world_run_for(w, 100 * PLAIT_MS);
        assert_int_equal(count_of(w, 1, PLAIT_COUNT_COOKIES_SENT), 1);
        assert_int_equal(plait_connection_status(apps[1].c).mechanism, columns[m]);
        struct plait_place from = place("198.18.1.2", 0);
        assert_ok(plait_connection_add_path(apps[0].c, w->now_ns, &from, &to, false));
        world_run_for(w, 5 * PLAIT_S);
        assert_int_equal(plait_connection_status(apps[1].c).path_count, 2);
        world_free(w);
    }
}

static uint64_t cookie_of(const struct app *app)
{
    return app->c->mptcp->own_cookie;
}

/* Messages that fit, nearly fit, and do not, thrown at both ends while the stream goes on. */
static void throw_one(struct world *w, struct app apps[2], struct dice *dice, uint64_t cookies[2])
{
    static const char *const addrs[2][3] = {{"198.18.1.1", "198.18.1.2", "198.18.9.9"},
                                            {"198.18.2.1", "198.18.2.2", "198.18.9.9"}};
    int to = (int)throw_below(dice, 2);
    struct plait_place from =
        place(addrs[!to][throw_below(dice, 3)], (uint16_t)(5000 + 80 * throw_below(dice, 2)));
    struct plait_place at =
        place(addrs[to][throw_below(dice, 2)], (uint16_t)(80 + throw_below(dice, 2)));
    struct plait_segment s = forge(&apps[1], (uint8_t)(1 + throw_below(dice, 5)));
    struct plait_mp_control *c = &s.mptcp[0].control;
    s.ip.src = from.addr;
    s.src_port = from.port;
    s.ip.dst = at.addr;
    s.dst_port = at.port;
    c->id = (uint8_t)throw_below(dice, 4);
    c->has_proof = throw_below(dice, 2);
    c->proof = cookies[!to];
    c->nonce = throw_below(dice, 2);
    if (throw_below(dice, 2) && c->what <= PLAIT_CONTROL_REMOVE) {
        c->addr = place(addrs[!to][throw_below(dice, 3)], 0).addr;
        c->port = c->what == PLAIT_CONTROL_ADD ? from.port : 0;
    }
    world_inject(w, to, &s);
}

static void any_message_is_survived(void **state)
{
    (void)state;
    for (unsigned m = 0; m < COLUMNS; m++) {
        struct plait_options options = options_of(columns[m]);
        options.basic.nonce_zero_bits = 63;
        options.close_timeout_ns = 1000 * PLAIT_S;
        struct plait_host_config quiet = small_config();
        quiet.no_resets = true; /* or the first data to a pair that is none would end everything */
        const struct plait_host_config *configs[2] = {&quiet, &quiet};
        struct world *w = world_new(configs);
        struct app apps[2] = {{.to_send = 1}, {.to_send = 1}};
        struct dice some = dice(m);
        dial(w, apps, &options, "198.18.2.1");
        uint64_t cookies[2];
        for (int i = 0; i < 2; i++)
            cookies[i] = cookie_of(&apps[i]);
        for (unsigned n = 0; n < 4000; n++) {
            if (n % 100 == 0)
                more(w, apps, 3000);
            throw_one(w, apps, &some, cookies);
            world_run_for(w, (plait_time_ns)throw_below(&some, 20) * PLAIT_MS);
            for (int i = 0; i < 2; i++)
                assert_true(plait_connection_status(apps[i].c).path_count <= 5);
        }
        for (int i = 0; i < 2; i++)
            assert_false(apps[i].is_wrong);
        assert_true(columns[m] == PLAIT_MECHANISM_M1H || count_of(w, 1, PLAIT_COUNT_PAIR_IN) > 3);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_carries_a_stream_on_two_pairs),
        cmocka_unit_test(a_host_that_loses_an_address_goes_on_with_another),
        cmocka_unit_test(what_a_column_has_not_is_unsupported),
        cmocka_unit_test(ends_that_do_not_agree_speak_tcp),
        cmocka_unit_test(a_message_for_nobody_is_dropped_in_silence),
        cmocka_unit_test(a_refused_message_changes_nothing),
        cmocka_unit_test(a_stranger_gets_a_share_of_the_stream),
        cmocka_unit_test(a_pair_of_another_connection_cannot_be_named),
        cmocka_unit_test(it_works_under_syn_cookies),
        cmocka_unit_test(any_message_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
