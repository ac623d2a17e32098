/* sensor/flat_output.c: records, frames and map lines. */
#include "sensor/flat_output.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/panic.h"
#include "capture/link.h"

enum { ETHERNET_OCTETS = 14, FILE_HEAD_OCTETS = 24, RECORD_HEAD_OCTETS = 16 };
enum { SNAP_OCTETS = 262144 };

/* Times in nanoseconds, numbers with the first octet first. */
#define MAGIC 0xa1b23c4du

/* ---- frames ---------------------------------------------------------------------------------- */

/* Locally administered: family, and the last four octets of the IP address. */
static void write_mac(struct plait_writer *w, uint8_t family, const uint8_t *last_octets)
{
    plait_write_u8(w, 0x02);
    plait_write_u8(w, family);
    plait_write_octets(w, last_octets, 4);
}

/* What passes need not be whole; a flow's own packets are. */
static void write_ethernet(struct plait_writer *w, const struct plait_flat_packet *p)
{
    static const uint8_t none[4];
    bool is_6 = p->length && p->octets[0] >> 4 == 6;
    size_t src_at = is_6 ? 20 : 12, dst_at = is_6 ? 36 : 16;
    bool has_both = p->length >= dst_at + 4;
    uint8_t family = is_6 ? PLAIT_IPV6 : PLAIT_IPV4;
    write_mac(w, family, has_both ? p->octets + dst_at : none);
    write_mac(w, family, has_both ? p->octets + src_at : none);
    plait_write_u16(w, is_6 ? PLAIT_ETHERTYPE_IPV6 : PLAIT_ETHERTYPE_IPV4);
}

/* ---- files ------------------------------------------------------------------------------------
 */

static void put(struct plait_flat_output *o, FILE *file, const void *octets, size_t length)
{
    o->failed |= length && fwrite(octets, length, 1, file) != 1;
}

static void write_file_head(struct plait_flat_output *o, FILE *file)
{
    uint8_t head[FILE_HEAD_OCTETS];
    struct plait_writer w = plait_writer(head, sizeof head);
    plait_write_u32(&w, MAGIC);
    plait_write_u16(&w, 2); /* version 2.4 */
    plait_write_u16(&w, 4);
    plait_write_zeros(&w, 8);
    plait_write_u32(&w, SNAP_OCTETS);
    plait_write_u32(&w, PLAIT_LINK_ETHERNET);
    put(o, file, head, sizeof head);
}

static void write_record(struct plait_flat_output *o, FILE *file, const struct plait_flat_packet *p)
{
    uint8_t head[RECORD_HEAD_OCTETS + ETHERNET_OCTETS];
    struct plait_writer w = plait_writer(head, sizeof head);
    plait_write_u32(&w, (uint32_t)(p->at_ns / PLAIT_S));
    plait_write_u32(&w, (uint32_t)(p->at_ns % PLAIT_S));
    plait_write_u32(&w, ETHERNET_OCTETS + p->length);
    plait_write_u32(&w, ETHERNET_OCTETS + p->wire_octets);
    write_ethernet(&w, p);
    put(o, file, head, sizeof head);
    put(o, file, p->octets, p->length);
    if (o->at_once)
        o->failed |= fflush(file) != 0;
}

/* ---- devices ----------------------------------------------------------------------------------
 */

/* One write is one packet.  What the device does not take (it is too long, or there is no room) is
 * counted. */
static void write_device(struct plait_flat_output *o, const struct plait_flat_packet *p)
{
    uint8_t head[ETHERNET_OCTETS];
    struct plait_writer w = plait_writer(head, sizeof head);
    write_ethernet(&w, p);
    struct iovec parts[] = {{head, sizeof head}, {(void *)(uintptr_t)p->octets, p->length}};
    bool is_tun = o->framing == PLAIT_FRAMED_TUN;
    ssize_t done;
    do
        done = writev(fileno(o->packets), parts + is_tun, is_tun ? 1 : 2);
    while (done < 0 && errno == EINTR);
    o->refused += done < 0;
}

/* ---- the map ----------------------------------------------------------------------------------
 */

static void name_inputs(struct plait_flat_output *o, unsigned input)
{
    for (; o->named <= input; o->named++) {
        json_t *name = json_string(o->name_of(o->self, o->named));
        char *text = name ? json_dumps(name, JSON_ENCODE_ANY) : NULL;
        fprintf(o->map, "{\"input\":%u,\"name\":%s}\n", o->named, text ? text : "null");
        free(text);
        json_decref(name);
    }
}

static void write_map(struct plait_flat_output *o, const struct plait_flat_packet *p)
{
    for (unsigned i = 0; i < p->from_count; i++)
        name_inputs(o, p->from[i].input);
    fprintf(o->map, "{\"flat\":%" PRIu64 ",\"kind\":\"%s\",\"connection\":%" PRIu64 ",\"from\":[",
            o->written, plait_flat_kind_name(p->kind), p->connection);
    for (unsigned i = 0; i < p->from_count; i++)
        fprintf(o->map, "%s{\"input\":%u,\"frame\":%" PRIu64 "}", i ? "," : "", p->from[i].input,
                p->from[i].frame);
    fputs("]}\n", o->map);
    if (o->at_once)
        fflush(o->map);
}

/* ---- all ---------------------------------------------------------------------------------------
 */

void plait_flat_output_begin(struct plait_flat_output *o)
{
    if (o->framing == PLAIT_FRAMED_PCAP)
        write_file_head(o, o->packets);
    if (o->orphans)
        write_file_head(o, o->orphans);
}

void plait_flat_output_packet(void *output, const struct plait_flat_packet *p)
{
    struct plait_flat_output *o = output;
    if (p->kind == PLAIT_FLAT_ORPHAN && o->orphans) {
        write_record(o, o->orphans, p);
        return;
    }
    o->written++;
    if (o->framing == PLAIT_FRAMED_PCAP)
        write_record(o, o->packets, p);
    else
        write_device(o, p);
    if (o->map)
        write_map(o, p);
}

bool plait_flat_output_end(struct plait_flat_output *o)
{
    FILE *const files[] = {o->packets, o->orphans, o->map};
    for (unsigned i = 0; i < sizeof files / sizeof files[0]; i++)
        if (files[i])
            o->failed |= fflush(files[i]) != 0 || ferror(files[i]);
    return !o->failed;
}
