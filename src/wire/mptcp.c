/* wire/mptcp.c: the table of MPTCP options, and what all of them share: kind, length, raw form. */
#include "wire/mptcp_table.h"

#include <string.h>

static const struct plait_mptcp_codec *const codecs[] = {
    [PLAIT_MP_CAPABLE] = &plait_mp_capable_codec,
    [PLAIT_MP_JOIN] = &plait_mp_join_codec,
    [PLAIT_DSS] = &plait_dss_codec,
    [PLAIT_ADD_ADDR] = &plait_add_addr_codec,
    [PLAIT_REMOVE_ADDR] = &plait_remove_addr_codec,
    [PLAIT_MP_PRIO] = &plait_mp_prio_codec,
    [PLAIT_MP_FAIL] = &plait_mp_fail_codec,
    [PLAIT_MP_FASTCLOSE] = &plait_mp_fastclose_codec,
    [PLAIT_MP_TCPRST] = &plait_mp_tcprst_codec,
    [PLAIT_MP_EXPERIMENTAL] = &plait_mp_experimental_codec,
};

static const struct plait_mptcp_codec *codec_of(unsigned subtype)
{
    return subtype < sizeof codecs / sizeof codecs[0] ? codecs[subtype] : NULL;
}

const char *plait_mptcp_subtype_name(unsigned subtype)
{
    const struct plait_mptcp_codec *codec = codec_of(subtype);
    return codec ? codec->name : NULL;
}

void plait_mptcp_print_reserved(struct plait_text *t, unsigned reserved)
{
    if (reserved)
        plait_text_add(t, " reserved=%x", reserved);
}

uint8_t plait_mptcp_nibble(uint8_t reserved, bool flag)
{
    return (uint8_t)((reserved << 1 & 0x0e) | flag);
}

static plait_result parse_known(const uint8_t *octets, size_t length_octets,
                                struct plait_mptcp_option *option)
{
    struct plait_reader r = plait_reader(octets, length_octets);
    uint8_t kind = plait_read_u8(&r);
    uint8_t length = plait_read_u8(&r);
    struct plait_reader peek = r;
    uint8_t subtype = plait_read_u8(&peek) >> 4;
    if (peek.failed || length != length_octets || length > sizeof option->raw.octets)
        return PLAIT_FAIL(BAD_LENGTH);
    if (kind != PLAIT_OPTION_MPTCP)
        return PLAIT_FAIL(BAD_VALUE);
    const struct plait_mptcp_codec *codec = codec_of(subtype);
    if (!codec)
        return PLAIT_FAIL(UNKNOWN_OPTION);
    option->subtype = subtype;
    PLAIT_TRY(codec->parse(&r, option));
    return r.failed || plait_reader_left(&r) ? PLAIT_FAIL(BAD_LENGTH) : PLAIT_OK;
}

static void keep_raw(const uint8_t *octets, size_t length_octets, enum plait_reason why,
                     struct plait_mptcp_option *option)
{
    size_t room = sizeof option->raw.octets;
    size_t kept = length_octets < room ? length_octets : room;
    memset(option, 0, sizeof *option);
    option->is_raw = true;
    option->subtype = kept > 2 ? octets[2] >> 4 : PLAIT_MPTCP_NO_SUBTYPE;
    option->raw.length = (uint8_t)kept;
    option->raw.why = why;
    if (kept)
        memcpy(option->raw.octets, octets, kept);
}

plait_result plait_mptcp_parse(const uint8_t *octets, size_t length_octets,
                               struct plait_mptcp_option *option)
{
    memset(option, 0, sizeof *option);
    plait_result result = parse_known(octets, length_octets, option);
    if (!plait_ok(result))
        keep_raw(octets, length_octets, result.reason, option);
    return result;
}

static size_t raw_octets(const struct plait_mptcp_raw *raw)
{
    return raw->length < sizeof raw->octets ? raw->length : sizeof raw->octets;
}

size_t plait_mptcp_octets(const struct plait_mptcp_option *option)
{
    if (option->is_raw)
        return raw_octets(&option->raw);
    const struct plait_mptcp_codec *codec = codec_of(option->subtype);
    return codec ? codec->octets(option) : 0;
}

void plait_mptcp_write(struct plait_writer *w, const struct plait_mptcp_option *option)
{
    if (option->is_raw) {
        plait_write_octets(w, option->raw.octets, raw_octets(&option->raw));
        return;
    }
    const struct plait_mptcp_codec *codec = codec_of(option->subtype);
    if (!codec) {
        w->failed = true;
        return;
    }
    plait_write_u8(w, PLAIT_OPTION_MPTCP);
    plait_write_u8(w, (uint8_t)codec->octets(option));
    plait_write_u8(w, (uint8_t)(option->subtype << 4 | (codec->low_nibble(option) & 0x0f)));
    if (codec->write)
        codec->write(w, option);
}

static void print_raw(struct plait_text *t, const struct plait_mptcp_option *option)
{
    const char *name = plait_mptcp_subtype_name(option->subtype);
    if (name)
        plait_text_add(t, "%s", name);
    else if (option->subtype == PLAIT_MPTCP_NO_SUBTYPE)
        plait_text_add(t, "MPTCP");
    else
        plait_text_add(t, "MPTCP subtype=%u", option->subtype);
    plait_text_add(t, " raw=");
    plait_text_hex(t, option->raw.octets, raw_octets(&option->raw));
    plait_text_add(t, " %s", plait_reason_name(option->raw.why));
}

void plait_mptcp_print(struct plait_text *t, const struct plait_mptcp_option *option)
{
    const struct plait_mptcp_codec *codec = codec_of(option->subtype);
    if (option->is_raw || !codec) {
        print_raw(t, option);
        return;
    }
    plait_text_add(t, "%s", codec->name);
    codec->print(t, option);
}
