/* A table from outside is looked at before it is spoken: interface, size, and what it must have
 * (plait/mechanism.h). */
#include "tests/unit/test.h"

#include <string.h>

#include "crypto/digest.h"
#include "mechanism/mechanism.h"

static struct plait_mechanism table;
static unsigned tables_asked;

static const struct plait_mechanism *give_table(void)
{
    tables_asked++;
    return &table;
}

static const struct plait_mechanism *give_nothing(void)
{
    return NULL;
}

static struct plait_mechanism_offer good_offer(void)
{
    table = plait_mechanism_v1;
    return (struct plait_mechanism_offer){PLAIT_MECHANISM_INTERFACE, sizeof table, give_table,
                                          NULL};
}

static void assert_lacks(const struct plait_mechanism_offer *offer, const char *text)
{
    const char *lacks = plait_mechanism_lacks(offer);
    if (!lacks || !strstr(lacks, text))
        fail_msg("\"%s\" is not in \"%s\"", text, lacks ? lacks : "nothing");
}

static void our_own_tables_lack_nothing(void **state)
{
    (void)state;
    struct plait_mechanism_offer offer = good_offer();
    unsigned named = 0;
    for (int name = 0; name < 64; name++) {
        const struct plait_mechanism *own = plait_mechanism_named((enum plait_mechanism_name)name);
        if (!own)
            continue;
        named++;
        table = *own;
        if (plait_mechanism_lacks(&offer))
            fail_msg("%s: %s", own->name, plait_mechanism_lacks(&offer));
    }
    assert_true(named >= 7);
    assert_null(plait_mechanism_named(PLAIT_MECHANISM_TCP));
    assert_null(plait_mechanism_named(PLAIT_MECHANISM_OUTSIDE));
}

/* A table of another interface is not even asked for. */
static void numbers_are_looked_at_first(void **state)
{
    (void)state;
    struct plait_mechanism_offer offer = good_offer();
    tables_asked = 0;
    offer.interface++;
    assert_lacks(&offer, "interface 1");
    offer = good_offer();
    offer.size_octets -= 8;
    assert_lacks(&offer, "as large as");
    assert_int_equal(tables_asked, 0);
    offer = good_offer();
    offer.table = NULL;
    assert_lacks(&offer, "a table");
    offer.table = give_nothing;
    assert_lacks(&offer, "a table");
}

/* What a spoilt copy of v1, or of M1n, lacks. */
static void assert_table_lacks(const struct plait_mechanism *sound,
                               void (*spoil)(struct plait_mechanism *table), const char *text)
{
    struct plait_mechanism_offer offer = good_offer();
    table = *sound;
    spoil(&table);
    assert_lacks(&offer, text);
}

#define SPOIL(name, statement)                                                                     \
    static void name(struct plait_mechanism *m)                                                    \
    {                                                                                              \
        statement;                                                                                 \
    }
SPOIL(without_name, m->name = NULL)
SPOIL(empty_name, m->name = "")
SPOIL(long_name, m->name = "0123456789abcdef")
SPOIL(strange_name, m->name = "a/b")
SPOIL(high_version, m->version = 16)
SPOIL(no_hello, m->read_hello = NULL)
SPOIL(no_token, m->token = NULL)
SPOIL(no_idsn, m->idsn = NULL)
SPOIL(no_seal, m->seal = NULL)
SPOIL(no_open, m->open = NULL)
SPOIL(no_add_addr, m->seal_add_addr = NULL)
SPOIL(strange_key, m->key = (enum plait_key_origin)7)
SPOIL(strange_path, m->path = (enum plait_path_kind)7)
SPOIL(free_token, m->token_free_bits = 33)
SPOIL(long_proof, m->proof_bits = 161)
SPOIL(with_messages, m->messages = PLAIT_MESSAGES_EXPLICIT)
SPOIL(no_messages, m->messages = PLAIT_MESSAGES_NONE)
SPOIL(no_open_message, m->open_message = NULL)
SPOIL(drawn_key, m->key = PLAIT_KEY_DRAWN)

static const struct plait_payload no_records = {.record_octets = 512};
SPOIL(bad_payload, m->payload = &no_records)

static void each_entry_that_is_needed_is_missed(void **state)
{
    (void)state;
    static const struct {
        const struct plait_mechanism *sound;
        void (*spoil)(struct plait_mechanism *table);
        const char *text;
    } cases[] = {
        {&plait_mechanism_v1, without_name, "a name"},
        {&plait_mechanism_v1, empty_name, "a name"},
        {&plait_mechanism_v1, long_name, "a name"},
        {&plait_mechanism_v1, strange_name, "a name"},
        {&plait_mechanism_v1, high_version, "version"},
        {&plait_mechanism_v1, no_hello, "read_hello"},
        {&plait_mechanism_v1, no_token, "a token"},
        {&plait_mechanism_v1, no_idsn, "idsn"},
        {&plait_mechanism_v1, no_seal, "seal and open"},
        {&plait_mechanism_v1, no_open, "seal and open"},
        {&plait_mechanism_v1, no_add_addr, "seal_add_addr"},
        {&plait_mechanism_v1, strange_key, "values"},
        {&plait_mechanism_v1, strange_path, "paths"},
        {&plait_mechanism_v1, free_token, "free bits"},
        {&plait_mechanism_v1, long_proof, "160 of a proof"},
        {&plait_mechanism_v1, with_messages, "paths"},
        {&plait_mechanism_v1, bad_payload, "payload"},
        {&plait_mechanism_m1n, no_messages, "messages"},
        {&plait_mechanism_m1n, no_open_message, "open_message"},
        {&plait_mechanism_m1n, drawn_key, "paths"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_table_lacks(cases[i].sound, cases[i].spoil, cases[i].text);
}

static void the_longest_name_is_good(void **state)
{
    (void)state;
    struct plait_mechanism_offer offer = good_offer();
    table.name = "My-mechanism_15";
    assert_null(plait_mechanism_lacks(&offer));
}

static void the_hmac_is_that_of_proofs(void **state)
{
    (void)state;
    uint8_t mac[PLAIT_MECHANISM_HMAC_OCTETS], expected[PLAIT_DIGEST_MAX_OCTETS];
    plait_mechanism_hmac("\x0b\x0b", 2, "Hi There", 8, mac);
    plait_hmac(PLAIT_SHA256, "\x0b\x0b", 2, "Hi There", 8, expected);
    assert_memory_equal(mac, expected, sizeof mac);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_own_tables_lack_nothing),
        cmocka_unit_test(numbers_are_looked_at_first),
        cmocka_unit_test(each_entry_that_is_needed_is_missed),
        cmocka_unit_test(the_longest_name_is_good),
        cmocka_unit_test(the_hmac_is_that_of_proofs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
