/* The captures of others, read whole: how many packets and options each has, and that the proofs
 * and checksums in them are what our mechanisms compute.  Argument: the folder of captures. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/packets.h"
#include "tests/unit/test.h"

#include "crypto/digest.h"
#include "mechanism/mechanism.h"
#include "wire/tcp.h"

static const char *folder;

static uint8_t *load(const char *name, size_t *length)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot open %s", path);
    uint8_t *octets = malloc(1 << 20);
    *length = fread(octets, 1, 1 << 20, file);
    fclose(file);
    uint8_t *exact = realloc(octets, *length); /* so that ASan knows the end */
    return exact ? exact : octets;
}

/* Calls EACH for every TCP segment; the number of frames. */
static unsigned for_each_segment(const char *name,
                                 void (*each)(const struct plait_segment *segment,
                                              bool sum_is_right, void *context),
                                 void *context)
{
    size_t length;
    uint8_t *octets = load(name, &length);
    struct packets p;
    unsigned frames = 0;
    for (packets_open(&p, octets, length); packets_next(&p); frames++) {
        struct plait_segment segment;
        if (!p.has_ip)
            continue;
        const struct plait_ip_octets *ip = &p.found.packet;
        bool sum_is_right = plait_ok(plait_segment_parse(ip->ip, ip->captured_octets, &segment));
        if (plait_ok(plait_segment_parse_unsummed(ip->ip, ip->captured_octets, &segment)))
            each(&segment, sum_is_right, context);
    }
    assert_int_equal(packets_faults(&p), 0);
    free(octets);
    return frames;
}

/* ---- counts ---- */

struct counts {
    unsigned segments, right_sums, raw;
    unsigned subtypes[16];
};

static void count(const struct plait_segment *s, bool sum_is_right, void *context)
{
    struct counts *c = context;
    c->segments++;
    c->right_sums += sum_is_right;
    for (unsigned i = 0; i < s->mptcp_count; i++) {
        c->raw += s->mptcp[i].is_raw;
        c->subtypes[s->mptcp[i].subtype & 15]++;
    }
}

static const struct {
    const char *name;
    unsigned frames;
    struct counts counts;
} files[] = {
    /* numbers as Wireshark counts them; sums are left to the device in some captures */
    {"tcpdump/mptcp-v0.pcap", 264, {264, 264, 0, {3, 3, 258, 1, 1}}},
    {"tcpdump/mptcp-v1.pcap", 20, {20, 0, 0, {4, 0, 16}}},
    {"tcpdump/mptcp-aa-v1.pcap", 24, {22, 0, 0, {4, 0, 18, 1}}},
    {"tcpdump/mptcp-aa-echo.pcap", 2, {2, 0, 0, {0, 0, 2, 2}}},
    {"tcpdump/mptcp-fclose.pcap", 11, {9, 9, 0, {3, 0, 5, 0, 0, 0, 0, 1}}},
    {"tcpdump/mptcp-tcprst.pcap", 2, {2, 2, 0, {[8] = 2}}},
    {"tcpdump/mptcp-dss-oobr.pcap", 1, {1, 0, 1, {0, 0, 1}}},
    {"ptcpdump/mptcp.pcap", 14, {14, 0, 0, {4, 0, 10}}},
    {"ptcpdump/tfo.pcap", 4, {4, 0, 0, {4}}},
};

static void every_option_of_every_capture(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct counts found = {0};
        unsigned frames = for_each_segment(files[i].name, count, &found);
        if (frames != files[i].frames || memcmp(&found, &files[i].counts, sizeof found) != 0)
            fail_msg("%s: %u frames, %u segments, %u right sums, %u raw", files[i].name, frames,
                     found.segments, found.right_sums, found.raw);
    }
}

/* ---- building again ---- */

static void build_again(const struct plait_segment *s, bool sum_is_right, void *context)
{
    (void)sum_is_right;
    unsigned *options = context;
    for (unsigned i = 0; i < s->mptcp_count; i++) {
        uint8_t built[40];
        struct plait_mptcp_option back;
        struct plait_writer w = plait_writer(built, sizeof built);
        plait_mptcp_write(&w, &s->mptcp[i]);
        assert_ok(plait_writer_result(&w));
        plait_result understood = plait_mptcp_parse(built, plait_writer_used(&w), &back);
        assert_int_equal(plait_ok(understood), !s->mptcp[i].is_raw);
        assert_memory_equal(&back, &s->mptcp[i], sizeof back);
        (*options)++;
    }
}

static void every_option_is_built_again(void **state)
{
    (void)state;
    unsigned options = 0;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        for_each_segment(files[i].name, build_again, &options);
    assert_int_equal(options, 266 + 20 + 23 + 4 + 9 + 2 + 1 + 14 + 4);
}

/* ---- proofs and checksums ---- */

enum { CLIENT, SERVER };

