/* lab/schedule.c: u64 digest of all that follows; u64 time of the last packet; u16 octets of ISNs;
 * ISNs: two places, u32; packets: u64 time, u16 length, octets. */
#include "lab/schedule.h"

#include <stdlib.h>

#include "base/hasher.h"
#include "base/panic.h"

enum {
    DIGEST_OCTETS = 8,
    HEAD_OCTETS = DIGEST_OCTETS + 8 + 2,
    PLACE_OCTETS = 1 + 16 + 2,
    ISN_OCTETS = 2 * PLACE_OCTETS + 4,
    ROW_OCTETS = 8 + 2,
    LOG_OCTETS = 16384
};

/* ---- writing ------------------------------------------------------------------------------ */

static uint8_t *take(struct plait_schedule_log *log, size_t length_octets)
{
    size_t needed = log->length_octets + length_octets;
    while (log->room_octets < needed) {
        log->room_octets = log->room_octets ? 2 * log->room_octets : LOG_OCTETS;
        log->octets = realloc(log->octets, log->room_octets);
        if (!log->octets)
            plait_panic("lab: memory exhausted", "a schedule");
    }
    uint8_t *at = log->octets + log->length_octets;
    log->length_octets = needed;
    return at;
}

void plait_schedule_add(struct plait_schedule_log *log, plait_time_ns at_ns, const void *packet,
                        uint16_t length_octets)
{
    if (log->packets == PLAIT_SCHEDULE_PACKETS_MAX)
        return;
    log->packets++;
    log->end_ns = at_ns;
    size_t row_octets = ROW_OCTETS + (size_t)length_octets;
    struct plait_writer w = plait_writer(take(log, row_octets), row_octets);
    plait_write_u64(&w, (uint64_t)at_ns);
    plait_write_u16(&w, length_octets);
    plait_write_octets(&w, packet, length_octets);
}

void plait_schedule_log_free(struct plait_schedule_log *log)
{
    free(log->octets);
    *log = (struct plait_schedule_log){0};
}

static void write_place(struct plait_writer *w, const struct plait_place *place)
{
    plait_write_u8(w, place->addr.family);
    plait_write_octets(w, place->addr.octets, sizeof place->addr.octets);
    plait_write_u16(w, place->port);
}

struct plait_schedule plait_schedule_end(const struct plait_schedule_log *log,
                                         const struct plait_isn *isns, unsigned count)
{
    size_t length_octets = HEAD_OCTETS + (size_t)count * ISN_OCTETS + log->length_octets;
    uint8_t *octets = malloc(length_octets);
    if (!octets)
        plait_panic("lab: memory exhausted", "a schedule");
    struct plait_writer w = plait_writer(octets + DIGEST_OCTETS, length_octets - DIGEST_OCTETS);
    plait_write_u64(&w, (uint64_t)log->end_ns);
    plait_write_u16(&w, (uint16_t)(count * ISN_OCTETS));
    for (unsigned i = 0; i < count; i++) {
        write_place(&w, &isns[i].flow.src);
        write_place(&w, &isns[i].flow.dst);
        plait_write_u32(&w, isns[i].isn);
    }
    plait_write_octets(&w, log->octets, log->length_octets);
    PLAIT_CHECK(!w.failed);
    struct plait_hasher hasher = plait_hasher(0);
    plait_hash_octets(&hasher, octets + DIGEST_OCTETS, length_octets - DIGEST_OCTETS);
    plait_store_u64(octets, plait_hash_end(&hasher));
    return (struct plait_schedule){octets, length_octets};
}

/* ---- reading ------------------------------------------------------------------------------ */

uint64_t plait_schedule_digest(const struct plait_schedule *schedule)
{
    struct plait_reader r = plait_reader(schedule->octets, schedule->length_octets);
    return plait_read_u64(&r);
}

plait_time_ns plait_schedule_end_ns(const struct plait_schedule *schedule)
{
    struct plait_reader r = plait_reader(schedule->octets, schedule->length_octets);
    (void)plait_read_u64(&r);
    return (plait_time_ns)plait_read_u64(&r);
}

struct plait_schedule_reader plait_schedule_reader(const struct plait_schedule *schedule)
{
    struct plait_schedule_reader reader = {
        .packets = plait_reader(schedule->octets, schedule->length_octets)};
    (void)plait_read_octets(&reader.packets, DIGEST_OCTETS + 8);
    reader.isns = plait_read_part(&reader.packets, plait_read_u16(&reader.packets));
    return reader;
}

bool plait_schedule_next(struct plait_schedule_reader *reader, struct plait_schedule_packet *packet)
{
    packet->at_ns = (plait_time_ns)plait_read_u64(&reader->packets);
    packet->length_octets = plait_read_u16(&reader->packets);
    packet->octets = plait_read_octets(&reader->packets, packet->length_octets);
    return !reader->packets.failed;
}

static struct plait_place read_place(struct plait_reader *r)
{
    struct plait_place place = {.addr = {.family = plait_read_u8(r)}};
    const uint8_t *octets = plait_read_octets(r, sizeof place.addr.octets);
    if (octets)
        memcpy(place.addr.octets, octets, sizeof place.addr.octets);
    place.port = plait_read_u16(r);
    return place;
}

bool plait_schedule_isn(const struct plait_schedule_reader *reader,
                        const struct plait_flow_key *flow, uint32_t *isn)
{
    struct plait_reader rows = reader->isns;
    while (plait_reader_left(&rows) >= ISN_OCTETS) {
        struct plait_flow_key key = {.src = read_place(&rows)};
        key.dst = read_place(&rows);
        uint32_t value = plait_read_u32(&rows);
        if (plait_flow_equal(&key, flow)) {
            *isn = value;
            return true;
        }
    }
    return false;
}
