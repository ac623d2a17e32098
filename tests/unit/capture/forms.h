/* tests/unit/capture/forms.h: every link type and tunnel that is followed, as frames.
 *
 * A frame is text: hexadecimal octets, and between them
 *   [4:N] [6:N]  an outer IPv4 or IPv6 header with protocol N, to the frame's end
 *   <PORT>       a UDP header to PORT, to the frame's end
 *   @4 @6        the innermost packet: a TCP SYN
 * so that lengths and checksums are right, and other decoders agree. */
#ifndef PLAIT_TESTS_CAPTURE_FORMS_H
#define PLAIT_TESTS_CAPTURE_FORMS_H

#include <stdlib.h>

#include "tests/unit/hex.h"

#include "capture/unwrap.h"
#include "wire/checksum.h"
#include "wire/tcp.h"

#define FRAME_ROOM 1024

struct frame_build {
    uint8_t octets[FRAME_ROOM];
    size_t length;
    size_t inner_at;  /* of the innermost packet */
    size_t starts[8]; /* of headers whose lengths are set at the end */
    char kinds[8];
    unsigned count;
};

static inline size_t form_inner(int version, uint8_t *octets, size_t room)
{
    struct plait_segment s = {.ip = {.ttl = 64},
                              .src_port = 40000,
                              .dst_port = 80,
                              .seq = 7,
                              .flags = PLAIT_SYN,
                              .window = 1024};
    size_t length;
    assert_ok(plait_addr_parse(version == 4 ? "198.18.1.1" : "2001:db8:1::1", &s.ip.src));
    assert_ok(plait_addr_parse(version == 4 ? "198.18.2.1" : "2001:db8:2::1", &s.ip.dst));
    assert_ok(plait_segment_build(&s, octets, room, &length));
    return length;
}

static inline void form_open(struct frame_build *f, char kind, const char *head_hex)
{
    f->starts[f->count] = f->length;
    f->kinds[f->count++] = kind;
    f->length += hex(head_hex, f->octets + f->length, sizeof f->octets - f->length);
}

static inline void form_outer_ip(struct frame_build *f, char version, unsigned protocol)
{
    if (version == '4') {
        form_open(f, '4', "45000000 00010000 40000000 c0000201 c0000202");
        f->octets[f->length - 11] = (uint8_t)protocol;
    } else {
        form_open(f, '6',
                  "60000000 00000040 20010db8000000000000000000000001"
                  "20010db8000000000000000000000002");
        f->octets[f->length - 34] = (uint8_t)protocol;
    }
}

/* From the inside out, so that each checksum covers what is right already. */
static inline void form_close(struct frame_build *f)
{
    while (f->count--) {
        uint8_t *at = f->octets + f->starts[f->count];
        size_t length = f->length - f->starts[f->count];
        switch (f->kinds[f->count]) {
        case '4':
            plait_store_u16(at + 2, (uint16_t)length);
            plait_store_u16(at + 10, plait_sum_finish(plait_sum_add(0, at, 20)));
            break;
        case '6':
            plait_store_u16(at + 4, (uint16_t)(length - 40));
            break;
        default:
            plait_store_u16(at + 4, (uint16_t)length);
        }
    }
}

static inline struct frame_build form_frame(const char *text)
{
    struct frame_build f = {.inner_at = SIZE_MAX};
    char pair[3] = {0};
    while (*text) {
        char *end = (char *)text + 1;
        if (*text == '[') {
            form_outer_ip(&f, text[1], (unsigned)strtoul(text + 3, &end, 10));
            end++;
        } else if (*text == '<') {
            form_open(&f, 'u', "c350 0000 0000 0000");
            plait_store_u16(f.octets + f.length - 6, (uint16_t)strtoul(text + 1, &end, 10));
            end++;
        } else if (*text == '@') {
            f.inner_at = f.length;
            f.length += form_inner(text[1] - '0', f.octets + f.length, FRAME_ROOM - f.length);
            end = (char *)text + 2;
        } else if (*text != ' ') {
            memcpy(pair, text, 2);
            f.length += hex(pair, f.octets + f.length, FRAME_ROOM - f.length);
            end = (char *)text + 2;
        }
        text = end;
    }
    form_close(&f);
    return f;
}

