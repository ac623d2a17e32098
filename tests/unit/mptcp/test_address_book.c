/* An address book keeps N14, N31, N32 and N36, and its room. */
#include "tests/unit/test.h"

#include "mptcp/address_book.h"

static struct plait_place place(uint8_t last, uint16_t port)
{
    return (struct plait_place){.addr = {.octets = {198, 18, 0, last}, .family = PLAIT_IPV4},
                                .port = port};
}

static struct plait_address_book book_of(uint8_t last)
{
    struct plait_place initial = place(last, 80);
    return plait_address_book(&initial);
}

static enum plait_reason announce(struct plait_address_book *book, uint8_t id,
                                  struct plait_place where, enum plait_address_news *news)
{
    return plait_address_book_announce(book, id, &where, news).reason;
}

static void n31_an_identifier_keeps_its_address_until_it_is_removed(void **state)
{
    (void)state;
    struct plait_address_book book = book_of(1), before;
    enum plait_address_news news;
    assert_int_equal(announce(&book, 3, place(3, 0), &news), PLAIT_REASON_OK);
    assert_int_equal(news, PLAIT_ADDRESS_IS_NEW);
    before = book;
    assert_int_equal(announce(&book, 3, place(4, 0), &news), PLAIT_REASON_EXISTS);
    assert_memory_equal(&before, &book, sizeof book);
    assert_ok(plait_address_book_remove(&book, 3));
    assert_null(plait_address_book_find(&book, 3));
    assert_int_equal(announce(&book, 3, place(4, 0), &news), PLAIT_REASON_OK);
    assert_int_equal(news, PLAIT_ADDRESS_IS_NEW);
    assert_int_equal(plait_address_book_find(&book, 3)->place.addr.octets[3], 4);
}

static void another_port_of_the_same_address_is_news(void **state)
{
    (void)state;
    struct plait_address_book book = book_of(1);
    enum plait_address_news news;
    announce(&book, 3, place(3, 0), &news);
    assert_int_equal(announce(&book, 3, place(3, 0), &news), PLAIT_REASON_OK);
    assert_int_equal(news, PLAIT_ADDRESS_IS_REFRESHED);
    assert_int_equal(announce(&book, 3, place(3, 8080), &news), PLAIT_REASON_OK);
    assert_int_equal(news, PLAIT_ADDRESS_HAS_NEW_PORT);
    assert_int_equal(plait_address_book_find(&book, 3)->place.port, 8080);
}

/* R-14, and it stays so when the initial address is removed. */
static void identifier_0_is_the_initial_address_for_good(void **state)
{
    (void)state;
    struct plait_address_book book = book_of(1);
    enum plait_address_news news;
    assert_int_equal(announce(&book, 0, place(2, 80), &news), PLAIT_REASON_EXISTS);
    assert_ok(plait_address_book_remove(&book, 0));
    assert_null(plait_address_book_find(&book, 0));
    assert_int_equal(announce(&book, 0, place(2, 80), &news), PLAIT_REASON_EXISTS);
    struct plait_addr other = place(2, 0).addr, initial = place(1, 0).addr;
    assert_ok(plait_address_book_note(&book, 0, &other));
    assert_non_null(plait_address_book_find_addr(&book, &initial));
    assert_null(plait_address_book_find_addr(&book, &other));
    assert_ok(plait_address_book_remove(&book, 0));
    assert_int_equal(announce(&book, 0, place(1, 80), &news), PLAIT_REASON_OK);
    assert_int_equal(news, PLAIT_ADDRESS_IS_NEW);
}

static void n32_what_failed_is_dialled_again_only_when_it_is_refreshed(void **state)
{
    (void)state;
    struct plait_address_book book = book_of(1);
    enum plait_address_news news;
    assert_false(plait_address_may_dial(plait_address_book_find(&book, 0))); /* not announced */
    announce(&book, 3, place(3, 0), &news);
    struct plait_address *address = plait_address_book_find(&book, 3);
    assert_true(plait_address_may_dial(address));
    address->has_failed = true;
    assert_false(plait_address_may_dial(address));
    struct plait_addr addr = place(3, 0).addr;
    assert_ok(plait_address_book_note(&book, 3, &addr));
    assert_false(plait_address_may_dial(address));
    announce(&book, 3, place(3, 0), &news);
    assert_true(plait_address_may_dial(address));
}

/* Behind a NAT the two differ, and neither is a lie (N14). */
static void a_handshake_does_not_overwrite_what_was_announced(void **state)
{
    (void)state;
    struct plait_address_book book = book_of(1);
    enum plait_address_news news;
    struct plait_addr seen = place(99, 0).addr;
    announce(&book, 3, place(3, 0), &news);
    assert_ok(plait_address_book_note(&book, 3, &seen));
    assert_int_equal(plait_address_book_find(&book, 3)->place.addr.octets[3], 3);
    assert_ok(plait_address_book_note(&book, 4, &seen));
    assert_int_equal(plait_address_book_find(&book, 4)->place.addr.octets[3], 99);
    assert_false(plait_address_may_dial(plait_address_book_find(&book, 4)));
    assert_int_equal(announce(&book, 4, place(99, 0), &news), PLAIT_REASON_OK);
    assert_int_equal(news, PLAIT_ADDRESS_IS_NEW);
}