struct connection {
    const struct plait_mechanism *mechanism;
    uint16_t server_port;
    uint64_t keys[2];
    uint32_t join_nonces[2];
    unsigned tokens, join_proofs, right_seals, left_seals, right_checksums, wrong_checksums;
};

static void learn(struct connection *c, const struct plait_mp_capable *o)
{
    if (!o->has_receiver_key)
        return;
    c->keys[CLIENT] = o->sender_key;
    c->keys[SERVER] = o->receiver_key;
}

static void check_join(struct connection *c, int from, const struct plait_mp_join *o)
{
    uint8_t proof[PLAIT_JOIN_HMAC_OCTETS];
    const struct plait_mechanism *m = c->mechanism;
    if (o->form != PLAIT_JOIN_ACK)
        c->join_nonces[from] = o->nonce;
    m->join_proof(c->keys[from], c->keys[!from], c->join_nonces[from], c->join_nonces[!from],
                  proof);
    if (o->form == PLAIT_JOIN_SYN)
        c->tokens += o->token == m->token(c->keys[!from]);
    else
        c->join_proofs += plait_mac_equal(proof, o->hmac, o->form == PLAIT_JOIN_ACK ? 20 : 8);
}

static void check_add_addr(struct connection *c, int from, const struct plait_add_addr *o)
{
    struct plait_add_addr sealed = *o;
    c->mechanism->seal_add_addr(c->keys[from], c->keys[!from], &sealed);
    c->right_seals += sealed.has_hmac && plait_mac_equal(sealed.hmac, o->hmac, 8);

    uint8_t keys[16], message[7] = {o->addr_id}, mac[PLAIT_DIGEST_MAX_OCTETS];
    for (int i = 0; i < 16; i++)
        keys[i] = (uint8_t)(c->keys[i < 8 ? from : !from] >> (56 - 8 * (i % 8)));
    memcpy(message + 1, o->addr.octets, 4);
    plait_hmac(PLAIT_SHA256, keys, sizeof keys, message, sizeof message, mac);
    c->left_seals += o->has_hmac && plait_mac_equal(mac, o->hmac, 8);
}

/* Mappings that one segment carries whole; the upper half of the DSN is that of the IDSN. */
static void check_mapping(struct connection *c, int from, const struct plait_dss *o,
                          const struct plait_segment *s)
{
    if (!o->has_checksum || o->data_length != s->payload_octets + o->data_fin)
        return;
    uint64_t high = c->mechanism->idsn(c->keys[from]) & ~(uint64_t)UINT32_MAX;
    uint64_t dsn = o->dsn_is_64 ? o->dsn : high | o->dsn;
    bool right = plait_dss_checksum(dsn, o->ssn, o->data_length, s->payload, s->payload_octets) ==
                 o->checksum;
    c->right_checksums += right;
    c->wrong_checksums += !right;
}

static void check(const struct plait_segment *s, bool sum_is_right, void *context)
{
    (void)sum_is_right;
    struct connection *c = context;
    int from = s->src_port == c->server_port ? SERVER : CLIENT;
    for (unsigned i = 0; i < s->mptcp_count; i++) {
        const struct plait_mptcp_option *o = &s->mptcp[i];
        if (o->is_raw)
            continue;
        if (o->subtype == PLAIT_MP_CAPABLE)
            learn(c, &o->capable);
        else if (o->subtype == PLAIT_MP_JOIN)
            check_join(c, from, &o->join);
        else if (o->subtype == PLAIT_ADD_ADDR)
            check_add_addr(c, from, &o->add_addr);
        else if (o->subtype == PLAIT_DSS)
            check_mapping(c, from, &o->dss, s);
    }
}

static void proofs_and_checksums_of_v0(void **state)
{
    (void)state;
    struct connection c = {.mechanism = &plait_mechanism_v0, .server_port = 22};
    for_each_segment("tcpdump/mptcp-v0.pcap", check, &c);
    assert_int_equal(c.keys[CLIENT], 0x9c9eabd1e46a33b2);
    assert_int_equal(c.tokens, 1);
    assert_int_equal(c.join_proofs, 2);
    assert_int_equal(c.wrong_checksums, 0);
    assert_int_equal(c.right_checksums, 153); /* every mapping there is */
}

/* T-MAC-5: the only ADD_ADDR with an HMAC in these captures has the wrong half of it. */
static void the_seal_of_an_old_kernel(void **state)
{
    (void)state;
    struct connection c = {.mechanism = &plait_mechanism_v1, .server_port = 55555};
    for_each_segment("tcpdump/mptcp-aa-v1.pcap", check, &c);
    assert_int_equal(c.right_seals, 0);
    assert_int_equal(c.left_seals, 1);
}

int main(int argc, char **argv)
{
    folder = argc > 1 ? argv[1] : "tests/captures";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_option_of_every_capture),
        cmocka_unit_test(every_option_is_built_again),
        cmocka_unit_test(proofs_and_checksums_of_v0),
        cmocka_unit_test(the_seal_of_an_old_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
