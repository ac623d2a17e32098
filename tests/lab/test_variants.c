/* Broken mechanisms are condemned (issue 4, "Must show" 4), and a defence that is switched off
 * opens the rows that follow from it and no other (3): on our own endpoint, in virtual time.
 *
 * Every variant is a sound mechanism with one entry of its table changed; who attacks it is not
 * told which. */
#include "tests/lab/variants.h"

#include <stdio.h>

/* ---- the variants -------------------------------------------------------------------------- */

static uint64_t one_nonce(uint64_t drawn)
{
    (void)drawn;
    return UINT64_C(0x0123456789abcdef);
}

/* RFC 793's clock alone, which RFC 6528 §2 warns of. */
static uint32_t clock_alone(uint32_t clock, uint32_t drawn)
{
    (void)drawn;
    return clock;
}

/* A cookie that shows by itself that it is one; whose it is, nobody asks. */
static uint64_t well_formed(uint64_t drawn)
{
    return drawn >> 32 << 32 | (uint32_t) ~(drawn >> 32);
}

static bool opens_well_formed(uint64_t peer_cookie, const struct plait_mp_control *message)
{
    (void)peer_cookie;
    return message->has_proof && message->proof == well_formed(message->proof);
}

static bool opens_any_message(uint64_t peer_cookie, const struct plait_mp_control *message)
{
    (void)peer_cookie;
    return message->has_proof;
}

/* An echo is no advertisement (RFC 8684 §3.4.1); keys of MP_FASTCLOSE are no HMAC. */
static bool opens_any_v1(uint64_t own_key, uint64_t peer_key,
                         const struct plait_mptcp_option *option)
{
    if (option->subtype == PLAIT_ADD_ADDR)
        return !option->add_addr.is_v0;
    return plait_mechanism_v1.open(own_key, peer_key, option);
}

static uint32_t no_token(uint64_t key)
{
    (void)key;
    return 0;
}

static void any_token(struct plait_mechanism *table)
{
    table->token = no_token;
    table->token_free_bits = 32;
}

static void any_mac(struct plait_mechanism *table)
{
    table->join_proof = NULL;
    if (table->has_addr_options && table->addr_is_echoed)
        table->open = opens_any_v1;
}

static void short_mac(struct plait_mechanism *table)
{
    table->proof_bits = 8;
}

static void constant_nonce(struct plait_mechanism *table)
{
    table->nonce = one_nonce;
}

static void predictable_isn(struct plait_mechanism *table)
{
    table->isn = clock_alone;
}

static void any_cookie(struct plait_mechanism *table)
{
    table->cookie = well_formed;
    table->open_message = opens_well_formed;
}

static void no_cookie(struct plait_mechanism *table)
{
    table->open_message = opens_any_message;
}

static void no_check(struct plait_mechanism *table)
{
    table->reach = PLAIT_REACH_NONE;
}

static void late_check(struct plait_mechanism *table)
{
    table->uses_unchecked = true;
}

static const struct variant variants[] = {
    {"any-token", "v1", any_token},
    {"any-mac", "v1", any_mac},
    {"mac-8", "v1", short_mac},
    {"one-nonce", "v1", constant_nonce},
    {"clock-isn", "v1", predictable_isn},
    {"any-cookie", "M2", any_cookie},
    {"one-nonce-m1n", "M1n", constant_nonce},
    {"no-hmac-v0", "v0", any_mac},
    {"no-cookie", "M2", no_cookie},
    {"no-check", "M1n", no_check},
    {"late-check", "M1n", late_check},
};

/* ---- one test for each variant --------------------------------------------------------------- */

/* Some cell of THREATS is stopped under the sound column and broken under the variant. */
static void assert_condemned(const char *name, const char *threats, bool full)
{
    const char *sound = NULL;
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++)
        if (strcmp(variants[i].name, name) == 0)
            sound = variants[i].sound;
    assert_non_null(sound);
    json_t *document = cells_of_two(threats, sound, name, full), *cell;
    unsigned condemned = 0;
    size_t i;
    json_array_foreach(json_object_get(document, "cells"), i, cell)
    {
        if (strcmp(text_at(cell, "mechanism"), name) != 0)
            continue;
        bool opens = is_broken(cell) && !is_broken(counterpart(document, cell, sound));
        condemned += opens;
        print_message("%-60s %s%s: %s\n", text_at(cell, "id"), text_at(cell, "outcome"),
                      opens ? ", the sound one stops it" : "", text_at(cell, "reason"));
    }
    if (!condemned)
        fail_msg("%s is not condemned by %s", name, threats);
    json_decref(document);
}