static void an_unknown_identifier_is_not_removed(void **state)
{
    (void)state;
    struct plait_address_book book = book_of(1), before = book;
    assert_reason(plait_address_book_remove(&book, 7), NOT_FOUND);
    assert_memory_equal(&before, &book, sizeof book);
}

static void a_full_book_refuses(void **state)
{
    (void)state;
    struct plait_address_book book = book_of(1);
    enum plait_address_news news;
    uint8_t id;
    for (uint8_t i = 1; i < PLAIT_ADDRESS_BOOK_ROOM; i++)
        assert_int_equal(announce(&book, i, place(i + 1, 0), &news), PLAIT_REASON_OK);
    struct plait_address_book before = book;
    struct plait_addr addr = place(200, 0).addr;
    assert_int_equal(announce(&book, 99, place(200, 0), &news), PLAIT_REASON_TOO_MANY);
    assert_reason(plait_address_book_note(&book, 99, &addr), TOO_MANY);
    assert_reason(plait_address_book_identify(&book, &addr, &id), TOO_MANY);
    assert_memory_equal(&before, &book, sizeof book);
    assert_ok(plait_address_book_remove(&book, 0)); /* its place is not for others */
    assert_int_equal(announce(&book, 99, place(200, 0), &news), PLAIT_REASON_TOO_MANY);
    assert_ok(plait_address_book_remove(&book, 5));
    assert_int_equal(announce(&book, 99, place(200, 0), &news), PLAIT_REASON_OK);
}

static void n31_identifiers_are_made_unique_and_come_again_late(void **state)
{
    (void)state;
    struct plait_address_book book = book_of(1);
    struct plait_addr first = place(1, 0).addr, second = place(2, 0).addr;
    uint8_t id, again;
    assert_ok(plait_address_book_identify(&book, &first, &id));
    assert_int_equal(id, 0);
    for (unsigned turn = 0; turn < 600; turn++) {
        assert_ok(plait_address_book_identify(&book, &second, &id));
        assert_ok(plait_address_book_identify(&book, &second, &again));
        assert_int_equal(id, again);
        assert_int_equal(id, turn % 255 + 1);
        assert_ok(plait_address_book_remove(&book, id));
    }
    enum plait_address_news news;
    book = book_of(1);
    announce(&book, 1, place(7, 0), &news);
    assert_ok(plait_address_book_identify(&book, &second, &id));
    assert_int_equal(id, 2);
}

static void an_announcement_is_repeated_until_its_own_echo(void **state)
{
    (void)state;
    struct plait_address_book book = book_of(1);
    enum plait_address_news news;
    announce(&book, 3, place(3, 0), &news);
    announce(&book, 4, place(4, 90), &news);
    struct plait_place third = place(3, 0), fourth = place(4, 90), wrong = place(4, 91);
    assert_int_equal(plait_address_book_unechoed(&book, 2)->id, 3);
    assert_reason(plait_address_book_echoed(&book, 3, &fourth), NOT_FOUND); /* */
    assert_reason(plait_address_book_echoed(&book, 4, &wrong), NOT_FOUND);
    assert_reason(plait_address_book_echoed(&book, 9, &third), NOT_FOUND);
    assert_ok(plait_address_book_echoed(&book, 3, &third));
    struct plait_address *next = plait_address_book_unechoed(&book, 2);
    assert_int_equal(next->id, 4);
    next->tries = 2;
    assert_null(plait_address_book_unechoed(&book, 2));
    announce(&book, 4, place(4, 90), &news);
    assert_int_equal(plait_address_book_unechoed(&book, 2)->id, 4);
}

static void known_addresses_are_counted_through(void **state)
{
    (void)state;
    struct plait_address_book book = book_of(1);
    enum plait_address_news news;
    announce(&book, 3, place(3, 0), &news);
    announce(&book, 4, place(4, 0), &news);
    assert_ok(plait_address_book_remove(&book, 3));
    assert_int_equal(plait_address_book_at(&book, 0)->id, 0);
    assert_int_equal(plait_address_book_at(&book, 1)->id, 4);
    assert_null(plait_address_book_at(&book, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(n31_an_identifier_keeps_its_address_until_it_is_removed),
        cmocka_unit_test(another_port_of_the_same_address_is_news),
        cmocka_unit_test(identifier_0_is_the_initial_address_for_good),
        cmocka_unit_test(n32_what_failed_is_dialled_again_only_when_it_is_refreshed),
        cmocka_unit_test(a_handshake_does_not_overwrite_what_was_announced),
        cmocka_unit_test(an_unknown_identifier_is_not_removed),
        cmocka_unit_test(a_full_book_refuses),
        cmocka_unit_test(n31_identifiers_are_made_unique_and_come_again_late),
        cmocka_unit_test(an_announcement_is_repeated_until_its_own_echo),
        cmocka_unit_test(known_addresses_are_counted_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