#define MACS "020000000001 020000000002 "
#define ETH4 MACS "0800 "
#define ETH6 MACS "86dd "
#define SLL  "0000 0001 0006 0200000000010000 "
#define GTP  "<2152> 30 ff 0028 00000009 "

static const struct form {
    const char *name;
    uint16_t link_type;
    const char *frame;
    const char *outer; /* as plait_outer_print writes it */
} forms[] = {
    {"Ethernet", 1, ETH4 "@4", ""},
    {"Ethernet, IPv6", 1, ETH6 "@6", ""},
    {"Ethernet, padded", 1, ETH4 "@4 000000000000", ""},
    {"802.3 with SNAP", 1, MACS "0030 aaaa03 000000 0800 @4", ""},
    {"VLAN", 1, MACS "8100 e005 0800 @4", "vlan 5"},
    {"QinQ", 1, MACS "88a8 0005 8100 0006 86dd @6", "vlan 5, vlan 6"},
    {"old QinQ", 1, MACS "9100 0005 9200 0007 8100 0006 0800 @4", "vlan 5, vlan 7, vlan 6"},
    {"MPLS", 1, MACS "8847 00010040 00011140 @4", "mpls 16, mpls 17"},
    {"MPLS, pseudowire with control word", 1, MACS "8847 00012140 00000000 " ETH4 "@4", "mpls 18"},
    {"MPLS, upstream label", 1, MACS "8848 00013140 @6", "mpls 19"},
    {"PPPoE", 1, MACS "8864 1100 0007 002a 0021 @4", "pppoe 7"},
    {"PPPoE, IPv6 in a VLAN", 1, MACS "8100 0009 8864 1100 0007 003e 0057 @6", "vlan 9, pppoe 7"},
    {"BSD loopback, little endian", 0, "02000000 @4", ""},
    {"BSD loopback, big endian", 0, "00000002 @4", ""},
    {"BSD loopback, IPv6 of FreeBSD", 0, "1c000000 @6", ""},
    {"BSD loopback, IPv6 of macOS", 0, "0000001e @6", ""},
    {"OpenBSD loopback", 108, "00000018 @6", ""},
    {"raw IP", 101, "@6", ""},
    {"IPv4", 228, "@4", ""},
    {"IPv6", 229, "@6", ""},
    {"cooked", 113, SLL "0800 @4", ""},
    {"cooked, VLAN", 113, SLL "8100 0003 86dd @6", "vlan 3"},
    {"cooked v2", 276, "0800 0000 00000001 0001 00 06 0200000000010000 @4", ""},
    {"cooked v2, IPv6", 276, "86dd 0000 00000001 0001 00 06 0200000000010000 @6", ""},
    {"PPP", 9, "0021 @4", ""},
    {"PPP, address and control", 9, "ff03 0057 @6", ""},
    {"PPP, short protocol", 9, "21 @4", ""},
    {"PPP, HDLC framing", 50, "ff03 0021 @4", ""},
    {"PPP, direction", 204, "01 ff03 0021 @4", ""},
    {"PPP over Ethernet's sessions", 51, "1100 0007 002a 0021 @4", "pppoe 7"},
    {"Cisco HDLC", 104, "0f00 0800 @4", ""},

    {"4in4", 101, "[4:4] @4", "ip (192.0.2.1 > 192.0.2.2)"},
    {"6in4", 101, "[4:41] @6", "ip (192.0.2.1 > 192.0.2.2)"},
    {"4in6", 101, "[6:4] @4", "ip (2001:db8::1 > 2001:db8::2)"},
    {"6in6", 101, "[6:41] @6", "ip (2001:db8::1 > 2001:db8::2)"},
    {"6in6 behind destination options", 101, "[6:60] 29 00 010400000000 @6",
     "ip (2001:db8::1 > 2001:db8::2)"},
    {"4in4in4in4in4", 101, "[4:4] [4:4] [4:4] [4:4] @4",
     "ip (192.0.2.1 > 192.0.2.2), ip (192.0.2.1 > 192.0.2.2), ip (192.0.2.1 > 192.0.2.2), "
     "ip (192.0.2.1 > 192.0.2.2)"},
    {"GRE", 101, "[4:47] 0000 0800 @4", "gre 0 (192.0.2.1 > 192.0.2.2)"},
    {"GRE over IPv6", 101, "[6:47] 0000 86dd @6", "gre 0 (2001:db8::1 > 2001:db8::2)"},
    {"GRE, checksum, key and number", 101, "[4:47] b000 0800 00000000 00000005 00000001 @4",
     "gre 5 (192.0.2.1 > 192.0.2.2)"},
    {"GRE, Ethernet", 101, "[4:47] 2000 6558 00000005 " ETH4 "@4", "gre 5 (192.0.2.1 > 192.0.2.2)"},
    {"GRE, MPLS", 101, "[4:47] 0000 8847 00010140 @4", "gre 0 (192.0.2.1 > 192.0.2.2), mpls 16"},
    {"GRE, PPTP", 101, "[4:47] 3081 880b 002c 0003 00000001 00000002 ff03 0021 @4",
     "gre 3 (192.0.2.1 > 192.0.2.2)"},
    {"ERSPAN I", 101, "[4:47] 0000 88be " ETH4 "@4", "erspan 0 (192.0.2.1 > 192.0.2.2)"},
    {"ERSPAN II", 101, "[4:47] 1000 88be 00000001 1005 0064 00000000 " ETH4 "@4",
     "erspan 100 (192.0.2.1 > 192.0.2.2)"},
    {"ERSPAN III", 101, "[4:47] 1000 22eb 00000001 2005 0065 00000000 0000 0000 " ETH4 "@4",
     "erspan 101 (192.0.2.1 > 192.0.2.2)"},
    {"ERSPAN III, subheader", 101,
     "[4:47] 1000 22eb 00000001 2005 0065 00000000 0000 0001 0000000000000000 " ETH4 "@4",
     "erspan 101 (192.0.2.1 > 192.0.2.2)"},
    {"VXLAN", 1, ETH4 "[4:17] <4789> 08000000 00000700 " ETH4 "@4",
     "vxlan 7 (192.0.2.1 > 192.0.2.2)"},
    {"VXLAN in VXLAN", 1,
     ETH4 "[4:17] <4789> 08000000 00000700 " ETH6 "[6:17] <4789> 08000000 00000800 " ETH4 "@4",
     "vxlan 7 (192.0.2.1 > 192.0.2.2), vxlan 8 (2001:db8::1 > 2001:db8::2)"},
    {"VXLAN-GPE", 1, ETH4 "[4:17] <4790> 0c000002 00000700 @6", "vxlan 7 (192.0.2.1 > 192.0.2.2)"},
    {"Geneve", 1, ETH4 "[4:17] <6081> 0200 6558 00000b00 0000000000000000 " ETH4 "@4",
     "geneve 11 (192.0.2.1 > 192.0.2.2)"},
    {"GTP-U", 101, "[4:17] " GTP "@4", "gtp 9 (192.0.2.1 > 192.0.2.2)"},
    {"GTP-U, number", 101, "[4:17] <2152> 32 ff 002c 00000009 0001 00 00 @4",
     "gtp 9 (192.0.2.1 > 192.0.2.2)"},
    {"GTP-U, extension headers", 101,
     "[6:17] <2152> 34 ff 0038 00000009 0000 00 85 01 0009 85 02 000900000000 00 @4",
     "gtp 9 (2001:db8::1 > 2001:db8::2)"},
    {"MPLS in UDP", 101, "[4:17] <6635> 00010140 @4", "ip (192.0.2.1 > 192.0.2.2), mpls 16"},
};

enum { FORMS = sizeof forms / sizeof forms[0] };

#endif
