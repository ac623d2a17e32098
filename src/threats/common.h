/* threats/common.h: words that several scripts share. */
#ifndef PLAIT_THREATS_COMMON_H
#define PLAIT_THREATS_COMMON_H

#include "lab/script.h"

/* Where the victim may accept a join: the server's port or, of a client, the port it dialled from.
 */
struct plait_place plait_victim_door(const struct plait_attack *a);
/* T-RM-1: an acknowledgment that removes every address of the peer; its numbers are bought. */
void plait_forge_removal(struct plait_attack *a);
/* T-RES-1: an ADD_ADDR in the server's name, and in the middle of the subflow that follows. */
void plait_invite_and_relay(struct plait_attack *a);
/* T-TS-2: listens to the first handshake and takes the position; false (and said) without keys. */
bool plait_overhear_keys(struct plait_attack *a);

/* What may be lacking for an invitation, the least first. */
#define PLAIT_INVITING_WITNESSES                                                                   \
    {                                                                                              \
        PLAIT_GRANT_NUMBERS, PLAIT_GRANT_KEYS, PLAIT_GRANT_POLICY,                                 \
            PLAIT_GRANT_KEYS | PLAIT_GRANT_NUMBERS, PLAIT_GRANT_POLICY | PLAIT_GRANT_NUMBERS,      \
            PLAIT_GRANT_KEYS | PLAIT_GRANT_POLICY,                                                 \
            PLAIT_GRANT_KEYS | PLAIT_GRANT_NUMBERS | PLAIT_GRANT_POLICY,                           \
            PLAIT_GRANT_KEYS | PLAIT_GRANT_NUMBERS | PLAIT_GRANT_POLICY | PLAIT_GRANT_BULK         \
    }

#endif