static void a_token_that_is_not_checked(void **state)
{
    (void)state;
    assert_condemned("any-token", "T-TOK-1/half-open", true);
}

static void a_mac_that_is_not_checked(void **state)
{
    (void)state;
    assert_condemned("any-mac", "T-TOK-1/-", false);
    assert_condemned("any-mac", "T-TS-6", false);
    assert_condemned("any-mac", "T-FLOOD-4", false);
    assert_condemned("any-mac", "T-RES-1", false);
}

static void a_mac_of_8_bits(void **state)
{
    (void)state;
    assert_condemned("mac-8", "T-TOK-1/-", false);
}

static void a_nonce_that_is_constant(void **state)
{
    (void)state;
    assert_condemned("one-nonce", "T-TS-6", false);
    assert_condemned("one-nonce", "T-FLOOD-4", false);
    assert_condemned("one-nonce-m1n", "T-FLOOD-4", false);
}

static void an_isn_that_can_be_predicted(void **state)
{
    (void)state;
    assert_condemned("clock-isn", "T-FLOOD-4", false);
}

/* RFC 6181 §5 wants the check before the address is used. */
static void an_address_that_is_used_before_its_check(void **state)
{
    (void)state;
    assert_condemned("late-check", "T-FLOOD-[123]", false);
}

static void a_cookie_of_another_connection(void **state)
{
    (void)state;
    assert_condemned("any-cookie", "T-HIJ-1", false);
}

/* ---- a defence that is switched off ------------------------------------------------------------
 */

struct opened {
    const char *threat, *why;
};

static const char *reason_of(const struct opened *rows, const char *threat)
{
    for (; rows->threat; rows++)
        if (strcmp(rows->threat, threat) == 0)
            return rows->why;
    return NULL;
}

/* Of all rows that both columns have, those of ROWS are broken in some cell that the sound one
 * stops, no other is, and none is stopped that the sound one does not stop. */
static void assert_opens(const char *name, const char *sound, const struct opened *rows)
{
    json_t *document = cells_of_two("*", sound, name, false), *cell;
    json_t *found = json_object();
    unsigned wrong = 0, compared = 0;
    size_t i;
    json_array_foreach(json_object_get(document, "cells"), i, cell)
    {
        if (strcmp(text_at(cell, "mechanism"), name) != 0)
            continue;
        compared++;
        const json_t *other = counterpart(document, cell, sound);
        bool here = is_broken(cell), there = is_broken(other);
        const char *threat = text_at(cell, "threat");
        if (here && !there)
            json_object_set_new(found, threat, json_true());
        if (here == there || (here && reason_of(rows, threat)))
            continue;
        wrong++;
        print_message("%s: %s, and %s under %s: %s\n", text_at(cell, "id"),
                      text_at(cell, "outcome"), text_at(other, "outcome"), sound,
                      text_at(here ? cell : other, "reason"));
    }
    for (const struct opened *row = rows; row->threat; row++)
        if (!json_object_get(found, row->threat)) {
            wrong++;
            print_message("%s is not opened: %s\n", row->threat, row->why);
        }
    print_message("%s: %u cells compared with %s, %zu rows opened\n", name, compared, sound,
                  json_object_size(found));
    assert_int_equal(wrong, 0);
    json_decref(found);
    json_decref(document);
}

