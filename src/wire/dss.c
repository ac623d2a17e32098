/* wire/dss.c: DSS, data acknowledgement and data sequence mapping, RFC 8684 §3.3. */
#include <inttypes.h>

#include "wire/mptcp_table.h"

enum { /* octet 3 */
       FLAG_ACK = 0x01,
       FLAG_ACK_64 = 0x02,
       FLAG_MAP = 0x04,
       FLAG_DSN_64 = 0x08,
       FLAG_DATA_FIN = 0x10
};

static size_t number_octets(bool present, bool is_64)
{
    return present ? (is_64 ? 8 : 4) : 0;
}

/* Octets of the whole option without the checksum. */
static size_t unsummed_octets(const struct plait_dss *d)
{
    return 4 + number_octets(d->has_ack, d->ack_is_64) + number_octets(d->has_map, d->dsn_is_64) +
           (d->has_map ? 6 : 0);
}

static uint64_t read_number(struct plait_reader *r, bool is_64)
{
    return is_64 ? plait_read_u64(r) : plait_read_u32(r);
}

static void write_number(struct plait_writer *w, bool is_64, uint64_t value)
{
    if (is_64)
        plait_write_u64(w, value);
    else
        plait_write_u32(w, (uint32_t)value);
}

/* A 64-bit flag without its field means nothing and is kept (RFC 8684 §3.3: presence is A, M). */
static plait_result parse(struct plait_reader *r, struct plait_mptcp_option *option)
{
    struct plait_dss *d = &option->dss;
    size_t length = plait_reader_left(r) + 2;
    uint16_t bits = plait_read_u16(r);
    d->reserved = bits >> 5 & 0x7f;
    d->data_fin = bits & FLAG_DATA_FIN;
    d->has_ack = bits & FLAG_ACK;
    d->ack_is_64 = bits & FLAG_ACK_64;
    d->has_map = bits & FLAG_MAP;
    d->dsn_is_64 = bits & FLAG_DSN_64;
    d->has_checksum = d->has_map && length == unsummed_octets(d) + 2;
    if (d->has_ack)
        d->data_ack = read_number(r, d->ack_is_64);
    if (!d->has_map)
        return PLAIT_OK;
    d->dsn = read_number(r, d->dsn_is_64);
    d->ssn = plait_read_u32(r);
    d->data_length = plait_read_u16(r);
    d->checksum = d->has_checksum ? plait_read_u16(r) : 0;
    return PLAIT_OK;
}

static size_t octets(const struct plait_mptcp_option *option)
{
    const struct plait_dss *d = &option->dss;
    return unsummed_octets(d) + (d->has_map && d->has_checksum ? 2 : 0);
}

static uint8_t low_nibble(const struct plait_mptcp_option *option)
{
    return option->dss.reserved >> 3;
}

static uint8_t flags_octet(const struct plait_dss *d)
{
    return (uint8_t)(d->reserved << 5 | (d->data_fin ? FLAG_DATA_FIN : 0) |
                     (d->dsn_is_64 ? FLAG_DSN_64 : 0) | (d->has_map ? FLAG_MAP : 0) |
                     (d->ack_is_64 ? FLAG_ACK_64 : 0) | (d->has_ack ? FLAG_ACK : 0));
}

static void write(struct plait_writer *w, const struct plait_mptcp_option *option)
{
    const struct plait_dss *d = &option->dss;
    plait_write_u8(w, flags_octet(d));
    if (d->has_ack)
        write_number(w, d->ack_is_64, d->data_ack);
    if (!d->has_map)
        return;
    write_number(w, d->dsn_is_64, d->dsn);
    plait_write_u32(w, d->ssn);
    plait_write_u16(w, d->data_length);
    if (d->has_checksum)
        plait_write_u16(w, d->checksum);
}

static void print_number(struct plait_text *t, const char *name, bool is_64, uint64_t value)
{
    plait_text_add(t, is_64 ? " %s=%016" PRIx64 : " %s=%08" PRIx64, name,
                   is_64 ? value : value & UINT32_MAX);
}

static void print(struct plait_text *t, const struct plait_mptcp_option *option)
{
    const struct plait_dss *d = &option->dss;
    if (d->data_fin)
        plait_text_add(t, " fin");
    if (d->has_ack)
        print_number(t, "ack", d->ack_is_64, d->data_ack);
    if (d->has_map) {
        print_number(t, "dsn", d->dsn_is_64, d->dsn);
        plait_text_add(t, " ssn=%" PRIu32 " data_length=%u", d->ssn, d->data_length);
        if (d->has_checksum)
            plait_text_add(t, " checksum=%04x", d->checksum);
    }
    plait_mptcp_print_reserved(t, d->reserved);
}

const struct plait_mptcp_codec plait_dss_codec = {"DSS", parse, octets, low_nibble, write, print};
