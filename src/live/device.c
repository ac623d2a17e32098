/* live/device.c: one interface as a port of the net: bare IP packets in and out, without blocking.
 * May touch: the device. */
#include "live/inside.h"

static void device_input(void *self, plait_time_ns now, struct plait_packet *packet)
{
    struct plait_live_device *device = self;
    (void)now;
    /* The device counts what it refuses. */
    (void)plait_io_write(device->io, packet->octets, packet->length_octets, &packet->offload);
    plait_packet_free(packet);
}

static struct plait_packet *device_output(void *self, plait_time_ns now)
{
    struct plait_live_device *device = self;
    (void)now;
    if (device->spare == NULL)
        device->spare = plait_packet_new(device->room_octets);
    struct plait_packet *packet = device->spare;
    if (!plait_ok(plait_io_read(device->io, packet->octets, packet->room_octets,
                                &packet->length_octets, &packet->offload)) ||
        packet->length_octets == 0)
        return NULL;
    device->spare = NULL;
    return packet;
}

static plait_time_ns device_deadline(void *self)
{
    (void)self;
    return PLAIT_NEVER;
}

static void device_advance(void *self, plait_time_ns now)
{
    (void)self;
    (void)now;
}

static const struct plait_port_ops operations = {device_input, device_output, device_deadline,
                                                 device_advance};

struct plait_port plait_device_port(struct plait_live_device *device)
{
    return (struct plait_port){.ops = &operations,
                               .self = device,
                               .fd = plait_io_fd(device->io),
                               .takes_offload = plait_io_takes_offload(device->io)};
}

static uint64_t sum_of(const struct plait_reason_counts *counts)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < PLAIT_REASON_COUNT; i++)
        sum += counts->count[i];
    return sum;
}

uint64_t plait_device_invalid(const struct plait_live_device *device)
{
    return sum_of(&plait_io_counters(device->io)->refused_in);
}

uint64_t plait_device_refused(const struct plait_live_device *device)
{
    return sum_of(&plait_io_counters(device->io)->refused_out);
}

void plait_device_close(struct plait_live_device *device)
{
    plait_io_close(device->io);
    device->io = NULL;
    plait_packet_free(device->spare);
    device->spare = NULL;
}
