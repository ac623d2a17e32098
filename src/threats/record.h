/* threats/record.h: the shape of a record, so that each file states only what is its own. */
#ifndef PLAIT_THREATS_RECORD_H
#define PLAIT_THREATS_RECORD_H

#include "lab/script.h"
#include "lab/threat.h"
#include "threats/common.h"
#include "threats/registry.h"

#define PLAIT_LIST(...)    ((const char *const[]){__VA_ARGS__, NULL})
#define PLAIT_CASES(array) .cases = array, .case_count = sizeof array / sizeof array[0]

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
