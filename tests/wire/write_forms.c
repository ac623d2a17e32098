/* Writes a pcapng with every form of every MPTCP option that we can build, so that another decoder
 * can be asked what it reads.  Each form has a connection of its own, opened by a handshake of its
 * version, because decoders choose the layout of ADD_ADDR by the version they saw.
 * Usage: write_forms FILE */
#include <stdio.h>
#include <stdlib.h>

#include "base/draw.h"
#include "base/panic.h"
#include "capture/pcapng.h"
#include "mechanism/mechanism.h"
#include "wire/tcp.h"

enum { CLIENT, SERVER };

struct forms {
    struct plait_pcapng *out;
    int interface;
    plait_time_ns now;
    unsigned connection;
    const struct plait_mechanism *mechanism;
    struct plait_addr hosts[2];
    struct plait_draw_key draws;
    uint64_t keys[2]; /* of the connection opened last */
};

/* ---- packets ---- */

static void send(struct forms *f, int from, uint8_t flags, const struct plait_mptcp_option *option,
                 size_t payload_octets, const char *comment)
{
    static const uint8_t payload[64] = "octets that a mapping covers";
    uint16_t ports[2] = {(uint16_t)(20000 + f->connection), 80};
    struct plait_segment s = {
        .ip = {.src = f->hosts[from], .dst = f->hosts[!from], .ttl = 64},
        .src_port = ports[from],
        .dst_port = ports[!from],
        .seq = flags & PLAIT_SYN ? 1000 : 1001,
        .ack = flags & PLAIT_ACK ? 1001 : 0,
        .flags = flags,
        .window = 65535,
        .mptcp_count = 1,
        .payload = payload,
        .payload_octets = payload_octets,
    };
    s.mptcp[0] = *option;
    uint8_t packet[256];
    size_t length;
    PLAIT_CHECK(plait_ok(plait_segment_build(&s, packet, sizeof packet, &length)));
    plait_pcapng_packet(f->out, f->interface, f->now += PLAIT_MS,
                        from == CLIENT ? PLAIT_OUTBOUND : PLAIT_INBOUND, packet, (uint32_t)length,
                        comment);
}

static struct plait_mptcp_option capable(const struct forms *f, uint8_t flags)
{
    return (struct plait_mptcp_option){
        .subtype = PLAIT_MP_CAPABLE, .capable = {.version = f->mechanism->version, .flags = flags}};
}

/* Keys differ between connections: decoders bind joins by tokens. */
static void draw_keys(struct forms *f)
{
    f->keys[CLIENT] = plait_draw(&f->draws, "client", "key", f->connection);
    f->keys[SERVER] = plait_draw(&f->draws, "server", "key", f->connection);
}

static void open_connection(struct forms *f, uint8_t flags)
{
    f->connection++;
    draw_keys(f);
    struct plait_mptcp_option o = capable(f, flags);
    o.capable.has_sender_key = f->mechanism->version == 0;
    o.capable.sender_key = f->keys[CLIENT];
    send(f, CLIENT, PLAIT_SYN, &o, 0, NULL);
    o.capable.has_sender_key = true;
    o.capable.sender_key = f->keys[SERVER];
    send(f, SERVER, PLAIT_SYN | PLAIT_ACK, &o, 0, NULL);
    o.capable.sender_key = f->keys[CLIENT];
    o.capable.has_receiver_key = true;
    o.capable.receiver_key = f->keys[SERVER];
    send(f, CLIENT, PLAIT_ACK, &o, 0, NULL);
}

static void show(struct forms *f, uint8_t flags, const struct plait_mptcp_option *option,
                 size_t payload_octets)
{
    char line[256];
    struct plait_text t = plait_text(line, sizeof line);
    plait_mptcp_print(&t, option);
    send(f, CLIENT, flags, option, payload_octets, line);
}

/* ---- forms ---- */

static void all_mp_capable(struct forms *f)
{
    static const uint8_t flags[] = {0x01, 0x81, 0x21, 0xa1, 0x00, 0x1f, 0x41};
    for (size_t i = 0; i < sizeof flags; i++)
        open_connection(f, flags[i]);
    if (f->mechanism->version == 0)
        return;
    for (int has_checksum = 0; has_checksum < 2; has_checksum++) {
        open_connection(f, has_checksum ? 0x81 : 0x01);
        struct plait_mptcp_option o = capable(f, has_checksum ? 0x81 : 0x01);
        o.capable.has_sender_key = o.capable.has_receiver_key = true;
        o.capable.sender_key = f->keys[CLIENT];
        o.capable.receiver_key = f->keys[SERVER];
        o.capable.has_data_length = true;
        o.capable.data_length = 28;
        o.capable.has_checksum = has_checksum;
        o.capable.checksum = 0xbeef;
        show(f, PLAIT_ACK | PLAIT_PSH, &o, 28);
    }
}

