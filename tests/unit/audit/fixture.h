/* An auditor that writes down what it says, captures and made-up talks to give it. */
#ifndef PLAIT_TESTS_AUDIT_FIXTURE_H
#define PLAIT_TESTS_AUDIT_FIXTURE_H

#include "audit/audit.h"
#include "tests/unit/test.h"
#include "wire/tcp.h"

#define HEARD_MAX  1024
#define STREAM_MAX (1u << 17)

struct heard_stream {
    uint8_t octets[STREAM_MAX];
    uint64_t length;
    uint64_t gap_octets;
    unsigned ambiguous;
};

struct ear { /* an auditor and all that it said */
    struct plait_arena arena;
    struct plait_audit *audit;
    unsigned event_count, alert_count, ended_count, contradiction_count;
    struct plait_audit_event events[HEARD_MAX];
    struct plait_alert alerts[64];
    struct plait_audit_connection_view ended[64];
    struct plait_audit_subflow_view subflows[64][4];
    struct plait_audit_contradiction contradictions[16];
    struct heard_stream stream[4][2]; /* of the first connections, by number - 1 */
    uint64_t next_frame;
    uint16_t interface; /* of what is given next */
    /* If set: packets go there, and no auditor hears them. */
    void (*divert)(void *owner, const uint8_t *ip, size_t octets);
    void *divert_owner;
};

struct ear *ear_new(void);
struct ear *ear_with(const struct plait_audit_limits *limits);
void ear_free(struct ear *ear);
/* One whole packet, at a time. */
struct plait_audit_place ear_packet(struct ear *ear, plait_time_ns at_ns, uint16_t input,
                                    const uint8_t *ip, size_t octets);
/* The same, of which KEPT octets were captured. */
struct plait_audit_place ear_cut(struct ear *ear, plait_time_ns at_ns, uint16_t input,
                                 const uint8_t *ip, size_t octets, size_t kept);

unsigned ear_events(const struct ear *ear, enum plait_audit_event_kind kind);
/* The NTH of a kind, from 0; the test fails if there is none. */
const struct plait_audit_event *ear_event(const struct ear *ear, enum plait_audit_event_kind kind,
                                          unsigned nth);
/* The alert of a rule, or NULL. */
const struct plait_alert *ear_alert(const struct ear *ear, const char *name);
/* How many alerts are of SEVERITY or above; what they say is printed. */
unsigned ear_alerts(const struct ear *ear, enum plait_severity severity);
uint64_t ear_count(const struct ear *ear, enum plait_audit_count which);
/* What the first connection's DIRECTION gave is TEXT. */
void ear_stream_is(const struct ear *ear, unsigned direction, const char *text);
/* Ends and frees EAR: RULE's is its only warning or alert; NULL: there is none. */
void ear_done(struct ear *ear, const char *rule);

/* ---- captures ---- */

struct dice;

struct feed {
    size_t keep;   /* octets of each packet; 0: all */
    unsigned only; /* 1, 2: what one end sends (by port of the server); 0: both */
    uint16_t server_port;
    unsigned drop_every; /* one packet of so many is missing; 0: none */
    unsigned drop_from;  /* which of them */
    struct dice *alter;  /* octets are altered, of headers more than others; NULL: none */
    unsigned twice;      /* each packet is seen a second time at input 1 */
};
/* Gives the packets of the file NAME of tests/captures; how many. */
unsigned ear_capture(struct ear *ear, const char *name, const struct feed *feed);

/* ---- talks ---- */

/* Two hosts that speak MPTCP as tests want it: numbers are kept, nothing is answered by itself. */
struct path {
    struct plait_place place[2];
    uint32_t seq[2]; /* next */
    uint32_t isn[2];
    uint8_t ttl[2];
};

struct talk {
    struct ear *ear;
    plait_time_ns now_ns;
    uint8_t version;
    bool checksum;
    uint64_t key[2];
    uint64_t next_dsn[2]; /* of the next data */
    struct path path[4];
    uint16_t input;
    uint16_t ip_id;         /* of the last packet */
    bool is_left_to_device; /* the checksum of what is said next */
};

struct talk talk(struct ear *ear, uint8_t version);
struct path path(const char *client, uint16_t client_port, const char *server, uint16_t server_port,
                 uint32_t seed);
/* A packet of END on PATH with OPTIONS (NULL: none) and payload; advances seq. */
struct plait_audit_place say(struct talk *t, unsigned path, unsigned end, uint8_t flags,
                             const struct plait_mptcp_option *options, unsigned count,
                             const void *payload, size_t octets);
void hello(struct talk *t); /* the three messages on path 0, and a first DATA_ACK */
void join(struct talk *t, unsigned path, unsigned opener); /* all four messages, valid */
struct plait_mptcp_option join_syn(struct talk *t, unsigned opener, uint32_t nonce, uint8_t id);
struct plait_mptcp_option join_answer(struct talk *t, unsigned end, uint32_t own, uint32_t peer,
                                      uint8_t id);
struct plait_mptcp_option join_ack(struct talk *t, unsigned end, uint32_t own, uint32_t peer);
/* Data with a mapping at the stream's end; PLACE < 0: at the end, else at that offset. */
void data(struct talk *t, unsigned path, unsigned end, const char *text);
void data_at(struct talk *t, unsigned path, unsigned end, uint64_t offset, const char *text);
/* A DATA_FIN alone, behind all that was sent; next_dsn stays. */
void data_fin(struct talk *t, unsigned path, unsigned end);
/* A pure ACK with a DATA_ACK of all that was sent. */
void data_ack(struct talk *t, unsigned path, unsigned end);
/* Data both ways on path 0, and their DATA_ACKs. */
void exchange(struct talk *t);
struct plait_mptcp_option mapping(const struct talk *t, unsigned path, unsigned end,
                                  uint64_t offset, uint16_t length);
uint64_t dsn_of(const struct talk *t, unsigned end, uint64_t offset);
#define TICK_NS (10 * PLAIT_MS)

/* ---- scenes ---- */

struct scene {              /* a talk of version 1 whose handshake was heard */
    struct ear *ear, *deaf; /* what the capture has, and what it lacks */
    struct talk t;
};

struct scene scene(void);
void scene_end(struct scene *s);

#endif
