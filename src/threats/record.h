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
