/* gzip and zstd: pulled in one way and in another, the same octets and the same counts come out. */
#include "fuzz/target.h"

#include <string.h>

#include "base/octets.h"
#include "capture/unpack.h"

enum { OUTPUT_MAX_OCTETS = 64 << 10, ROOM_OCTETS = 16 << 10 };

static uint8_t room[ROOM_OCTETS];

struct outcome {
    uint64_t digest, octets;
    struct plait_capture_counts counts;
};

static void unpack(const uint8_t *octets, size_t length, size_t room_octets, struct outcome *o)
{
    struct plait_buffer from = plait_buffer_memory(octets, length);
    enum plait_packing packing =
        length < 4 ? PLAIT_NOT_PACKED : plait_packing_of(plait_load_u32(octets));
    if (packing == PLAIT_NOT_PACKED)
        return;
    struct plait_unpack *u = plait_unpack_new(packing, &from, &o->counts);
    PLAIT_CHECK(u);
    struct plait_source source = plait_unpack_source(u);
    size_t got;
    while (o->octets < OUTPUT_MAX_OCTETS &&
           source.pull(source.self, room, room_octets, &got) == PLAIT_PULL_SOME) {
        PLAIT_CHECK(got > 0 && got <= room_octets);
        for (size_t i = 0; i < got; i++)
            o->digest = o->digest * 31 + room[i];
        o->octets += got;
    }
    plait_unpack_free(u);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
    struct outcome one = {0}, other = {0};
    unpack(octets, length, ROOM_OCTETS, &one);
    unpack(octets, length, 1 + length % 997, &other);
    if (one.octets < OUTPUT_MAX_OCTETS && other.octets < OUTPUT_MAX_OCTETS)
        PLAIT_CHECK(memcmp(&one, &other, sizeof one) == 0);
    return 0;
}
