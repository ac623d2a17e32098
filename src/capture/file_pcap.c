/* capture/file_pcap.c: pcap (draft-ietf-opsawg-pcap) and its variants.
 *
 * Known beside the two magics of the draft: 0xa1b2cd34 (records of 24 octets), the two of Ixia (the
 * length of all records behind the file's header), and versions before 2.4, which have a record's
 * lengths in another order. */
#include "capture/file_inside.h"

enum { FILE_HEAD_OCTETS = 24, NS_PER_S = 1000000000, US_PER_S = 1000000 };

static const struct magic {
    uint32_t magic;
    uint32_t ticks_per_second;
    uint8_t extra_octets; /* behind the file's header */
    uint8_t head_octets;  /* of a record */
} magics[] = {
    {0xa1b2c3d4, US_PER_S, 0, 16}, {0xa1b23c4d, NS_PER_S, 0, 16}, {0xa1b2cd34, US_PER_S, 0, 24},
    {0x1c0001ac, US_PER_S, 4, 16}, {0x1c0001ab, US_PER_S, 4, 16},
};

static const struct magic *find_magic(uint32_t head)
{
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
        if (head == magics[i].magic || head == __builtin_bswap32(magics[i].magic))
            return &magics[i];
    return NULL;
}

bool plait_file_is_pcap(uint32_t head)
{
    return find_magic(head) != NULL;
}

/* Before 2.4 the lengths stood in the other order, and in 2.3 in either. */
static bool set_version(struct plait_file *f, unsigned major, unsigned minor)
{
    f->lengths_in_any_order = major == 543 || minor < 4;
    return (major == 2 && minor <= 4) || major == 543;
}

enum plait_next plait_file_open_pcap(struct plait_file *f)
{
    const uint8_t *head = f->in.at;
    const struct magic *magic = find_magic(plait_load_u32(head));
    size_t octets = (size_t)FILE_HEAD_OCTETS + magic->extra_octets;
    enum plait_pull pull = plait_buffer_need(&f->in, octets);
    if (pull == PLAIT_PULL_WAIT)
        return PLAIT_NEXT_WAIT;
    head = f->in.at;
    f->kind = PLAIT_FILE_PCAP;
    if (pull != PLAIT_PULL_SOME)
        return plait_file_stop(f, pull, true);
    f->little_endian = plait_load_u32(head) != magic->magic;
    if (!set_version(f, plait_file_u16(f, head + 4), plait_file_u16(f, head + 6)))
        return plait_file_broke(f, PLAIT_CAPTURE_FILE_VERSION);
    f->head_octets = magic->head_octets;
    f->interfaces[0] = (struct plait_file_interface){
        /* the upper half says how long the frame check sequence is, behind all that we read */
        .link_type = (uint16_t)plait_file_u32(f, head + 20),
        .is_usable = true,
        .ticks_per_second = magic->ticks_per_second,
    };
    f->interface_count = f->section_count = 1;
    plait_file_set_unit(f, 0);
    f->in.at += octets;
    return PLAIT_NEXT_FRAME;
}

/* What was captured is never more than what there was. */
static void read_lengths(const struct plait_file *f, const uint8_t *head, uint32_t *captured,
                         uint32_t *wire)
{
    uint32_t first = plait_file_u32(f, head + 8), second = plait_file_u32(f, head + 12);
    *captured = f->lengths_in_any_order && second < first ? second : first;
    *wire = first < second ? second : first;
}

static void set_frame(struct plait_file *f, struct plait_frame *frame, const uint8_t *head)
{
    uint64_t seconds = plait_file_u32(f, head), fraction = plait_file_u32(f, head + 4);
    *frame = (struct plait_frame){
        .number = f->number,
        .at_ns = plait_file_time(f, 0, seconds * f->interfaces[0].ticks_per_second + fraction),
        .octets = head + f->head_octets,
        .link_type = f->interfaces[0].link_type,
    };
}

enum plait_next plait_file_next_pcap(struct plait_file *f, struct plait_frame *frame)
{
    for (;;) {
        enum plait_pull pull = f->skip_octets ? plait_buffer_skip(&f->in, &f->skip_octets)
                                              : plait_buffer_need(&f->in, f->head_octets);
        if (pull != PLAIT_PULL_SOME)
            return plait_file_stop(f, pull, f->skip_octets > 0);
        if (plait_buffer_left(&f->in) < f->head_octets)
            continue; /* behind what was passed over */
        uint32_t captured, wire;
        read_lengths(f, f->in.at, &captured, &wire);
        uint64_t record = (uint64_t)f->head_octets + captured;
        bool fits = plait_buffer_fits(&f->in, record);
        pull = fits ? plait_buffer_need(&f->in, (size_t)record) : PLAIT_PULL_SOME;
        if (pull != PLAIT_PULL_SOME)
            return plait_file_stop(f, pull, true);
        f->number++;
        f->octets += record;
        if (!fits) {
            plait_capture_count(f->counts, PLAIT_CAPTURE_RECORD_LONG);
            plait_file_skip(f, record);
            continue;
        }
        set_frame(f, frame, f->in.at);
        frame->length_octets = captured;
        frame->wire_octets = wire;
        f->in.at += record;
        return PLAIT_NEXT_FRAME;
    }
}
