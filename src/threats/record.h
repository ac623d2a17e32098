/* threats/record.h: the shape of a record, so that each file states only what is its own. */
#ifndef PLAIT_THREATS_RECORD_H
#define PLAIT_THREATS_RECORD_H

#include "lab/script.h"
#include "lab/threat.h"
#include "threats/common.h"
#include "threats/registry.h"

#define PLAIT_LIST(...)    ((const char *const[]){__VA_ARGS__, NULL})
#define PLAIT_CASES(array) .cases = array, .case_count = sizeof array / sizeof array[0]

/* Columns: those of Basic MPTCP, of these those with messages, and those with keys and HMACs. */
#define PLAIT_BASIC   PLAIT_LIST("M0e", "M0i", "M1n", "M1h", "M2")
#define PLAIT_MESSAGE PLAIT_LIST("M0e", "M0i", "M1n", "M2")
#define PLAIT_NAMING  PLAIT_LIST("M0e", "M1n", "M2")
#define PLAIT_JOINED  PLAIT_LIST("M1h", "v0", "v1")
#define PLAIT_KEYED   PLAIT_LIST("v0", "v1")
#define PLAIT_EVERY   PLAIT_LIST("M0e", "M0i", "M1n", "M1h", "M2", "v0", "v1")

/* Why a capture need not show a success, beside what else a record says. */
#define BLIND_JOIN                                                                                 \
    "a join with the right keys from a new address is what a host with a second interface sends "  \
    "(note join-unadvertised), until it contradicts the stream"
#define BLIND_HEIR                                                                                 \
    "whoever inherits an address answers from it as its holder did, until he acknowledges what "   \
    "contradicts the other paths"
#define BLIND_PACKET                                                                               \
    "a packet with the right numbers is its alleged sender's, until that one goes on in a way "    \
    "that contradicts it"
#define BLIND_EDIT                                                                                 \
    "whoever may alter packets shows each end a stream without fault; captures on both sides of "  \
    "him differ (note altered-on-path), as behind any box that edits payload"
#define BLIND_STRIPPED "a middlebox that removes or lowers what is offered looks the same (C-MB-1)"
#define BLIND_ANNOUNCED                                                                            \
    "a peer may announce addresses that do not answer, as those behind a NAT (C-NAT-3)"
#define BLIND_ASKED                                                                                \
    "a participant asks for data at an address that the keys prove to be his; whose it is, the "   \
    "capture does not know"
#define BLIND_PLAIN                                                                                \
    "SYNs and ports of plain TCP: the auditor looks at connections, not at scans and floods"

#define SECTION_TIME_SHIFTED "RFC 6181 §6.2 time-shifted"
#define SECTION_FLOODING     "RFC 6181 §5 flooding"
#define SECTION_HIJACK       "RFC 6181 §6.1 hijacking"
#define SECTION_RESIDUAL     "RFC 7430 residual threats"
#define SECTION_CONTROL      "control options"
#define SECTION_DATA         "data plane"
#define SECTION_NEGOTIATION  "negotiation"
#define SECTION_TOKEN        "tokens"
#define SECTION_BAR          "plain TCP: the bar"
#define SECTION_CASES        "control cases"

#endif
