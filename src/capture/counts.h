/* capture/counts.h: all that reading captures does not understand, counted by reason.
 *
 * One list for framing, compression, unwrapping and fragments; whoever meets octets that it passes
 * over says here why.  May touch: nothing but its arguments. */
#ifndef PLAIT_CAPTURE_COUNTS_H
#define PLAIT_CAPTURE_COUNTS_H

#include <stdint.h>

/* What a reason means for whoever reads the counts. */
enum plait_capture_class {
    PLAIT_PASSED_OVER,    /* understood, and nothing for us */
    PLAIT_NOT_UNDERSTOOD, /* there may have been packets in it */
    PLAIT_BROKEN,         /* contradicts its format, or ends too early */
    PLAIT_AT_LIMIT        /* a stated limit was met */
};

/* X(name, class, text): append within the groups as you like, the numbers mean nothing outside. */
#define PLAIT_CAPTURE_REASONS(X)                                                                   \
    /* the file */                                                                                 \
    X(FILE_EMPTY, BROKEN, "file without an octet")                                                 \
    X(FILE_UNKNOWN, BROKEN, "file that is neither pcap nor pcapng")                                \
    X(FILE_CUT, BROKEN, "file that ends within a record")                                          \
    X(FILE_FAILED, BROKEN, "file that could not be read to its end")                               \
    X(FILE_VERSION, NOT_UNDERSTOOD, "format version that is not known: reading ended there")       \
    X(RECORD_LENGTH, BROKEN, "record whose lengths contradict: reading ended there")               \
    X(RECORD_LONG, AT_LIMIT, "packet record longer than the buffer")                               \
    X(BYTE_ORDER, BROKEN, "section whose byte order is unclear: reading ended there")              \
    X(PACKET_RECORD, BROKEN, "packet record that contradicts itself")                              \
    X(PACKET_INTERFACE, BROKEN, "packet of an interface that was not described")                   \
    X(PACKET_NO_TIME, NOT_UNDERSTOOD, "packet without a time: it has that of the one before")      \
    X(TIME_RANGE, AT_LIMIT, "time more than 146 years from 1970, cut")                             \
    X(INTERFACE_MANY, AT_LIMIT, "interface beyond the limit of a section")                         \
    X(INTERFACE_RECORD, BROKEN, "interface whose description contradicts itself")                  \
    X(INTERFACE_TIME, NOT_UNDERSTOOD, "packet of an interface whose unit of time is not known")    \
    X(PACKETS_DROPPED, AT_LIMIT, "packet that was dropped before it could be captured")            \
    X(BLOCK_NAMES, PASSED_OVER, "block of name resolution")                                        \
    X(BLOCK_STATISTICS, PASSED_OVER, "block of interface statistics")                              \
    X(BLOCK_JOURNAL, PASSED_OVER, "block of a journal")                                            \
    X(BLOCK_SECRETS, PASSED_OVER, "block of decryption secrets")                                   \
    X(BLOCK_CUSTOM, PASSED_OVER, "custom block")                                                   \
    X(BLOCK_UNKNOWN, NOT_UNDERSTOOD, "block of a type that is not known")                          \
    /* compression */                                                                              \
    X(COMPRESSED_CUT, BROKEN, "compressed file that ends within its data")                         \
    X(COMPRESSED_DATA, BROKEN, "compressed data that is corrupt: reading ended there")             \
    X(COMPRESSED_TAIL, BROKEN, "other octets behind compressed data")                              \
    X(COMPRESSED_WINDOW, AT_LIMIT, "compressed data that needs more memory than is allowed")       \
    /* what was asked for */                                                                       \
    X(FILTERED, PASSED_OVER, "frame that the filter leaves out")                                   \
    X(FILTER_LINK_TYPE, NOT_UNDERSTOOD, "frame of a link type that the filter says nothing of")    \
    /* from the frame to the IP header */                                                          \
    X(LINK_TYPE, NOT_UNDERSTOOD, "frame of a link type that is not known")                         \
    X(NOT_IP, PASSED_OVER, "frame that carries no IP")                                             \
    X(ENCRYPTED, NOT_UNDERSTOOD, "frame that is encrypted")                                        \
    X(CUT_BEFORE_IP, BROKEN, "frame captured too short to reach the addresses")                    \
    X(IP_VERSION, BROKEN, "packet whose IP version is neither 4 nor 6")                            \
    X(IP_HEADER, BROKEN, "packet whose IP header contradicts itself")                              \
    X(IP_LONG, BROKEN, "packet longer than the frame it came in")                                  \
    X(IP_EXTENSIONS, AT_LIMIT, "packet with too many IPv6 extension headers")                      \
    X(MPLS_PAYLOAD, NOT_UNDERSTOOD, "MPLS payload that is not known")                              \
    X(PPP_FRAME, NOT_UNDERSTOOD, "PPP or PPPoE frame that is not known")                           \
    X(GRE_HEADER, NOT_UNDERSTOOD, "GRE header that is not known")                                  \
    X(ERSPAN_HEADER, NOT_UNDERSTOOD, "ERSPAN header that is not known")                            \
    X(GTP_HEADER, NOT_UNDERSTOOD, "GTP-U payload that is not known")                               \
    X(TOO_DEEP, AT_LIMIT, "headers nested deeper than is followed")                                \
    X(NETWORK_MANY, AT_LIMIT, "packet of a virtual network beyond the number told apart")          \
    /* fragments */                                                                                \
    X(FRAGMENT_CUT, NOT_UNDERSTOOD, "fragment captured too short to be put together")              \
    X(FRAGMENT_HEADER, BROKEN, "fragment that contradicts itself or its header's checksum")        \
    X(FRAGMENT_OVERLAP, BROKEN, "fragmented packet refused: its pieces overlap or disagree")       \
    X(FRAGMENT_REFUSED, BROKEN, "further fragment of a packet that was refused")                   \
    X(FRAGMENT_COPY, PASSED_OVER, "fragment seen before")                                          \
    X(FRAGMENT_LATE, BROKEN, "fragmented packet never complete")                                   \
    X(FRAGMENT_EVICTED, AT_LIMIT, "fragmented packet given up for lack of room")                   \
    X(FRAGMENT_ROOM, AT_LIMIT, "fragment for which there was no room")

enum plait_capture_reason {
#define PLAIT_CAPTURE_ENUM(name, class, text) PLAIT_CAPTURE_##name,
    PLAIT_CAPTURE_REASONS(PLAIT_CAPTURE_ENUM)
#undef PLAIT_CAPTURE_ENUM
        PLAIT_CAPTURE_REASON_COUNT
};

struct plait_capture_counts {
    uint64_t count[PLAIT_CAPTURE_REASON_COUNT];
};

static inline void plait_capture_count(struct plait_capture_counts *counts,
                                       enum plait_capture_reason reason)
{
    counts->count[reason]++;
}

/* One line without a full stop; never NULL. */
const char *plait_capture_reason_text(enum plait_capture_reason reason);
/* As written in the list, for example "FILE_CUT"; never NULL. */
const char *plait_capture_reason_name(enum plait_capture_reason reason);
enum plait_capture_class plait_capture_reason_class(enum plait_capture_reason reason);

#endif
