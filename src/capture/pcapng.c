/* capture/pcapng.c: one section in network byte order, written block by block. */
#include "capture/pcapng.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/panic.h"
#include "capture/blocks.h"
#include "capture/link.h"
#include "wire/ip.h"

enum { ETHERNET_OCTETS = 14, NANOSECONDS = 9, OPTIONS_MAX = 4 };

static const uint8_t zeros[3]; /* padding */

struct plait_pcapng {
    FILE *file;
    int interface_count;
    bool failed;
};

/* One option of a block; none if VALUE is NULL. */
struct option {
    uint16_t code;
    uint16_t length;
    const void *value;
};

static struct option text_option(uint16_t code, const char *text)
{
    return (struct option){code, text ? (uint16_t)strnlen(text, UINT16_MAX) : 0, text};
}

static size_t padding(size_t length_octets)
{
    return (4 - length_octets % 4) % 4;
}

static void put(struct plait_pcapng *p, const void *octets, size_t length_octets)
{
    if (length_octets && fwrite_unlocked(octets, 1, length_octets, p->file) != length_octets)
        p->failed = true;
}

static void put_padded(struct plait_pcapng *p, const void *octets, size_t length_octets)
{
    put(p, octets, length_octets);
    put(p, zeros, padding(length_octets));
}

static void put_u32(struct plait_pcapng *p, uint32_t value)
{
    uint8_t octets[4];
    struct plait_writer w = plait_writer(octets, sizeof octets);
    plait_write_u32(&w, value);
    put(p, octets, sizeof octets);
}

static void put_option_head(struct plait_pcapng *p, uint16_t code, uint16_t length)
{
    put_u32(p, (uint32_t)code << 16 | length);
}

static size_t option_octets(const struct option options[OPTIONS_MAX])
{
    size_t octets = 4; /* end of options */
    for (size_t i = 0; i < OPTIONS_MAX; i++)
        if (options[i].value)
            octets += 4 + options[i].length + padding(options[i].length);
    return octets;
}

static void put_options(struct plait_pcapng *p, const struct option options[OPTIONS_MAX])
{
    for (size_t i = 0; i < OPTIONS_MAX; i++) {
        if (!options[i].value)
            continue;
        put_option_head(p, options[i].code, options[i].length);
        put_padded(p, options[i].value, options[i].length);
    }
    put_option_head(p, PLAIT_OPT_END, 0);
}

/* A block is type, length, fixed part, data of two pieces, options, length again. */
struct block {
    uint32_t type;
    struct plait_writer fixed;
    const void *data[2];
    size_t data_octets[2];
    struct option options[OPTIONS_MAX];
};

static void put_block(struct plait_pcapng *p, const struct block *b)
{
    size_t data = b->data_octets[0] + b->data_octets[1];
    size_t length =
        12 + plait_writer_used(&b->fixed) + data + padding(data) + option_octets(b->options);
    put_u32(p, b->type);
    put_u32(p, (uint32_t)length);
    put(p, b->fixed.start, plait_writer_used(&b->fixed));
    put(p, b->data[0], b->data_octets[0]);
    put(p, b->data[1], b->data_octets[1]);
    put(p, zeros, padding(data));
    put_options(p, b->options);
    put_u32(p, (uint32_t)length);
}

static void put_section(struct plait_pcapng *p, const char *comment)
{
    uint8_t fixed[16];
    struct block b = {.type = PLAIT_BLOCK_SECTION,
                      .fixed = plait_writer(fixed, sizeof fixed),
                      .options = {text_option(PLAIT_OPT_COMMENT, comment),
                                  text_option(PLAIT_OPT_USER_APPLICATION, "plait " PLAIT_VERSION)}};
    plait_write_u32(&b.fixed, PLAIT_BYTE_ORDER_MAGIC);
    plait_write_u16(&b.fixed, 1); /* version 1.0 */
    plait_write_u16(&b.fixed, 0);
    plait_write_u64(&b.fixed, UINT64_MAX); /* section length: not stated */
    put_block(p, &b);
}

