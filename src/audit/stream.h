/* audit/stream.h: internal: one direction of a connection, put in order and compared.
 *
 * The first copy of an octet is delivered; octets behind a hole are held, delivered octets are kept
 * a while, and every later copy is compared with what is held or kept (T-EVA-4, T-DSS-2).  A hole
 * that the receiver acknowledged, or that is too old, or that holds back too much, is a gap: it
 * says that the capture lacks something, not that the sender did wrong.
 * May touch: chunks, pieces and works of the auditor; calls the sink. */
#ifndef PLAIT_AUDIT_STREAM_H
#define PLAIT_AUDIT_STREAM_H

#include "audit/inside.h"

struct plait_stream_copy { /* octets as a packet brought them */
    int64_t at;            /* in the stream; below 0: before its beginning */
    const uint8_t *octets;
    uint32_t length;
    uint32_t subflow; /* object */
    struct plait_packet_ref packet;
    bool is_unsure;   /* no mapping says where they belong */
    bool is_again;    /* sent before on the same subflow */
    bool is_blind;    /* where they belong is a guess: not to be held against another copy */
    bool is_unproven; /* held until plait_stream_prove, or as long as behind a hole */
};

void plait_stream_write(struct plait_audit *a, uint32_t connection, unsigned direction,
                        const struct plait_stream_copy *copy);
/* The LENGTH unproven octets of SUBFLOW at AT are the stream's, or, if REFUSED, nobody's. */
void plait_stream_prove(struct plait_audit *a, uint32_t connection, unsigned direction,
                        uint32_t subflow, uint64_t at, uint32_t length, bool refused);
/* The same of all unproven octets that SUBFLOW brought without mappings. */
void plait_stream_prove_plain(struct plait_audit *a, uint32_t connection, unsigned direction,
                              uint32_t subflow, bool refused);
/* Holes that are acknowledged or too old become gaps. */
void plait_stream_check(struct plait_audit *a, uint32_t connection);
/* All holes become gaps, what is held goes out. */
void plait_stream_flush(struct plait_audit *a, uint32_t connection);
/* The same, and what was acknowledged beyond it: nothing comes any more. */
void plait_stream_end(struct plait_audit *a, uint32_t connection);
/* Gives back everything that is held (flushed) or kept. */
void plait_stream_give(struct plait_audit *a, uint32_t connection);
uint64_t plait_stream_hash(const void *owner, uint32_t chunk);

#endif
