/* mptcp/hello.h: internal to mptcp/: which mechanism a handshake chooses, and why resets are sent.
 */
#ifndef PLAIT_MPTCP_HELLO_H
#define PLAIT_MPTCP_HELLO_H

#include "crypto/digest.h"
#include "mptcp/connection.h"

enum { /* reasons of MP_TCPRST, RFC 8684 §3.6 */
       PLAIT_RESET_UNSPECIFIED = 0,
       PLAIT_RESET_MPTCP = 1,
       PLAIT_RESET_NO_RESOURCES = 2,
       PLAIT_RESET_PROHIBITED = 3,
       PLAIT_RESET_OUTSTANDING = 4,
       PLAIT_RESET_PERFORMANCE = 5,
       PLAIT_RESET_MIDDLEBOX = 6,
       PLAIT_RESET_NO_REASON = 0xff /* no MP_TCPRST */
};

/* INDEX-th mechanism of CONFIG, v1 if it names none; NULL behind the last. */
const struct plait_mechanism *plait_hello_mechanism(const struct plait_mptcp_config *config,
                                                    unsigned index);
/* The best of CONFIG's mechanisms for which CAPABLE is a valid message of STEP; NULL if there is
 * none. A SYN of a higher version than we speak is answered with ours (N04). */
const struct plait_mechanism *plait_hello_choose(const struct plait_mptcp_config *config,
                                                 enum plait_hello_step step,
                                                 const struct plait_mp_capable *capable,
                                                 struct plait_hello_values *values);

#endif