/* On a subflow of its own: the packets of a join, with proofs that are right. */
static void one_mp_join(struct forms *f, bool backup)
{
    open_connection(f, 0x01);
    uint32_t nonces[2] = {0x1b665a18, 0x33abe9d5};
    struct plait_mptcp_option o = {.subtype = PLAIT_MP_JOIN};
    f->connection++; /* the joining subflow */
    o.join = (struct plait_mp_join){.form = PLAIT_JOIN_SYN,
                                    .backup = backup,
                                    .addr_id = 2,
                                    .token = f->mechanism->token(f->keys[SERVER]),
                                    .nonce = nonces[CLIENT]};
    send(f, CLIENT, PLAIT_SYN, &o, 0, "join");
    o.join.form = PLAIT_JOIN_SYN_ACK;
    o.join.nonce = nonces[SERVER];
    f->mechanism->join_proof(f->keys[SERVER], f->keys[CLIENT], nonces[SERVER], nonces[CLIENT],
                             o.join.hmac);
    send(f, SERVER, PLAIT_SYN | PLAIT_ACK, &o, 0, "join");
    o.join = (struct plait_mp_join){.form = PLAIT_JOIN_ACK};
    f->mechanism->join_proof(f->keys[CLIENT], f->keys[SERVER], nonces[CLIENT], nonces[SERVER],
                             o.join.hmac);
    send(f, CLIENT, PLAIT_ACK, &o, 0, "join");
}

static void all_mp_join(struct forms *f)
{
    one_mp_join(f, false);
    one_mp_join(f, true);
}

/* Each bit of FORM is one choice; forms that make no difference are left out. */
static void all_dss(struct forms *f)
{
    for (unsigned form = 0; form < 64; form++) {
        struct plait_dss d = {.has_ack = form & 1,
                              .ack_is_64 = form & 2,
                              .has_map = form & 4,
                              .dsn_is_64 = form & 8,
                              .has_checksum = form & 16,
                              .data_fin = form & 32};
        bool redundant = (d.ack_is_64 && !d.has_ack) ||
                         ((d.dsn_is_64 || d.has_checksum || d.data_fin) && !d.has_map);
        if (redundant)
            continue;
        open_connection(f, d.has_checksum ? 0x81 : 0x01);
        d.data_ack = d.ack_is_64 ? f->mechanism->idsn(f->keys[SERVER]) + 1
                                 : (uint32_t)f->mechanism->idsn(f->keys[SERVER]) + 1;
        d.dsn = f->mechanism->idsn(f->keys[CLIENT]) + 1;
        d.ssn = 1;
        d.data_length = (uint16_t)(28 + d.data_fin);
        d.checksum = 0x082f;
        struct plait_mptcp_option o = {.subtype = PLAIT_DSS, .dss = d};
        show(f, PLAIT_ACK, &o, d.has_map ? 28 : 0);
    }
}

static void infinite_mapping(struct forms *f)
{
    open_connection(f, 0x01);
    struct plait_mptcp_option o = {
        .subtype = PLAIT_DSS,
        .dss = {.has_map = true, .dsn = f->mechanism->idsn(f->keys[CLIENT]) + 1, .ssn = 1}};
    show(f, PLAIT_ACK, &o, 28);
}

static void all_add_addr(struct forms *f)
{
    static const char *const texts[] = {"198.18.3.1", "2001:db8::3:1"};
    for (unsigned form = 0; form < 8; form++) {
        struct plait_add_addr a = {.is_v0 = f->mechanism->version == 0,
                                   .addr_id = (uint8_t)(form + 2),
                                   .has_port = form & 2,
                                   .port = 8080,
                                   .echo = form & 4};
        if (a.is_v0 && a.echo)
            continue;
        open_connection(f, 0x01);
        PLAIT_CHECK(plait_ok(plait_addr_parse(texts[form & 1], &a.addr)));
        f->mechanism->seal_add_addr(f->keys[CLIENT], f->keys[SERVER], &a);
        struct plait_mptcp_option o = {.subtype = PLAIT_ADD_ADDR, .add_addr = a};
        show(f, PLAIT_ACK, &o, 0);
    }
}

