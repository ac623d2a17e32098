/* sensor/tap_device.h: a TAP or TUN device as an output: whoever listens on it sees what is
 * written. May touch: /dev/net/tun, the device. */
#ifndef PLAIT_SENSOR_TAP_DEVICE_H
#define PLAIT_SENSOR_TAP_DEVICE_H

#include <stdbool.h>

/* Whether NAME is a device's: "tap" or "tun" and a number. */
bool plait_is_tap_name(const char *name);
/* Opens the device NAME, makes it if there is none (then it goes with this program) and brings it
 * up.  Its descriptor, or -1, and said with how to get it.  A TUN device takes IP packets, a TAP
 * device Ethernet frames. */
int plait_open_tap(const char *command, const char *name);

#endif
