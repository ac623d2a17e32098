/* capture/outer.h: what a packet was wrapped in, from the outside in, as a small value.
 *
 * May touch: nothing but its arguments. */
#ifndef PLAIT_CAPTURE_OUTER_H
#define PLAIT_CAPTURE_OUTER_H

#include "base/text.h"
#include "wire/addr.h"

/* Headers in front of the innermost IP header, each tag and label for itself, and IP headers among
 * them; a packet with more is TOO_DEEP. */
#define PLAIT_LAYERS_MAX  12u
#define PLAIT_TUNNELS_MAX 4u

enum plait_layer_kind {
    PLAIT_LAYER_VLAN,  /* id: VLAN number */
    PLAIT_LAYER_MPLS,  /* label */
    PLAIT_LAYER_PPPOE, /* session */
    /* tunnels: with addresses */
    PLAIT_LAYER_IP,     /* IP in IP, 0 */
    PLAIT_LAYER_GRE,    /* key, or 0 */
    PLAIT_LAYER_ERSPAN, /* session, 0 for type I */
    PLAIT_LAYER_VXLAN,  /* network identifier (VNI) */
    PLAIT_LAYER_GENEVE, /* VNI */
    PLAIT_LAYER_GTP,    /* tunnel endpoint identifier (TEID) */
    PLAIT_LAYER_KIND_COUNT
};

struct plait_layer {
    uint8_t kind; /* enum plait_layer_kind */
    uint32_t id;
    struct plait_addr src, dst; /* of tunnels: of the outer IP header; else unset */
};

struct plait_outer {
    uint8_t count, tunnel_count;
    struct plait_layer layers[PLAIT_LAYERS_MAX]; /* those behind COUNT are unset */
};

bool plait_layer_is_tunnel(enum plait_layer_kind kind);
/* "vlan 5, vxlan 7 (192.0.2.1 > 192.0.2.2)"; nothing if there is nothing around the packet. */
void plait_outer_print(struct plait_text *t, const struct plait_outer *outer);

#endif
