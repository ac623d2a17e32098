/* A host speaks a mechanism that it was handed in from outside (plait/mechanism.h), and none that
 * it cannot. */
#include "tests/unit/host/world.h"

#include "plait/connection.h"
#include "plait/mechanism.h"

static struct plait_mechanism table;

static const struct plait_mechanism *give_table(void)
{
    return &table;
}

static unsigned keys_made;

static uint64_t mixed_key(uint64_t key, const struct plait_secret *secret)
{
    keys_made++;
    return key ^ secret->octets[0];
}

static struct plait_mechanism_offer offer(void)
{
    table = plait_mechanism_v1;
    table.name = "mixed";
    table.proof_key = mixed_key;
    keys_made = 0;
    return (struct plait_mechanism_offer){PLAIT_MECHANISM_INTERFACE, sizeof table, give_table,
                                          NULL};
}

/* Subflows of a connection whose ends have these secrets. */
static unsigned paths_of(uint8_t client_secret, uint8_t server_secret)
{
    struct plait_mechanism_offer o = offer();
    struct plait_host_config configs[2] = {small_config(), small_config()};
    for (int i = 0; i < 2; i++) {
        struct plait_options *options = &configs[i].options;
        options->mechanisms[0] = PLAIT_MECHANISM_OUTSIDE;
        options->outside = &o;
        options->secret.octets[0] = i ? server_secret : client_secret;
        options->paths = PLAIT_PATHS_FULL_MESH;
    }
    struct world *w = world_new((const struct plait_host_config *[2]){&configs[0], &configs[1]});
    struct app apps[2] = {{.to_send = 200000, .salt = 2},
                          {.to_send = 50000, .salt = 3}};
    world_connect(w, apps, NULL);
    world_run_for(w, 5 * PLAIT_S);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(apps[i].read, apps[!i].to_send);
        assert_false(apps[i].is_wrong);
    }
    struct plait_status status = plait_connection_status(apps[0].c);
    assert_true(status.is_multipath);
    assert_int_equal(status.mechanism, PLAIT_MECHANISM_OUTSIDE);
    assert_true(keys_made > 0);
    struct plait_path_status path;
    unsigned paths = 0;
    while (plait_ok(plait_connection_path(apps[0].c, paths, &path)))
        paths++;
    world_free(w);
    return paths;
}

static void a_host_speaks_what_it_is_handed(void **state)
{
    (void)state;
    assert_true(paths_of(7, 7) > 1);
    assert_int_equal(paths_of(7, 8), 1); /* joins are not proven; the first path stays */
}

static void what_cannot_be_spoken_is_refused(void **state)
{
    (void)state;
    struct world *w = world_new(NULL);
    struct plait_place to = place("198.18.2.1", 80);
    struct plait_connection *c = NULL;
    struct plait_mechanism_offer o = offer();
    struct plait_options options = {.mechanisms = {PLAIT_MECHANISM_OUTSIDE}};
    assert_reason(plait_connect(w->host[0], 0, NULL, &to, &options, NULL, NULL, &c), USAGE);
    options.outside = &o;
    o.interface++;
    assert_reason(plait_connect(w->host[0], 0, NULL, &to, &options, NULL, NULL, &c), USAGE);
    assert_reason(plait_listen(w->host[0], 0, NULL, 80, &options, 0, NULL, NULL, NULL), USAGE);
    o = offer();
    o.size_octets++;
    assert_reason(plait_connect(w->host[0], 0, NULL, &to, &options, NULL, NULL, &c), USAGE);
    o = offer();
    table.token = NULL;
    assert_reason(plait_connect(w->host[0], 0, NULL, &to, &options, NULL, NULL, &c), USAGE);
    o = offer();
    assert_ok(plait_connect(w->host[0], 0, NULL, &to, &options, NULL, NULL, &c));
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_speaks_what_it_is_handed),
        cmocka_unit_test(what_cannot_be_spoken_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
