/* Digests and HMACs against published vectors, and against a second computation. */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "crypto/digest.h"
#include "tests/unit/hex.h"

static void assert_hex(const uint8_t *octets, size_t length, const char *expected)
{
    uint8_t wanted[64];
    assert_int_equal(hex(expected, wanted, sizeof wanted), length);
    assert_memory_equal(octets, wanted, length);
}

static void digests_of_fips_180(void **state)
{
    (void)state;
    uint8_t digest[PLAIT_DIGEST_MAX_OCTETS];
    plait_digest(PLAIT_SHA1, "abc", 3, digest);
    assert_hex(digest, 20, "a9993e364706816aba3e25717850c26c9cd0d89d");
    plait_digest(PLAIT_SHA256, "abc", 3, digest);
    assert_hex(digest, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    plait_digest(PLAIT_SHA256, "", 0, digest);
    assert_hex(digest, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* The KUnit vectors of Linux (net/mptcp/crypto_test.c): key and message are the characters. */
static void hmacs_of_the_kernels_tests(void **state)
{
    (void)state;
    static const struct {
        const char *key, *message, *mac;
    } rows[] = {
        {"0b0b0b0b0b0b0b0b", "48692054",
         "8385e24fb4235ac37556b6b886db106284a1da671699f46db1f235ec622dcafa"},
        {"aaaaaaaaaaaaaaaa", "dddddddd",
         "2c5e219164ff1dca1c4a92318d847bb6b9d44492984e1eb71aff9022f71046e9"},
        {"0102030405060708", "cdcdcdcd",
         "e73b9ba9969969cefb04aa0d6df18ec2fcc075b6f23b4d8c4da736a5dbbc6e7d"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t mac[PLAIT_DIGEST_MAX_OCTETS];
        plait_hmac(PLAIT_SHA256, rows[i].key, 16, rows[i].message, 8, mac);
        assert_hex(mac, 32, rows[i].mac);
    }
}

/* RFC 2202 §3 and RFC 4231 §4.3: test case 2 of each. */
static void hmacs_of_the_rfcs(void **state)
{
    (void)state;
    static const char message[] = "what do ya want for nothing?";
    uint8_t mac[PLAIT_DIGEST_MAX_OCTETS];
    plait_hmac(PLAIT_SHA1, "Jefe", 4, message, 28, mac);
    assert_hex(mac, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    plait_hmac(PLAIT_SHA256, "Jefe", 4, message, 28, mac);
    assert_hex(mac, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void every_key_length_agrees_with_the_one_call_form(void **state)
{
    (void)state;
    uint8_t key[64], message[200], mac[PLAIT_DIGEST_MAX_OCTETS], expected[EVP_MAX_MD_SIZE];
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)(i * 7);
    memcpy(key, message + 50, sizeof key);
    for (size_t k = 1; k <= sizeof key; k++)
        for (int which = PLAIT_SHA1; which <= PLAIT_SHA256; which++) {
            plait_hmac((enum plait_digest)which, key, k, message, 3 * k, mac);
            HMAC(which == PLAIT_SHA1 ? EVP_sha1() : EVP_sha256(), key, (int)k, message, 3 * k,
                 expected, NULL);
            assert_memory_equal(mac, expected, plait_digest_octets((enum plait_digest)which));
        }
}

/* Those around a block with its padding above all. */
static void every_message_length_agrees_with_the_one_call_form(void **state)
{
    (void)state;
    uint8_t message[200], ours[PLAIT_DIGEST_MAX_OCTETS], theirs[EVP_MAX_MD_SIZE];
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)(i * 37 + 1);
    for (size_t length = 0; length <= sizeof message; length++) {
        for (int which = PLAIT_SHA1; which <= PLAIT_SHA256; which++) {
            const EVP_MD *md = which == PLAIT_SHA1 ? EVP_sha1() : EVP_sha256();
            plait_digest((enum plait_digest)which, message, length, ours);
            assert_int_equal(EVP_Digest(message, length, theirs, NULL, md, NULL), 1);
            assert_memory_equal(ours, theirs, plait_digest_octets((enum plait_digest)which));
            plait_hmac((enum plait_digest)which, "key", 3, message, length, ours);
            assert_non_null(HMAC(md, "key", 3, message, length, theirs, NULL));
            assert_memory_equal(ours, theirs, plait_digest_octets((enum plait_digest)which));
        }
    }
}

static void macs_are_compared_to_their_last_octet(void **state)
{
    (void)state;
    uint8_t a[20] = {1, 2, 3}, b[20] = {1, 2, 3};
    assert_true(plait_mac_equal(a, b, sizeof a));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] ^= 0x80;
        assert_false(plait_mac_equal(a, b, sizeof a));
        b[i] ^= 0x80;
    }
    assert_true(plait_mac_equal(a, b, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_of_fips_180),
        cmocka_unit_test(hmacs_of_the_kernels_tests),
        cmocka_unit_test(hmacs_of_the_rfcs),
        cmocka_unit_test(every_key_length_agrees_with_the_one_call_form),
        cmocka_unit_test(every_message_length_agrees_with_the_one_call_form),
        cmocka_unit_test(macs_are_compared_to_their_last_octet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
