/* Writes every form of frame that is unwrapped (tests/unit/capture/forms.h) into one pcapng file
 * with an interface for each, and one of them into each kind of pcap. Usage: write_frames FOLDER */
#include <stdio.h>

#include "tests/unit/capture/build.h"
#include "tests/unit/capture/forms.h"

static uint8_t octets[1 << 17];

static struct build begin(bool little)
{
    return (struct build){plait_writer(octets, sizeof octets), little};
}

static int end(const struct build *b, const char *folder, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file || b->w.failed)
        return 1;
    fwrite(octets, 1, plait_writer_used(&b->w), file);
    return fclose(file) ? 1 : 0;
}

/* Each form is an interface, with a unit of time of its own. */
static int write_forms(const char *folder, bool little)
{
    struct build b = begin(little);
    put_section(&b, little);
    for (uint32_t i = 0; i < FORMS; i++)
        put_interface(&b, forms[i].link_type, forms[i].name, i % 10, (int64_t)i % 3);
    for (uint32_t i = 0; i < FORMS; i++) {
        struct frame_build f = form_frame(forms[i].frame);
        end_block(&b, begin_packet(&b, i % 4 ? 6 : 2, i, 1000000007 + i, f.octets,
                                   (uint32_t)f.length, (uint32_t)f.length));
    }
    return end(&b, folder, little ? "forms-little.pcapng" : "forms-big.pcapng");
}

static int write_pcap(const char *folder, unsigned kind, bool little)
{
    static const uint32_t magics[] = {0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34, 0x1c0001ac, 0x1c0001ab};
    struct frame_build f = form_frame("@4");
    char name[64];
    struct build b = begin(little);
    put_pcap(&b, magics[kind], 2, 4, 101);
    if (kind >= 3)
        put_u32(&b, (uint32_t)(2 * (16 + f.length)));
    for (uint32_t i = 0; i < 2; i++) {
        put_record(&b, 1700000000 + i, 123456, (uint32_t)f.length, (uint32_t)f.length);
        if (kind == 2)
            put_hex(&b, "00000002 0800 0000");
        plait_write_octets(&b.w, f.octets, f.length);
    }
    snprintf(name, sizeof name, "%08x-%s.pcap", magics[kind], little ? "little" : "big");
    return end(&b, folder, name);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: write_frames FOLDER\n");
        return 2;
    }
    int failed = 0;
    for (int little = 0; little < 2; little++) {
        failed |= write_forms(argv[1], little);
        for (unsigned kind = 0; kind < 5; kind++)
            failed |= write_pcap(argv[1], kind, little);
    }
    return failed;
}