struct plait_pcapng *plait_pcapng_new(FILE *file, const char *comment)
{
    struct plait_pcapng *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->file = file;
    put_section(p, comment);
    if (!p->failed)
        return p;
    free(p);
    return NULL;
}

int plait_pcapng_interface(struct plait_pcapng *p, const char *name, const char *description)
{
    static const uint8_t resolution = NANOSECONDS;
    uint8_t fixed[8];
    struct block b = {.type = PLAIT_BLOCK_INTERFACE,
                      .fixed = plait_writer(fixed, sizeof fixed),
                      .options = {text_option(PLAIT_OPT_IF_NAME, name),
                                  text_option(PLAIT_OPT_IF_DESCRIPTION, description),
                                  {PLAIT_OPT_IF_TSRESOL, 1, &resolution}}};
    plait_write_u16(&b.fixed, PLAIT_LINK_ETHERNET);
    plait_write_u16(&b.fixed, 0);
    plait_write_u32(&b.fixed, 0); /* whole packets */
    put_block(p, &b);
    return p->interface_count++;
}

/* A locally administered address that shows the family and the last four octets of ADDR. */
static void write_mac(struct plait_writer *w, const struct plait_addr *addr)
{
    size_t length = plait_addr_octets(addr->family);
    plait_write_u8(w, 0x02);
    plait_write_u8(w, addr->family);
    plait_write_octets(w, addr->octets + (length ? length - 4 : 0), 4);
}

/* Packets that are no IP are framed as IPv4, which a reader will find malformed as it should. */
static void write_ethernet(struct plait_writer *w, const void *packet, size_t length_octets)
{
    struct plait_ip ip;
    plait_result whole = plait_ip_parse(packet, length_octets, &ip);
    (void)whole; /* addresses are there even of a fragment or a packet with a wrong sum */
    write_mac(w, &ip.dst);
    write_mac(w, &ip.src);
    bool is_ipv6 = length_octets && *(const uint8_t *)packet >> 4 == 6;
    plait_write_u16(w, is_ipv6 ? PLAIT_ETHERTYPE_IPV6 : PLAIT_ETHERTYPE_IPV4);
}

void plait_pcapng_packet(struct plait_pcapng *p, int interface, plait_time_ns at_ns,
                         enum plait_direction direction, const void *ip_packet,
                         uint32_t length_octets, const char *comment)
{
    PLAIT_CHECK(interface >= 0 && interface < p->interface_count);
    uint8_t fixed[20], ethernet[ETHERNET_OCTETS], flags[4];
    struct plait_writer e = plait_writer(ethernet, sizeof ethernet);
    struct plait_writer f = plait_writer(flags, sizeof flags);
    write_ethernet(&e, ip_packet, length_octets);
    plait_write_u32(&f, direction);
    struct block b = {.type = PLAIT_BLOCK_ENHANCED,
                      .fixed = plait_writer(fixed, sizeof fixed),
                      .data = {ethernet, ip_packet},
                      .data_octets = {sizeof ethernet, length_octets},
                      .options = {{PLAIT_OPT_EPB_FLAGS, sizeof flags, flags},
                                  text_option(PLAIT_OPT_COMMENT, comment)}};
    plait_write_u32(&b.fixed, (uint32_t)interface);
    plait_write_u64(&b.fixed, (uint64_t)at_ns);
    plait_write_u32(&b.fixed, (uint32_t)(sizeof ethernet + length_octets)); /* captured */
    plait_write_u32(&b.fixed, (uint32_t)(sizeof ethernet + length_octets)); /* on the wire */
    put_block(p, &b);
}

plait_result plait_pcapng_end(struct plait_pcapng *p)
{
    bool failed = fflush(p->file) != 0 || p->failed;
    free(p);
    return failed ? PLAIT_FAIL(SYSTEM) : PLAIT_OK;
}
