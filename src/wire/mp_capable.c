/* wire/mp_capable.c: MP_CAPABLE, RFC 8684 §3.1 and RFC 6824 §3.1.
 *
 * The length says which fields are there: each longer form adds one to the form before it. */
#include <inttypes.h>

#include "wire/mptcp_table.h"

/* Octets behind octet 1, up to and with each field. */
enum { TO_FLAGS = 2, TO_SENDER_KEY = 10, TO_RECEIVER_KEY = 18, TO_DATA_LENGTH = 20, TO_SUM = 22 };

static plait_result parse(struct plait_reader *r, struct plait_mptcp_option *option)
{
    struct plait_mp_capable *c = &option->capable;
    size_t length = plait_reader_left(r);
    c->version = plait_read_u8(r) & 0x0f;
    c->flags = plait_read_u8(r);
    c->has_sender_key = length >= TO_SENDER_KEY;
    c->has_receiver_key = length >= TO_RECEIVER_KEY;
    c->has_data_length = length >= TO_DATA_LENGTH;
    c->has_checksum = length >= TO_SUM;
    /* v0 has the key in its SYN and no data in its third ACK. */
    if (c->version == 0 && (!c->has_sender_key || c->has_data_length))
        return PLAIT_FAIL(BAD_LENGTH);
    c->sender_key = c->has_sender_key ? plait_read_u64(r) : 0;
    c->receiver_key = c->has_receiver_key ? plait_read_u64(r) : 0;
    c->data_length = c->has_data_length ? plait_read_u16(r) : 0;
    c->checksum = c->has_checksum ? plait_read_u16(r) : 0;
    return PLAIT_OK;
}

static size_t octets(const struct plait_mptcp_option *option)
{
    const struct plait_mp_capable *c = &option->capable;
    return 2 + TO_FLAGS + 8u * c->has_sender_key + 8u * c->has_receiver_key +
           2u * c->has_data_length + 2u * c->has_checksum;
}

static uint8_t low_nibble(const struct plait_mptcp_option *option)
{
    return option->capable.version;
}

static void write(struct plait_writer *w, const struct plait_mptcp_option *option)
{
    const struct plait_mp_capable *c = &option->capable;
    plait_write_u8(w, c->flags);
    if (c->has_sender_key)
        plait_write_u64(w, c->sender_key);
    if (c->has_receiver_key)
        plait_write_u64(w, c->receiver_key);
    if (c->has_data_length)
        plait_write_u16(w, c->data_length);
    if (c->has_checksum)
        plait_write_u16(w, c->checksum);
}

static void print(struct plait_text *t, const struct plait_mptcp_option *option)
{
    const struct plait_mp_capable *c = &option->capable;
    plait_text_add(t, " v%u flags=%02x", c->version, c->flags);
    if (c->has_sender_key)
        plait_text_add(t, " sender_key=%016" PRIx64, c->sender_key);
    if (c->has_receiver_key)
        plait_text_add(t, " receiver_key=%016" PRIx64, c->receiver_key);
    if (c->has_data_length)
        plait_text_add(t, " data_length=%u", c->data_length);
    if (c->has_checksum)
        plait_text_add(t, " checksum=%04x", c->checksum);
}

const struct plait_mptcp_codec plait_mp_capable_codec = {"MP_CAPABLE", parse, octets,
                                                         low_nibble,   write, print};
