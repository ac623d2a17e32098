/* capture/link.h: numbers of link types and Ethernet types.
 *
 * May touch: nothing. */
#ifndef PLAIT_CAPTURE_LINK_H
#define PLAIT_CAPTURE_LINK_H

enum plait_ethertype { /* IEEE 802 numbers, and those that GRE adds */
                       PLAIT_ETHERTYPE_LENGTH_MAX = 1500, /* up to here an 802.3 length */
                       PLAIT_ETHERTYPE_IPV4 = 0x0800,
                       PLAIT_ETHERTYPE_ERSPAN_3 = 0x22eb,
                       PLAIT_ETHERTYPE_ETHERNET = 0x6558,
                       PLAIT_ETHERTYPE_VLAN = 0x8100,
                       PLAIT_ETHERTYPE_IPV6 = 0x86dd,
                       PLAIT_ETHERTYPE_PPP = 0x880b,
                       PLAIT_ETHERTYPE_MPLS = 0x8847,
                       PLAIT_ETHERTYPE_MPLS_UPSTREAM = 0x8848,
                       PLAIT_ETHERTYPE_PPPOE = 0x8864,
                       PLAIT_ETHERTYPE_SERVICE_VLAN = 0x88a8,
                       PLAIT_ETHERTYPE_ERSPAN = 0x88be,
                       PLAIT_ETHERTYPE_MACSEC = 0x88e5,
                       PLAIT_ETHERTYPE_OLD_VLAN = 0x9100,
                       PLAIT_ETHERTYPE_OLD_VLAN_2 = 0x9200
};

enum plait_link_type { /* tcpdump.org/linktypes.html */
                       PLAIT_LINK_BSD = 0,
                       PLAIT_LINK_ETHERNET = 1,
                       PLAIT_LINK_PPP = 9,
                       PLAIT_LINK_RAW_BSDOS = 12, /* what some systems call raw IP */
                       PLAIT_LINK_RAW_OPENBSD = 14,
                       PLAIT_LINK_PPP_HDLC = 50,
                       PLAIT_LINK_PPPOE = 51,
                       PLAIT_LINK_RAW = 101,
                       PLAIT_LINK_CISCO_HDLC = 104,
                       PLAIT_LINK_BSD_NETWORK_ORDER = 108,
                       PLAIT_LINK_COOKED = 113,
                       PLAIT_LINK_PPP_PPPD = 166,
                       PLAIT_LINK_PPP_DIRECTION = 204,
                       PLAIT_LINK_IPV4 = 228,
                       PLAIT_LINK_IPV6 = 229,
                       PLAIT_LINK_COOKED_2 = 276
};

#endif
