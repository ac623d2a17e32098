/* tests/unit/lab/talk.h: one connection's segments, built by hand, for tests of the lab.
 *
 *   client 198.18.1.1:4001 and 198.18.2.1:4002   server 198.19.3.1:80   attacker 198.19.9.9:2000 */
#ifndef PLAIT_TESTS_LAB_TALK_H
#define PLAIT_TESTS_LAB_TALK_H

#include "tests/unit/test.h"

#include "lab/facts.h"

#define KEY_A   UINT64_C(0x23ae131cd5822cbe) /* a connection of Linux; both published with ... */
#define KEY_B   UINT64_C(0xccefd4eac187fafb)
#define TOKEN_A 0x8473543au /* ... token and initial data sequence number */
#define TOKEN_B 0x50e5993cu
#define IDSN_A  UINT64_C(0x581cca401ef44e90)
#define IDSN_B  UINT64_C(0x61f333d3126a69f6)
#define KEY_A0                                                                                     \
    UINT64_C(0x9c9eabd1e46a33b2) /* the same of version 0, of tcpdump's mptcp-v0.pcap              \
                                  */
#define KEY_B0     UINT64_C(0x967d2770b6960552)
#define TOKEN_A0   0xaf9706ebu
#define TOKEN_B0   0xe47f0142u
#define IDSN_A0    UINT64_C(0x9851b565d52abec9)
#define IDSN_B0    UINT64_C(0xe47ef57dd1b9748f)
#define SCALE      7
#define CLIENT_ISN 1000u
#define SERVER_ISN 0xfffffff0u /* wraps soon */

extern struct plait_place talk_client, talk_client_2, talk_server, talk_attacker;

/* To be called before the places are used. */
void talk_places(void);

struct plait_segment talk(const struct plait_place *from, const struct plait_place *to,
                          uint8_t flags, uint32_t seq, uint32_t ack);
/* SYN or SYN/ACK with a window scale. */
struct plait_segment talk_syn(const struct plait_place *from, const struct plait_place *to,
                              uint8_t flags, uint32_t seq, uint32_t ack);
struct plait_mptcp_option *talk_option(struct plait_segment *segment,
                                       enum plait_mptcp_subtype subtype);

/* Handshake of VERSION with the keys above: SYN, SYN/ACK and the third ACK with both keys. */
void talk_handshake(unsigned version, struct plait_segment handshake[3]);
/* Has FACTS see the handshake of version 1. */
void talk_open(struct plait_facts *facts);

#endif
