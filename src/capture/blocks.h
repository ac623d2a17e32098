/* capture/blocks.h: internal: the numbers of pcap and pcapng that reader and writer share. */
#ifndef PLAIT_CAPTURE_BLOCKS_H
#define PLAIT_CAPTURE_BLOCKS_H

enum { /* draft-ietf-opsawg-pcapng §4 */
       PLAIT_BLOCK_SECTION = 0x0a0d0d0a,
       PLAIT_BLOCK_INTERFACE = 1,
       PLAIT_BLOCK_PACKET = 2, /* obsolete */
       PLAIT_BLOCK_SIMPLE = 3,
       PLAIT_BLOCK_NAMES = 4,
       PLAIT_BLOCK_STATISTICS = 5,
       PLAIT_BLOCK_ENHANCED = 6,
       PLAIT_BLOCK_JOURNAL = 9,
       PLAIT_BLOCK_SECRETS = 10,
       PLAIT_BLOCK_CUSTOM = 0x00000bad,
       PLAIT_BLOCK_CUSTOM_NO_COPY = 0x40000bad
};

enum { PLAIT_BYTE_ORDER_MAGIC = 0x1a2b3c4d };

enum { /* options: §3.5, §4.1, §4.2, §4.3 */
       PLAIT_OPT_END = 0,
       PLAIT_OPT_COMMENT = 1,
       PLAIT_OPT_USER_APPLICATION = 4,
       PLAIT_OPT_IF_NAME = 2,
       PLAIT_OPT_IF_DESCRIPTION = 3,
       PLAIT_OPT_IF_TSRESOL = 9,
       PLAIT_OPT_IF_TSOFFSET = 14,
       PLAIT_OPT_EPB_FLAGS = 2,
       PLAIT_OPT_ISB_IFDROP = 5, /* §4.6 */
       PLAIT_OPT_ISB_OSDROP = 7
};

#endif
