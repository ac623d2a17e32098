/* An auditor that says what a test wants to the flattener, and packets of two hosts on several
 * paths: the stage on which the tests of flatten play. */
#ifndef PLAIT_TESTS_AUDIT_FLATTEN_STAGE_H
#define PLAIT_TESTS_AUDIT_FLATTEN_STAGE_H

#include "tests/unit/audit/listener.h"

enum { CONNECTION = 7, CLIENT_PORT = 4000, SERVER_PORT = 80, CLIENT_ISN = 1000, SERVER_ISN = 5000 };

struct stage {
    struct plait_flatten *f;
    struct plait_audit_sink sink;
    struct listener heard;
    struct plait_arena arena;
    uint8_t packet[2000];
    struct plait_seen seen; /* the packet that is before the flattener */
    uint64_t frame;
    plait_time_ns now_ns;
    uint32_t isn[2];
};
/* One for each test; set_up clears it. */
extern struct stage stage;

/* For cmocka: a flattener with small_limits. */
int set_up(void **state);
int tear_down(void **state);
/* A megabyte, nothing gathered. */
struct plait_flatten_limits small_limits(void);
/* Another flattener instead of the one of set_up. */
void set_up_with(struct plait_flatten_limits limits);

/* ---- one packet, and what the auditor says of it ---- */

/* Of END (0 the client, 1 the server) on PATH, without numbers. */
struct plait_segment segment_from(unsigned end, unsigned path, uint8_t flags);
/* A millisecond later the packet is before the flattener; what the auditor says comes next. */
void begin_packet(const struct plait_segment *s);
/* What begin_packet gave is done with. */
void end_packet(unsigned subflow, unsigned sender);
/* Where the auditor places the packet; CONNECTION 0: it is plain TCP. */
struct plait_audit_place place_now(uint64_t connection, unsigned subflow, unsigned end);
struct plait_packet_ref here(void);
struct plait_audit_event event_of(enum plait_audit_event_kind kind, unsigned direction);
void say(enum plait_audit_event_kind kind, unsigned direction);
void say_open(void);
void say_data_fin(unsigned direction, uint64_t offset);
void say_octets(unsigned direction, uint64_t offset, const void *octets, uint64_t length);
void say_ended(enum plait_audit_end how);

/* ---- whole packets ---- */

void add_capable(struct plait_segment *s);
/* The three packets of a handshake: SYN, SYN/ACK, and all of them. */
void offer(void);
void answer(void);
void shake_hands(void);
/* An ACK at the beginning of the streams, of which the test says the rest. */
void begin_ack(unsigned sender, unsigned path);
/* A packet of SENDER on PATH brings LENGTH octets to OFFSET. */
void bring(unsigned sender, unsigned path, uint64_t offset, const void *octets, uint64_t length);
/* A packet of SENDER acknowledges the other stream up to OFFSET. */
void acknowledge(unsigned sender, uint64_t offset);

/* ---- what was heard ---- */

/* The Nth packet from 0; the test fails if there is none. */
const struct heard_packet *heard(unsigned n);
const struct heard_packet *last_heard(void);
uint64_t counted(enum plait_flat_count which);
const struct flow_side *stream_of(unsigned flow, unsigned direction);

#endif
