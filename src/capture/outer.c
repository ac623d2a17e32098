/* capture/outer.c: the names of layers. */
#include "capture/outer.h"

static const char *const names[PLAIT_LAYER_KIND_COUNT] = {
    [PLAIT_LAYER_VLAN] = "vlan",   [PLAIT_LAYER_MPLS] = "mpls",     [PLAIT_LAYER_PPPOE] = "pppoe",
    [PLAIT_LAYER_IP] = "ip",       [PLAIT_LAYER_GRE] = "gre",       [PLAIT_LAYER_ERSPAN] = "erspan",
    [PLAIT_LAYER_VXLAN] = "vxlan", [PLAIT_LAYER_GENEVE] = "geneve", [PLAIT_LAYER_GTP] = "gtp",
};

bool plait_layer_is_tunnel(enum plait_layer_kind kind)
{
    return kind >= PLAIT_LAYER_IP;
}

void plait_outer_print(struct plait_text *t, const struct plait_outer *outer)
{
    char src[PLAIT_ADDR_TEXT_OCTETS], dst[PLAIT_ADDR_TEXT_OCTETS];
    for (unsigned i = 0; i < outer->count; i++) {
        const struct plait_layer *layer = &outer->layers[i];
        plait_text_add(t, "%s%s", i ? ", " : "", names[layer->kind]);
        if (layer->kind != PLAIT_LAYER_IP)
            plait_text_add(t, " %u", (unsigned)layer->id);
        if (plait_layer_is_tunnel(layer->kind))
            plait_text_add(t, " (%s > %s)", plait_addr_text(&layer->src, src),
                           plait_addr_text(&layer->dst, dst));
    }
}