static void all_remove_addr(struct forms *f)
{
    static const uint8_t counts[] = {1, 2, 3, 4, 37};
    for (size_t i = 0; i < sizeof counts; i++) {
        struct plait_mptcp_option o = {.subtype = PLAIT_REMOVE_ADDR,
                                       .remove_addr = {.count = counts[i]}};
        for (uint8_t id = 0; id < counts[i]; id++)
            o.remove_addr.addr_ids[id] = (uint8_t)(id + 1);
        open_connection(f, 0x01);
        show(f, PLAIT_ACK, &o, 0);
    }
}

static void all_mp_prio(struct forms *f)
{
    for (unsigned form = 0; form < 4; form++) {
        struct plait_mptcp_option o = {
            .subtype = PLAIT_MP_PRIO,
            .prio = {.backup = form & 1, .has_addr_id = form & 2, .addr_id = 9}};
        if (o.prio.has_addr_id && f->mechanism->version == 1)
            continue;
        open_connection(f, 0x01);
        show(f, PLAIT_ACK, &o, 0);
    }
}

static void all_mp_fail(struct forms *f)
{
    static const uint8_t flags[] = {PLAIT_ACK, PLAIT_RST | PLAIT_ACK};
    for (size_t i = 0; i < sizeof flags; i++) {
        open_connection(f, 0x01);
        struct plait_mptcp_option o = {.subtype = PLAIT_MP_FAIL,
                                       .fail = {.dsn = f->mechanism->idsn(f->keys[CLIENT]) + 1}};
        show(f, flags[i], &o, 0);
    }
}

/* Option A on an ACK, and option R, which v0 does not have, on a RST. */
static void all_mp_fastclose(struct forms *f)
{
    static const uint8_t flags[] = {PLAIT_ACK, PLAIT_RST};
    for (size_t i = 0; i < (f->mechanism->version == 0 ? 1 : sizeof flags); i++) {
        open_connection(f, 0x01);
        struct plait_mptcp_option o = {.subtype = PLAIT_MP_FASTCLOSE,
                                       .fastclose = {.receiver_key = f->keys[SERVER]}};
        show(f, flags[i], &o, 0);
    }
}

static void all_mp_tcprst(struct forms *f)
{
    for (uint8_t form = 0; form < 16 && f->mechanism->version == 1; form++) {
        struct plait_mptcp_option o = {.subtype = PLAIT_MP_TCPRST,
                                       .tcprst = {.flags = form, .reason = form % 7}};
        open_connection(f, 0x01);
        show(f, PLAIT_RST | PLAIT_ACK, &o, 0);
    }
}

static void all_forms(struct forms *f)
{
    all_mp_capable(f);
    all_mp_join(f);
    all_dss(f);
    infinite_mapping(f);
    all_add_addr(f);
    all_remove_addr(f);
    all_mp_prio(f);
    all_mp_fail(f);
    all_mp_fastclose(f);
    all_mp_tcprst(f);
}

static void set_hosts(struct forms *f, const char *client, const char *server)
{
    PLAIT_CHECK(plait_ok(plait_addr_parse(client, &f->hosts[CLIENT])));
    PLAIT_CHECK(plait_ok(plait_addr_parse(server, &f->hosts[SERVER])));
}

int main(int argc, char **argv)
{
    static const struct plait_mechanism *const mechanisms[] = {&plait_mechanism_v0,
                                                               &plait_mechanism_v1};
    FILE *file = argc == 2 ? fopen(argv[1], "wb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: write_forms FILE\n");
        return 2;
    }
    struct forms f = {.out = plait_pcapng_new(file, "every form of every MPTCP option"),
                      .draws = plait_draw_key(1)};
    PLAIT_CHECK(f.out);
    for (size_t i = 0; i < 2; i++) {
        f.mechanism = mechanisms[i];
        f.interface = plait_pcapng_interface(f.out, f.mechanism->name, "forms of one version");
        set_hosts(&f, "198.18.1.1", "198.18.2.1");
        all_forms(&f);
        set_hosts(&f, "2001:db8::1:1", "2001:db8::2:1");
        all_forms(&f);
    }
    bool ok = plait_ok(plait_pcapng_end(f.out));
    return fclose(file) == 0 && ok ? 0 : 1;
}