/* R2 of RFC 6181 §7 in RFC 8684: HMAC-SHA256 over nonces (§3.2) and advertisements (§3.4.1). */
static void without_the_hmac_of_v1(void **state)
{
    (void)state;
    static const struct opened rows[] = {
        {"T-TOK-1", "a guessed token is all that a join needs"},
        {"T-TS-6", "no fresh nonce stands against the old proof (R4)"},
        {"T-FLOOD-4", "the nonce need not come back: 32 bits of ISN are left, as in TCP"},
        {"T-RES-1", "an advertisement needs numbers alone, as in v0 (RFC 7430 §2)"},
        {"T-HIJ-5", "and whoever is dialled for it relays (RFC 7430 §2)"},
        {"T-TS-1", "a token overheard in a later join is all that another one needs (PE-J)"},
        {"T-HIJ-3", "2^32 tokens are within a day of an idle connection (T-TOK-1)"},
        {"T-HIJ-4", "the same, and the peer's path is reset"},
        {"T-TS-7", "a sink is had with the overheard token, and outlasts whoever dug it"},
        {NULL, NULL}};
    assert_opens("any-mac", "v1", rows);
}

/* In RFC 6824 advertisements have no HMAC anyway: joins are what opens. */
static void without_the_hmac_of_v0(void **state)
{
    (void)state;
    static const struct opened rows[] = {
        {"T-TOK-1", "a guessed token is all that a join needs"},
        {"T-TS-6", "no fresh nonce stands against the old proof (R4)"},
        {"T-FLOOD-4", "the nonce need not come back: 32 bits of ISN are left, as in TCP"},
        {"T-TS-1", "a token overheard in a later join is all that another one needs (PE-J)"},
        {"T-HIJ-3", "2^32 tokens are within a day of an idle connection (T-TOK-1)"},
        {"T-HIJ-4", "the same, and the peer's path is reset"},
        {"T-TS-7", "a sink is had with the overheard token, and outlasts whoever dug it"},
        {NULL, NULL}};
    assert_opens("no-hmac-v0", "v0", rows);
}

/* R1 of RFC 6181 §7.  Hijacks stay as they are: who adds his own address can be reached there. */
static void without_the_check_of_m1n(void **state)
{
    (void)state;
    static const struct opened rows[] = {
        {"T-FLOOD-1", "data goes to whoever is named"},
        {"T-FLOOD-2", "data goes to whoever is named"},
        {"T-FLOOD-3", "data goes to whoever is named"},
        {"T-FLOOD-4", "there is nothing to be guessed"},
        {"T-CAMP-1", "a place is filed under a connection that nobody answered from (RFC 5062 §2)"},
        {"T-FLOOD-7", "no accomplice has to answer in the name of whoever is named"},
        {"T-HIJ-8", "a dead address is taken (RFC 4225 §3.1.5)"},
        {"T-TS-7", "so is a silent sink (R1 stops those alone)"},
        {NULL, NULL}};
    assert_opens("no-check", "M1n", rows);
}

/* C1 of RFC 6181 §6.2; T-TS-1 is open already, for the cookie was overheard. */
static void without_the_cookie_of_m2(void **state)
{
    (void)state;
    static const struct opened rows[] = {
        {"T-HIJ-1", "whoever guesses the client's port may add an address"},
        {"T-HIJ-2", "and remove the peer's"},
        {"T-HIJ-3", "and write from it"},
        {"T-HIJ-4", "and be the only one who does"},
        {"T-HIJ-6", "and remove the peer's alone"},
        {"T-HIJ-5", "and add himself to both ends"},
        {"T-HIJ-7", "and the interface goes on naming the peer"},
        {NULL, NULL}};
    assert_opens("no-cookie", "M2", rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_that_is_not_checked),
        cmocka_unit_test(a_mac_that_is_not_checked),
        cmocka_unit_test(a_mac_of_8_bits),
        cmocka_unit_test(a_nonce_that_is_constant),
        cmocka_unit_test(an_isn_that_can_be_predicted),
        cmocka_unit_test(an_address_that_is_used_before_its_check),
        cmocka_unit_test(a_cookie_of_another_connection),
        cmocka_unit_test(without_the_hmac_of_v1),
        cmocka_unit_test(without_the_hmac_of_v0),
        cmocka_unit_test(without_the_check_of_m1n),
        cmocka_unit_test(without_the_cookie_of_m2),
    };
    add_variants(variants, sizeof variants / sizeof variants[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
